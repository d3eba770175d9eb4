"""Kernels in tangent planes: K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns, and mirrors, of a plane, in closed form.

A field of order l is a complex number that a turn by α multiplies by e^{ilα}; of order 0 it is real. With θ the
direction at p of the shortest way to q and g the angle by which it turns what is brought from q to p, all such kernels
of one distance are sums over z ∈ C of z e^{i(l′−l)θ + ilg} x(q) and z e^{i(l′+l)θ − ilg} x̄(q). Real numbers z, or
imaginary ones where the sign changes, commute with mirrors.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
