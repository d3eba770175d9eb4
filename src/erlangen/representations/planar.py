"""Irreps of the plane's turns and mirrors in closed form: at frequency k the turn by θ acts as the turn by kθ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import C, D, Element, Group, O
from erlangen.groups.tidy import rotation, turn
from erlangen.representations.base import Irrep, Matrix

Labels = tuple[int, ...]
HIGHEST_FREQUENCY = 100_000  # beyond, k times the rounding of an angle is no longer small
MIRROR = np.diag([1.0, -1.0])


@dataclass(frozen=True, repr=False)
class PlanarIrrep(Irrep):
    """SO(2), C(n): ψ_k(θ) = R(kθ). O(2), D(n): ψ_{1,k}(θ, m) = R(kθ) diag(1, −1)^m, and in one dimension (±1)^m.

    Labels (k), with mirrors (j, k). One-dimensional at k = 0 and, for even n, at k = n/2, where r^s is (−1)^s; there
    j = 1 changes sign under the mirror and j = 0 does not."""

    labels: Labels

    @property
    def dim(self) -> int:
        return 1 if _is_one_dimensional(self.group, self.labels[-1]) else 2

    @property
    def name(self) -> str:
        return f"irrep({', '.join(map(str, self.labels))})"

    @property
    def type(self) -> str:
        return "real" if self.dim == 1 or has_mirrors(self.group) else "complex"

    def _matrix(self, g: Element) -> Matrix:
        place, mirrored = g.key if has_mirrors(self.group) else (g.key, 0)
        frequency = self.labels[-1]
        turned = turn(frequency * place, self.group.n) if isinstance(self.group, C | D) else rotation(frequency * place)
        if self.dim == 2:
            return turned @ MIRROR + 0.0 if mirrored else turned
        return turned[:1, :1] * (-1 if mirrored and self.labels[0] else 1)


def has_mirrors(group: Group) -> bool:
    """Whether the labels of this group of the plane start with a mirror parity."""
    return isinstance(group, D | O)


def planar_labels(group: Group, max_frequency: int) -> list[Labels]:
    """The labels of all irreps up to a frequency, the trivial one first."""
    return [labels for k in range(min(max_frequency, _highest(group)) + 1) for labels in _at_frequency(group, k)]


def planar_irrep(group: Group, labels: Labels) -> PlanarIrrep:
    """The irrep of these labels; RepresentationError where there is none."""
    there = _at_frequency(group, labels[-1]) if labels else []
    if labels in there:
        return PlanarIrrep(group, labels)
    mend = "Call `group.irreps(k)` to see all up to a frequency."
    if there and labels == (0, labels[-1]):
        mend = f"Write irrep(1, {labels[-1]}): the mirror turns its basis, so one irrep has both parities."
    wanted = "(j, k), j the mirror parity and k the frequency" if has_mirrors(group) else "(k), the frequency"
    raise RepresentationError(f"irrep{labels} of {group}", f"labels {wanted}, 0 ≤ k ≤ {_highest(group)}", mend)


def _at_frequency(group: Group, frequency: int) -> list[Labels]:
    if not 0 <= frequency <= _highest(group):
        return []
    if not has_mirrors(group):
        return [(frequency,)]
    return [(j, frequency) for j in ((0, 1) if _is_one_dimensional(group, frequency) else (1,))]


def _highest(group: Group) -> int:
    """The highest frequency there is; for the continuous groups, that can be computed with."""
    return group.n // 2 if isinstance(group, C | D) else HIGHEST_FREQUENCY


def _is_one_dimensional(group: Group, frequency: int) -> bool:
    return frequency == 0 or (isinstance(group, C | D) and 2 * frequency == group.n)
