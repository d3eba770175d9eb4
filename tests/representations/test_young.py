"""Young's orthogonal form, to the last entry."""

import itertools
import math

import numpy as np
import pytest

from erlangen.errors import GroupError
from erlangen.groups import D, S
from erlangen.representations.young import YoungIrrep, partitions, standard_tableaux, young_form, young_irreps


def shapes(n: int) -> list[tuple[int, ...]]:
    """The partitions behind the irreps of S(n), in their order, the trivial one left out."""
    return [rho.shape for rho in young_irreps(S(n)) if isinstance(rho, YoungIrrep)]


def test_the_order_of_the_labels():
    assert shapes(1) == [] and shapes(2) == [(1, 1)] and shapes(3) == [(1, 1, 1), (2, 1)]
    assert shapes(4) == [(1, 1, 1, 1), (2, 2), (3, 1), (2, 1, 1)]
    assert shapes(5) == [(1, 1, 1, 1, 1), (4, 1), (2, 1, 1, 1), (3, 2), (2, 2, 1), (3, 1, 1)]
    assert [len(partitions(n)) for n in range(8)] == [1, 1, 2, 3, 5, 7, 11, 15]


def test_three_points_by_hand():
    half, root = 1 / 2, math.sqrt(3) / 2
    rho = S(3).irrep(2)
    np.testing.assert_allclose(rho((1, 0, 2)), [[1, 0], [0, -1]], atol=1e-15)
    np.testing.assert_allclose(rho((0, 2, 1)), [[-half, root], [root, half]], atol=1e-15)
    np.testing.assert_allclose(rho((1, 2, 0)), [[-half, root], [-root, -half]], atol=1e-15)


def test_four_points_by_hand():
    """(3, 1) on the tableaux with 3, 2 and 1 in the second row."""
    third, root = 1 / 3, math.sqrt(8) / 3
    rho = S(4).irrep(3)
    np.testing.assert_allclose(rho((1, 0, 2, 3)), np.diag([1, 1, -1]), atol=1e-15)
    np.testing.assert_allclose(rho((0, 1, 3, 2)), [[-third, root, 0], [root, third, 0], [0, 0, 1]], atol=1e-15)


@pytest.mark.parametrize("shape", [(4, 1), (3, 2), (3, 1, 1), (2, 2, 1)])
def test_numbers_of_tableaux_by_hook_lengths(shape: tuple[int, ...]):
    columns = [sum(length > column for length in shape) for column in range(shape[0])]
    hooks = [shape[i] - j + columns[j] - i - 1 for i in range(len(shape)) for j in range(shape[i])]
    assert len(standard_tableaux(shape)) == math.factorial(sum(shape)) // math.prod(hooks)


def test_what_leaves_the_last_point_acts_by_blocks():
    for images in itertools.permutations(range(4)):
        blocks = np.zeros((5, 5))
        blocks[:3, :3], blocks[3:, 3:] = young_form((3, 1), images), young_form((2, 2), images)
        np.testing.assert_allclose(young_form((3, 2), (*images, 4)), blocks, atol=1e-14)


def test_the_last_partition_is_the_sign():
    for n in (2, 3, 4, 5):
        sign = S(n).irrep(1)
        assert all(sign(g) == S(n).sign(g) for g in S(n).elements)


def test_the_standard_one_is_the_sum_zero_part():
    """(n−1, 1) and the trivial one make up the permutation representation."""
    found = S(5).standard.decompose()
    assert [(rho.name, times) for rho, times in found.parts] == [("trivial", 1), ("irrep(2)", 1)]
    assert getattr(found.parts[1][0], "shape", None) == (4, 1)


def test_three_points_are_a_triangle():
    assert np.array_equal(S(3).irrep(2)((1, 0, 2)), D(3).irrep(1, 1)(D(3).generators[1]))


def test_too_many_to_list():
    with pytest.raises(GroupError, match="standard"):
        S(7).irreps()
