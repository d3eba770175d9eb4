"""Single terms against the bases they stand for, and those of sums against the solver's own answer for the sum."""

import numpy as np
import pytest

from erlangen.domains import Grid, HexGrid, Lattice
from erlangen.groups import SO, C, D, Icosahedral, O
from erlangen.representations import Representation
from erlangen.solve.kernels import BasisKernel
from erlangen.solve.steerable import steer_kernel
from erlangen.solve.terms import TermKernel, single_terms, single_terms_of_sums

PLANE, SPACE = Grid(2), Grid(3)


def dense(terms: TermKernel) -> np.ndarray:
    """All basis kernels, `[free, out, in, y]`."""
    return (terms.labels == np.arange(terms.free)[:, None, None, None]) * terms.factors


def steered(rho_in: Representation, rho_out: Representation, lattice: Lattice, size: int) -> BasisKernel:
    found = steer_kernel(rho_in, rho_out, lattice, (size,) * lattice.dim)
    assert isinstance(found, BasisKernel)
    return found


@pytest.mark.parametrize(
    ("lattice", "size", "rho"),
    [
        (PLANE, 5, SO(2).trivial + SO(2).irrep(1) + 2 * SO(2).irrep(3)),
        (PLANE, 7, O(2).irrep(1, 0) + O(2).irrep(1, 1) + O(2).irrep(1, 2)),
        (PLANE, 3, C(5).trivial + C(5).irrep(1) + C(5).irrep(2)),
        (PLANE, 9, D(8).irrep(1, 1) + D(8).irrep(1, 3)),
        (HexGrid(), 5, C(12).irrep(1) + C(12).irrep(5)),
        (SPACE, 3, SO(3).band_limited_regular(2)),
        (SPACE, 5, O(3).irrep(1, -1) + O(3).irrep(1, 1) + O(3).irrep(0, -1)),
        (SPACE, 3, C(8).trivial + C(8).irrep(2)),
    ],
    ids=str,
)
def test_between_sums_they_are_the_kernels_of_the_sum(lattice: Lattice, size: int, rho: Representation):
    """The solver takes a sum whole and orders its weights otherwise; each weight's kernel is the same."""
    parts = [part for part, times in rho.fields for _ in range(times)]
    terms = single_terms_of_sums([[steered(inner, out, lattice, size) for inner in parts] for out in parts])
    whole = steered(rho, rho, lattice, size)
    assert terms is not None and whole.functions is not None
    ours, theirs = (dense(terms) @ whole.functions).reshape(terms.free, -1), whole.basis.reshape(whole.free, -1)
    assert terms.free == whole.free
    overlaps = ours @ theirs.T
    order = overlaps.argmax(axis=1)
    assert sorted(order) == list(range(terms.free))
    np.testing.assert_allclose(ours, theirs[order], rtol=0, atol=1e-12)


def test_where_two_weights_meet_there_are_none():
    """Hom(ρ₄ ⊗ Y₂, ρ₄) of the icosahedron has two dimensions, and no basis of it keeps them apart."""
    G = Icosahedral()
    fields = G.irreps()
    tables = [steered(rho, sigma, SPACE, 3) for rho in fields for sigma in fields]
    found = [single_terms(table.coefficients) for table in tables if table.free]
    assert None in found and any(terms is not None for terms in found)
    meeting = next(table for table in tables if table.free and single_terms(table.coefficients) is None)
    assert single_terms_of_sums([[meeting]]) is None


def test_of_nothing_there_is_nothing():
    assert single_terms(np.zeros((0, 2, 2, 4))) is None
    none = steered(O(2).irrep(0, 0), O(2).irrep(1, 0), PLANE, 5)
    assert none.free == 0
    some = steered(O(2).irrep(0, 0), O(2).irrep(0, 0), PLANE, 5)
    terms = single_terms_of_sums([[none], [some]])
    assert terms is not None and terms.free == some.free
    assert not terms.factors[0].any() and terms.factors[1].any()
