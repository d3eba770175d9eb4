"""Sums of irreps in another basis."""

import numpy as np
import pytest

from erlangen.errors import GroupError, RepresentationError
from erlangen.groups import SO, C, D, Group, Mirror, O, Octahedral, S
from erlangen.representations import Representation
from tests.laws.catalogue import QUATERNIONS


def check(rho: Representation) -> None:
    found = rho.decompose()
    for g in rho.group.sample(3, 0):
        np.testing.assert_allclose(
            rho(g), found.basis @ found.representation(g) @ np.linalg.inv(found.basis), rtol=0, atol=1e-10
        )


def test_permutations():
    assert str(S(4).standard.decompose()) == "trivial + irrep(3) of S4"
    assert repr(C(3).regular.decompose()) == "Decomposition(trivial + irrep(1) of C3)"


def test_clebsch_gordan():
    assert str(SO(3).irrep(2).tensor(SO(3).irrep(1)).decompose()) == "irrep(1) + irrep(2) + irrep(3) of SO(3)"
    assert str(SO(2).irrep(3).tensor(SO(2).irrep(2)).decompose()) == "irrep(1) + irrep(5) of SO(2)"
    assert str(O(2).irrep(1, 2).tensor(O(2).irrep(1, 2)).decompose()) == "trivial + irrep(1, 0) + irrep(1, 4) of O(2)"
    product = O(3).irrep(1, -1).tensor(O(3).irrep(1, -1))
    assert str(product.decompose()) == "trivial + irrep(1, 1) + irrep(2, 1) of O(3)"


def test_branching():
    assert str(O(3).irrep(2, -1).restrict(SO(3)).decompose()) == "irrep(2) of SO(3)"
    assert str(SO(3).irrep(2).restrict(Octahedral()).decompose()) == "irrep(2) + irrep(4) of Octahedral"
    assert str(SO(2).irrep(5).restrict(C(4)).decompose()) == "irrep(1) of C4"
    assert str(SO(3).irrep(1).induce(O(3)).decompose()) == "irrep(1, 1) + irrep(1, -1) of O(3)"


def test_multiplicities_of_every_type():
    for rho in (3 * QUATERNIONS.irrep(4), 3 * C(5).irrep(2), 3 * D(5).irrep(1, 2), QUATERNIONS.regular):
        check(rho)
    assert QUATERNIONS.regular.decompose().parts[-1][1] == 1


def test_not_orthogonal():
    lattice = Group.from_matrices([[[0, -1], [1, 1]], [[1, 1], [0, -1]]])
    rho = lattice.standard + lattice.standard.orthogonalized() + 2 * lattice.trivial
    check(rho)
    assert [times for _, times in rho.decompose().parts] == [2, 2]


def test_larger_ones():
    for rho in (S(5).regular, SO(3).irrep(3).tensor(SO(3).irrep(2)), 12 * D(4).regular):
        check(rho)


def test_refusals():
    with pytest.raises(GroupError):
        S(20).standard.decompose()
    with pytest.raises(RepresentationError, match="finite group"):
        (SO(2) * Mirror()).standard.decompose()
