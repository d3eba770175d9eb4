"""Delaunay triangles about each point of a cloud, among its neighbours in a plane: where several are as good, the
polygon that they make, so that no order counts."""

from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.triangles import Array

TIE = 1e-5  # radians: of directions that are one
NEARLY = 0.2  # radians: by how much a plane may bend a circle in space
TINY = 1e-300


class Corners(NamedTuple):
    """Polygons as one of their corners sees them: the point `centre` `[r]`, and the others from right to left about it,
    as places in its list of neighbours, `others` `[r, most]`, −1 behind the last."""

    centre: Ints
    others: Ints


def corners(flat: Array, space: Array, there: np.ndarray, known: Array) -> Corners:
    """What the Voronoi cell of each point is bounded by, and the circles about its corners go through.

    Of neighbours `there` `[n, k]` where they lie in the plane, complex `[n, k]`, and in `space` `[n, k, 3]`, both seen
    from the point. At v/|v|² those of the cell are corners of a convex hull, which is walked to the left, all points at
    once; and what lies on one circle with the point is on a line. Circles are those in space, so that all points on
    them see the same. Left out are those of a radius above the distance within which all neighbours are `known` `[n]`,
    and of five points or more those as wide, on which others might see other points.

    >>> flat = np.array([[1, 1 + 1j, 1j, -1 - 1j]])
    >>> space = np.stack([flat.real, flat.imag, 0 * flat.real], axis=-1)
    >>> corners(flat, space, np.ones((1, 4), dtype=bool), np.array([2.0])).others.tolist()
    [[0, 1, 2], [2, 3, -1], [3, 0, -1]]
    """
    walk = _Walk(flat, space, there, known)
    found = [Corners(np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.int64))]
    for _ in range(flat.shape[1] + 2):  # there are no more corners
        if not len(walk.row):
            break
        found.append(walk.step())
    return Corners(np.concatenate([part.centre for part in found]), below([part.others for part in found]))


def below(parts: list[Ints]) -> Ints:
    """One below the other, `[r, any]`, as wide as the widest, −1 behind the last of narrower ones."""
    most = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(p, ((0, 0), (0, most - p.shape[1])), constant_values=-1) for p in parts])


class _Walk:
    """Round the hulls of inverted neighbours and the point itself, which is the last of them: where each has got to."""

    def __init__(self, flat: Array, space: Array, there: np.ndarray, known: Array):
        count, self.known = len(flat), known
        self.there = np.concatenate([there, np.ones((count, 1), dtype=bool)], axis=1)
        square = np.where(there, np.abs(flat) ** 2, np.inf)
        inverse = np.where(there[..., None], space / np.maximum((space**2).sum(-1, keepdims=True), TINY), 0)
        self.flat = np.concatenate([flat / square, np.zeros((count, 1))], axis=1)
        self.space = np.concatenate([inverse, np.zeros((count, 1, 3))], axis=1)
        self.row = np.flatnonzero(there.any(axis=1))
        self.at = self.start = np.abs(self.flat[self.row]).argmax(1)
        self.heading = 1j * self.flat[self.row, self.at]

    def step(self) -> Corners:
        """On to the next corner, and the polygons between."""
        row, here, r = self.row, self.flat[self.row, self.at], np.arange(len(self.row))
        ahead = self.flat[row] - here[:, None]
        unit = np.abs(self.flat[row, self.start])
        usable = self.there[row] & (np.abs(ahead) > 1e-9 * np.abs(here)[:, None])
        turn = np.angle(ahead * self.heading.conj()[:, None])
        turn = np.where(usable, np.where(turn < -np.pi / 2, turn + 2 * np.pi, turn), np.inf)
        least = turn.min(axis=1, keepdims=True)
        farthest = np.where(turn <= least + TIE, np.abs(ahead), -1).argmax(1)
        along, alike = self._in_line(farthest)
        alike &= turn <= least + NEARLY
        alike[r, farthest] = True
        next_ = np.where(alike, along, -np.inf).argmax(1)
        seen = self._corners(next_, alike, along)
        closed = np.abs(self.flat[row, next_] - self.flat[row, self.start]) <= 1e-9 * unit
        self.heading = ahead[r, next_][~closed]
        self.row, self.at, self.start = row[~closed], next_[~closed], self.start[~closed]
        return seen

    def _in_line(self, farthest: Ints) -> tuple[Array, np.ndarray]:
        """How far each is in the direction of one of them, in space, and which lie in it."""
        r = np.arange(len(self.row))
        away = self.space[self.row] - self.space[self.row, self.at][:, None]
        along = away[r, farthest]
        along = (away * (along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), TINY))[:, None]).sum(-1)
        beside = np.sqrt(np.maximum((away**2).sum(-1) - along**2, 0))
        return along, (beside <= TIE * along) & self.there[self.row]

    def _corners(self, next_: Ints, alike: np.ndarray, along: Array) -> Corners:
        """Of the circle through the last corner, the next one and the point, if it is one, and small enough."""
        itself = self.flat.shape[1] - 1
        a, b = self.flat[self.row, self.at], self.flat[self.row, next_]
        area, alike = np.imag(a.conj() * b), alike[:, :itself]
        radius, known = np.abs(b - a) / np.maximum(2 * area, TINY), self.known[self.row]
        fine = (self.at != itself) & (next_ != itself) & (area > TIE * np.abs(a) * np.abs(b))
        fine &= radius <= np.where(alike.sum(axis=1) > 2, known / 2, known)
        alike = alike[fine]
        order = np.argsort(np.where(alike, along[fine, :itself], np.inf), axis=1, kind="stable")
        others = np.where(np.take_along_axis(alike, order, axis=1), order, -1)[:, : max(1, alike.sum(1).max(initial=0))]
        return Corners(self.row[fine], np.concatenate([self.at[fine, None], others], axis=1))
