"""Irreps of the rotations and mirrors of space in closed form: how they mix the spherical harmonics of one degree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group, O
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.harmonics import wigner_d

Labels = tuple[int, ...]
HIGHEST_DEGREE = 80  # the factorials of the harmonics leave the range of float64 beyond


@dataclass(frozen=True, repr=False)
class SpatialIrrep(Irrep):
    """SO(3): D_l(R). O(3): D_l(R det R) p^[det R < 0], p = ±1 the parity under inversion, (−1)^l for the harmonics.

    Labels (l), with mirrors (l, p). The basis is that of the real spherical harmonics, l = 1 being (x, y, z)."""

    labels: Labels

    @property
    def dim(self) -> int:
        return 2 * self.labels[0] + 1

    @property
    def name(self) -> str:
        return f"irrep({', '.join(map(str, self.labels))})"

    @property
    def type(self) -> str:
        return "real"

    def _matrix(self, g: Element) -> Matrix:
        matrix = np.asarray(self.group.matrix(g), dtype=np.float64)
        handedness = 1.0 if np.linalg.det(matrix) > 0 else -1.0
        parity = self.labels[1] if handedness < 0 else 1
        return parity * wigner_d(self.labels[0], handedness * matrix)


def spatial_labels(group: Group, max_degree: int) -> list[Labels]:
    """The labels of all irreps up to a degree, the trivial one first; for O(3) both parities."""
    return [labels for degree in range(max_degree + 1) for labels in _at_degree(group, degree)]


def spatial_irrep(group: Group, labels: Labels) -> SpatialIrrep:
    """The irrep of these labels; RepresentationError where there is none."""
    if labels and labels in _at_degree(group, labels[0]):
        return SpatialIrrep(group, labels)
    wanted = "(l, p), l the degree and p = 1 or −1 the parity" if isinstance(group, O) else "(l), the degree"
    example = "irrep(1, -1) for vectors" if isinstance(group, O) else "irrep(1) for vectors"
    raise RepresentationError(
        f"irrep{labels} of {group}", f"labels {wanted}, 0 ≤ l ≤ {HIGHEST_DEGREE}", f"Write {example}."
    )


def _at_degree(group: Group, degree: int) -> list[Labels]:
    if not 0 <= degree <= HIGHEST_DEGREE:
        return []
    return [(degree, 1), (degree, -1)] if isinstance(group, O) else [(degree,)]
