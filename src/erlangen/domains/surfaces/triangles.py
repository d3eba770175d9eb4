"""Triangles known by their lengths alone, and what they weigh: masses, and the Laplacian of cotangents."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.domains.surfaces.gluing import Ints, components

Array = np.ndarray


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
    share: float | Array = 1.0  # of each, or of all, that counts, where some lie on each other

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
        return masses(self.tail, self.areas * self.share, self.count)

    @cached_property
    def cells(self) -> Array:
        """The area that is nearer to each vertex than to others, `[n]`, ¼ Σ w l² over half-edges there; of Delaunay
        triangles, and the same for all of them that are as good."""
        each = self.weights * self.length**2 / 4
        there, back = (np.bincount(end, each, minlength=self.count) for end in (self.tail, self.head))
        return there + back

    @cached_property
    def laplacian(self) -> Any:
        """That of cotangents, sparse `[n, n]`."""
        return weak_laplacian(self.tail, self.head, self.weights, self.count)

    @property
    def weights(self) -> Array:
        """What each half-edge gives to the Laplacian, `[3m]`."""
        return (self.cotangents.reshape(-1, 3) * np.reshape(self.share, (-1, 1))).reshape(-1)

    @cached_property
    def parts(self) -> Ints:
        """Which part each vertex is of, `[n]`, numbered from 0."""
        return components(self.tail, self.head, self.count)


def masses(tail: Array, areas: Array, count: int) -> Array:
    """A third of each face to each of its corners, `[n]`; tails of half-edges `[3m]`, areas `[m]`."""
    return np.bincount(tail, np.repeat(areas, 3) / 3, minlength=count)


def weak_laplacian(tail: Array, head: Array, weights: Array, count: int) -> Any:
    """Σ w (x_head − x_tail)² as a matrix, sparse `[n, n]`."""
    from scipy.sparse import coo_matrix

    p, q, w = tail, head, weights
    rows, columns = np.concatenate([p, q, p, q]), np.concatenate([q, p, p, q])
    return coo_matrix((np.concatenate([-w, -w, w, w]), (rows, columns)), shape=(count, count)).tocsr()
