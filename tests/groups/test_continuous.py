"""SO(n) and O(n)."""

import math

import numpy as np
import pytest
import torch

from erlangen.errors import GroupError
from erlangen.groups import SO, C, D, FullOctahedral, Icosahedral, O, Octahedral


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (C(7), SO(2)),
        (D(5), O(2)),
        (C(4, axis=2), SO(3)),
        (D(4, axis=2), O(3)),
        (Octahedral(), SO(3)),
        (Icosahedral(), O(3)),
        (FullOctahedral(), O(3)),
        (SO(2), O(2)),
        (SO(3), O(3)),
    ],
)
def test_smaller_groups_go_in(small, large):
    g, h = small.sample(2, 0)
    assert large.element(g @ h) == large.element(g) @ large.element(h)
    np.testing.assert_allclose(large.element(g).matrix, g.matrix, rtol=0, atol=1e-15)
    assert small.element(large.element(g)) == g


def test_what_does_not_belong_stays_out():
    assert not SO(2).contains(D(4).generators[1]) and not SO(3).contains(-np.eye(3))
    assert not SO(2).contains(C(4, axis=2).generators[0]) and not SO(3).contains(0.3)
    assert not O(2).contains([[1, 0.1], [0, 1]]) and not O(2).contains(math.inf) and not SO(2).contains(math.nan)
    assert not O(3).contains(np.full((3, 3), np.nan))


def test_angles():
    assert SO(2).element(math.pi / 2).matrix.tolist() == [[0, -1], [1, 0]]
    assert SO(2).element(7 * math.pi) == SO(2).element(math.pi)
    assert SO(2).element(1e-10) == SO(2).identity == SO(2).element(2 * math.pi - 1e-10)
    assert hash(SO(2).element(1e-10)) == hash(SO(2).identity)
    assert SO(2).element(1e-8) != SO(2).identity
    assert O(2).element((O(2).generators[-1] @ O(2).element(0.3)).matrix) == O(2).element(-0.3) @ O(2).generators[-1]


def test_single_precision_is_made_orthogonal():
    given = torch.linalg.qr(torch.randn(3, 3)).Q
    g = O(3).element(given)
    np.testing.assert_allclose(g.matrix @ g.matrix.T, np.eye(3), rtol=0, atol=1e-14)
    np.testing.assert_allclose(g.matrix, given.numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3])
def test_sampling_is_haar(n: int):
    """By orthogonality of characters: no invariant vector, one invariant in the square of the defining matrices."""
    for group in (SO(n), O(n)):
        matrices = np.array([g.matrix for g in group.sample(4000, 0)])
        traces = np.trace(matrices, axis1=1, axis2=2)
        assert np.abs(matrices.mean(axis=0)).max() < 0.05
        assert abs((traces**2).mean() - (2 if group == SO(2) else 1)) < 0.15
        assert abs(np.linalg.det(matrices).mean() - (1 if isinstance(group, SO) else 0)) < 0.05


@pytest.mark.parametrize("n", [2, 3])
def test_generators_are_generic(n: int):
    """What commutes with the generators commutes with the whole group."""
    for group in (SO(n), O(n)):
        constraints = [np.kron(g.matrix, g.matrix) - np.eye(n * n) for g in group.generators]
        null = n * n - np.linalg.matrix_rank(np.concatenate(constraints))
        assert null == (2 if group == SO(2) else 1)
    assert len(SO(n).generators) == 2 and len(O(n).generators) == 3


def test_finite_subgroups_are_found_and_others_refused():
    group = SO(3).subgroup(*Icosahedral().generators)
    assert group.order == 60 and group.table.shape == (60, 60)
    assert SO(2).subgroup(2 * math.pi / 1000).order == 1000
    with pytest.raises(GroupError, match="infinitely many"):
        SO(2).subgroup(1.0)
    with pytest.raises(GroupError, match="infinite"):
        SO(3).cosets(group)


def test_orders_of_elements_are_not_guessed():
    with pytest.raises(GroupError, match="finite group"):
        _ = SO(2).element(math.pi).order
    assert SO(2).subgroup(math.pi).generators[0].order == 2


@pytest.mark.parametrize("n", [1, 4, "3", True, None, 2.5])
def test_other_dimensions_are_refused(n: object):
    for kind in (SO, O):
        with pytest.raises(GroupError, match=r"\(2\) or"):
            kind(n)  # pyright: ignore[reportArgumentType]


def test_written_forms():
    assert (repr(SO(2)), str(O(3))) == ("SO(2)", "O(3)")
    assert repr(SO(2).element(math.pi / 6)) == "rotation by 30° of SO(2)"
    assert str(O(2).identity) == "e"
