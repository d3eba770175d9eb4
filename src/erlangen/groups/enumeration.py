"""Listing a finite group from its generators, and its multiplication table from left multiplication by the generators.

Dimino's algorithm: the group of the first s generators is known; the next generator adds whole cosets of it, so nearly
every product made is a new element.  (G. Butler 1991, Fundamental Algorithms for Permutation Groups, LNCS 559.)
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
Item = TypeVar("Item")

LARGEST_ENUMERATED = 2000


class TooLargeError(Exception):
    """More elements than the cap; caught by the caller, who knows what to tell the user."""


class Shelf(Protocol[Item]):
    """A list of distinct items that knows where each one stands."""

    items: list[Item]

    def find(self, item: Item) -> int | None:
        """The place of an item, None where it is not there."""
        ...

    def add(self, item: Item) -> None:
        """Append an item that is not there yet."""
        ...


class HashShelf(Generic[Item]):
    """A shelf by hashing: items with equal fingerprints are the same."""

    def __init__(self, fingerprint: Callable[[Item], Hashable]):
        self.items: list[Item] = []
        self.fingerprint = fingerprint
        self.places: dict[Hashable, int] = {}

    def find(self, item: Item) -> int | None:
        """The place of an item, None where it is not there."""
        return self.places.get(self.fingerprint(item))

    def add(self, item: Item) -> None:
        """Append an item that is not there yet."""
        self.places[self.fingerprint(item)] = len(self.items)
        self.items.append(item)


def dimino(
    shelf: Shelf[Item], unit: Item, generators: Sequence[Item], multiply: Callable[[Item, Item], Item], cap: int
) -> None:
    """Fill the empty shelf with ⟨generators⟩: the unit first, then for each generator the cosets N·r that it adds.

    N is what the generators before it make, in its order; r runs through the products of representatives and
    generators. Raises TooLargeError beyond `cap` items.
    """
    shelf.add(unit)
    for count, generator in enumerate(generators, start=1):
        if shelf.find(generator) is not None:
            continue
        known = list(shelf.items)
        representatives = [unit]
        for representative in representatives:  # grows while it is walked
            for step in generators[:count]:
                candidate = multiply(representative, step)
                if shelf.find(candidate) is not None:
                    continue
                if len(shelf.items) + len(known) > cap:
                    raise TooLargeError
                representatives.append(candidate)
                for item in known:
                    shelf.add(multiply(item, candidate))


def left_multiplication(
    shelf: Shelf[Item], generators: Sequence[Item], multiply: Callable[[Item, Item], Item]
) -> Indices:
    """L[s, j] = place of generators[s] · items[j], integers [generators, n]; TooLargeError where it has none."""
    left = np.empty((len(generators), len(shelf.items)), dtype=np.intp)
    for s, generator in enumerate(generators):
        for j, item in enumerate(shelf.items):
            place = shelf.find(multiply(generator, item))
            if place is None:  # rounding has driven two words for one element apart
                raise TooLargeError
            left[s, j] = place
    return left


@dataclass(frozen=True, eq=False)
class Enumeration:
    """A finite group as a list: keys in canonical order (the unit first) and left[s, j] = index of s · e_j.

    >>> from erlangen.groups import C
    >>> C(3).enumeration.left.tolist()
    [[1, 2, 0]]
    """

    keys: tuple[Any, ...]
    places: dict[Hashable, int]
    left: Indices

    @cached_property
    def tree(self) -> tuple[tuple[int, int, int], ...]:
        """A spanning tree of the Cayley graph: (i, s, p) with e_i = s · e_p for every i but the unit, p before i."""
        steps: list[tuple[int, int, int]] = []
        seen = {0}
        frontier = [0]
        left = self.left.tolist()
        for parent in frontier:  # grows while it is walked
            for s, row in enumerate(left):
                child = row[parent]
                if child not in seen:
                    seen.add(child)
                    steps.append((child, s, parent))
                    frontier.append(child)
        return tuple(steps)

    @cached_property
    def table(self) -> Indices:
        """table[i, j] = index of e_i · e_j; row i is row p read through left[s], since e_i = s · e_p."""
        size = len(self.keys)
        table = np.empty((size, size), dtype=np.intp)
        table[0] = np.arange(size)
        for i, s, p in self.tree:
            np.take(self.left[s], table[p], out=table[i])
        table.setflags(write=False)
        return table

    @cached_property
    def inverses(self) -> Indices:
        """inverses[i] = index of the inverse of e_i: the column where row i shows the unit, which has index 0."""
        inverses = self.table.argmin(axis=1)
        inverses.setflags(write=False)
        return inverses

    @cached_property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """Conjugacy classes {g x g⁻¹}, as sorted indices, by their first element."""
        classes: list[tuple[int, ...]] = []
        seen = np.zeros(len(self.keys), dtype=bool)
        for i in range(len(self.keys)):
            if not seen[i]:
                members = np.unique(self.table[self.table[:, i], self.inverses])
                seen[members] = True
                classes.append(tuple(members.tolist()))
        return tuple(classes)

    def left_cosets(self, subgroup: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Left cosets gH as indices, by their first element g, each in the order of H; the first is H."""
        cosets: list[tuple[int, ...]] = []
        seen = np.zeros(len(self.keys), dtype=bool)
        for i in range(len(self.keys)):
            if not seen[i]:
                members = self.table[i, list(subgroup)]
                seen[members] = True
                cosets.append(tuple(members.tolist()))
        return tuple(cosets)

    def word(self, index: int) -> tuple[int, ...]:
        """e_i as a product of generators, their numbers from left to right; the unit is the empty word."""
        steps = {child: (s, parent) for child, s, parent in self.tree}
        word: list[int] = []
        while index != 0:
            s, index = steps[index]
            word.append(s)
        return tuple(word)
