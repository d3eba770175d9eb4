"""The canonical basis does not depend on the basis that the maps came in, nor on the way they were found."""

import numpy as np
import pytest

from erlangen.groups import SO, C, D, Group, Icosahedral, O, Octahedral, S
from erlangen.representations import Representation, intertwiner_basis, null_space_intertwiners
from erlangen.representations.averages import averaged_intertwiners
from erlangen.representations.canonical import canonical, independent_columns
from tests.laws.catalogue import QUATERNIONS

C4, D4 = C(4), D(4)


def projected(rho_in: Representation, rho_out: Representation) -> np.ndarray:
    """Gram–Schmidt over mean_g ρ_out(g) E_ij ρ_in(g)⁻¹, row by row: the definition, for orthogonal ρ."""
    matrices_out, matrices_in = rho_out.matrices(), rho_in.matrices()
    projector = np.einsum("gia,gjb->ijab", matrices_out, matrices_in) / len(matrices_in)
    size = rho_in.dim * rho_out.dim
    return independent_columns(projector.reshape(size, size)).T.reshape(-1, rho_out.dim, rho_in.dim)


PAIRS = [
    *[(C4.irrep(1), C4.irrep(1)), (C4.regular, C4.irrep(1)), (C4.irrep(1), C4.regular), (C4.standard, C4.irrep(1))],
    *[(D4.regular, D4.irrep(1, 1)), (D4.irrep(1, 1), D4.regular), (D4.quotient(C4), D4.sign), (D4.sign, D4.sign)],
    *[(S(4).regular, S(4).standard), (S(4).irrep(4), S(4).standard), (S(3).standard.tensor(S(3).irrep(2)),) * 2],
    *[(QUATERNIONS.irrep(4), QUATERNIONS.irrep(4)), (QUATERNIONS.irrep(4), QUATERNIONS.regular)],
    *[(Icosahedral().irrep(1), Icosahedral().standard), ((C(4) * C(3)).irrep(4), (C(4) * C(3)).standard)],
    (Octahedral().irrep(1).tensor(Octahedral().standard), Octahedral().standard),
]


@pytest.mark.parametrize(("rho_in", "rho_out"), PAIRS)
def test_every_way_ends_in_the_same_basis(rho_in: Representation, rho_out: Representation):
    expected = projected(rho_in, rho_out)
    for found in (
        intertwiner_basis(rho_in, rho_out),
        null_space_intertwiners(rho_in, rho_out),
        canonical(averaged_intertwiners(rho_in, rho_out)),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("group", [SO(2), O(2), SO(3), O(3)])
def test_continuous_groups_too(group: Group):
    for rho in group.irreps(2):
        np.testing.assert_allclose(intertwiner_basis(rho, rho), null_space_intertwiners(rho, rho), atol=1e-11)


def test_the_basis_that_the_maps_come_in_does_not_matter():
    rng = np.random.default_rng(0)
    maps = null_space_intertwiners(QUATERNIONS.regular, QUATERNIONS.regular)
    mixing, _ = np.linalg.qr(rng.standard_normal((len(maps), len(maps))))
    mixed = np.einsum("ab,bij->aij", mixing, maps)
    np.testing.assert_allclose(canonical(mixed), maps, atol=1e-11)
    np.testing.assert_allclose(np.einsum("aij,bij->ab", maps, maps), np.eye(len(maps)), atol=1e-12)
    assert canonical(np.zeros((0, 3, 2))).shape == (0, 3, 2)
