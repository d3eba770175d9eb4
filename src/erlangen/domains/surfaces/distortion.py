"""How far a surface was stretched as it moved: what is to stand beside every answer that bending should not change."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from erlangen.domains.surfaces.checks import checked
from erlangen.domains.surfaces.eigenbasis import eigenbasis
from erlangen.domains.surfaces.geometry import Geometry
from erlangen.errors import InputError

QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)
LOWEST = 30  # vibrations that are compared
STILL = 1e-6  # eigenvalues at unit area up to which nothing vibrates: one for each part


@dataclass(frozen=True)
class Distortion:
    """`edges`: quantiles of after/before over the lengths of all edges, at 1, 5, 50, 95 and 99 %, where edges are
    measured in units of the root of the area; `vibrations`: the median of |λ′ − λ|/λ over the lowest 30 eigenvalues at
    unit area that are not nought; `area` after/before. Of an isometry 1 1 1 1 1, 0 and 1.

    >>> import numpy as np, erlangen as er
    >>> from erlangen.domains._icosphere import icosphere
    >>> points, faces = icosphere(2)
    >>> print(er.domains.metric_distortion(points, 2 * points, faces))
    edges × 1.000 1.000 1.000 1.000 1.000 (1, 5, 50, 95, 99 %), eigenvalues off by 0.0%
    """

    edges: tuple[float, ...]
    vibrations: float
    area: float

    def __str__(self) -> str:
        told = " ".join(f"{ratio:.3f}" for ratio in self.edges)
        return f"edges × {told} (1, 5, 50, 95, 99 %), eigenvalues off by {self.vibrations:.1%}"


def metric_distortion(before: Any, after: Any, faces: Any) -> Distortion:
    """The same mesh in two places: vertices `[n, 3]`, or `[poses, n, 3]` of `after`, and faces `[m, 3]`.

    Of several poses quantiles are over the edges of all, and the rest are medians. Raises InputError for what is no
    surface, and for another number of vertices.

    >>> from erlangen.domains._icosphere import icosphere
    >>> points, faces = icosphere(2)
    >>> found = metric_distortion(points, 3 * points[:, [1, 2, 0]], faces)
    >>> [round(ratio, 9) for ratio in found.edges], round(found.vibrations, 9), round(found.area, 9)
    ([1.0, 1.0, 1.0, 1.0, 1.0], 0.0, 9.0)
    """
    first = _geometry(before, faces)
    poses = np.asarray(after, dtype=np.float64)
    if poses.shape[-2:] != first.vertices.shape or poses.ndim not in (2, 3) or not len(poses):
        given = f"vertices of shape {poses.shape} beside {first.vertices.shape}"
        raise InputError(given, "as many, or [poses, n, 3]", "Vertex i of both has to be the same point.")
    found = [_beside(first, _geometry(pose, faces)) for pose in poses.reshape(-1, *first.vertices.shape)]
    ratios, changes, areas = zip(*found, strict=True)
    quantiles = np.quantile(np.concatenate(ratios), QUANTILES)
    return Distortion(tuple(map(float, quantiles)), float(np.median(changes)), float(np.median(areas)))


def _geometry(vertices: Any, faces: Any) -> Geometry:
    return Geometry(*checked(vertices, faces))


def _beside(first: Geometry, other: Geometry) -> tuple[np.ndarray, float, float]:
    """Ratios of lengths, the median change of eigenvalues, and the ratio of areas."""
    i, j = first.half.edges.T
    lengths = (np.linalg.norm(g.vertices[i] - g.vertices[j], axis=1) / g.mass.sum() ** 0.5 for g in (other, first))
    after, before = lengths
    grown = float(other.mass.sum() / first.mass.sum())
    old, new = (_vibrations(g) for g in (first, other))
    told = min(len(old), len(new))
    moving = old[:told] > STILL
    change = np.abs(new[:told] - old[:told])[moving] / old[:told][moving]
    return after / before, float(np.median(change)) if len(change) else 0.0, grown


def _vibrations(geometry: Geometry) -> np.ndarray:
    return eigenbasis(geometry, LOWEST + 1).values * geometry.mass.sum()
