"""Turns and mirrors of the plane, and the conventions that images rely on."""

import math

import numpy as np
import pytest
import torch

from erlangen.errors import GroupError
from erlangen.groups import C, D, Mirror, S, Trivial
from erlangen.groups.tidy import rotation, tidy, turn


def moved(matrix: np.ndarray, image: torch.Tensor) -> torch.Tensor:
    """(g·x)(u) = x(g⁻¹u) on centred (row, column)."""
    centre = (len(image) - 1) / 2
    result = torch.empty_like(image)
    for place in np.ndindex(*image.shape):
        source = np.linalg.inv(matrix) @ (np.array(place) - centre) + centre
        result[place] = image[tuple(np.rint(source).astype(int))]
    return result


@pytest.mark.parametrize("size", [4, 5])
def test_the_quarter_turn_is_rot90_and_the_mirror_is_flip(size: int):
    image = torch.arange(size * size).reshape(size, size)
    r, m = D(4).generators
    assert torch.equal(moved(r.matrix, image), torch.rot90(image, 1, (-2, -1)))
    assert torch.equal(moved(m.matrix, image), torch.flip(image, (-1,)))
    assert torch.equal(moved((r @ m).matrix, image), torch.rot90(torch.flip(image, (-1,)), 1, (-2, -1)))


def test_matrices_are_exact():
    assert C(4).generators[0].matrix.tolist() == [[0, -1], [1, 0]]
    assert D(4).generators[1].matrix.tolist() == [[1, 0], [0, -1]]
    assert Mirror().generators[0].matrix.tolist() == [[-1]]
    for group in (C(4), D(4), D(2, axis=2), C(4, axis=1)):
        assert np.array_equal(group.matrices, np.round(group.matrices))
    assert abs(C(6).generators[0].matrix[0, 0]) == 0.5
    assert C(3).generators[0].matrix[1, 0] == C(12).elements[1].matrix[0, 0] == math.sqrt(0.75)


@pytest.mark.parametrize("n", [5, 7, 8, 9, 12, 360, 1999])
def test_turns_are_accurate_and_mutual(n: int):
    for k in range(0, n, 1 + n // 100):
        np.testing.assert_allclose(turn(k, n), rotation(2 * math.pi * k / n), rtol=0, atol=1e-14)
        assert np.array_equal(turn(-k, n), turn(k, n).T)
        assert np.array_equal(turn(k + 3 * n, n), turn(k, n))


def test_in_space_the_axis_stays():
    assert C(4, axis=2).generators[0].matrix.tolist() == [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    assert D(4, axis=2).generators[1].matrix.tolist() == [[1, 0, 0], [0, -1, 0], [0, 0, 1]]
    assert C(4, axis=0).generators[0].matrix.tolist() == [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    assert C(4, axis=2) != C(4) and hash(C(4, axis=2)) != hash(C(4))


def test_canonical_order():
    assert [str(g) for g in C(4).elements] == ["e", "r", "r^2", "r^3"]
    assert [str(g) for g in D(3).elements] == ["e", "r", "r^2", "m", "r m", "r^2 m"]
    assert D(1).order == 2 and [str(g) for g in D(1).elements] == ["e", "m"]


def test_isomorphic_is_not_equal():
    pairs = [C(2), Mirror(), S(2), D(1)]
    assert len(set(pairs)) == 4
    assert len({group.generators[-1] for group in pairs}) == 4
    assert C(1) != Trivial()


def test_elements_read_angles_matrices_and_neighbours():
    assert C(8).element(math.pi / 4) == C(8).generators[0]
    assert C(8).element(-math.pi / 4) == ~C(8).generators[0]
    assert C(4).element(1.5707963) == C(4).generators[0]
    assert C(8).element(C(4).generators[0]) == C(8).element(math.pi / 2)
    assert D(4).element([[0, 1], [1, 0]]) == D(4).generators[0] @ D(4).generators[1]
    assert D(4).element(torch.tensor([[0.0, -1.0], [1.0, 0.0]])) == D(4).generators[0]
    assert C(4, axis=2).element(math.pi) == C(4, axis=2).generators[0] ** 2


@pytest.mark.parametrize(
    "thing", [1.0, True, None, "r", [[1, 0], [0, 2]], np.nan, [1, 2, 3], np.eye(3), 1j, [[1], [2, 3]], object()]
)
def test_strangers_are_refused(thing: object):
    assert not C(4).contains(thing)
    with pytest.raises(GroupError, match=r"expected an element of C\(4\)"):
        C(4).element(thing)


@pytest.mark.parametrize("n", [0, -1, 2.0, "4", True, None])
def test_bad_sizes_are_refused(n: object):
    for kind in (C, D, S):
        with pytest.raises(GroupError, match="whole number"):
            kind(n)  # pyright: ignore[reportArgumentType]


def test_bad_axes_are_refused():
    for axis in (3, -1, "z", 1.0, False):
        with pytest.raises(GroupError, match="axis"):
            C(4, axis=axis)  # pyright: ignore[reportArgumentType]


def test_written_forms():
    assert (repr(C(4)), str(C(4)), repr(C(4, axis=2)), str(C(4, axis=2))) == (
        "C(4)",
        "C4",
        "C(4, axis=2)",
        "C4 about axis 2",
    )
    r, m = D(4).generators
    assert repr(r**3 @ m) == "r^3 m of D(4)"
    assert repr(C(np.int64(4))) == "C(4)"


def test_large_cyclic_groups_need_no_list():
    group = C(10**12)
    g = group.sample(1, 0)[0]
    assert g ** (10**12) == group.identity and (g @ ~g).order == 1
    assert group.element(2 * math.pi / 5).order == 5


def test_tidy_leaves_real_numbers_alone():
    values = np.array([0.3, 0.49, 1e-9, 123.456])
    assert np.array_equal(tidy(values), values)
    assert tidy(np.array([-1e-15, 1 - 1e-14, -0.5 + 1e-13])).tolist() == [0.0, 1.0, -0.5]
