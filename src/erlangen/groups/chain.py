"""Stabiliser chains of permutations that carry passengers: how an element of a large group acts elsewhere.

G ⊇ G_{b₁} ⊇ G_{b₁b₂} ⊇ … ⊇ 1 on the leading points; every g is a unique product u₁ u₂ … u_k of coset representatives.
The permutations move further points beside them, the passengers, as given for the generators; the chain takes these
along, so that g, read on the leading points, says what it does to the passengers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.int64]
SLOTS, WARM_UP = 12, 60  # of product replacement: elements kept, and steps before they are used


class Chain:
    """The chain of ⟨generators⟩ over the first `leading` points, complete when its order is `order`.

    Schreier and Sims, with random elements: Leon 1980, Mathematics of Computation 35.

    >>> chain = Chain([[1, 0, 2, 4, 3], [1, 2, 0, 3, 4]], leading=3, order=6)  # S_3, and on two more points its parity
    >>> chain.is_faithful(), chain.passengers([0, 2, 1]).tolist()
    (True, [1, 0])
    """

    def __init__(self, generators: Sequence[Sequence[int] | Images], leading: int, order: int, seed: int = 0):
        self.leading, self.generators = leading, [np.asarray(g, dtype=np.int64) for g in generators]
        self.levels: list[Level] = []
        for g in self.generators:
            self._add(g, 0)
        random = _Random(self.generators, seed)
        while self.order < order:
            residue, depth = self._sift(random.draw())
            if depth is not None:
                self._add(residue, depth)

    @property
    def order(self) -> int:
        """The product of the lengths of the orbits."""
        return math.prod(len(level.carriers) for level in self.levels)

    def passengers(self, images: Sequence[int] | Images) -> Images:
        """What the element with these images of the leading points does to the others, by their own numbers."""
        rest, product = np.asarray(images, dtype=np.int64), np.arange(len(self.generators[0]))
        for level in self.levels:
            carrier = level.carriers[int(rest[level.base])]
            rest, product = inverse(carrier[: self.leading])[rest], product[carrier]
        return product[self.leading :] - self.leading

    def is_faithful(self) -> bool:
        """Whether what moves no leading point moves no passenger: all Schreier generators sift to the identity."""
        unit = np.arange(len(self.generators[0]))
        if any(not np.array_equal(g, unit) for g in self.generators if _moved(g, self.leading) is None):
            return False
        for depth, level in enumerate(self.levels):
            for carrier in level.carriers.values():
                for g in level.generators:
                    residue, _ = self._sift(g[carrier], depth)
                    if not np.array_equal(residue, unit):
                        return False
        return True

    def _sift(self, g: Images, depth: int = 0) -> tuple[Images, int | None]:
        """g ← u⁻¹ g, level by level: what is left, and the level that has no u for it (None: g was known)."""
        for at in range(depth, len(self.levels)):
            level = self.levels[at]
            carrier = level.carriers.get(int(g[level.base]))
            if carrier is None:
                return g, at
            g = inverse(carrier)[g]
        return g, None if _moved(g, self.leading) is None else len(self.levels)

    def _add(self, g: Images, depth: int) -> None:
        """g as one more generator of a level and of those above, but of the first, whose own generators make it."""
        moved = _moved(g, self.leading)
        if moved is None:
            return
        if depth == len(self.levels):
            self.levels.append(Level(moved, len(g)))
        for level in self.levels[min(1, depth) : depth + 1]:
            level.extend(g)


class Level:
    """One base point, generators of what fixes those before it, and the carriers u of its orbit: u(base) = point."""

    def __init__(self, base: int, degree: int):
        self.base = base
        self.generators: list[Images] = []
        self.carriers: dict[int, Images] = {base: np.arange(degree)}

    def extend(self, g: Images) -> None:
        """One more generator: the orbit under all of them."""
        self.generators.append(g)
        todo = list(self.carriers)
        steps = [g]  # the points known so far are closed under the other generators
        while todo:
            reached = []
            for point in todo:
                for step in steps:
                    image = int(step[point])
                    if image not in self.carriers:
                        self.carriers[image] = step[self.carriers[point]]
                        reached.append(image)
            todo, steps = reached, self.generators


class _Random:
    """Nearly uniform elements by product replacement: Celler, Leedham-Green, Murray, Niemeyer, O'Brien 1995."""

    def __init__(self, generators: list[Images], seed: int):
        self.rng = np.random.default_rng(seed)
        self.slots = [generators[i % len(generators)] for i in range(max(SLOTS, len(generators)))]
        for _ in range(WARM_UP):
            self.draw()

    def draw(self) -> Images:
        """One slot multiplied by another, or by its inverse, on either side."""
        i, j = self.rng.choice(len(self.slots), size=2, replace=False)
        other = self.slots[j] if self.rng.integers(2) else inverse(self.slots[j])
        self.slots[i] = self.slots[i][other] if self.rng.integers(2) else other[self.slots[i]]
        return self.slots[i]


def _moved(g: Images, leading: int) -> int | None:
    """The first leading point that g moves, None where it moves none."""
    moved = np.flatnonzero(g[:leading] != np.arange(leading))
    return int(moved[0]) if len(moved) else None


def inverse(images: Images) -> Images:
    """The permutation undone."""
    back = np.empty_like(images)
    back[images] = np.arange(len(images))
    return back
