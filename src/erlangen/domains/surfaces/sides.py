"""Surfaces with one side only, or whose faces are not oriented alike: seen from both sides at once, then from one a
vertex."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.domains.surfaces.geometry import Array, Geometry
from erlangen.domains.surfaces.gluing import Glued, Ints
from erlangen.domains.surfaces.halfedges import Halfedges
from erlangen.domains.surfaces.sheets import both_sheets
from erlangen.domains.surfaces.tangents import Ball, Tangents
from erlangen.domains.surfaces.triangles import Triangles, weak_laplacian


@dataclass(frozen=True, eq=False)
class BothSides:
    """The orientation cover of a surface `[n, 3]`, `[m, 3]`: each vertex twice, seen from either side, which is always
    oriented. A surface with two sides has a cover of two parts, each the other's mirror image.

    Of each vertex one side is `chosen`: that of its first face as it is stored; from there directions are counted. What
    comes from a neighbour of which the other side was chosen is mirrored on the way. Lee 2012,
    doi:10.1007/978-1-4419-9982-5.
    """

    points: Array
    faces: Ints

    @cached_property
    def _sheets(self) -> Glued:
        """Faces as they are and then turned over, glued where two of them meet."""
        return both_sheets(self.points, self.faces, two_alone=True)

    @cached_property
    def vertex(self) -> Ints:
        """Which vertex each of the cover's is, `[2n]` where one fan of faces is at each."""
        return self._sheets.fans[1]

    @cached_property
    def cover(self) -> Geometry:
        """What is measured of the cover."""
        faces, vertex = self._sheets.fans
        return Geometry(self.points[vertex], Halfedges(faces, len(vertex), self._sheets.twin))

    @cached_property
    def chosen(self) -> Ints:
        """The vertex of the cover that stands for each, `[n]`."""
        faces = self._sheets.fans[0][: len(self.faces)]
        found = np.full(len(self.points), -1)
        found[self.faces.reshape(-1)[::-1]] = faces.reshape(-1)[::-1]  # the last to be written is the first in order
        return found

    # ---- of the surface itself -------------------------------------------------------------------------------------
    @property
    def mass(self) -> Array:
        """A third of the area about each vertex, `[n]`."""
        return self.cover.mass[self.chosen]

    @property
    def normals(self) -> Array:
        """Unit normals of the sides chosen, `[n, 3]`."""
        return self.cover.normals[self.chosen]

    @cached_property
    def laplacian(self) -> Any:
        """That of cotangents, sparse `[n, n]`, which has no sides: half of what both sheets give."""
        half = self.cover.half
        ends = self.vertex[half.tail], self.vertex[half.head]
        return weak_laplacian(*ends, self.cover.cotangents / 2, len(self.points))

    @property
    def triangles(self) -> Triangles:
        """Both sheets, known by their lengths alone."""
        half = self.cover.half
        return Triangles(self.vertex[half.tail], half.twin, self.cover.lengths, len(self.points), share=0.5)

    @cached_property
    def parts(self) -> Ints:
        """Which part of the surface each vertex is of, `[n]`."""
        part = self.cover.half.parts
        both = np.stack([part[self.chosen], part[self._other[self.chosen]]])
        return np.unique(both.min(0), return_inverse=True)[1]

    @cached_property
    def _other(self) -> Ints:
        """Of each vertex of the cover the same from the other side."""
        found = np.empty(len(self.vertex), dtype=np.int64)
        order = np.lexsort((np.arange(len(found)), self.vertex)).reshape(-1, 2)
        found[order[:, 0]], found[order[:, 1]] = order[:, 1], order[:, 0]
        return found

    @cached_property
    def tangents(self) -> Tangents:
        """Those of the cover."""
        return Tangents(self.cover)

    @cached_property
    def _seen(self) -> np.ndarray:
        """Which pairs of the cover are seen from the sides chosen, in the order of the vertices that see."""
        mine = np.flatnonzero(self.chosen[self.vertex[self.tangents.target]] == self.tangents.target)
        return mine[np.argsort(self.vertex[self.tangents.target[mine]], kind="stable")]

    @property
    def frames(self) -> Array:
        """Direction 0 and ½π of the side chosen as vectors of space, `[n, 2, 3]`."""
        return self.tangents.frames[self.chosen]

    @property
    def beside(self) -> Ints:
        """Next neighbours p ← q, sorted by p, `[2, pairs]`."""
        return self.vertex[np.stack([self.tangents.target, self.tangents.source])[:, self._seen]]

    @property
    def slopes(self) -> Array:
        """c with ∇u(p) = Σ_q c_pq (u(q) − u(p)), `[pairs, 2]`, of the pairs of `beside`."""
        return self.tangents.slopes[self._seen]

    @cached_property
    def near(self) -> Ball:
        """The pairs of `beside`; mirrored where the other side of q was chosen."""
        made, seen = self.tangents, self._seen
        q = made.source[seen]
        mirrored = self.chosen[self.vertex[q]] != q
        offset = made.length[seen] * np.exp(1j * made.direction[seen])
        angle = made.transport[seen] + np.where(mirrored, self._between[self._other[q]], 0.0)
        p, near = self.beside
        return Ball(p, near, offset, np.angle(np.exp(1j * angle)), mirrored)

    @cached_property
    def _between(self) -> Array:
        """Of each vertex of the cover δ: what has direction θ there has δ − θ from the other side, `[2n]`."""
        made, count = self.tangents, len(self.vertex)
        _, first = np.unique(made.target, return_index=True)
        key = made.target * count + made.source
        order = np.argsort(key)
        there = self._other[made.target[first]] * count + self._other[made.source[first]]
        back = order[np.searchsorted(key[order], there)]
        return made.direction[first] + made.direction[back]
