"""Delaunay triangles about each point of a cloud, among its neighbours in a plane: where several are as good, the
polygon that they make, so that no order counts."""

from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.triangles import Array

TIE = 1e-5  # radians: of directions in space that are one
NEARLY = 0.2  # radians: by how much a plane may bend what is straight in space
SAME = 1e-10  # radians: of directions in a plane that are one
TINY = 1e-300


class Corners(NamedTuple):
    """Polygons as one of their corners sees them: the point `centre` `[r]`, and the others from right to left about it,
    as places in its list of neighbours, `others` `[r, most]`, −1 behind the last."""

    centre: Ints
    others: Ints


def corners(flat: Array, space: Array, there: np.ndarray, known: Array) -> Corners:
    """What the Voronoi cell of each point is bounded by, and the circles about its corners go through.

    Of neighbours `there` `[n, k]` where they lie in the plane, complex `[n, k]`, and in `space` `[n, k, 3]`, both seen
    from the point. At v/|v|² those of the cell are corners of a convex hull; and what lies on one circle with the point
    is on a line. Circles are those in space, so that all points on them see the same. Left out are those of a radius
    above the distance within which all neighbours are `known` `[n]`, and of five points or more those as wide, on which
    others might see other points.

    >>> flat = np.array([[1, 1 + 1j, 1j, -1 - 1j]])
    >>> space = np.stack([flat.real, flat.imag, 0 * flat.real], axis=-1)
    >>> sorted(map(sorted, corners(flat, space, np.ones((1, 4), dtype=bool), np.array([2.0])).others.tolist()))
    [[-1, 0, 3], [-1, 2, 3], [0, 1, 2]]
    """
    inverse = flat / np.where(there, np.abs(flat) ** 2, np.inf)
    in_space = np.where(there[..., None], space / np.maximum((space**2).sum(-1, keepdims=True), TINY), 0)
    row, a, b = _hulls(inverse, there)
    row, a, b, joined = _from_ends(row, a, b, _joined(inverse, in_space, row, a, b))
    edge, between = _hidden(inverse, in_space, there, row, a, b)
    group, first = np.cumsum(~joined) - 1, np.flatnonzero(~joined)
    along = ((in_space[row[edge], between] - in_space[row[edge], a[edge]]) ** 2).sum(-1)
    which = np.concatenate([first, edge, np.arange(len(row))])
    third = np.repeat([0, 1, 2], [len(first), len(edge), len(row)])  # of an edge: where a run begins, between, its end
    far = np.concatenate([np.zeros(len(first)), along, np.zeros(len(row))])
    order = np.lexsort((far, third, which))
    made = _rows(group[which[order]], np.concatenate([a[first], between, b])[order], len(first))
    last = np.append(first[1:], len(row))[: len(first)] - 1
    fine = _fine(inverse, row[first], a[first], b[last], np.where((made >= 0).sum(1) > 3, 0.5, 1) * known[row[first]])
    return Corners(row[first][fine], made[fine])


def below(parts: list[Ints]) -> Ints:
    """One below the other, `[r, any]`, as wide as the widest, −1 behind the last of narrower ones."""
    most = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(p, ((0, 0), (0, most - p.shape[1])), constant_values=-1) for p in parts])


def _hulls(inverse: Array, there: np.ndarray) -> tuple[Ints, Ints, Ints]:
    """The convex hulls of points `there` `[n, k]` and 0: rows, and the ends of edges as one goes round to the left.

    All are walked at once, an edge a step, from the point that is farthest from 0. No edge has 0 as an end.
    """
    count, most = inverse.shape
    at_all = np.concatenate([inverse, np.zeros((count, 1))], axis=1)
    usable = np.concatenate([there, np.ones((count, 1), dtype=bool)], axis=1)
    row = np.flatnonzero(there.any(axis=1))
    at = start = np.abs(inverse[row]).argmax(1) if len(row) else row
    heading, found = 1j * inverse[row, at], [np.zeros((3, 0), dtype=np.int64)]
    for _ in range(most + 2):  # there are no more corners
        if not len(row):
            break
        ahead = at_all[row] - at_all[row, at][:, None]
        turn = np.angle(ahead * heading.conj()[:, None])
        others = usable[row] & (np.abs(ahead) > SAME * np.abs(at_all[row, at])[:, None])
        turn = np.where(others, np.where(turn < -np.pi / 2, turn + 2 * np.pi, turn), np.inf)
        next_ = np.where(turn <= turn.min(axis=1, keepdims=True) + SAME, np.abs(ahead), -1).argmax(1)
        found.append(np.stack([row, at, next_]))
        on = np.abs(at_all[row, next_] - at_all[row, start]) > SAME * np.abs(at_all[row, start])
        heading = ahead[np.arange(len(row)), next_][on]
        row, at, start = row[on], next_[on], start[on]
    edges = np.concatenate(found, axis=1)
    edges = edges[:, np.argsort(edges[0], kind="stable")]
    row, a, b = edges[:, (edges[1:] < most).all(0)]
    return row, a, b


def _joined(inverse: Array, in_space: Array, row: Ints, a: Ints, b: Ints) -> np.ndarray:
    """Which edges go straight on, in space, where the one before them in their row ends, `[e]`."""
    before, first = np.arange(-1, len(row) - 1), np.flatnonzero(np.diff(row, prepend=-1))
    before[first] = np.append(first[1:], len(row))[: len(first)] - 1
    meet = (b[before] == a) & _nearly(*(inverse[row, c] for c in (a[before], a, b)))
    return meet & _straight(*(in_space[row, c] for c in (a[before], a, b)))


def _hidden(inverse: Array, in_space: Array, there: np.ndarray, row: Ints, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Which edges have which points between their ends, on a line with them in space: edges, and places."""
    inner = there[row] & _nearly(inverse[row, a][:, None], inverse[row], inverse[row, b][:, None])
    inner[np.arange(len(row)), a] = inner[np.arange(len(row)), b] = False
    edge, between = np.nonzero(inner)
    on = _straight(*(in_space[row[edge], c] for c in (a[edge], between, b[edge])))
    return edge[on], between[on]


def _nearly(a: Array, b: Array, c: Array) -> np.ndarray:
    """Whether the way from a over b to c is nearly straight in the plane."""
    turned = (c - b) * (b - a).conj()
    return np.abs(np.imag(turned)) <= NEARLY * np.real(turned)


def _straight(a: Array, b: Array, c: Array) -> np.ndarray:
    """Whether the way from a over b to c is straight in space; to and fro alike."""
    one, other = b - a, c - b
    turned, ahead = np.linalg.norm(np.cross(one, other), axis=-1), (one * other).sum(-1)
    return (turned <= TIE * ahead) & (ahead > 0)


def _from_ends(row: Ints, a: Ints, b: Ints, joined: np.ndarray) -> tuple[Ints, Ints, Ints, np.ndarray]:
    """The edges of each row from one on that is not joined to the one before it."""
    _, first, count = np.unique(row, return_index=True, return_counts=True)
    there = np.arange(len(row)) - np.repeat(first, count)
    free = np.full(len(count), len(row))
    np.minimum.at(free, np.repeat(np.arange(len(count)), count), np.where(joined, len(row), there))
    order = np.lexsort(((there - np.repeat(free, count)) % np.repeat(count, count), row))
    joined = joined[order]
    joined[first] = False
    return row[order], a[order], b[order], joined


def _rows(group: Ints, values: Ints, count: int) -> Ints:
    """Values of the same group in a row, `[count, most]`, −1 behind the last; groups stand together, in order."""
    size = np.bincount(group, minlength=count)
    made = np.full((count, max(1, int(size.max(initial=1)))), -1)
    made[group, np.arange(len(group)) - (np.cumsum(size) - size)[group]] = values
    return made


def _fine(inverse: Array, row: Ints, first: Ints, last: Ints, widest: Array) -> np.ndarray:
    """Which circles through 0 and the two ends are none that is a line, nor too wide."""
    a, b = inverse[row, first], inverse[row, last]
    area = np.imag(a.conj() * b)
    return (area > TIE * np.abs(a) * np.abs(b)) & (np.abs(b - a) <= 2 * np.maximum(area, TINY) * widest * (1 + TIE))
