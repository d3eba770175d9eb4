"""Products along edges: as many as characters count, and frames in which few numbers say them all."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.groups import Group, Icosahedral
from erlangen.representations import Representation
from erlangen.solve.angular import harmonics_on, places_of
from erlangen.solve.edge_products import direct_form, frame_form, products_of

O3 = er.O(3)
CASES: dict[str, tuple[er.Points, tuple[Representation, ...], tuple[Representation, ...]]] = {
    "O(3)": (er.Points(3), (O3.trivial, O3.standard), (O3.trivial, O3.standard, O3.irrep(2, 1))),
    "O(2)": (er.Points(2), (er.O(2).trivial, er.O(2).standard), (er.O(2).standard, er.O(2).trivial)),
    "Icosahedral": (er.Points(3), (Icosahedral().trivial, Icosahedral().standard), (Icosahedral().irrep(3),)),
}


@pytest.mark.parametrize("case", CASES)
def test_there_are_as_many_as_characters_count(case: str) -> None:
    """dim Hom(ρ_a ⊗ Y_l, ρ_c) = mean of χ_a χ_l χ_c over the group."""
    domain, fields_in, fields_out = CASES[case]
    group: Group = fields_in[0].group
    sample = group.elements if group.order else group.sample(4000, 1)
    products = products_of(fields_in, fields_out, domain, 2)
    matrices = torch.as_tensor(np.array([domain.cartesian(g) for g in sample]))
    harmonic = [_characters(domain, degree, matrices) for degree in range(3)]
    for i, a in enumerate(fields_in):
        for c, out in enumerate(fields_out):
            moves = np.array([np.trace(a(g)) * np.trace(out(g)) for g in sample])
            for degree in range(3):
                count = sum((p.source, p.target, p.degree) == (i, c, degree) for p in products)
                mean = float(np.mean(moves * harmonic[degree]))
                assert count == pytest.approx(mean, abs=0.35 if group.order is None else 1e-9)


def _characters(domain: er.Points, degree: int, matrices: torch.Tensor) -> np.ndarray:
    """Traces of the matrices by which Y of moved points comes from Y of the points, found by least squares."""
    points = torch.randn(50, domain.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    at = places_of(domain, degree)
    y = harmonics_on(domain, degree, points)[:, at]
    there = harmonics_on(domain, degree, (points @ matrices.mT).flatten(0, 1))[:, at].unflatten(0, (-1, len(points)))
    return (torch.linalg.pinv(y) @ there).diagonal(dim1=1, dim2=2).sum(1).numpy()


@pytest.mark.parametrize("top", [1, 2, 3])
def test_a_frame_needs_a_number_for_every_two_degrees_and_every_m(top: int) -> None:
    """Σ_m (L − m + 1)², 5, 14, 30, of Passaro and Zitnick; and rows (L + 1)² there and back."""
    fields = tuple(O3.irrep(l, (-1) ** l) for l in range(top + 1))
    products = products_of(fields, fields, er.Points(3), 2 * top)
    form = frame_form(products, (fields, fields))
    assert sum(block.along * block.across for block in form.blocks) == sum((top - m + 1) ** 2 for m in range(top + 1))
    assert form.into.shape[1:] == ((top + 1) ** 2, (top + 1) ** 2)
    full = np.concatenate([block.table.reshape(-1, len(products)) for block in form.blocks])
    assert np.linalg.matrix_rank(full) == len(products) == len(full)  # every kernel along an edge is a sum of products
    assert form.work(32) < direct_form(products, (fields, fields), er.Points(3)).work(32) or top == 1


def test_products_into_one_field_share_its_second_moment() -> None:
    domain, fields_in, fields_out = CASES["O(3)"]
    products = products_of(fields_in, fields_out, domain, 2)
    for c, out in enumerate(fields_out):
        assert sum(float((p.map**2).sum()) for p in products if p.target == c) == pytest.approx(out.dim)
