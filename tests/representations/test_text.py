"""Representations as JSON, and what is damaged."""

import json

import numpy as np
import pytest

from erlangen.errors import RecipeError
from erlangen.groups import SO, C, D, O, S
from erlangen.representations import from_matrices, null_space_intertwiners
from erlangen.representations.text import representation_from_data, representation_to_data


def test_named_ones_are_words():
    assert representation_to_data(C(4).regular) == "regular"
    assert representation_to_data(O(3).irrep(1, -1)) == {"irrep": [1, -1]}
    assert representation_to_data(D(4).quotient(C(4))) == {"quotient": "C(4)"}
    assert representation_to_data(2 * C(4).trivial) == {"sum": [[2, "trivial"]]}


def test_an_irrep_keeps_the_basis_it_was_saved_in():
    rho = S(4).irrep(2)
    turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    data = representation_to_data(rho)
    data["matrices"] = (turned @ np.array(data["matrices"]) @ turned.T).tolist()
    other = representation_from_data(json.loads(json.dumps(data)), S(4))
    assert other != rho and other.dim == 2 and other.type == rho.type
    for g in S(4).sample(3, 0):
        np.testing.assert_allclose(other(g), turned @ rho(g) @ turned.T, atol=1e-12)
    assert len(null_space_intertwiners(rho, other)) == 1


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
