"""Triangles that need be no surface: how heat spreads on them, and what slopes of functions still mean."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from erlangen.domains.surfaces.checks import joined, without_area
from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.numbers import distinct
from erlangen.domains.surfaces.planes import planes_of, spread_of_faces
from erlangen.domains.surfaces.sides import BothSides
from erlangen.domains.surfaces.triangles import Array, Triangles
from erlangen.domains.surfaces.tufted import tufted
from erlangen.errors import InputError


@dataclass(frozen=True, eq=False)
class Complex:
    """What vibrates, its `mass` `[n]`; `frames` `[n, 2, 3]`, two directions in a plane at each vertex; and slopes
    ∇u(p) = Σ_q c_pq (u(q) − u(p)) in them: pairs p ← q `beside` `[2, pairs]`, sorted by p, and c `[pairs, 2]`."""

    heat: Triangles
    mass: Array
    frames: Array
    beside: Ints
    slopes: Array

    @property
    def laplacian(self) -> Any:
        """That of the tufted cover, sparse `[n, n]`."""
        return self.heat.laplacian

    @property
    def parts(self) -> Ints:
        """Which part each vertex is of, `[n]`."""
        return self.heat.parts

    @property
    def normals(self) -> Array:
        """Of the planes, to either side, `[n, 3]`."""
        return np.cross(self.frames[:, 0], self.frames[:, 1])


def complex_of(vertices: Any, faces: Any) -> Complex:
    """That of triangles in space, `[n, 3]` and `[m, 3]`, which may meet in any way.

    Where the faces about a vertex make one fan its plane and slopes are those of a surface, known by lengths along it
    alone; elsewhere the plane is that in which most of their area lies. Raises InputError for what leaves vertices out,
    or has no area at all.
    """
    points, corners = joined(vertices, faces)
    flat = without_area(points, corners)
    if flat.all():
        raise InputError("faces without area alone", "one or more with some", "Look at the vertices.")
    heat, planes = tufted(points, corners), planes_of(spread_of_faces(points, corners))
    sides, pairs = BothSides(points, corners[~flat]), _neighbours(corners, len(points))
    fan = np.bincount(sides.vertex, minlength=len(points)) == 2
    fan[corners[flat]] = False
    pairs, whole = pairs[:, ~fan[pairs[0]]], fan[sides.beside[0]]
    beside = np.concatenate([pairs, sides.beside[:, whole]], axis=1)
    slopes = np.concatenate([planes.slopes(points, *pairs), sides.slopes[whole]])
    order = np.argsort(beside[0], kind="stable")
    frames = np.where(fan[:, None, None], sides.frames, planes.frames)
    return Complex(heat, heat.mass, frames, beside[:, order], slopes[order])


def _neighbours(faces: Ints, count: int) -> Ints:
    """Vertices of one face, p ← q, sorted by p, `[2, pairs]`."""
    tail, head = faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1)
    found = distinct(np.concatenate([tail * count + head, head * count + tail]))
    return np.stack([found // count, found % count])
