"""The sampling of the sphere by the vertices of an icosahedron whose faces were cut in four again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._icosphere import LEVELS, exact_degree, icosphere, level_of, vertex_count, vertex_weights
from erlangen.domains._known import known
from erlangen.domains._latitudes import Array
from erlangen.domains._rows import Rows
from erlangen.domains._sampling import Sampling, Size
from erlangen.domains.icosahedral_transform import IcosahedralTransform, IcosahedralVectorTransform
from erlangen.groups import Group

ROUNDING = 1e-9


@dataclass(frozen=True)
class Vertices(Sampling):
    """10 · 4^level + 2 vertices, those of coarser levels first: spaced evenly, alike around all but twelve of them."""

    axes = 1
    words = "vertex"
    exchanges = "by vertices"

    def side(self, side: int) -> Size:
        return (vertex_count(max(0, round(np.log2(max(side, 1) / 3)))),)

    def band_limit(self, size: Size) -> int:
        level = level_of(size[0])
        return -1 if level is None else _held(level)

    def level(self, band: int) -> int:
        """The lowest level that holds degrees up to `band`."""
        level = 0
        while level < LEVELS and _held(level) < band:
            level += 1
        return level

    def smallest(self, band: int) -> Size:
        return (vertex_count(self.level(band)),)

    least = smallest

    def finer(self, band: int, times: float, columns: int) -> Size:
        return self.smallest(ceil(times * band))

    def points(self, size: Size) -> Array:
        return icosphere(_level(size[0]))[0]

    def weights(self, size: Size) -> Array:
        return vertex_weights(_level(size[0]))

    def mean(self, values: Tensor) -> Tensor:
        return values @ _shares(_level(values.shape[-1])).to(values)

    def scalars(self, size: Size, band: int) -> IcosahedralTransform:
        return IcosahedralTransform(_level(size[0]), band)

    def vectors(self, size: Size, band: int) -> IcosahedralVectorTransform:
        return IcosahedralVectorTransform(_level(size[0]), band)

    def exchange(self, matrix: Array, last: int) -> "Permuted | None":
        corners = icosphere(0)[0]
        if np.abs((corners @ matrix.T)[:, None] - corners).sum(-1).min(1).max() > ROUNDING:
            return None
        return Permuted(_level(last), matrix.tobytes())

    def kept(self, group: Group, last: int) -> Group:
        from erlangen.groups import SO, C, D, Icosahedral, O, Trivial

        if getattr(group, "n", 0) == 3 and isinstance(group, SO | O):
            return Icosahedral()
        about_the_axis = {SO: C(2), O: D(2)}
        return about_the_axis.get(type(group), Trivial())

    def shared(self, lasts: Sequence[int]) -> int:
        return min(lasts)


@dataclass(frozen=True)
class Permuted:
    """An isometry of the icosahedron: vertex p comes from R⁻¹p."""

    level: int
    matrix: bytes

    def moved(self, values: Tensor) -> Tensor:
        """Values at other vertices."""
        return values.index_select(-1, torch.as_tensor(_came(self.level, self.matrix), device=values.device))

    def carried(self, vectors: Tensor) -> Tensor:
        """(east, north) at other vertices, in the frames there."""
        turns = torch.as_tensor(_turned(self.level, self.matrix)).to(vectors)
        return torch.einsum("pij,...jp->...ip", turns, self.moved(vectors))


@lru_cache(maxsize=16)
def next_to_each_other(vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """The vertex next to each point of an equiangular grid that is a little finer, `[latitude, longitude]`, and the
    point next to each vertex, among all in a row."""
    from scipy.spatial import KDTree

    rows, points = int(np.ceil(1.5 * np.sqrt(vertices))), icosphere(_level(vertices))[0]
    grid = Rows("equiangular").points((rows, 2 * rows))
    there, back = KDTree(points).query(grid)[1], KDTree(grid.reshape(-1, 3)).query(points)[1]
    return np.asarray(there), np.asarray(back)


def frames(points: Array) -> Array:
    """(east, north) of unit vectors, `[n, 3]` → `[n, 2, 3]`; at a pole those of longitude 0."""
    longitude = np.arctan2(points[:, 0], points[:, 2])
    east = np.stack([np.cos(longitude), np.zeros(len(points)), -np.sin(longitude)], axis=1)
    return np.stack([east, np.cross(points, east)], axis=1)


@known
def _shares(level: int) -> Tensor:
    return torch.as_tensor(vertex_weights(level))


@known
def _held(level: int) -> int:
    """The degree up to which products of two harmonics are integrated exactly."""
    return exact_degree(level) // 2


def _level(vertices: int) -> int:
    level = level_of(vertices)
    assert level is not None, "the size was checked"
    return level


@lru_cache(maxsize=256)
def _came(level: int, matrix: bytes) -> np.ndarray:
    """From which vertex each comes: on every level the middles of edges follow their ends."""
    from scipy.spatial import KDTree

    points = icosphere(level)[0]
    return np.asarray(KDTree(points).query(points @ np.frombuffer(matrix).reshape(3, 3))[1])


@lru_cache(maxsize=256)
def _turned(level: int, matrix: bytes) -> Array:
    """E_p R E_{R⁻¹p}ᵀ, `[vertex, 2, 2]`."""
    known = frames(icosphere(level)[0])
    there = known[_came(level, matrix)]
    return np.einsum("pix,xy,pjy->pij", known, np.frombuffer(matrix).reshape(3, 3), there)
