"""An element of a group, as a light pair of the group and a key that the group understands."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

from erlangen.errors import GroupError
from erlangen.groups.arguments import shorten
from erlangen.groups.tidy import Matrix

if TYPE_CHECKING:
    from erlangen.groups.base import Group

Key: TypeAlias = Any  # each kind of group chooses its own hashable key


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Element:
    """g, an element of a group: `g @ h` is the product, `~g` the inverse, `g ** k` the power.

    >>> from erlangen.groups import D
    >>> r, m = D(4).generators
    >>> m @ r == ~r @ m
    True
    >>> r @ r @ m
    r^2 m of D(4)
    """

    group: Group
    key: Key

    def __matmul__(self, other: Element) -> Element:
        if not isinstance(other, Element):
            raise GroupError(
                f"{self!r} @ {shorten(other)}",
                "two elements of one group",
                "Take g.matrix @ x for the product with a vector or a matrix.",
            )
        if self.group is not other.group and self.group != other.group:
            raise GroupError(
                f"{self!r} times {other!r}",
                "two elements of one group",
                "Bring one into the other's group first, with group.element(g).",
            )
        return Element(self.group, self.group.multiply(self.key, other.key))

    def __invert__(self) -> Element:
        return Element(self.group, self.group.invert(self.key))

    def __pow__(self, exponent: SupportsIndex) -> Element:
        try:
            times = operator.index(exponent)
        except TypeError:
            raise GroupError(
                f"{self!r} ** {shorten(exponent)}",
                "a whole number in the exponent",
                "Roots are not unique; make the element that you mean with group.element(...).",
            ) from None
        base, result = (self if times >= 0 else ~self).key, self.group.unit()
        for bit in bin(abs(times))[2:]:
            result = self.group.multiply(result, result)
            if bit == "1":
                result = self.group.multiply(result, base)
        return Element(self.group, result)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return NotImplemented
        same_group = self.group is other.group or self.group == other.group
        return same_group and self.group.same(self.key, other.key)

    def __hash__(self) -> int:
        return hash(self.group.hashable(self.key))

    def __repr__(self) -> str:
        return f"{self} of {self.group.label}"

    def __str__(self) -> str:
        return self.group.text_of(self.key)

    @property
    def matrix(self) -> Matrix:
        """The defining matrix of g, float64 [d, d]."""
        return self.group.matrix_of(self.key)

    @property
    def order(self) -> int:
        """The smallest k ≥ 1 with g^k = e; GroupError for elements of infinite groups."""
        return self.group.order_of(self.key)
