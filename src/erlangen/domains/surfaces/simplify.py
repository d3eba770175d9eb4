"""Coarser surfaces: edges are drawn together one by one, the flattest first, and what is left stays where it was."""

from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from erlangen.domains.surfaces.checks import checked
from erlangen.domains.surfaces.geometry import Array, Geometry
from erlangen.errors import InputError
from erlangen.given import whole

EVEN = 1e-2  # what the square of the length of an edge weighs beside that of a distance from planes
TURN = 0.2  # the least cosine by which a face may turn at once
SHAPE = 0.2  # of a face, from 0 for a line to 1 for equal sides: made no worse than that, unless it was
MOST = 12  # faces about a vertex
FENCE = 10.0  # what the planes that hold a boundary weigh


class Simplified(NamedTuple):
    """`faces` `[m, 3]` between the vertices that are left; `kept` `[k]` which ones of all these are; `merged` `[n]`, of
    each vertex the place in `kept` of the one that it was drawn into.

    >>> from erlangen.domains._icosphere import icosphere
    >>> found = simplified(*icosphere(1), 20)
    >>> found.faces.shape, found.kept.shape, found.merged.shape
    ((36, 3), (20,), (42,))
    """

    faces: np.ndarray
    kept: np.ndarray
    merged: np.ndarray


def simplified(vertices: Any, faces: Any, count: int) -> Simplified:
    """The surface with `count` vertices, some of those that there are: whatever stands at these is right there, too.

    An edge (v, u) is drawn together onto u where that costs least: Σ A_f d_f(u)² over the planes of the faces that were
    drawn into either so far, and a little of |u − v|², so that triangles stay even. It stays a surface with the same
    holes and handles; a vertex of the boundary goes along the boundary only, no face turns over, and none becomes a
    sliver. The same vertices in the same order give the same answer.

    Raises InputError for what is no surface, and where nothing more can be drawn together before `count` is reached.

    >>> from erlangen.domains._icosphere import icosphere
    >>> found = simplified(*icosphere(2), 60)
    >>> len(found.kept), found.faces.shape, bool((found.merged[found.kept] == np.arange(60)).all())
    (60, (116, 3), True)

    Garland and Heckbert 1997, doi:10.1145/258734.258849.
    """
    points, half = checked(vertices, faces)
    wanted = whole("count", count, InputError, least=4, mend="How many vertices are to be left, such as 2000.")
    mesh = _Shrinking(Geometry(points, half))
    while mesh.left > wanted:
        if not mesh.shrunk(wanted):
            raise InputError(f"count={wanted} of a surface", f"{mesh.left} or more", "Fewer would not be this surface.")
    return mesh.found()


class _Shrinking:
    """A surface on its way down, in plain lists: each step touches a handful of numbers."""

    def __init__(self, geometry: Geometry):
        self.points: list[list[float]] = geometry.vertices.tolist()
        self.faces: list[list[int]] = geometry.half.faces.tolist()
        self.about: list[set[int]] = [set() for _ in self.points]
        for f, face in enumerate(self.faces):
            for v in face:
                self.about[v].add(f)
        self.planes: list[list[float]] = _quadrics(geometry).tolist()
        self.into = list(range(len(self.points)))
        self.left = len(self.points)
        self.version = [0] * len(self.points)

    def found(self) -> Simplified:
        """What is left."""
        kept = np.flatnonzero(np.array([len(faces) > 0 for faces in self.about]))
        place = np.full(len(self.points), -1)
        place[kept] = np.arange(len(kept))
        into = np.array(self.into)
        while not (into[into] == into).all():
            into = into[into]
        alive = sorted({f for faces in self.about for f in faces})
        return Simplified(place[np.array(self.faces)[alive]], kept, place[into])

    def shrunk(self, wanted: int) -> bool:
        """Draw edges together until so many vertices are left or none may be; whether there was one."""
        before = self.left
        queue = [entry for v in range(len(self.points)) for u in self.around(v) for entry in self.steps(v, u)[:1]]
        heapify(queue)
        while queue and self.left > wanted:
            _, v, u, seen, known = heappop(queue)
            if seen != self.version[v] or known != self.version[u] or not self.may(v, u):
                continue
            self.draw(v, u)
            for w in self.around(u):
                for entry in self.steps(u, w):
                    heappush(queue, entry)
        return self.left < before

    def around(self, v: int) -> list[int]:
        """The neighbours of a vertex, in order."""
        return sorted({w for f in self.about[v] for w in self.faces[f]} - {v})

    def steps(self, v: int, u: int) -> list[tuple[float, int, int, int, int]]:
        """The edge drawn together onto either end, as the queue has it."""
        return [(self.cost(a, b), a, b, self.version[a], self.version[b]) for a, b in ((v, u), (u, v))]

    def cost(self, v: int, u: int) -> float:
        """pᵀ Q p at p = (u, 1), Q the planes of both; and what goes for even triangles."""
        x, y, z = self.points[u]
        a, b = self.planes[v], self.planes[u]
        xx, xy, xz, x1, yy, yz, y1, zz, z1, one = (i + j for i, j in zip(a, b, strict=True))
        off = xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z)
        off += 2 * (x1 * x + y1 * y + z1 * z) + one
        return off + EVEN * (a[0] + a[4] + a[7]) * _square(_less(self.points[u], self.points[v]))

    def may(self, v: int, u: int) -> bool:
        """Whether the edge may be drawn together onto u: it stays a surface, and its faces stay in shape."""
        shared, open_v, open_u = self.about[v] & self.about[u], self.is_open(v), self.is_open(u)
        if not shared or (open_v and not (open_u and len(shared) == 1)):
            return False
        common = set(self.around(v)) & set(self.around(u))
        if len(common) != len(shared) or len(self.about[v] | self.about[u]) - 2 * len(shared) > MOST:
            return False
        own = self.about[v] - shared
        there = {frozenset(self.faces[f]) for f in self.about[u] - shared}
        moved = {f: [u if w == v else w for w in self.faces[f]] for f in own}
        if not own or any(frozenset(face) in there for face in moved.values()):
            return False
        return all(self.fits(self.faces[f], face) for f, face in moved.items())

    def is_open(self, v: int) -> bool:
        """Whether a vertex is on the boundary: it has one neighbour more than faces."""
        return len(self.around(v)) > len(self.about[v])

    def fits(self, before: list[int], after: list[int]) -> bool:
        """Whether a face keeps its side and some of its shape."""
        (old, was), (new, shape) = self.normal(before), self.normal(after)
        within = sum(a * b for a, b in zip(old, new, strict=True))
        return within > TURN * (_square(old) * _square(new)) ** 0.5 and (shape > SHAPE or shape >= was)

    def normal(self, face: list[int]) -> tuple[list[float], float]:
        """Of twice the length of the area, and the shape: 4√3 area / sum of squares of sides."""
        p, q, r = (self.points[v] for v in face)
        a, b = _less(q, p), _less(r, p)
        n = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        return n, 2 * 3**0.5 * _square(n) ** 0.5 / (_square(a) + _square(b) + _square(_less(r, q)))

    def draw(self, v: int, u: int) -> None:
        """v onto u."""
        for f in self.about[v] & self.about[u]:
            for w in self.faces[f]:
                self.about[w].discard(f)
        for f in self.about[v]:
            self.faces[f] = [u if w == v else w for w in self.faces[f]]
        self.about[u] |= self.about[v]
        self.about[v] = set()
        self.planes[u] = [a + b for a, b in zip(self.planes[u], self.planes[v], strict=True)]
        self.into[v] = u
        self.version[u] += 1
        self.version[v] += 1
        self.left -= 1


def _quadrics(geometry: Geometry) -> Array:
    """Σ A (n, d)(n, d)ᵀ over the planes of the faces at each vertex, and of walls along a boundary, `[n, 10]`: the
    upper triangle of a symmetric 4 × 4, row by row."""
    half = geometry.half
    sides = geometry.sides.reshape(-1, 3, 3)
    normal = np.cross(sides[:, 0], sides[:, 1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    summed = np.zeros((half.count, 10))
    faces = _plane(normal, geometry.vertices[half.faces[:, 0]], geometry.areas)
    for corner in range(3):
        np.add.at(summed, half.faces[:, corner], faces)
    free = np.flatnonzero(half.twin < 0)
    wall = np.cross(geometry.sides[free], normal[free // 3])
    wall /= np.linalg.norm(wall, axis=1, keepdims=True)
    walls = _plane(wall, geometry.vertices[half.tail[free]], FENCE * geometry.lengths[free] ** 2)
    for end in (half.tail, half.head):
        np.add.at(summed, end[free], walls)
    return summed


def _plane(normal: Array, point: Array, weight: Array) -> Array:
    plane = np.concatenate([normal, -(normal * point).sum(1, keepdims=True)], axis=1)
    i, j = np.triu_indices(4)
    return weight[:, None] * plane[:, i] * plane[:, j]


def _less(a: list[float], b: list[float]) -> list[float]:
    return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]


def _square(a: list[float]) -> float:
    return a[0] * a[0] + a[1] * a[1] + a[2] * a[2]
