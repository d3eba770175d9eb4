"""The same surface in better triangles: edges flipped within it, until no weight of its Laplacian is negative."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.domains.surfaces.geometry import Array, Geometry, masses, weak_laplacian
from erlangen.domains.surfaces.halfedges import Ints

ROUNDING = 1e-9  # a weight below minus this is negative


@dataclass(frozen=True, eq=False)
class Triangles:
    """Triangles known by their lengths alone, glued along half-edges 3f + i, which run round them counter-clockwise.

    Of each the vertex `tail`, the `twin` in the triangle beyond, −1 on the boundary, and the `length`, `[3m]`. Two
    triangles may have two edges in common, and a triangle may meet itself.
    """

    tail: Ints
    twin: Ints
    length: Array
    count: int  # of vertices

    @cached_property
    def head(self) -> Ints:
        """Where each half-edge ends."""
        return np.roll(self.tail.reshape(-1, 3), -1, axis=1).reshape(-1)

    @cached_property
    def areas(self) -> Array:
        """Of each triangle, `[m]`, by its sides from the longest down, so that no digits cancel. Kahan 2014."""
        c, b, a = np.sort(self.length.reshape(-1, 3), axis=1).T
        return np.sqrt(np.maximum((a + (b + c)) * (c - (a - b)) * (c + (a - b)) * (a + (b - c)), 1e-30 * a**4)) / 4

    @cached_property
    def sides(self) -> Array:
        """Each triangle laid flat, its first side along the real axis: complex numbers along its sides, `[m, 3]`."""
        a, b, c = self.length.reshape(-1, 3).T
        third = (a + (c - b) / a * (c + b)) / 2 + 2j * self.areas / a
        return np.stack([a + 0j, third - a, -third], axis=1)

    @cached_property
    def cotangents(self) -> Array:
        """½ cot of the angle opposite each half-edge, `[3m]`."""
        next_, before = np.roll(self.sides, -1, axis=1), np.roll(self.sides, -2, axis=1)
        return (-np.real(next_ * before.conj()) / (4 * self.areas[:, None])).reshape(-1)

    @cached_property
    def mass(self) -> Array:
        """A third of the area about each vertex, `[n]`."""
        return masses(self.tail, self.areas, self.count)

    @cached_property
    def laplacian(self) -> Any:
        """That of cotangents, sparse `[n, n]`."""
        return weak_laplacian(self.tail, self.head, self.cotangents, self.count)


def delaunay(geometry: Geometry) -> Triangles:
    """The triangles of the surface in which opposite angles of each edge add up to π at most.

    An edge between two triangles that, unfolded, make a quadrilateral is changed for its other diagonal, as long as one
    has a negative weight, cot α + cot β < 0: all at once that share no triangle. The surface stays what it is, and so
    do its vertices. Bobenko and Springborn 2007, arXiv:math/0503219.
    """
    half = geometry.half
    made = Triangles(half.tail, half.twin, geometry.lengths, half.count)
    while len(flipped := _apart(made)):
        made = _flipped(made, flipped)
    return made


def _apart(made: Triangles) -> Ints:
    """Half-edges to flip, one of each edge; of two in one triangle the one whose weight is the lower."""
    every = np.arange(len(made.twin))
    weight = made.cotangents + np.where(made.twin >= 0, made.cotangents[made.twin], np.inf)
    bad = np.flatnonzero((weight < -ROUNDING) & (every // 3 != made.twin // 3))
    edge = np.minimum(bad, made.twin[bad])
    order = np.lexsort((edge, weight[bad], bad // 3))
    worst = np.full(len(every) // 3, -1)
    worst[bad[order][::-1] // 3] = edge[order][::-1]  # the last to be written is the first in order
    return bad[(bad == edge) & (worst[bad // 3] == edge) & (worst[made.twin[bad] // 3] == edge)]


def _flipped(made: Triangles, h: Ints) -> Triangles:
    """Triangles (i, j, k) and (j, i, l), h from i to j, are changed for (i, l, k) and (l, j, k)."""
    t = made.twin[h]
    f, g = h - h % 3, t - t % 3
    jk, ki, il, lj = f + (h + 1) % 3, f + (h + 2) % 3, g + (t + 1) % 3, g + (t + 2) % 3
    place = np.arange(len(made.tail))
    for old, new in ((il, f), (h, f + 1), (ki, f + 2), (lj, g), (jk, g + 1), (t, g + 2)):
        place[old] = new
    tail, twin, length = (np.empty_like(part) for part in (made.tail, made.twin, made.length))
    tail[place], length[place] = made.tail, made.length
    twin[place] = np.where(made.twin >= 0, place[made.twin], -1)
    sides = made.sides.reshape(-1)
    across = np.abs(sides[ki] / sides[h] - sides[il] / sides[t]) * made.length[h]
    tail[f + 1], tail[g + 2] = made.tail[lj], made.tail[ki]
    length[f + 1] = length[g + 2] = across
    return Triangles(tail, twin, length, made.count)
