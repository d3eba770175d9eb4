"""Wreath products: n copies of one symmetry, and the permutations of the copies, as for sets of like objects."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import whole
from erlangen.groups.base import Group
from erlangen.groups.element import Key
from erlangen.groups.membership import Images, compose, inverse
from erlangen.groups.permutations import Permuting, S


@dataclass(frozen=True, repr=False)
class WreathProduct(Permuting):
    """A ≀ S_n = Aⁿ ⋊ S_n: (a, π)(b, σ) = (c, π σ) with c_k = a_k b_{π⁻¹(k)}; order |A|ⁿ n!.

    Permutes n × degree(A) points, (i, x) ↦ (π(i), a_{π(i)} x), where A permutes its own points, or its elements by
    left multiplication. Keys: (keys of A, images). Generators: those of A in the first copy, then those of S(n).

    >>> from erlangen.groups import C
    >>> G = wreath(C(2), 3)  # the signed permutations of three axes
    >>> G.order, G.degree, len(G.conjugacy_classes)
    (48, 6, 10)
    """

    part: Group
    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole(self.n, "wreath(G, n)"))
        if not isinstance(self.part, Group) or self.part.order is None:
            raise GroupError(
                f"wreath({self.part!r}, {self.n})",
                "a finite group",
                f"A ≀ S_n permutes points; take a finite group in the place of {self.part}.",
            )

    @cached_property
    def symmetric(self) -> S:
        """The permutations of the copies."""
        return S(self.n)

    @property
    def order(self) -> int:
        """|A|ⁿ n!."""
        return (self.part.order or 0) ** self.n * math.factorial(self.n)

    def unit(self) -> Key:
        """((e, …, e), id)."""
        return ((self.part.unit(),) * self.n, self.symmetric.unit())

    def generator_keys(self) -> Sequence[Key]:
        """((a, e, …), id), then ((e, …), π)."""
        units, identity = self.unit()
        first = [((a, *units[1:]), identity) for a in self.part.generator_keys()]
        return (*first, *((units, images) for images in self.symmetric.generator_keys()))

    def multiply(self, a: Key, b: Key) -> Key:
        """((a_k b_{π⁻¹(k)}), π σ)."""
        (left, images), (right, after) = a, b
        back = inverse(images)
        return tuple([self.part.multiply(x, right[k]) for x, k in zip(left, back, strict=True)]), compose(images, after)

    def invert(self, a: Key) -> Key:
        """((a_{π(k)}⁻¹), π⁻¹)."""
        parts, images = a
        return tuple([self.part.invert(parts[k]) for k in images]), inverse(images)

    def text_of(self, a: Key) -> str:
        """(a, b, …; cycles)."""
        parts, images = a
        return f"({', '.join(map(self.part.text_of, parts))}; {self.symmetric.text_of(images)})"

    def fingerprint(self, a: Key) -> Hashable:
        """Of each part."""
        return tuple([self.part.fingerprint(x) for x in a[0]]), a[1]

    @cached_property
    def part_degree(self) -> int:
        """The number of points of one copy."""
        return self.part.degree if isinstance(self.part, Permuting) else len(self.part.enumeration.keys)

    @property
    def degree(self) -> int:
        """n × degree(A)."""
        return self.n * self.part_degree

    def images_of(self, a: Key) -> Images:
        """(i, x) ↦ (π(i), a_{π(i)} x), points numbered copy by copy."""
        parts, images = a
        size = self.part_degree
        return tuple(k * size + image for k in images for image in self._part_images(parts[k]))

    def from_images(self, images: Images) -> Key | None:
        """π is where the copies go, a_{π(i)} what happens within."""
        size = self.part_degree
        if len(images) != self.degree:
            return None
        copies = tuple(image // size for image in images[::size])
        parts: list[Key] = [None] * self.n
        for i, k in enumerate(copies):
            parts[k] = self._part_key(tuple(image - k * size for image in images[i * size : (i + 1) * size]))
        return None if None in parts else (tuple(parts), copies)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Independent parts, and an independent permutation."""
        parts = self.part.sample_keys(n * self.n, rng)
        permutations = self.symmetric.sample_keys(n, rng)
        return [(tuple(parts[i * self.n : (i + 1) * self.n]), images) for i, images in enumerate(permutations)]

    def _part_images(self, a: Key) -> Sequence[int]:
        if isinstance(self.part, Permuting):
            return self.part.images_of(a)
        return self.part.table[self.part.enumeration.places[self.part.fingerprint(a)]].tolist()

    def _part_key(self, images: Images) -> Key | None:
        """The key of A with these images of the points of one copy, None where there is none."""
        if isinstance(self.part, Permuting):
            return self.part.from_images(images)
        first = images[0]
        is_row = 0 <= first < self.part_degree and self.part.table[first].tolist() == list(images)
        return self.part.enumeration.keys[first] if is_row else None

    def __repr__(self) -> str:
        return f"wreath({self.part!r}, {self.n})"

    def __str__(self) -> str:
        return f"({self.part} ≀ S{self.n})"


def wreath(part: Group, n: int) -> WreathProduct:
    """A ≀ S_n: n copies of A and the permutations of the copies, order |A|ⁿ n!.

    >>> from erlangen.groups import S
    >>> wreath(S(3), 2).order
    72
    """
    return WreathProduct(part, n)
