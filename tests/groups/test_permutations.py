"""Groups of permutations, small and large."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.combinatorics import Permutation
from sympy.combinatorics import perm_groups as sympy_groups

from erlangen.errors import GroupError
from erlangen.groups import Group, S
from erlangen.groups.membership import AllPermutations, Listed, Membership, StabiliserChain, membership
from tests.laws.catalogue import RUBIK


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_the_symmetric_group(n: int):
    assert S(n).order == len(S(n).elements) == math.factorial(n)
    assert len(S(n).conjugacy_classes) == [1, 2, 3, 5, 7, 11][n - 1]


def test_products_apply_the_right_factor_first():
    g, h = S(3).element((1, 2, 0)), S(3).element((1, 0, 2))
    assert (g @ h).key == tuple(g.key[h.key[j]] for j in range(3))
    assert np.array_equal(g.matrix @ np.eye(3)[:, 0], np.eye(3)[:, g.key[0]])


def test_elements_are_written_as_cycles():
    assert repr(S(5).element((1, 0, 3, 4, 2))) == "(0 1)(2 3 4) of S(5)"
    assert str(S(5).identity) == "e"
    assert S(5).element((1, 0, 3, 4, 2)).order == 6
    assert max(g.order for g in S(50).sample(20, 0)) > 50


def test_rubiks_cube():
    assert RUBIK.order == 43_252_003_274_489_856_000
    samples = RUBIK.sample(20, 0)
    assert all(RUBIK.contains(g.key) for g in samples) and len(set(samples)) == 20
    swapped = list(range(48))
    swapped[0], swapped[1] = 1, 0
    assert not RUBIK.contains(tuple(swapped))
    assert (RUBIK.generators[0] @ RUBIK.generators[1]).order == 105
    assert all(g.order == 4 for g in RUBIK.generators)


def test_the_whole_symmetric_group_from_two_permutations():
    group = Group.from_permutations([g.key for g in S(50).generators])
    assert group.order == math.factorial(50)
    assert group.contains(S(50).sample(1, 1)[0])
    assert group != S(50)


def test_beyond_a_list_the_mend_is_named():
    with pytest.raises(GroupError, match=r"about 10\^64 elements.*standard"):
        _ = S(50).elements
    with pytest.raises(GroupError, match="at most 2,000"):
        RUBIK.cosets(RUBIK.subgroup(RUBIK.generators[0]))
    with pytest.raises(GroupError) as refusal:
        _ = RUBIK.table
    assert len(str(refusal.value)) < 300


def chained(generators: list[tuple[int, ...]]) -> StabiliserChain:
    """A stabiliser chain where a list would do."""
    group = sympy_groups.PermutationGroup([Permutation(list(images)) for images in generators])
    transversals = [{b: tuple(u.array_form) for b, u in each.items()} for each in group.basic_transversals]
    return StabiliserChain(len(generators[0]), tuple(zip(group.base, transversals, strict=True)))


@given(st.lists(st.permutations(range(6)).map(tuple), min_size=1, max_size=3))
@settings(max_examples=30)
def test_chain_and_list_agree(generators: list[tuple[int, ...]]):
    chain, listed = chained(generators), membership(tuple(generators))
    assert isinstance(listed, Listed) and chain.order == listed.order
    for images in S(6).sample(20, 0):
        assert chain.contains(images.key) == listed.contains(images.key)
    assert all(listed.contains(images) for images in chain.sample(10, np.random.default_rng(0)))


EVEN = [(1, 2, 3, 4, 0), (1, 2, 0, 3, 4)]


@pytest.mark.parametrize("way", [chained(EVEN), membership(tuple(EVEN)), AllPermutations(5, even=True)])
def test_sampling_is_uniform(way: Membership):
    counts = Counter(way.sample(6000, np.random.default_rng(0)))
    assert len(counts) == 60 == way.order
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 105  # χ² of 59 degrees, p = 2e-4
    assert all(way.contains(images) for images in counts) and not way.contains((1, 0, 2, 3, 4))


def test_the_way_is_chosen():
    assert isinstance(membership(RUBIK.images), StabiliserChain)
    assert isinstance(membership(tuple(EVEN)), Listed)
    odd = membership(tuple(g.key for g in S(30).generators))
    even = membership(((1, 2, 0, *range(3, 30)), (0, *range(2, 30), 1)))
    assert isinstance(odd, AllPermutations) and isinstance(even, AllPermutations)
    assert odd.order == 2 * even.order == math.factorial(30)
    assert not even.contains((1, 0, *range(2, 30)))


@pytest.mark.parametrize(
    "generators",
    [
        [],
        [()],
        [(0, 0, 1)],
        [(1, 2)],
        [(1, 0), (1, 0, 2)],
        [3],
        ["ab"],
        [(0.5, 1)],
        [[[0, 1]]],
        [(1, 0, -1)],
        [(True, False)],
    ],
)
def test_what_is_no_permutation_is_refused(generators: list):
    with pytest.raises(GroupError, match="permutation"):
        Group.from_permutations(generators)


def test_permutations_of_another_degree_are_strangers():
    assert not S(3).contains((1, 0)) and not S(3).contains((0, 1, 1)) and S(3).contains(np.array([2, 1, 0]))
    assert not S(3).contains(np.full((3, 3), 1 / 3))


def test_subgroups_of_large_groups_have_orders():
    whole = S(20)
    point = whole.subgroup(*((0, *(1 + image for image in g.key)) for g in S(19).generators))
    assert point.order == math.factorial(19)
    assert not point.contains(whole.generators[0])
    nested = point.subgroup(point.generators[0])
    assert nested.order == 2 and whole.element(nested.generators[0]) == point.embed(point.generators[0])
