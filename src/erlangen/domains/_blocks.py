"""Blocks of imprimitivity: parts of a finite domain that a group moves as wholes, so that the parts are a domain."""

from collections.abc import Iterable, Sequence

import numpy as np

from erlangen.representations import pair_orbits

Images = np.ndarray
Labels = np.ndarray


def congruence(moves: Sequence[Images], points: int, pairs: Iterable[tuple[int, int]]) -> Labels:
    """The finest partition that joins the pairs and that every move carries to itself: the number of each point's part.

    Joining i and j joins g·i and g·j; parts are numbered by their first points. (Atkinson 1975.)

    >>> congruence([np.array([1, 2, 3, 0])], 4, [(0, 2)]).tolist()
    [0, 1, 0, 1]
    """
    first = list(range(points))

    def root(i: int) -> int:
        while first[i] != i:
            first[i] = i = first[first[i]]
        return i

    todo = list(pairs)
    while todo:
        i, j = todo.pop()
        a, b = sorted((root(i), root(j)))
        if a != b:
            first[b] = a
            todo += [(int(move[i]), int(move[j])) for move in moves]
    return numbered([root(i) for i in range(points)])


def orbits(moves: Sequence[Images], points: int) -> Labels:
    """The number of each point's orbit, by first points."""
    return pair_orbits([np.zeros(1, dtype=np.int64)] * len(moves), list(moves))[:, 0] if moves else np.arange(points)


def finest_blocks(moves: Sequence[Images], points: int) -> Labels:
    """In every orbit the smallest blocks of more than one point and not of all; single points where there are none."""
    orbit, chosen = orbits(moves, points), []
    pairs = pair_orbits(list(moves), list(moves)) if moves else np.arange(points**2).reshape(points, points)
    for start in np.unique(orbit, return_index=True)[1].tolist():
        members = np.flatnonzero(orbit == orbit[start])
        _, others = np.unique(pairs[start, members], return_index=True)  # one of each orbit of the start's stabiliser
        found = []
        for other in members[others].tolist():
            parts = congruence(moves, points, [(start, other)])
            size = int((parts == parts[start]).sum())
            if 1 < size < len(members):
                found.append((size, other))
        chosen += [(start, other) for _, other in sorted(found)[:1]]
    return congruence(moves, points, chosen)


def numbered(parts: Iterable[int]) -> Labels:
    """The same partition with its parts numbered in the order in which they first stand."""
    number: dict[int, int] = {}
    return np.array([number.setdefault(part, len(number)) for part in parts], dtype=np.int64)
