"""Irreps of the plane's turns and mirrors in closed form: at frequency k the turn by θ acts as the turn by kθ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import C, D, Element, Group, O
from erlangen.groups.tidy import rotation, turn
from erlangen.representations.base import Irrep, Matrix

Labels = tuple[int, ...]
MIRROR = np.diag([1.0, -1.0])


@dataclass(frozen=True, repr=False)
class PlanarIrrep(Irrep):
    """SO(2), C(n): ψ_k(θ) = R(kθ). O(2), D(n): ψ_{1,k}(θ, m) = R(kθ) diag(1, −1)^m, and in one dimension (±1)^m.

    Labels (k), with mirrors (j, k). One-dimensional at k = 0 and, for even n, at k = n/2, where r^s is (−1)^s; there j = 1
    changes sign under the mirror and j = 0 does not."""

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
        turned = (
            turn(frequency * place, self.group.n) if isinstance(self.group, C | D) else rotation(frequency * place)
        )
        if self.dim == 2:
            return turned @ MIRROR + 0.0 if mirrored else turned
        return turned[:1, :1] * (-1 if mirrored and self.labels[0] else 1)


def has_mirrors(group: Group) -> bool:
    """Whether the labels of this group of the plane start with a mirror parity."""
    return isinstance(group, D | O)


def planar_labels(group: Group, max_frequency: int) -> list[Labels]:
    """The labels of all irreps up to a frequency, the trivial one first."""
    if isinstance(group, C | D):
        max_frequency = min(max_frequency, group.n // 2)
    if not has_mirrors(group):
        return [(k,) for k in range(max_frequency + 1)]
    parities = {k: (0, 1) if _is_one_dimensional(group, k) else (1,) for k in range(max_frequency + 1)}
    return [(j, k) for k in range(max_frequency + 1) for j in parities[k]]


def planar_irrep(group: Group, labels: Labels) -> PlanarIrrep:
    """The irrep of these labels; RepresentationError where there is none."""
    wanted = "(j, k), j the mirror parity and k the frequency" if has_mirrors(group) else "(k), the frequency"
    highest = group.n // 2 if isinstance(group, C | D) else max(*labels, 0)
    if labels in planar_labels(group, highest):
        return PlanarIrrep(group, labels)
    mend = "Call `group.irreps(k)` to see them all."
    if has_mirrors(group) and len(labels) == 2 and labels[0] == 0 and (1, labels[1]) in planar_labels(group, highest):
        mend = f"Write irrep(1, {labels[1]}): at this frequency the mirror only turns the basis, so one irrep has both parities."
    limit = f" ≤ {highest}" if isinstance(group, C | D) else ""
    raise RepresentationError(f"irrep{labels} of {group}", f"labels {wanted}{limit}", mend)


def _is_one_dimensional(group: Group, frequency: int) -> bool:
    return frequency == 0 or (isinstance(group, C | D) and 2 * frequency == group.n)
