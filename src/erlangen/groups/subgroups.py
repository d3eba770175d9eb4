"""Subgroups: what some elements of a group generate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.base import Group, as_group, enumerate_keys, listing
from erlangen.groups.element import Element, Key
from erlangen.groups.enumeration import LARGEST_ENUMERATED, Enumeration, TooLargeError
from erlangen.groups.membership import Membership, membership
from erlangen.groups.permutations import Permutations
from erlangen.groups.tidy import Matrix


@dataclass(frozen=True, repr=False)
class Subgroup(Group):
    """H = ⟨generating⟩ ⊆ G. Its elements have the keys, the matrices and the look of the parent's.

    Of any order among permutations, finite and of at most 2,000 elements elsewhere.

    >>> from erlangen.groups import D
    >>> G = D(4)
    >>> H = G.subgroup(G.generators[0] ** 2)
    >>> H.order, H.contains(G.generators[0]), H.embed(H.generators[0])
    (2, False, r^2 of D(4))
    """

    parent: Group
    generating: tuple[Element, ...]

    def __post_init__(self) -> None:
        as_group(self.parent, "the parent of a subgroup")
        object.__setattr__(self, "generating", tuple(self.parent.element(g) for g in self.generating))
        if self.parent.order is None:
            _ = self.order  # a closure that does not end is refused here, not later

    def embed(self, h: Element) -> Element:
        """h as an element of the parent."""
        return Element(self.parent, self.element(h).key)

    @cached_property
    def membership(self) -> Membership | None:
        """Order, membership and sampling without a list, where the elements are permutations."""
        root = self.parent
        while isinstance(root, Subgroup):
            root = root.parent
        images = tuple(g.key for g in self.generating) or (self.unit(),)
        return membership(images) if isinstance(root, Permutations) else None

    @property
    def order(self) -> int:
        """|H|; GroupError where it is infinite, or too large to be counted."""
        if self.membership is not None:
            return self.membership.order
        try:
            return len(listing(self).keys)
        except TooLargeError:
            raise GroupError(
                f"{self.label}, which has infinitely many or more than {LARGEST_ENUMERATED:,} elements",
                f"a finite subgroup of at most {LARGEST_ENUMERATED:,}",
                "Give generators of finite order exactly (2 * math.pi / 3), or name the group, such as SO(2).",
            ) from None

    def unit(self) -> Key:
        """The parent's."""
        return self.parent.unit()

    def generator_keys(self) -> Sequence[Key]:
        """As given."""
        return tuple(g.key for g in self.generating)

    def multiply(self, a: Key, b: Key) -> Key:
        """As in the parent."""
        return self.parent.multiply(a, b)

    def invert(self, a: Key) -> Key:
        """As in the parent."""
        return self.parent.invert(a)

    def matrix_of(self, a: Key) -> Matrix:
        """As in the parent."""
        return self.parent.matrix_of(a)

    def text_of(self, a: Key) -> str:
        """As in the parent."""
        return self.parent.text_of(a)

    def same(self, a: Key, b: Key) -> bool:
        """As in the parent."""
        return self.parent.same(a, b)

    def hashable(self, a: Key) -> Any:
        """As in the parent."""
        return self.parent.hashable(a)

    def fingerprint(self, a: Key) -> Any:
        """As in the parent."""
        return self.parent.fingerprint(a)

    def has(self, a: Key) -> bool:
        """Whether the parent's element is in the subgroup."""
        if self.membership is not None:
            return self.membership.contains(a)
        return self.fingerprint(a) in self.enumeration.places

    def read(self, thing: Any) -> Key | None:
        """As the parent reads it, where that is in the subgroup."""
        if isinstance(thing, Element) and thing.group == self:
            return thing.key
        key = self.parent.read(thing)
        return key if key is not None and self.has(key) else None

    def list_elements(self) -> Enumeration:
        """By Dimino's algorithm; TooLargeError beyond 2,000 elements."""
        if self.membership is not None and self.membership.order > LARGEST_ENUMERATED:
            raise TooLargeError
        return enumerate_keys(self)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Down the stabiliser chain, or from the list."""
        return super().sample_keys(n, rng) if self.membership is None else self.membership.sample(n, rng)

    def __repr__(self) -> str:
        return f"{self.parent!r}.subgroup({', '.join(map(str, self.generating))})"

    def __str__(self) -> str:
        return f"⟨{', '.join(map(str, self.generating))}⟩ in {self.parent}"
