"""Neighbours on a subdivided icosahedron: how far, in which direction, and how frames turn on the way."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.domains._icosahedral import frames
from erlangen.domains._icosphere import icosphere, vertex_count, vertex_weights
from erlangen.domains._latitudes import Array


@dataclass(frozen=True, eq=False)
class Charts:
    """The map log_p of the neighbours q of each vertex p, a row of as many places each, of weight 0 where it has fewer.

    `index` `[p, k]`; `weight` of each; `distance` r in radians; `direction` θ at p of the shortest way to q, and
    `transport` g, the angle by which it turns what is brought from q to p: both from east to north.
    """

    index: np.ndarray
    weight: Array
    distance: Array
    direction: Array
    transport: Array


def spacing(level: int) -> float:
    """The mean distance of neighbours, in radians: as if all vertices were in the middle of regular hexagons."""
    return float(np.sqrt(8 * np.pi / (np.sqrt(3) * vertex_count(level))))


@lru_cache(maxsize=16)
def charts(level: int, radius: float) -> Charts:
    """All neighbours within a radius, in radians, of vertices of a level; none is its own.

    >>> near = charts(1, 0.7)
    >>> near.index.shape, (near.weight > 0).sum(1).tolist()[::12]
    ((42, 6), [5, 6, 6, 6])
    """
    index, there = _padded(level, radius)
    return _seen(level, index, np.where(there, vertex_weights(level)[index], 0.0))


@dataclass(frozen=True, eq=False)
class Means:
    """Σ_q w_pq g_qp x(q) with Σ_q w_pq = 1: `index`, `weight` and `transport`, an angle, `[p, k]` each."""

    index: np.ndarray
    weight: Array
    transport: Array

    def after(self, first: "Means") -> "Means":
        """These means of those means."""
        return Means(
            first.index[self.index].reshape(len(self.index), -1),
            (self.weight[..., None] * first.weight[self.index]).reshape(len(self.index), -1),
            (self.transport[..., None] + first.transport[self.index]).reshape(len(self.index), -1),
        )


@lru_cache(maxsize=16)
def parents(level: int, times: int = 1) -> Means:
    """For each vertex of the level below itself and those around it, which count half: together all there are.

    `times` in a row.
    """
    if times > 1:
        return parents(level - times + 1).after(parents(level, times - 1))
    ends, coarse = _edges(level - 1), np.arange(vertex_count(level - 1))
    middles = len(coarse) + np.arange(len(ends))
    index, there = _in_rows(np.concatenate([coarse, *ends.T]), np.concatenate([coarse, middles, middles]), len(coarse))
    share = np.where(there, vertex_weights(level)[index] * np.where(index < len(coarse), 1.0, 0.5), 0.0)
    return Means(index, share / share.sum(1, keepdims=True), _seen(level, index, share).transport)


@lru_cache(maxsize=16)
def children(level: int, times: int = 1) -> Means:
    """For each vertex the two of the level below between which it lies, or itself twice: half of each; `times` in a
    row."""
    if times > 1:
        return children(level).after(children(level - 1, times - 1))
    coarse = np.arange(vertex_count(level - 1))
    index = np.concatenate([np.stack([coarse, coarse], axis=1), _edges(level - 1)])
    half = np.full(index.shape, 0.5)
    return Means(index, half, _seen(level, index, half).transport)


def _seen(level: int, index: np.ndarray, weight: Array) -> Charts:
    """The charts of the first vertices of a level, a row of neighbours each."""
    points = icosphere(level)[0]
    known = frames(points)
    here, far, frame = points[: len(index), None], points[index], known[: len(index), None]
    cosine = (here * far).sum(-1, keepdims=True)
    ahead, beyond = _angle(far - cosine * here, frame), _angle(cosine * far - here, known[index])
    distance = np.arctan2(np.linalg.norm(np.cross(here, far), axis=-1), cosine[..., 0])
    return Charts(
        index, weight, distance, ahead, np.where(index == np.arange(len(index))[:, None], 0.0, ahead - beyond)
    )


def _edges(level: int) -> np.ndarray:
    """The ends of each edge, in the order of their middles among the vertices of the next level."""
    faces = icosphere(level)[1]
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return np.unique(np.sort(ends, axis=1), axis=0)


def _angle(tangent: Array, frame: Array) -> Array:
    """From east to north, of tangent vectors `[p, k, 3]` in frames `[p, k, 2, 3]`."""
    east, north = (frame @ tangent[..., None])[..., 0].transpose(2, 0, 1)
    return np.arctan2(north, east)


def _padded(level: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours of each vertex in a row, `[p, k]`, itself where it has fewer; and which of them there are."""
    from scipy.spatial import KDTree

    points = icosphere(level)[0]
    pairs = KDTree(points).query_pairs(2 * np.sin(min(radius, np.pi / 2) / 2), output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return _in_rows(both[:, 0], both[:, 1], len(points))


def _in_rows(target: np.ndarray, source: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The sources of each target in a row, in their order, itself where it has fewer; and which of them there are."""
    order = np.lexsort((source, target))
    target, source = target[order], source[order]
    sizes = np.bincount(target, minlength=count)
    place = np.arange(len(target)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    index = np.repeat(np.arange(count)[:, None], sizes.max(initial=1), axis=1)
    there = np.zeros(index.shape, dtype=bool)
    index[target, place], there[target, place] = source, True
    return index, there
