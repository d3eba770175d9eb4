"""Pair orbits: the counts of the literature, labels checked against the plain definition."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlangen.errors import RepresentationError
from erlangen.groups import SO, C, D, Group, O, S, Trivial
from erlangen.representations import _words, orbits, pair_orbits
from tests.laws.catalogue import RUBIK


def symmetric(n: int) -> list[np.ndarray]:
    """A transposition and a cycle, which generate S_n."""
    return [np.array([1, 0, *range(2, n)]), np.roll(np.arange(n), -1)]


def power(action: list[np.ndarray], times: int) -> list[np.ndarray]:
    """The same permutations on tuples, numbered as digits."""
    moved = action
    for _ in range(times - 1):
        moved = [(many[:, None] * len(one) + one).ravel() for many, one in zip(moved, action, strict=True)]
    return moved


def pixels(n: int) -> list[np.ndarray]:
    """A quarter turn and a mirror of n × n pixels."""
    index = np.arange(n * n).reshape(n, n)
    return [np.argsort(np.rot90(index).ravel()), np.argsort(np.flip(index, 1).ravel())]


def shifts(n: int) -> list[np.ndarray]:
    index = np.arange(n * n).reshape(n, n)
    return [np.roll(index, 1, axis).ravel() for axis in (0, 1)]


def count(action_in: object, action_out: object) -> int:
    return int(pair_orbits(action_in, action_out).max()) + 1  # pyright: ignore[reportArgumentType]


def plainly(action_in: list[np.ndarray], action_out: list[np.ndarray]) -> np.ndarray:
    """Walk every orbit from its first pair in row-major order."""
    labels = np.full((len(action_out[0]), len(action_in[0])), -1)
    for number, start in enumerate(_unlabelled(labels)):
        todo = [start]
        while todo:
            i, j = todo.pop()
            if labels[i, j] < 0:
                labels[i, j] = number
                todo += [(a[i], b[j]) for a, b in zip(action_out, action_in, strict=True)]
    return labels


def _unlabelled(labels: np.ndarray):
    for pair in itertools.product(*map(range, labels.shape)):
        if labels[pair] < 0:
            yield pair


@pytest.mark.parametrize(
    ("n", "counts"),
    [(2, (2, 4, 4, 8)), (3, (2, 5, 5, 14)), (4, (2, 5, 5, 15)), (5, (2, 5, 5, 15)), (12, (2, 5, 5, 15))],
)
def test_graph_layers(n: int, counts: tuple[int, ...]):
    one, two = symmetric(n), power(symmetric(n), 2)
    assert (count(one, one), count(two, one), count(one, two), count(two, two)) == counts


def test_three_indices():
    assert count(power(symmetric(5), 3), power(symmetric(5), 2)) == 52


@pytest.mark.parametrize(("n", "orbits"), [(4, 36), (5, 91), (8, 528), (9, 861)])
def test_pixels_under_turns_and_mirrors(n: int, orbits: int):
    assert count(pixels(n), pixels(n)) == orbits


@pytest.mark.parametrize("n", [2, 5, 8])
def test_shifts_of_pixels_give_convolution(n: int):
    assert count(shifts(n), shifts(n)) == n * n


def test_rubiks_cube():
    one = [np.array(g.key) for g in RUBIK.generators]
    assert count(RUBIK.standard, RUBIK.standard) == 9
    assert count(one, power(one, 2)) == 51
    assert count(power(one, 2), power(one, 2)) == 350


def test_a_group_of_any_size():
    rho = S(60).standard
    assert count(rho, rho) == 2
    assert count(rho.tensor(S(60).standard), rho) == 5


@settings(max_examples=60)
@given(data=st.data())
def test_any_permutations(data: st.DataObject):
    generators = data.draw(st.integers(1, 3))
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    stay = data.draw(st.booleans())

    def draw(n: int) -> list[np.ndarray]:
        """Sparse ones too, so that there are many orbits."""
        if not stay:
            return [rng.permutation(n) for _ in range(generators)]
        swaps = [rng.integers(n, size=2) for _ in range(generators)]
        images = [np.arange(n) for _ in swaps]
        for image, swap in zip(images, swaps, strict=True):
            image[swap] = image[swap[::-1]]
        return images

    action_in, action_out = draw(columns), draw(rows)
    labels = pair_orbits(action_in, action_out)
    assert labels.dtype == np.int64
    assert np.array_equal(labels, plainly(action_in, action_out))
    assert np.array_equal(labels, pair_orbits([tuple(a.tolist()) for a in action_in], action_out))


@pytest.mark.parametrize("group", [C(6), D(4), S(4)])
def test_burnside(group: Group):
    part = group.subgroup(group.generators[-1])
    for rho, sigma in itertools.product((group.regular, group.quotient(part), 2 * group.trivial), repeat=2):
        fixed = [rho.character(g) * sigma.character(g) for g in group.elements]
        assert count(rho, sigma) == round(math.fsum(fixed) / len(fixed))


def test_without_generators_every_pair_is_free():
    rho = 3 * Trivial().trivial
    assert pair_orbits(rho, rho).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_swaps_that_join_two_labels_each_need_few_rounds(monkeypatch: pytest.MonkeyPatch):
    rounds, joined = [], orbits.joined
    monkeypatch.setattr(orbits, "joined", lambda *given: rounds.append(1) or joined(*given))
    assert count(S(600).standard, S(600).standard) == 2
    assert len(rounds) <= 6


def test_the_two_halves_of_o3():
    assert pair_orbits(O(3).quotient(SO(3)), O(3).quotient(SO(3))).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("action_in", "action_out", "message"),
    [
        (C(4).irrep(1), C(4).regular, "permutes its channels"),
        (C(4).regular, C(5).regular, "one group"),
        ([(0, 1, 1)], [(0, 1, 2)], "a permutation"),
        ([(0, 1, 3)], [(0, 1, 2)], "a permutation"),
        ([(0.5, 1)], [(0, 1)], "a permutation"),
        ([(0.0, 1.0)], [(0, 1)], "a permutation"),
        ([(False, True)], [(0, 1)], "a permutation"),
        ([(0, 1), (0, 1, 2)], [(0, 1), (0, 1)], "a permutation"),
        ([], [], "a permutation"),
        ([(1, 0)], [(1, 0), (0, 1)], "same generators"),
        ("abc", [(1, 0)], "a permutation"),
    ],
)
def test_refusals(action_in: object, action_out: object, message: str):
    with pytest.raises(RepresentationError, match=message):
        pair_orbits(action_in, action_out)  # pyright: ignore[reportArgumentType]


def test_more_pairs_than_memory_are_refused_with_an_estimate(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(orbits, "_memory", lambda: 16e9)
    many = [np.roll(np.arange(100_000), 1)]
    with pytest.raises(RepresentationError, match=r"1e\+10 pairs.*160 GB.*16 GB"):
        pair_orbits(many, many)


def test_blocks_of_any_size_and_places_of_64_bits(monkeypatch: pytest.MonkeyPatch):
    action = [pixels(6), shifts(6), power(symmetric(6), 2), power([np.arange(6)[::-1], np.roll(np.arange(6), 2)], 2)]
    usual = [pair_orbits(a, b) for a, b in zip(action, action[::-1], strict=True)]
    monkeypatch.setattr(_words, "BLOCK", 40)
    monkeypatch.setattr(orbits, "_dtype", lambda pairs: np.int64)
    for a, b, labels in zip(action, action[::-1], usual, strict=True):
        assert np.array_equal(pair_orbits(a, b), labels)
        assert np.array_equal(plainly(a, b), labels)
