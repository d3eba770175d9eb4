"""Representations by the images of generators: of listed and of large groups, and what is refused."""

import numpy as np
import pytest

import erlangen as er
from erlangen.errors import RepresentationError
from erlangen.groups import C, D, Group, S
from erlangen.representations import Representation, from_matrices, from_permutations
from erlangen.representations.relations import broken_relation, words_of, written
from erlangen.representations.signed import SignedAction, from_signed_permutations
from erlangen.representations.text import representation_from_data, representation_to_data
from tests.laws.catalogue import QUATERNIONS, RUBIK


def subsets(images: tuple[int, ...]) -> tuple[int, ...]:
    """How a permutation moves unordered pairs."""
    n = len(images)
    listed = [(i, j) for i in range(n) for j in range(i)]
    place = {frozenset(pair): at for at, pair in enumerate(listed)}
    return tuple(place[frozenset((images[i], images[j]))] for i, j in listed)


def actions() -> dict[str, Representation]:
    s4, s9, odd = S(4), S(9), (-1,) * 9
    return {
        "the corners of a square": from_permutations(D(4), [(1, 2, 3, 0), (1, 0, 3, 2)]),
        "unordered pairs of four": from_permutations(s4, [subsets(g.key) for g in s4.generators]),
        "unordered pairs of nine": from_permutations(s9, [subsets(g.key) for g in s9.generators]),
        "Rubik's cube itself": from_permutations(RUBIK, [g.key for g in RUBIK.generators]),
        "two points, by parity": from_permutations(s9, [(1, 0), (0, 1)]),
        "nine signs": from_signed_permutations(s9, [np.array(g.key) for g in s9.generators], _signs(odd, s9)),
        "by large matrices": from_matrices(
            s9, [-g.matrix if i == 0 else g.matrix for i, g in enumerate(s9.generators)]
        ),
        "a subgroup": from_permutations(RUBIK, [g.key for g in RUBIK.generators]).restrict(
            RUBIK.subgroup(*RUBIK.generators[:2])
        ),
    }


def _signs(odd: tuple[int, ...], group: Group) -> list[np.ndarray]:
    """−1 for the swap, which is odd, and 1 for the cycle of nine, which is even."""
    return [np.array(odd), np.ones(9)]


@pytest.mark.parametrize("name", actions())
def test_it_is_a_representation(name: str):
    rho = actions()[name]
    er.testing.check_representation(rho)
    again = representation_from_data(representation_to_data(rho), rho.group)
    assert again == rho and hash(again) == hash(rho)


def test_on_the_group_s_own_points_it_is_standard():
    for group in (S(5), RUBIK):
        rho = from_permutations(group, [g.key for g in group.generators])
        for g in group.sample(4, 1):
            assert np.array_equal(rho.permutation(g), group.standard.permutation(g))


def test_signed_permutations_have_the_matrices_that_were_given():
    turn = from_signed_permutations(C(4), [np.array([1, 0])], [np.array([1, -1])])
    for g in C(4).elements:
        assert np.array_equal(turn(g), np.rint(C(4).standard(g)))
    assert isinstance(actions()["by large matrices"], SignedAction) and turn.is_orthogonal and not turn.is_permutation


@pytest.mark.parametrize(
    ("group", "images", "relation"),
    [
        (C(4), [(1, 2, 0)], r"r\^4 is not"),
        (D(4), [(1, 2, 3, 0), (1, 0, 2, 3)], "r m r m is not"),
        (S(8), [(1, 0, 2), (1, 2, 0)], r"\^8 is not"),
        (C(3) * C(2), [(1, 2, 0), (1, 0, 2)], "is not the identity"),
    ],
)
def test_what_is_no_action_is_refused_with_a_relation(group: Group, images: list[tuple[int, ...]], relation: str):
    with pytest.raises(RepresentationError, match=relation):
        from_permutations(group, images)


def test_what_breaks_a_long_relation_alone_is_refused_too():
    with pytest.raises(RepresentationError, match="some long product"):
        from_permutations(RUBIK, [(1, 0)] * 5 + [(0, 1)])
    assert from_permutations(RUBIK, [(1, 0)] * 6).dim == 2  # the parity of a quarter turn


@pytest.mark.parametrize("images", [[], [(0, 0)], [(1, 2)], [(1, 0), (1, 0)], [((1, 0),)], ["ab"]])
def test_what_are_no_permutations_is_refused(images: list):
    with pytest.raises(RepresentationError, match="image tuples"):
        from_permutations(C(2), images)


def test_groups_without_a_list_or_permutations_are_refused():
    with pytest.raises(RepresentationError, match="at most 2,000"):
        from_permutations(C(100_000), [(1, 0)])


def test_relations_are_found_for_matrices_and_in_every_listed_group():
    assert broken_relation(C(4), [np.array([[0.0, -1.0], [1.0, -1.0]])]) == "r^4"
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert broken_relation(QUATERNIONS, [quarter, quarter]) != ""
    assert broken_relation(D(4), list(D(4).standard.generator_matrices)) == ""
    for group in (D(3), S(4), QUATERNIONS):
        for g, word in zip(group.elements, words_of(group), strict=True):
            product = group.identity
            for letter in word:
                product = product @ group.generators[letter]
            assert product == g
    assert written(D(4), [0, 0, 1, -1]) == "r^2 m r^-1"
