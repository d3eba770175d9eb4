"""Kernels in tangent planes: K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns, and mirrors, of a plane, in closed form.

A field of order l is a complex number that a turn by α multiplies by e^{ilα}; of order 0 it is real. With θ the
direction at p of the shortest way to q and g the angle by which it turns what is brought from q to p, all such kernels
of one distance are sums over z ∈ C of z e^{i(l′−l)θ + ilg} x(q) and z e^{i(l′+l)θ − ilg} x̄(q). Real numbers z, or
imaginary ones where the sign changes, commute with mirrors. Under the turns by multiples of 2π/N alone orders are
known up to multiples of N: then the direction may turn so many times more, and a field of order N/2 is a real number.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Group
from erlangen.representations import Representation

Array = np.ndarray
ONE, STRAIGHT, ACROSS = np.ones((1, 1)), np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])


class Kind(NamedTuple):
    """A field's order, and whether a mirror changes its sign besides; `half` is one of order N/2 of N turns."""

    order: int
    twisted: bool
    half: bool = False

    @property
    def dim(self) -> int:
        """How many real numbers it is."""
        return 1 if self.order == 0 or self.half else 2

    @property
    def odd(self) -> list[bool]:
        """Of which of its numbers a mirror changes the sign."""
        return [self.twisted] if self.dim == 1 else [False, True]


Fields = dict[Kind, Array]  # the channels of each kind, `[copy, number]`


@dataclass(frozen=True, eq=False)
class Frames:
    """Which changes of frames a group of turns of the plane, and mirrors, is: all, or N of them, where `turns` is N."""

    turns: int | None
    mirrors: bool

    @classmethod
    def of(cls, group: Group) -> "Frames":
        """Those of SO(2), O(2), C(N), D(N)."""
        mirrors = any(np.linalg.det(group.matrix(g)) < 0 for g in group.generators)
        return cls(None if group.order is None else group.order // (1 + mirrors), mirrors)


def fields_of(rho: Representation) -> tuple[Fields, Array | None]:
    """The channels of the fields of each kind, `[copy, number]`, and the basis Q in which they are such: Qᵀ x.

    None where channels are so already, as those of SO(2) and O(2) have to be; representations of finite groups may be
    any that are orthogonal. Raises RepresentationError for others.
    """
    if rho.group.order is None:
        return kinds_of(rho), None
    if not rho.is_orthogonal:
        raise RepresentationError(f"{rho} in the tangent plane", "an orthogonal one", "Take rho.orthogonalized().")
    made = rho.decompose()
    changed = not np.allclose(made.basis, np.eye(rho.dim), atol=1e-12)
    return kinds_of(made.representation), made.basis if changed else None


def kinds_of(rho: Representation) -> Fields:
    """The channels of the fields of each kind, `[copy, number]`, of a sum of irreps.

    Raises RepresentationError for other representations.
    """
    group, found, at = rho.group, {}, 0
    mirror = next((g for g in group.generators if np.linalg.det(group.matrix(g)) < 0), None)
    for field, times in rho.fields:
        kind = _kind(field, mirror)
        for _ in range(times * (field.dim if kind.order == 0 else 1)):
            found.setdefault(kind, []).append(range(at, at + kind.dim))
            at += kind.dim
    return {kind: np.array([list(places) for places in copies]) for kind, copies in found.items()}


def _kind(field: Representation, mirror: Any) -> Kind:
    group = field.group
    angle = 1e-2 if group.order is None else 2 * np.pi / (Frames.of(group).turns or 1)
    turned = np.asarray(field(_turn(group, angle)))
    if field.is_trivial:
        return Kind(0, False)
    if field.dim == 1:
        twisted = mirror is not None and float(np.asarray(field(mirror))[0, 0]) < 0
        half = bool(turned[0, 0] < 0)
        return Kind((Frames.of(group).turns or 0) // 2 if half else 0, twisted, half)
    order = round(float(np.arctan2(turned[-1, 0], turned[0, 0])) / angle) if field.dim == 2 else 0
    c, s = np.cos(order * angle), np.sin(order * angle)
    handed = mirror is None or np.allclose(field(mirror), np.diag([1.0, -1.0]), atol=1e-9)
    if order < 1 or not np.allclose(turned, [[c, -s], [s, c]], atol=1e-9) or not handed:
        raise RepresentationError(
            f"{field} in the tangent plane", f"a sum of irreps of {group}", "Such as 4 * G.trivial + G.irrep(1)."
        )
    return Kind(order, False)


def _turn(group: Group, angle: float) -> Any:
    """The turn by that angle; of a finite group the least."""
    if group.order is None:
        return group.element(angle)
    goal = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return next(g for g in group.elements if np.allclose(group.matrix(g), goal, atol=1e-9))


@dataclass(frozen=True, eq=False)
class Route:
    """e^{i(turns · θ + carried · g)} x or, `conjugate`, x̄; and by which real matrices it may become an answer's.

    `patterns` `[n, answer, phase]`: orthonormal but for a factor, of a phase that is one real number or two.
    """

    turns: int
    carried: int
    conjugate: bool
    patterns: Array

    @property
    def numbers(self) -> int:
        """How many real ones its phase times x is."""
        return self.patterns.shape[2]


def routes(source: Kind, target: Kind, frames: Frames, highest: int = 0) -> list[Route]:
    """All ways from one field to another at a distance, in any of those frames.

    Where these are N, the directions of a kernel turn up to `highest` times on the way round.

    >>> [len(route.patterns) for route in routes(Kind(1, False), Kind(1, False), Frames(None, mirrors=True))]
    [1, 1]
    >>> [route.turns for route in routes(Kind(0, False), Kind(1, False), Frames(4, mirrors=False), highest=6)]
    [1, -3, 5]
    """
    ways = [(turns, source.order, False) for turns in _turns(target.order - source.order, frames.turns, highest)]
    if source.dim == target.dim == 1:
        ways = [way for way in ways if way[0] >= 0]  # the real part of a number and of its conjugate
    if source.dim == target.dim == 2:
        ways += [(turns, -source.order, True) for turns in _turns(target.order + source.order, frames.turns, highest)]
    found = [Route(*way, _patterns(source, target, frames.mirrors, way[0])) for way in ways]
    return [route for route in found if len(route.patterns)]


def _turns(least: int, period: int | None, highest: int) -> list[int]:
    """How often the direction may turn: so often, or up to multiples of a period."""
    if period is None:
        return [least]
    return sorted((m for m in range(-highest, highest + 1) if (m - least) % period == 0), key=lambda m: (abs(m), m))


def at_itself(source: Kind, target: Kind, mirrors: bool) -> Array:
    """The maps that commute with turns and mirrors, `[n, answer, field]`: those of a point to itself."""
    if (source.order, source.dim) != (target.order, target.dim):
        return np.zeros((0, target.dim, source.dim))
    return _patterns(source, target, mirrors, 0)


def _patterns(source: Kind, target: Kind, mirrors: bool, turns: int) -> Array:
    """Real numbers z where a mirror changes the signs of both or of none, imaginary ones else; both without mirrors."""
    phase = 1 if source.dim == 1 and turns == 0 else 2
    if phase == 1:
        kept, other = [ONE], []
    else:
        kept, other = [STRAIGHT[: target.dim]], [-ACROSS[: target.dim] if target.dim == 1 else ACROSS]
    found = kept + other if not mirrors else kept if source.twisted == target.twisted else other
    return np.array(found).reshape(len(found), target.dim, phase)
