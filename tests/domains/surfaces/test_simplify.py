"""Coarser surfaces: still surfaces, with the same holes and handles, near what they were, and the same every time."""

import numpy as np
import pytest

from erlangen.domains import simplified
from erlangen.domains.surfaces.checks import checked
from erlangen.domains.surfaces.geometry import Geometry
from erlangen.errors import InputError
from tests.meshes import MESHES, potato, sheet, shuffled, torus, two_parts


def euler(vertices: np.ndarray, faces: np.ndarray) -> tuple[int, int]:
    """V − E + F, and how many edges are on the boundary."""
    points, half = checked(vertices, faces)
    return len(points) - len(half.edges) + len(faces), int((half.twin < 0).sum())


@pytest.mark.parametrize("name", MESHES)
def test_it_stays_a_surface_of_the_same_kind(name: str):
    points, faces = MESHES[name]()
    found = simplified(points, faces, len(points) // 2)
    coarse = points[found.kept]
    assert len(found.kept) == len(points) // 2
    before, after = euler(points, faces), euler(coarse, found.faces)
    assert before[0] == after[0] and (before[1] > 0) == (after[1] > 0)
    assert np.array_equal(found.merged[found.kept], np.arange(len(found.kept)))
    assert set(found.merged) == set(range(len(found.kept)))


@pytest.mark.parametrize("count", [400, 150, 60])
def test_a_sphere_stays_round(count: int):
    points, faces = potato(3)
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    found = simplified(points, faces, count)
    geometry = Geometry(*checked(points[found.kept], found.faces))
    assert geometry.mass.sum() == pytest.approx(4 * np.pi, rel=8 / count)
    centres = points[found.kept][found.faces].mean(1)
    outward = np.cross(*geometry.sides.reshape(-1, 3, 3)[:, :2].transpose(1, 0, 2))
    assert ((outward * centres).sum(1) > 0).all()
    shape = 4 * 3**0.5 * geometry.areas / (geometry.lengths.reshape(-1, 3) ** 2).sum(1)
    assert shape.min() > 0.19


def test_what_is_flat_goes_first_and_a_boundary_keeps_its_shape():
    points, faces = sheet(9, 11)
    found = simplified(points, faces, 20)
    area = Geometry(*checked(points, faces)).mass.sum()
    coarse = Geometry(*checked(points[found.kept], found.faces))
    assert coarse.mass.sum() == pytest.approx(area, rel=1e-12)
    corners = points[np.abs(points - points.min(0)).sum(1) < 1e-9]
    assert any((points[found.kept] == corners[0]).all(1))
    points[60, 2] += 0.5  # a peak in the plain, which stays
    assert 60 in simplified(points, faces, 20).kept


def test_each_vertex_goes_to_one_near_by():
    points, faces = torus(24, 36)
    found = simplified(points, faces, 200)
    moved = np.linalg.norm(points - points[found.kept][found.merged], axis=1)
    assert moved.max() < 1.5 and np.median(moved) < 0.4


def test_it_is_the_same_every_time_and_where_lengths_are_others():
    points, faces = potato(2)
    first, again, large = (simplified(p, faces, 80) for p in (points, points, 1024 * points))
    for a, b, c in zip(first, again, large, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a, c)
    (moved, other), _ = shuffled((points, faces))
    assert euler(moved[(found := simplified(moved, other, 80)).kept], found.faces) == (2, 0)


def test_it_stops_where_nothing_more_can_go():
    points, faces = two_parts()
    with pytest.raises(InputError, match="or more"):
        simplified(points, faces, 5)
    with pytest.raises(InputError, match="count=3"):
        simplified(points, faces, 3)
    same = simplified(points, faces, 10_000)
    assert np.array_equal(same.faces, faces) and len(same.kept) == len(points)
