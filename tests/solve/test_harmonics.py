"""The angular parts of kernels: functions on space that move by their representation, under every group there is."""

import numpy as np
import pytest

from erlangen.domains import Grid, Lattice
from erlangen.groups import SO, C, D, Group, Mirror, O
from erlangen.solve.harmonics import Harmonic, kept_axis
from tests.laws.catalogue import DOMAINS, MOVED

MOVING = [
    *[pytest.param(*param.values[:2], id=param.id) for param in MOVED],
    *[param for param in DOMAINS if param.values[0].dim > 1 and "Dna" not in param.id],
]


@pytest.mark.parametrize(("lattice", "group"), MOVING)
def test_they_move_by_their_representation(lattice: Lattice, group: Group):
    """Y(A_g v) = Y(g) Y(v), orthogonally, at points that are no sites."""
    points, axis = np.random.default_rng(0).normal(size=(20, lattice.dim)), kept_axis(lattice, group)
    for degree in range(4):
        for odd in (False, True) if axis is not None else (False,):
            harmonic = Harmonic(group, lattice, degree, axis, odd)
            assert harmonic.at(points).shape == (20, harmonic.dim)
            for g in (*group.generators, *group.sample(2, 0)):
                matrix = lattice.cartesian(g)
                moved, turned = harmonic.at(points @ matrix.T), harmonic.at(points) @ harmonic(g).T
                np.testing.assert_allclose(moved, turned, atol=1e-8)
                np.testing.assert_allclose(harmonic(g) @ harmonic(g).T, np.eye(harmonic.dim), atol=1e-8)
                np.testing.assert_allclose(harmonic(g @ g), harmonic(g) @ harmonic(g), atol=1e-8)


def test_they_are_the_functions_of_their_name():
    angle = 0.3
    (values,) = Harmonic(SO(2), Grid(2), 3).at(np.array([[2 * np.cos(angle), 2 * np.sin(angle)]]))
    np.testing.assert_allclose(values, [np.cos(3 * angle), np.sin(3 * angle)])
    around = Harmonic(C(8, axis=0), Grid(3), 2, axis=0, odd=True)
    (values,) = around.at(np.array([[-5.0, np.cos(angle), np.sin(angle)]]))
    np.testing.assert_allclose(values, [-np.cos(2 * angle), -np.sin(2 * angle)])


def test_in_space_they_are_those_of_e3nn():
    o3, torch = pytest.importorskip("e3nn.o3"), pytest.importorskip("torch")
    points = np.random.default_rng(0).normal(size=(9, 3))
    for degree in range(4):
        theirs = o3.spherical_harmonics(degree, torch.as_tensor(points), normalize=True, normalization="component")
        np.testing.assert_allclose(Harmonic(SO(3), Grid(3), degree).at(points), theirs.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("group", "axis"),
    [
        *((C(8), 2), (C(8, axis=0), 0), (D(5, axis=1), 1), (SO(2), 2), (O(2) * Mirror(), 2), (Mirror() * SO(2), 0)),
        *((SO(3), None), (O(3), None)),
    ],
)
def test_the_axis_that_is_kept(group: Group, axis: int | None):
    assert kept_axis(Grid(3), group) == axis
    assert kept_axis(Grid(2), C(8)) is None
