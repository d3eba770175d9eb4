"""Direct products: independent symmetries, side by side."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import in_turn
from erlangen.groups.base import Group, as_group
from erlangen.groups.element import Element, Key
from erlangen.groups.tidy import Matrix


@dataclass(frozen=True, repr=False)
class DirectProduct(Group):
    """G × H × …: (g, h)(g′, h′) = (g g′, h h′); matrices block-diagonal; infinite where a factor is.

    Generators: those of the first factor, then those of the next. Keys: tuples of the factors' keys.
    (A * B) * C and A * (B * C) are the same three factors.

    >>> from erlangen.groups import C, Mirror
    >>> G = C(4) * Mirror()
    >>> G.order, G.element((C(4).generators[0], Mirror().identity))
    (8, (r, e) of C(4) * Mirror())
    """

    factors: tuple[Group, ...]

    def __post_init__(self) -> None:
        flat = tuple(factor for given in in_turn(self.factors, "groups") for factor in _factors(given))
        if len(flat) < 2:
            raise GroupError(f"a product of {len(flat)} groups", "at least two", "Take the one factor itself.")
        object.__setattr__(self, "factors", flat)

    @property
    def order(self) -> int | None:
        """The product of the orders."""
        orders = [factor.order for factor in self.factors]
        return None if None in orders else math.prod(order for order in orders if order is not None)

    def parts(self, g: Element) -> tuple[Element, ...]:
        """g as a tuple of elements of the factors."""
        key = self.element(g).key
        return tuple(Element(factor, a) for factor, a in zip(self.factors, key, strict=True))

    def unit(self) -> Key:
        """(e, e, …)."""
        return tuple(factor.unit() for factor in self.factors)

    def generator_keys(self) -> Sequence[Key]:
        """(g, e, …), then (e, h, …)."""
        unit = self.unit()
        places = enumerate(self.factors)
        return tuple((*unit[:i], a, *unit[i + 1 :]) for i, factor in places for a in factor.generator_keys())

    def multiply(self, a: Key, b: Key) -> Key:
        """In each place."""
        return tuple([factor.multiply(x, y) for factor, x, y in zip(self.factors, a, b, strict=True)])

    def invert(self, a: Key) -> Key:
        """In each place."""
        return tuple([factor.invert(x) for factor, x in self._places(a)])

    def matrix_of(self, a: Key) -> Matrix:
        """The blocks of the factors, down the diagonal."""
        matrix = np.zeros((self.dimension, self.dimension))
        for block, factor, x in zip(self._blocks(), self.factors, a, strict=True):
            matrix[block, block] = factor.matrix_of(x)
        return matrix

    def text_of(self, a: Key) -> str:
        """(g, h)."""
        return f"({', '.join(factor.text_of(x) for factor, x in self._places(a))})"

    def same(self, a: Key, b: Key) -> bool:
        """In each place."""
        return all(factor.same(x, y) for factor, x, y in zip(self.factors, a, b, strict=True))

    def hashable(self, a: Key) -> Hashable:
        """Of each place."""
        return tuple([factor.hashable(x) for factor, x in self._places(a)])

    def fingerprint(self, a: Key) -> Hashable:
        """Of each place."""
        return tuple([factor.fingerprint(x) for factor, x in self._places(a)])

    def order_of(self, a: Key) -> int:
        """The least common multiple of the orders in each place."""
        return math.lcm(*(factor.order_of(x) for factor, x in self._places(a)))

    def read(self, thing: Any) -> Key | None:
        """A tuple of what each factor reads, or anything that is read as one block-diagonal matrix."""
        if isinstance(thing, (tuple, list)) and len(thing) == len(self.factors):
            keys = tuple(factor.read(part) for factor, part in zip(self.factors, thing, strict=True))
            if None not in keys:
                return keys
        return super().read(thing)

    def from_matrix(self, matrix: Matrix) -> Key | None:
        """The element with these blocks, where nothing is outside them."""
        if matrix.shape != (self.dimension, self.dimension):
            return None
        outside = matrix.copy()
        keys: list[Key | None] = []
        for block, factor in zip(self._blocks(), self.factors, strict=True):
            keys.append(factor.from_matrix(matrix[block, block]))
            outside[block, block] = 0.0
        return None if None in keys or np.abs(outside).max() > 1e-6 else tuple(keys)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Independently in each place."""
        return list(zip(*(factor.sample_keys(n, rng) for factor in self.factors), strict=True))

    @cached_property
    def dimension(self) -> int:
        """The sum of the sizes of the blocks."""
        return sum(factor.dimension for factor in self.factors)

    def _places(self, a: Key) -> Iterator[tuple[Group, Key]]:
        return zip(self.factors, a, strict=True)

    def _blocks(self) -> list[slice]:
        """Where the matrix of each factor stands."""
        ends = list(accumulate(factor.dimension for factor in self.factors))
        return [slice(end - factor.dimension, end) for end, factor in zip(ends, self.factors, strict=True)]

    def __repr__(self) -> str:
        return " * ".join(map(repr, self.factors))

    def __str__(self) -> str:
        return " × ".join(map(str, self.factors))


def _factors(group: Group) -> tuple[Group, ...]:
    return group.factors if isinstance(group, DirectProduct) else (as_group(group, "a factor"),)
