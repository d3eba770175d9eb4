"""Faces from both sides: each twice, a front and a back, glued about every edge to what is next to them there."""

import numpy as np

from erlangen.domains.surfaces.gluing import Glued, Ints, edge_keys

TINY = 1e-300
ALIKE = 1e-7  # radians: of faces in one plane
ANY = np.array([1.0, 2**0.5, 5**0.5])  # a direction that hardly a plane is parallel to


def both_sheets(points: np.ndarray, faces: Ints, two_alone: bool = False) -> Glued:
    """Each face `[m, 3]` as it is and then turned over, so that every edge is in two faces that run in opposite ways.

    About an edge of k faces the side of each that looks ahead is glued to the side of the next that looks back; about
    an edge of one face its own two. With `two_alone` nothing is glued but about edges of two faces.
    """
    m, tail, head = len(faces), faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1)
    (h, k), rising = _rings(points, faces, two_alone).T, tail < head
    over = lambda half: 3 * (half // 3 + m) + 2 - half % 3  # noqa: E731
    ahead, back = np.where(rising[h], h, over(h)), np.where(rising[k], over(k), k)
    return Glued(np.concatenate([faces, faces[:, [0, 2, 1]]]), np.stack([ahead, back], axis=1))


def _rings(points: np.ndarray, faces: Ints, two_alone: bool) -> Ints:
    """The faces about each edge in the order of their angle: pairs of a half-edge and the next one, `[g, 2]`.

    It turns to the left, seen with the vertex of the lower number behind.
    """
    _, edge, times = np.unique(edge_keys(faces), return_inverse=True, return_counts=True)
    here = np.flatnonzero(times[edge] == 2) if two_alone else np.arange(len(edge))
    place, crowded = np.zeros(len(edge), dtype=np.int64), here[times[edge[here]] > 2]
    if len(crowded):
        place[crowded] = _places(points, faces, crowded, edge)
    order = here[np.lexsort((place[here], edge[here]))]
    first = np.flatnonzero(np.diff(edge[order], prepend=-1))
    next_ = np.arange(1, len(order) + 1)
    next_[np.append(first[1:], len(order))[: len(first)] - 1] = first
    return np.stack([order, order[next_]], axis=1)


def _places(points: np.ndarray, faces: Ints, halves: Ints, edge: Ints) -> Ints:
    """Where some half-edges stand in the order of their edge: by angle, and of the same angle by what lies above."""
    angle, above = _angles(points, faces, halves, edge), _above(points, faces, halves)
    order = np.lexsort((angle, edge[halves]))
    new = (np.diff(angle[order], prepend=0) > ALIKE) | (np.diff(edge[halves][order], prepend=-1) != 0)
    group = np.empty(len(halves), dtype=np.int64)
    group[order] = np.cumsum(new)
    place = np.empty_like(group)
    place[np.lexsort((above, group))] = np.arange(len(halves))
    return place


def _angles(points: np.ndarray, faces: Ints, halves: Ints, edge: Ints) -> np.ndarray:
    """Of the faces at some half-edges, from that of the first at their edge, which is 0, to 2π."""
    tail, head, third = (np.roll(faces, -k, axis=1).reshape(-1)[halves] for k in range(3))
    low, high = points[np.minimum(tail, head)], points[np.maximum(tail, head)]
    axis = (high - low) / np.maximum(np.linalg.norm(high - low, axis=1, keepdims=True), TINY)
    out = points[third] - low
    out = out - axis * (out * axis).sum(1, keepdims=True)
    _, first, which = np.unique(edge[halves], return_index=True, return_inverse=True)
    zero = out[first][which]
    angle = np.arctan2((axis * np.cross(zero, out)).sum(1), (zero * out).sum(1))
    return np.where(angle < -ALIKE, angle + 2 * np.pi, angle)


def _above(points: np.ndarray, faces: Ints, halves: Ints) -> np.ndarray:
    """What says which of several faces in one plane lies above others at some half-edges, the same at all their edges.

    The larger one is farther from the middle of everything, where turning to the left leads, or turning back.
    """
    corner, tail, head = points[faces], faces.reshape(-1)[halves], np.roll(faces, -1, axis=1).reshape(-1)[halves]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    twice, away = np.linalg.norm(normal, axis=1), corner.mean(1) - points.mean(0)
    height = (normal * away).sum(1)
    through = np.abs(height) <= ALIKE * twice * np.linalg.norm(np.ptp(points, axis=0))  # either side is as good
    side = np.sign(np.where(through, normal @ ANY, height))
    return np.where(tail < head, 1.0, -1.0) * (side * twice)[halves // 3]
