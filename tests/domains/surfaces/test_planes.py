"""Planes without a side: where there is one it is found and functions have their slopes in it, where none, nothing."""

import numpy as np
import pytest

from erlangen.domains.surfaces.planes import planes_of, spread_of_faces
from tests.meshes import sheet, soup

SLOPE = np.array([0.3, -1.1, 0.7])


def all_pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    p, q = (part.ravel() for part in np.meshgrid(np.arange(count), np.arange(count), indexing="ij"))
    return p[p != q], q[p != q]


def test_of_what_is_flat_it_is_that_plane_and_slopes_are_exact():
    points, faces = sheet()
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3))).Q
    points = points @ turn.T
    made, (p, q) = planes_of(spread_of_faces(points, faces)), all_pairs(len(points))
    assert np.abs(made.trust - 1).max() < 1e-12
    assert np.abs(np.abs(np.cross(*made.frames.transpose(1, 0, 2)) @ turn[:, 2]) - 1).max() < 1e-12
    found = np.zeros((len(points), 2))
    np.add.at(found, p, made.slopes(points, p, q) * (points[q] @ SLOPE - points[p] @ SLOPE)[:, None])
    along = SLOPE - turn[:, 2] * (turn[:, 2] @ SLOPE)
    assert np.einsum("ni,nix->nx", found, made.frames) == pytest.approx(np.tile(along, (len(points), 1)), abs=1e-3)


def test_where_planes_cross_none_is_better_and_slopes_are_nought():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    crossing = np.array([[0, 1, 2], [0, 1, 4]])  # two planes at a right angle
    made = planes_of(spread_of_faces(points, crossing))
    assert made.trust[0] < 1e-12 and made.trust[2] > 1 - 1e-12
    leaning = np.array([[0, 1, 2], [0, 2, 3], [0, 1, 4]])  # twice as much of the one
    assert planes_of(spread_of_faces(points, leaning)).trust[0] == pytest.approx(0.75)
    p, q = all_pairs(5)
    assert np.abs(made.slopes(points, p, q)[p == 0]).max() < 1e-9


def test_spread_turns_along():
    points, faces = soup()
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3))).Q
    here, there = spread_of_faces(points, faces), spread_of_faces(points @ turn.T + 4, faces[:, [2, 1, 0]])
    assert np.abs(turn @ here @ turn.T - there).max() < 1e-12 * np.abs(here).max()
    area = np.linalg.norm(np.cross(*(points[faces[:, k]] - points[faces[:, 0]] for k in (1, 2))), axis=1) / 2
    assert np.trace(here, axis1=1, axis2=2) == pytest.approx(2 * np.bincount(faces.ravel(), np.repeat(area, 3)))
