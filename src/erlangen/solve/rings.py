"""Radial parts of steerable kernels: Gaussian rings, and the highest angular frequency that each of them carries."""

from dataclasses import dataclass

import numpy as np

from erlangen.representations.base import Matrix


@dataclass(frozen=True)
class Ring:
    """g(v) = exp(−(|v| − radius)²/2 width²), for the harmonics of degree 0 … `highest`."""

    radius: float
    width: float
    highest: int

    def at(self, lengths: Matrix) -> Matrix:
        """g at these lengths."""
        return np.exp(-((lengths - self.radius) ** 2) / (2 * self.width**2))


# Found by a search over smooth random signals (benchmarks/turned_features.py): what decides is the outermost ring,
# which the stencil must neither cut off nor let fall between its sites.
_PLANE = {
    0: (Ring(0.0, 0.5, 0),),
    1: (Ring(0.0, 0.5, 0), Ring(1.0, 0.38, 2)),
    2: (Ring(0.0, 1.05, 0), Ring(1.09, 0.65, 2), Ring(1.64, 0.48, 2)),
}


def good_rings(reach: int, dim: int) -> tuple[Ring, ...]:
    """The rings of a kernel that reaches so many sites from its centre, in units of their distance."""
    if dim == 2 and reach in _PLANE:
        return _PLANE[reach]
    inner = (Ring(float(r), 0.6 if r else 0.5, _highest(r, reach, dim)) for r in range(reach))
    return (*inner, Ring(float(reach), 0.42, _highest(reach, reach, dim)))


def _highest(r: int, reach: int, dim: int) -> int:
    """What the sites of a ring can carry without aliasing; Weiler and Cesa 2019, arXiv:1911.08251."""
    if r == 0:
        return 0
    if dim == 3:
        return min(2 * r, reach - r + 2)
    return min(2 * r, 2) if r == reach else min(2 * r, 2 * r - (r + 1) % 2)
