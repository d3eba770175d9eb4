"""Planes that are nearest to what lies about each point, seen from neither side, and slopes of functions in them."""

from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.tangents import fitted
from erlangen.domains.surfaces.triangles import Array


class Planes(NamedTuple):
    """`frames` `[n, 2, 3]`, two directions at a right angle in each; and how much it is one plane, `trust` `[n]`, from
    0, where others are as good, to 1."""

    frames: Array
    trust: Array

    def slopes(self, points: Array, p: Ints, q: Ints) -> Array:
        """c of slopes Σ_q c_pq (u(q) − u(p)) by least squares over pairs p ← q, `[pairs, 2]`, times the trust in p."""
        x, y = np.einsum("eix,ex->ie", self.frames[p], points[q] - points[p])
        return self.trust[p, None] * fitted(p, x, y, len(points))


def planes_of(spread: Array) -> Planes:
    """The planes in which most is spread, by its second moments `[n, 3, 3]`: across them there is the least.

    The trust is 1 − (a/b)², a the least and b the middle one: where both are alike it goes to 0, so that nothing jumps.

    >>> planes_of(np.stack([np.diag([2.0, 0, 1]), np.eye(3)])).trust.tolist()
    [1.0, 0.0]
    """
    size, axes = np.linalg.eigh(spread)
    least, middle = np.maximum(size[:, :2].T, 0)
    ratio = np.divide(least, middle, out=np.ones_like(least), where=middle > 0)
    return Planes(axes.transpose(0, 2, 1)[:, [2, 1]], 1 - ratio**2)


def spread_of_faces(points: Array, faces: Ints) -> Array:
    """Σ A (1 − n nᵀ) over the faces about each vertex, n their normals and A their areas, `[n, 3, 3]`."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    crossed = np.cross(b - a, c - a)
    area = np.linalg.norm(crossed, axis=1) / 2
    normal = crossed / np.where(area > 0, 2 * area, 1.0)[:, None]
    across = (area[:, None, None] * (np.eye(3) - normal[:, :, None] * normal[:, None])).reshape(-1, 9)
    made = [np.bincount(faces.reshape(-1), np.repeat(part, 3), minlength=len(points)) for part in across.T]
    return np.stack(made, axis=1).reshape(-1, 3, 3)


def spread_of_neighbours(space: Array, there: np.ndarray) -> Array:
    """Second moments about the mean of the neighbours `there` `[n, k]`, as seen from each point, `space` `[n, k, 3]`.

    The point itself counts half: of four corners of a regular tetrahedron the other three have the plane.
    """
    seen = np.where(there[..., None], space, 0.0)
    weight = there.sum(1)[:, None] + 0.5
    mean = seen.sum(1) / weight
    return np.einsum("nkx,nky->nxy", seen, seen) / weight[..., None] - mean[:, :, None] * mean[:, None]
