"""Triangles about a point among its neighbours: those of SciPy's Delaunay, and polygons where several are as good."""

import numpy as np
import pytest
from scipy.spatial import Delaunay

from erlangen.domains.surfaces.stars import below, corners

FAR = np.array([np.inf])


def seen_by(flat: np.ndarray, height: np.ndarray | None = None, known: np.ndarray = FAR) -> set[tuple[int, ...]]:
    """The polygons that a point at 0 sees, by the others' numbers."""
    height = np.zeros(len(flat)) if height is None else height
    space = np.stack([flat.real, flat.imag, height], axis=1)
    found = corners(flat[None], space[None], np.ones((1, len(flat)), dtype=bool), known)
    assert (found.centre == 0).all()
    return {tuple(int(i) for i in row if i >= 0) for row in found.others}


def radius(a: complex, b: complex) -> float:
    """Of the circle through them and 0."""
    return abs(a) * abs(b) * abs(b - a) / (2 * abs((a.conjugate() * b).imag))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("shift", [0.0, 0.8, 3.0])
def test_they_are_those_of_scipy(seed: int, shift: float):
    """Within, near and outside of the others."""
    rng = np.random.default_rng(seed)
    flat = rng.standard_normal(25) + 1j * rng.standard_normal(25) + shift
    drawn = Delaunay(np.stack([[0, *flat.real], [0, *flat.imag]], axis=1)).simplices
    theirs = {frozenset(int(i) - 1 for i in row if i) for row in drawn if 0 in row}
    assert {frozenset(row) for row in seen_by(flat)} == theirs
    near = {frozenset(row) for row in seen_by(flat, known=np.array([1.0]))}
    assert near == {row for row in theirs if radius(*(complex(flat[i]) for i in row)) <= 1.0}
    assert all((flat[a].conj() * flat[b]).imag > 0 for a, b in seen_by(flat))  # to the left


def test_what_lies_on_one_circle_is_one_polygon_in_whatever_plane():
    """Seen from the plane nearest to more points than these a square is none; the circle in space is the same."""
    square = np.array([1, 1 + 1j, 1j, -1 + 0.1j, -0.2 - 1j])
    assert seen_by(square) == {(0, 1, 2), (2, 3), (3, 4), (4, 0)}
    for tilt in (0.1, -0.3):
        height = np.array([0, tilt, tilt, 0, 0])  # still a plane rectangle in space, and longer
        assert (0, 1, 2) in seen_by(square, height)
    height = np.array([0, 0.1, 0, 0, 0])
    assert (0, 1, 2) not in seen_by(square, height)


@pytest.mark.parametrize("count", [3, 4, 5, 7, 12])
def test_a_regular_polygon_is_one(count: int):
    ring = np.exp(2j * np.pi * np.arange(count) / count)
    flat = (ring[1:] - ring[0]) * np.exp(0.3j)
    assert seen_by(flat) == {tuple(range(count - 1))}
    assert seen_by(flat, known=np.array([2.0 + 1e-9])) == {tuple(range(count - 1))}
    assert (seen_by(flat, known=np.array([1.9])) == set()) == (count > 4)  # others may know another part of it


def test_on_a_line_there_are_none():
    assert seen_by(np.array([1.0, 2, -1, -3]) * np.exp(0.4j)) == set()
    assert seen_by(np.array([1.0, 2, -1, 0.5j])) == {(0, 3), (3, 2)}


def test_those_that_are_not_there_are_not_seen():
    flat = np.array([[1, 0, 1j, -1, -1j]])
    space, there = np.stack([flat.real, flat.imag, 0 * flat.real], axis=-1), flat != 0
    found = corners(flat, space, there, FAR)
    assert {tuple(row) for row in found.others.tolist()} == {(0, 2), (2, 3), (3, 4), (4, 0)}
    none = corners(flat, space, np.zeros_like(there), FAR)
    assert len(none.centre) == 0 and none.others.ndim == 2


def test_rows_of_different_widths_stand_below_each_other():
    assert below([np.array([[1, 2]]), np.array([[3]])]).tolist() == [[1, 2], [3, -1]]
