"""How the faces of a mesh meet: half-edges, their twins, and the fan of faces about each vertex."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.domains.surfaces.gluing import Ints, components


@dataclass(frozen=True, eq=False)
class Halfedges:
    """Half-edge 3f + i runs along face f `[m, 3]` from its i-th corner to the next, counter-clockwise from outside.

    A mesh that was checked: each edge in one face or two, these oriented alike, one fan of faces at each vertex. Which
    of them are twins is read off the vertices, unless it was `joined`.
    """

    faces: Ints
    count: int  # of vertices
    joined: Ints | None = None

    @cached_property
    def tail(self) -> Ints:
        """Where each begins."""
        return self.faces.reshape(-1)

    @cached_property
    def head(self) -> Ints:
        """Where each ends."""
        return self.faces[:, [1, 2, 0]].reshape(-1)

    @cached_property
    def before(self) -> Ints:
        """The half-edge before it in its face: the one that ends where it begins."""
        first = 3 * np.arange(len(self.faces))
        return np.stack([first + 2, first, first + 1], axis=1).reshape(-1)

    @cached_property
    def twin(self) -> Ints:
        """The half-edge that runs the other way, in the face beyond; −1 on the boundary."""
        if self.joined is not None:
            return self.joined
        key = self.tail.astype(np.int64) * self.count + self.head
        back = self.head.astype(np.int64) * self.count + self.tail
        order = np.argsort(key)
        place = np.minimum(np.searchsorted(key[order], back), len(key) - 1)
        found = order[place]
        return np.where(key[found] == back, found, -1)

    @cached_property
    def start(self) -> Ints:
        """Of each vertex the half-edge with which its fan begins: that along the boundary, else its first one."""
        free = np.flatnonzero(self.twin < 0)
        found = np.full(self.count, len(self.tail))
        np.minimum.at(found, self.tail, np.arange(len(self.tail)))
        found[self.tail[free]] = free
        return found

    @cached_property
    def fans(self) -> "Fans":
        """All fans walked round at once, a face a step."""
        place, last = np.full(len(self.tail), -1), np.full(self.count, -1)
        at, alive, step = self.start.copy(), np.arange(self.count), 0
        while len(alive):
            here = at[alive]
            place[here] = step
            beyond = self.twin[self.before[here]]
            ended, closed = beyond < 0, beyond == self.start[alive]
            last[alive[ended]] = self.before[here[ended]]
            at[alive] = beyond
            alive, step = alive[~(ended | closed)], step + 1
        return Fans(place, last)

    @cached_property
    def parts(self) -> Ints:
        """Which part of the surface each vertex is of, `[n]`, numbered from 0: parts do not touch."""
        return components(self.tail, self.head, self.count)

    @cached_property
    def edges(self) -> Ints:
        """Each edge once, `[e, 2]`: of the half-edges with a twin the first."""
        once = (self.twin < 0) | (np.arange(len(self.twin)) < self.twin)
        return np.stack([self.tail[once], self.head[once]], axis=1)


@dataclass(frozen=True, eq=False)
class Fans:
    """`place` of each half-edge in the fan of its tail, −1 where that was not reached; `last` the boundary half-edge
    that ends at a vertex, −1 where its fan is closed."""

    place: Ints
    last: Ints
