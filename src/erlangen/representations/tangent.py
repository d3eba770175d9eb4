"""Tangent vectors of the sphere: two channels whose meaning turns from point to point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group
from erlangen.representations.base import Images, Matrix, Representation


@dataclass(frozen=True, repr=False)
class Tangent(Representation):
    """v ↦ dg v: two channels, east and north, of vectors tangent to the sphere, such as winds; of spin ±1.

    A motion of space carries a vector along with its point, and east there is another direction: so ρ(g) is a turn or a
    mirror that depends on the point, and no one matrix. `er.Sphere().act` of a signal knows it: `signal.act(g)`.

    >>> import erlangen as er
    >>> er.Sphere().vectors(er.SO(3)), er.Sphere().vectors(er.SO(3)).dim
    (tangent of SO(3), 2)
    """

    @property
    def dim(self) -> int:
        return 2

    @property
    def name(self) -> str:
        return "tangent"

    def _matrix(self, g: Element) -> Matrix:
        raise RepresentationError(
            f"one matrix for {self}", "a signal on the sphere", "It depends on the point: take signal.act(g)."
        )

    def _images(self, g: Element) -> Images | None:
        return None

    @cached_property
    def generator_images(self) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """None: points apart, no motion permutes east and north."""
        return

    @cached_property
    def is_orthogonal(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """True: lengths of vectors stay."""
        return True

    @cached_property
    def is_trivial(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """False, also where no element of the group turns it: it has other harmonics than two scalars."""
        return False


def tangent(group: Group) -> Tangent:
    """Vectors tangent to the sphere.

    >>> import erlangen as er
    >>> 2 * tangent(er.SO(2)) + er.SO(2).trivial
    2 × tangent + trivial of SO(2)"""
    return Tangent(group)


def places(rho: Representation) -> tuple[int, ...]:
    """The first channels of the tangent vectors in ρ.

    >>> import erlangen as er
    >>> places(er.SO(2).trivial + 2 * tangent(er.SO(2)))
    (1, 3)"""
    found, at = [], 0
    for field, times in rho.fields:
        if isinstance(field, Tangent):
            found += range(at, at + 2 * times, 2)
        at += times * field.dim
    return tuple(found)
