"""Representations as JSON, and what is damaged."""

import json

import numpy as np
import pytest

from erlangen.errors import RecipeError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, O, Octahedral, S
from erlangen.representations import from_matrices, intertwiner_basis, null_space_intertwiners
from erlangen.representations.text import representation_from_data, representation_to_data
from tests.laws.catalogue import QUATERNIONS


def test_named_ones_are_words():
    assert representation_to_data(C(4).regular) == "regular"
    assert representation_to_data(O(3).irrep(1, -1)) == {"irrep": [1, -1]}
    assert representation_to_data(D(4).quotient(C(4))) == {"quotient": "C(4)"}
    assert representation_to_data(2 * C(4).trivial) == {"sum": [[2, "trivial"]]}


@pytest.mark.parametrize("group", [S(4), Group.from_permutations([(1, 0, 2, 3), (1, 2, 3, 0)])])
def test_an_irrep_keeps_the_basis_it_was_saved_in(group: Group):
    """Also where there is a closed form now, as in files written before there was."""
    rho = group.irrep(2)
    turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    data = {"irrep": [2], "matrices": (turned @ rho.generator_matrices @ turned.T).tolist()}
    other = representation_from_data(json.loads(json.dumps(data)), group)
    assert other != rho and other.dim == 2 and other.type == rho.type
    assert representation_to_data(other) == data
    for g in group.sample(3, 0):
        np.testing.assert_allclose(other(g), turned @ rho(g) @ turned.T, atol=1e-12)
    assert len(null_space_intertwiners(rho, other)) == len(intertwiner_basis(rho, other)) == 1


def test_a_closed_form_is_its_label():
    for group in (S(5), FullOctahedral(), Icosahedral(), C(3) * C(4) * Octahedral()):
        last = len(group.irreps()) - 1
        assert representation_to_data(group.irrep(last)) == {"irrep": [last]}
    assert set(representation_to_data((C(3) * QUATERNIONS).irrep(1))) == {"irrep", "matrices"}


def test_given_matrices_come_back():
    rho = from_matrices(C(2), [[[0, 1], [1, 0]]])
    assert representation_from_data(json.loads(json.dumps(representation_to_data(rho))), C(2)) == rho


@pytest.mark.parametrize(
    "data",
    [
        "nonsense",
        None,
        3,
        [],
        {},
        {"irrep": [9]},
        {"irrep": "x"},
        {"irrep": [0.5]},
        {"sum": []},
        {"sum": [[0, "trivial"]]},
        {"sum": [["trivial", 2]]},
        {"tensor": ["trivial"]},
        {"quotient": "C(3)"},
        {"quotient": "Translations()"},
        {"quotient": "__import__('os')"},
        {"restrict": {"group": "C(8)"}},
        {"induce": {"group": "C(2)", "representation": "nonsense"}},
        {"matrices": [[[1, 2], [3]]]},
        {"irrep": [1], "matrices": [[[2.0]]]},
        {"unknown": 1},
        {"irrep": [1], "sum": []},
    ],
)
def test_damage_is_refused(data: object):
    with pytest.raises(RecipeError):
        representation_from_data(data, C(4))


def test_of_another_group():
    with pytest.raises(RecipeError):
        representation_from_data(representation_to_data(SO(3).irrep(2)), C(3))
