"""u_i⁻¹ j for words u_i with i = u_i r, where r is the first of its orbit: Schreier's trees, from all roots at once.

A tree grows by the powers s, s², s⁴, … of one generator at a time: a cycle of length n takes log₂ n steps and not n.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from erlangen.representations.base import Images

Places: TypeAlias = npt.NDArray[np.signedinteger]
Integer: TypeAlias = type[np.int32] | type[np.int64]


BLOCK = 2**17  # numbers, which a cache holds


class Words(NamedTuple):
    """Shapes: roots [points], undone [points, moved], kept [generators, points]."""

    roots: Images  # the number of each point's orbit, in the order of their first points
    undone: Places  # u_i⁻¹ j + moved · root, which no two roots share
    kept: npt.NDArray[np.bool_]  # u_{si} = s u_i, so that its loop u_{si}⁻¹ s u_i says nothing


def words(moves: Images, moved: Images, dtype: Integer) -> Words:
    """Words that carry the roots to all points, on which the generators act by `moves`, as they act by `moved`."""
    points, size = moves.shape[1], moved.shape[1]
    first, roots = np.unique(_orbits(moves), return_inverse=True)
    undone = np.empty((points, size), dtype=dtype)
    undone[first] = np.arange(len(first) * size, dtype=dtype).reshape(len(first), size)
    kept, known = np.zeros(moves.shape, dtype=bool), np.zeros(points, dtype=bool)
    found, known[first] = first, True  # points in the order of discovery
    back, grown = np.argsort(moved, axis=1), [0] * len(moves)  # how many of them have each generator's whole cycle
    while min(grown, default=points) < points:
        for s, move in enumerate(moves):
            found, cycles = _grow(move, back[s], undone, known, found, grown[s])
            kept[s, cycles.points], grown[s] = cycles.follows(move), len(found)
    return Words(roots, undone, kept)


class _Cycles(NamedTuple):
    """Whole cycles of s: each of the points is s^power of a base, and so is its word."""

    points: Images
    base: Images
    power: Images

    def follows(self, move: Images) -> npt.NDArray[np.bool_]:
        """Whether the word of s i is s times that of i."""
        place = np.empty(len(move), dtype=np.int64)
        place[self.points] = np.arange(len(self.points))
        after = place[move[self.points]]
        return (self.base[after] == self.base) & (self.power[after] == self.power + 1)


def _grow(
    move: Images, undo: Images, undone: Places, known: npt.NDArray[np.bool_], found: Images, start: int
) -> tuple[Images, _Cycles]:
    """Found points with the cycles of those from `start` on; the words of new ones are written, and they are known."""
    cycle = found[start:]
    base, power, step = cycle, np.zeros(len(cycle), dtype=np.int64), 1
    while True:
        new = np.flatnonzero(~known[move[cycle]])
        if not len(new):
            return np.concatenate([found[:start], cycle]), _Cycles(cycle, base, power)
        sources, targets = cycle[new], move[cycle[new]]
        for b in blocks(len(new), undone.shape[1]):
            undone[targets[b]] = undone[sources[b]].take(undo, axis=1)
        known[targets] = True
        cycle, base = np.concatenate([cycle, targets]), np.concatenate([base, base[new]])
        power = np.concatenate([power, power[new] + step])
        move, undo, step = move[move], undo[undo], 2 * step


def _orbits(moves: Images) -> Images:
    """The smallest point of each point's orbit."""
    points = moves.shape[1]
    return joined(points, np.tile(np.arange(points), len(moves)), moves.ravel())


def joined(size: int, heads: Places, tails: Places) -> Images:
    """The smallest of 0 … size−1 that edges join to each."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(heads), dtype=bool), (heads, tails)), shape=(size, size))
    number = connected_components(graph, directed=False)[1]
    smallest = np.empty(size, dtype=np.int64)
    smallest[number[::-1]] = np.arange(size - 1, -1, -1)  # the last write wins
    return smallest[number]


def blocks(rows: int, size: int) -> list[slice]:
    """Slices of `rows` rows of `size` numbers."""
    step = max(1, BLOCK // size)
    return [slice(i, i + step) for i in range(0, rows, step)]
