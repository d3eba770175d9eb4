"""Lengths, angles and areas of a mesh, its cotangent Laplacian and masses: all that bending it does not change."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.domains.surfaces.halfedges import Halfedges
from erlangen.domains.surfaces.triangles import Array, Triangles, masses, weak_laplacian


@dataclass(frozen=True, eq=False)
class Geometry:
    """A mesh that was checked, vertices `[n, 3]`, and what its faces measure. Values of corners are by half-edge: that
    of the corner where it begins."""

    vertices: Array
    half: Halfedges

    @cached_property
    def sides(self) -> Array:
        """The vector along each half-edge, `[3m, 3]`."""
        return self.vertices[self.half.head] - self.vertices[self.half.tail]

    @cached_property
    def lengths(self) -> Array:
        """Of each half-edge, `[3m]`."""
        return np.linalg.norm(self.sides, axis=1)

    @cached_property
    def _crossed(self) -> Array:
        """Twice the area of each face, along its normal."""
        sides = self.sides.reshape(-1, 3, 3)
        return np.cross(sides[:, 0], sides[:, 1])

    @cached_property
    def areas(self) -> Array:
        """Of each face, `[m]`."""
        return np.linalg.norm(self._crossed, axis=1) / 2

    @cached_property
    def _within(self) -> Array:
        """At each corner the inner product of its two sides."""
        return -(self.sides * self.sides[self.half.before]).sum(1)

    @cached_property
    def angles(self) -> Array:
        """Of each corner, `[3m]`."""
        return np.arctan2(2 * np.repeat(self.areas, 3), self._within)

    @cached_property
    def cotangents(self) -> Array:
        """½ cot of the angle opposite each half-edge, `[3m]`: what a face gives to the weight of its edge."""
        return self._within[self.half.before] / (4 * np.repeat(self.areas, 3))

    @cached_property
    def mass(self) -> Array:
        """A third of the area of the faces about each vertex, `[n]`: what it stands for of the surface."""
        return masses(self.half.tail, self.areas, self.half.count)

    @property
    def parts(self) -> Array:
        """Which part of the surface each vertex is of, `[n]`."""
        return self.half.parts

    @cached_property
    def laplacian(self) -> Any:
        """L, sparse `[n, n]`, symmetric, ⪰ 0 and L·1 = 0: xᵀLx = ∫|∇x|² of what is linear on faces; natural boundary.

        L_pq = −½(cot α + cot β), α and β the angles opposite the edge. Pinkall and Polthier 1993,
        doi:10.1080/10586458.1993.10504266.
        """
        return weak_laplacian(self.half.tail, self.half.head, self.cotangents, self.half.count)

    @property
    def triangles(self) -> Triangles:
        """The faces, known by their lengths alone."""
        return Triangles(self.half.tail, self.half.twin, self.lengths, self.half.count)

    @cached_property
    def normals(self) -> Array:
        """Outward unit normals of vertices, weighed by area, `[n, 3]`."""
        summed = np.stack(
            [np.bincount(self.half.tail, np.repeat(part, 3), minlength=self.half.count) for part in self._crossed.T], 1
        )
        size = np.linalg.norm(summed, axis=1, keepdims=True)
        whole = np.bincount(self.half.tail, np.repeat(2 * self.areas, 3), minlength=self.half.count)
        folded = size[:, 0] <= 1e-9 * whole  # faces back to back about a vertex: the normal of one of them
        summed[folded] = self._crossed[self.half.start[folded] // 3]
        return summed / np.where(folded[:, None], np.linalg.norm(summed, axis=1, keepdims=True), size)
