"""Kernels are Hom of each site's stabiliser, found by the one machinery; at one point any group may act."""

import numpy as np
import pytest
import torch

from erlangen.domains import Point
from erlangen.errors import RepresentationError
from erlangen.groups import SO, D, Element, Group, O, S
from erlangen.layers import Dense
from erlangen.representations import Representation, intertwiner_basis
from erlangen.signal import Signal, Space
from erlangen.solve.choose import choose_solver
from erlangen.solve.kernels import BasisKernel, TiedKernel, invariant_vectors, solve_kernel
from tests.laws.catalogue import AXIAL, QUATERNIONS

D4 = D(4)
AROUND = ((1, 2, 3, 0, 4), (0, 3, 2, 1, 4))  # four neighbours and the centre, turned and mirrored

LIE = [
    (SO(2), 2 * SO(2).irrep(1) + SO(2).trivial, 3 * SO(2).irrep(1) + SO(2).irrep(2), 12),
    (O(2), O(2).irrep(1, 1) + O(2).standard, O(2).irrep(1, 1), 2),
    (SO(3), 2 * SO(3).irrep(1) + 3 * SO(3).trivial, SO(3).irrep(1) + SO(3).irrep(2) + SO(3).trivial, 5),
    (O(3), O(3).irrep(1, -1) + O(3).standard.tensor(O(3).standard), O(3).irrep(1, -1) + O(3).irrep(2, 1), 2),
]


def entries(kernel: TiedKernel | BasisKernel) -> np.ndarray:
    if isinstance(kernel, BasisKernel):
        return kernel.basis
    return (kernel.labels == np.arange(kernel.free)[:, None, None, None]).astype(float)


def fixed(g: Element) -> int:
    """How many of the sites r^k m^j leaves in their place: of neighbours i ↦ k ± i, and the centre."""
    k, mirrored = g.key
    return 1 + sum((k + (-i if mirrored else i)) % 4 == i for i in range(4))


@pytest.mark.parametrize(
    ("rho_in", "rho_out"),
    [
        (D4.irrep(1, 1), D4.irrep(1, 1)),
        (D4.regular, D4.irrep(1, 1)),
        (D4.irrep(1, 1), D4.quotient(D4.subgroup(D4.generators[1]))),
        (D4.trivial, D4.sign),
        (D4.standard.tensor(D4.standard), D4.irrep(0, 2)),
        (D4.regular, D4.regular),
    ],
)
def test_kernels_keep_the_constraint_and_are_as_many_as_the_characters_say(
    rho_in: Representation, rho_out: Representation
):
    kernel = solve_kernel(rho_in, rho_out, AROUND, 5)
    basis = entries(kernel)
    expected = np.mean([fixed(g) * rho_in.character(g) * rho_out.character(g) for g in D4.elements])
    assert kernel.free == len(basis) == round(expected)
    assert np.linalg.det(np.einsum("aijs,bijs->ab", basis, basis)) > 0.9  # independent
    for g, moved in zip(D4.generators, AROUND, strict=True):
        turned = np.einsum("oi,bijs,jk->boks", rho_out(g), basis, rho_in(~g))
        np.testing.assert_allclose(basis[..., list(moved)], turned, atol=1e-12)


def test_one_site_is_hom_of_the_group():
    for rho_in, rho_out in ((D4.regular, D4.irrep(1, 1)), (QUATERNIONS.irrep(4), QUATERNIONS.regular)):
        still = tuple((0,) for _ in rho_in.group.generators)
        kernel = solve_kernel(rho_in, rho_out, still, 1)
        assert isinstance(kernel, BasisKernel) and kernel.choice == choose_solver(rho_in, rho_out)
        np.testing.assert_allclose(kernel.basis[..., 0], intertwiner_basis(rho_in, rho_out), rtol=0, atol=1e-15)


def test_the_choice_says_what_was_done():
    assert solve_kernel(D4.regular, D4.regular, AROUND, 5).choice == choose_solver(D4.regular, D4.regular)
    choice = solve_kernel(D4.irrep(1, 1), D4.irrep(1, 1), AROUND, 5).choice
    assert choice.name == "stabilisers"
    assert "null space at 1" in choice.reason and "closed form at 1" in choice.reason


def test_a_representation_that_is_not_orthogonal():
    rho, still = AXIAL.standard, tuple((0,) for _ in AXIAL.generators)
    assert not rho.is_orthogonal and solve_kernel(rho, rho, still, 1).free == 1


@pytest.mark.parametrize(("group", "rho_in", "rho_out", "free"), LIE)
def test_dense_on_continuous_groups(group: Group, rho_in: Representation, rho_out: Representation, free: int):
    torch.manual_seed(0)
    layer = Dense(Space(Point(), rho_in), Space(Point(), rho_out)).double()
    for weight in layer.parameters():
        torch.nn.init.normal_(weight)
    bias = sum(invariant_vectors(field).free * times for field, times in rho_out.fields)
    assert layer.free_weights() == free + bias == len(intertwiner_basis(rho_in, rho_out)) + bias
    x = Signal(torch.randn(4, rho_in.dim, dtype=torch.float64), layer.source)
    for g in group.sample(3, 0):
        torch.testing.assert_close(layer(x.act(g)).values, layer(x).act(g).values, rtol=0, atol=1e-12)
    torch.testing.assert_close(layer.export()(x.values), layer(x).values, rtol=0, atol=1e-12)


def test_dense_without_a_map_is_refused():
    with pytest.raises(RepresentationError, match="equivariant map"):
        Dense(Space(Point(), SO(3).irrep(1)), Space(Point(), SO(3).irrep(2)))


def test_a_group_too_large_to_list():
    rho = S(30).standard.tensor(S(30).sign)
    assert solve_kernel(S(30).sign, rho, ((0,), (0,)), 1).free == 1
