"""Faces glued along their edges: which go on into which, which way round they run, and where vertices come apart."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

Ints = np.ndarray


@dataclass(frozen=True, eq=False)
class Glued:
    """Faces `[m, 3]` and the pairs of half-edges, 3f + i, at which two of them are joined, `[g, 2]`.

    Of each pair one may run the other way, as on a surface that is oriented, or the same way.
    """

    faces: Ints
    pairs: Ints

    @cached_property
    def alike(self) -> np.ndarray:
        """Of each pair, whether both run the same way, so that one of the two faces is to be turned over."""
        tail = self.faces.reshape(-1)
        return tail[self.pairs[:, 0]] == tail[self.pairs[:, 1]]

    @cached_property
    def twin(self) -> Ints:
        """The half-edge to which each is joined, −1 where there is none, `[3m]`."""
        found, (h, k) = np.full(self.faces.size, -1), self.pairs.T
        found[h], found[k] = k, h
        return found

    @cached_property
    def parts(self) -> Ints:
        """Of each face, and of each face turned over, the side of a part that it belongs to, `[2, m]`.

        Where both are the same, the part has one side only.
        """
        m, (f, g) = len(self.faces), self.pairs.T // 3
        one, other = g + m * self.alike, g + m * ~self.alike
        return components(np.concatenate([f, f + m]), np.concatenate([one, other]), 2 * m).reshape(2, m)

    def turned(self, points: np.ndarray) -> np.ndarray:
        """Which faces to turn over, `[m]`: as few as can be of an open part, and so that closed ones look outward."""
        side = np.minimum(*self.parts)
        over = self.parts[0] != side
        size = np.bincount(side)
        joined = np.bincount(side[self.pairs.reshape(-1) // 3], minlength=len(size))
        corner = (points - points.mean(0))[self.faces]
        volume = np.linalg.det(corner) * np.where(over, -1, 1)
        within, scale = np.bincount(side, volume), np.bincount(side, np.abs(volume))
        encloses = (joined == 3 * size) & (np.abs(within) > 1e-9 * scale)
        other = np.where(encloses, within < 0, 2 * np.bincount(side, over) > size)
        return over ^ other[side]

    @cached_property
    def fans(self) -> tuple[Ints, Ints]:
        """The vertex of each corner, `[m, 3]`, one for each fan of faces; and which vertex that was. In their order."""
        next_ = np.arange(self.faces.size).reshape(-1, 3)[:, [1, 2, 0]].reshape(-1)
        h, k = self.pairs.T
        there, back = np.where(self.alike, k, next_[k]), np.where(self.alike, next_[k], k)
        label = components(np.concatenate([h, next_[h]]), np.concatenate([there, back]), self.faces.size)
        _, first = np.unique(label, return_index=True)
        was = self.faces.reshape(-1)[first]
        order = np.lexsort((first, was))
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        return number[label].reshape(-1, 3), was[order]


def edge_keys(faces: Ints) -> Ints:
    """A number for the edge of each half-edge, `[3m]`, whichever way it runs."""
    tail, head = faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1)
    return np.minimum(tail, head) * (faces.max() + 1) + np.maximum(tail, head)


def glue(points: np.ndarray, faces: Ints, straight: bool = True) -> tuple[Glued, int]:
    """Faces joined at each edge that two of them have; and how many edges more than two have.

    There, `straight`, the two go on into each other that are nearest to a plane, then the next two; without, none do.
    """
    _, edge, times = np.unique(edge_keys(faces), return_inverse=True, return_counts=True)
    order = np.argsort(edge, kind="stable")
    two = order[times[edge[order]] == 2].reshape(-1, 2)
    crowded = order[times[edge[order]] > 2]
    further = _straightest(crowded, edge[crowded], _inward(points, faces)) if straight else two[:0]
    return Glued(faces, np.concatenate([two, further])), int((times > 2).sum())


def _inward(points: np.ndarray, faces: Ints) -> np.ndarray:
    """Of each half-edge the direction into its face at a right angle to it, `[3m, 3]`."""
    corner = points[faces]
    along = (np.roll(corner, -1, axis=1) - corner).reshape(-1, 3)
    third = (np.roll(corner, -2, axis=1) - corner).reshape(-1, 3)
    across = third - along * ((third * along).sum(1) / (along**2).sum(1))[:, None]
    return across / np.linalg.norm(across, axis=1, keepdims=True)


def _straightest(halves: Ints, edge: Ints, inward: np.ndarray) -> Ints:
    """Pairs of half-edges of one edge, no half-edge twice: of each edge the straightest first, `[g, 2]`."""
    i, j = _within_groups(edge)
    bend = (inward[halves[i]] * inward[halves[j]]).sum(1)
    order = np.lexsort((bend, edge[i]))
    i, j, made = i[order], j[order], [np.zeros((0, 2), dtype=np.int64)]
    while len(i):
        _, best = np.unique(edge[i], return_index=True)
        made.append(np.stack([halves[i[best]], halves[j[best]]], axis=1))
        used = np.zeros(len(halves), dtype=bool)
        used[i[best]] = used[j[best]] = True
        free = ~(used[i] | used[j])
        i, j = i[free], j[free]
    return np.concatenate(made)


def _within_groups(label: Ints) -> tuple[Ints, Ints]:
    """All pairs i < j with label_i = label_j, where equal labels stand together."""
    _, first, size = np.unique(label, return_index=True, return_counts=True)
    end = np.repeat(first + size, size)
    after = end - np.arange(len(label)) - 1
    i = np.repeat(np.arange(len(label)), after)
    return i, i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(after) - after, after)


def components(a: Ints, b: Ints, count: int) -> Ints:
    """Which part each of `count` things is of, where a_i and b_i are of one; numbered from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    return connected_components(coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count)), directed=False)[1]
