"""Irreps of the rotations and mirrors of space in closed form: how they mix the spherical harmonics of one degree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group, O
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.harmonics import wigner_d

Labels = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class SpatialIrrep(Irrep):
    """SO(3): D_l(R). O(3): D_l(R det R) p^[det R < 0], p = ±1 the parity under inversion; the harmonics have p = (−1)^l.

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
    parities = [(1,), (-1,)] if isinstance(group, O) else [()]
    return [(degree, *parity) for degree in range(max_degree + 1) for parity in parities]


def spatial_irrep(group: Group, labels: Labels) -> SpatialIrrep:
    """The irrep of these labels; RepresentationError where there is none."""
    if labels and labels in spatial_labels(group, labels[0]):
        return SpatialIrrep(group, labels)
    wanted = "(l, p), l ≥ 0 the degree and p = 1 or −1 the parity" if isinstance(group, O) else "(l), l ≥ 0 the degree"
    example = "irrep(1, -1) for vectors" if isinstance(group, O) else "irrep(1) for vectors"
    raise RepresentationError(f"irrep{labels} of {group}", f"labels {wanted}", f"Write {example}.")
