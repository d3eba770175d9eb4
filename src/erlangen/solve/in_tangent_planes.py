"""Kernels in tangent planes: K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns, and mirrors, of a plane, in closed form.

A field of order l is a complex number that a turn by α multiplies by e^{ilα}; of order 0 it is real. With θ the
direction at p of the shortest way to q and g the angle by which it turns what is brought from q to p, all such kernels
of one distance are sums over z ∈ C of z e^{i(l′−l)θ + ilg} x(q) and z e^{i(l′+l)θ − ilg} x̄(q). Real numbers z, or
imaginary ones where the sign changes, commute with mirrors.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.representations import Representation

Array = np.ndarray
ONE, STRAIGHT, ACROSS = np.ones((1, 1)), np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]])


class Kind(NamedTuple):
    """A field's order, and whether a mirror changes its sign besides."""

    order: int
    twisted: bool

    @property
    def dim(self) -> int:
        """How many real numbers it is."""
        return 1 if self.order == 0 else 2

    @property
    def odd(self) -> list[bool]:
        """Of which of its numbers a mirror changes the sign."""
        return [self.twisted] if self.order == 0 else [False, True]


def kinds_of(rho: Representation) -> dict[Kind, Array]:
    """The channels of the fields of each kind, `[copy, number]`, of a sum of irreps of SO(2) or O(2).

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
    group, small = field.group, 1e-2
    turned = np.asarray(field(group.element(small)))
    if field.is_trivial:
        return Kind(0, False)
    if field.dim == 1 and abs(turned[0, 0] - 1) < 1e-9:
        return Kind(0, True)
    order = round(float(np.arctan2(turned[-1, 0], turned[0, 0])) / small) if field.dim == 2 else 0
    c, s = np.cos(order * small), np.sin(order * small)
    handed = mirror is None or np.allclose(field(mirror), np.diag([1.0, -1.0]), atol=1e-9)
    if order < 1 or not np.allclose(turned, [[c, -s], [s, c]], atol=1e-9) or not handed:
        raise RepresentationError(
            f"{field} in the tangent plane", "a sum of irreps of SO(2) or O(2)", "Such as 4 * G.trivial + G.irrep(1)."
        )
    return Kind(order, False)


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


def routes(source: Kind, target: Kind, mirrors: bool) -> list[Route]:
    """All ways from one field to another at a distance; `mirrors` where the group has such.

    >>> [len(route.patterns) for route in routes(Kind(1, False), Kind(1, False), mirrors=True)]
    [1, 1]
    """
    ways = [(target.order - source.order, source.order, False), (target.order + source.order, -source.order, True)]
    if source.order == 0 or target.order == 0:
        ways = ways[:1]
    patterns = _patterns(source, target, mirrors)
    return [Route(*way, patterns) for way in ways] if len(patterns) else []


def at_itself(source: Kind, target: Kind, mirrors: bool) -> Array:
    """The maps that commute with turns and mirrors, `[n, answer, field]`: those of a point to itself."""
    if source.order != target.order:
        return np.zeros((0, target.dim, source.dim))
    return _patterns(source, target, mirrors)


def _patterns(source: Kind, target: Kind, mirrors: bool) -> Array:
    """Real numbers z where a mirror changes the signs of both or of none, imaginary ones else; both without mirrors."""
    phase = 1 if source.order == target.order == 0 else 2
    if phase == 1:
        kept, other = [ONE], []
    else:
        kept, other = [STRAIGHT[: target.dim]], [-ACROSS[: target.dim] if target.order == 0 else ACROSS]
    found = kept + other if not mirrors else kept if source.twisted == target.twisted else other
    return np.array(found).reshape(len(found), target.dim, phase)
