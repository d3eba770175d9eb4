"""Tangent vectors as a field: its place among representations, and what it refuses."""

import pytest

import erlangen as er
from erlangen.representations.tangent import Tangent, places
from erlangen.representations.text import representation_from_data, representation_to_data


def test_it_is_a_field_like_others():
    group = er.O(3)
    winds = er.Sphere().vectors(group)
    rho = 2 * winds + group.trivial + winds
    assert rho.dim == 7 and places(rho) == (0, 2, 5)
    assert winds == Tangent(group) != er.Sphere().vectors(er.SO(3))
    assert winds.is_orthogonal and rho.is_orthogonal and not winds.is_permutation and not rho.is_trivial
    assert rho.restrict(er.SO(3)) == 2 * Tangent(er.SO(3)) + er.SO(3).trivial + Tangent(er.SO(3))
    assert rho.dual == rho and str(rho) == "2 × tangent + trivial + tangent of O(3)"
    assert representation_from_data(representation_to_data(rho), group) == rho


def test_it_is_no_two_scalars_even_where_nothing_turns_it():
    assert not Tangent(er.Trivial()).is_trivial and Tangent(er.SO(2)) != 2 * er.SO(2).trivial


def test_it_has_no_one_matrix():
    with pytest.raises(er.SymmetryError, match="depends on the point"):
        Tangent(er.SO(3))(er.SO(3).identity)
    with pytest.raises(er.SymmetryError):
        er.Sphere().vectors(er.S(5))
