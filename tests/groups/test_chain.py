"""Stabiliser chains with passengers: what an element does elsewhere, and whether that is an action at all."""

import numpy as np
import pytest

from erlangen.groups import Group, S
from erlangen.groups.chain import Chain, inverse
from tests.laws.catalogue import RUBIK


def pairs(images: tuple[int, ...]) -> np.ndarray:
    a = np.array(images)
    return (a[:, None] * len(a) + a).ravel()


@pytest.mark.parametrize(
    "group", [S(6), S(12), RUBIK, Group.from_permutations([(1, 2, 3, 4, 0), (1, 2, 0, 3, 4)])], ids=str
)
def test_ordered_pairs_ride_along(group: Group):
    """What is known in closed form: g·(i, j) = (g·i, g·j)."""
    own = [np.array(g.key) for g in group.generators]
    chain = Chain([np.concatenate([a, len(a) + pairs(a)]) for a in own], len(own[0]), group.order or 0)
    assert chain.order == group.order and chain.is_faithful()
    for g in group.sample(5, 0):
        assert np.array_equal(chain.passengers(g.key), pairs(g.key))


def test_what_is_no_action_is_seen():
    """S_5 has a sign, which one swap and one 5-cycle must carry as −1 and 1."""
    swap, cycle = S(5).generators
    for signs, holds in (((1, 0), True), ((1, 1), False), ((0, 1), False), ((0, 0), True)):
        flips = [np.array([6, 5]) if flip else np.array([5, 6]) for flip in signs]
        chain = Chain([np.concatenate([g.key, f]) for g, f in zip((swap, cycle), flips, strict=True)], 5, 120)
        assert chain.is_faithful() == holds


def test_a_generator_that_moves_passengers_alone_is_no_action():
    chain = Chain([[1, 0, 2, 3], [0, 1, 3, 2]], leading=2, order=2)
    assert not chain.is_faithful()


def test_inverse_undoes():
    images = np.random.default_rng(0).permutation(50)
    assert np.array_equal(images[inverse(images)], np.arange(50))
