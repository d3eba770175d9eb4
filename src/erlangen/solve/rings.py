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


# By dimension and reach. Found by benchmarks/rings.py over smooth random scenes, measured by benchmarks/turned.py on
# others: what decides is the outermost ring, which the stencil must neither cut off nor let fall between its sites.
_FOUND = {
    (2, 1): (Ring(0.0, 1.09, 0), Ring(0.53, 0.66, 2)),
    (2, 2): (Ring(0.0, 1.05, 0), Ring(1.09, 0.65, 2), Ring(1.64, 0.48, 2)),
    (2, 3): (Ring(0.0, 0.18, 0), Ring(1.43, 0.77, 2), Ring(1.96, 0.64, 3), Ring(2.81, 0.45, 2)),
    (2, 4): (Ring(0.0, 0.16, 0), Ring(1.33, 0.67, 2), Ring(2.36, 0.68, 3), Ring(2.83, 0.62, 6), Ring(3.86, 0.44, 2)),
    (3, 1): (Ring(0.0, 1.42, 0), Ring(0.79, 0.52, 2)),
}


def good_rings(reach: int, dim: int) -> tuple[Ring, ...]:
    """The rings of a kernel that reaches so many steps from its centre, in units of the longest step."""
    if (dim, reach) in _FOUND:
        return _FOUND[dim, reach]
    inner = (Ring(float(r), 0.6 if r else 0.5, _highest(r, reach, dim)) for r in range(reach))
    return (*inner, Ring(float(reach), 0.42, _highest(reach, reach, dim)))


def _highest(r: int, reach: int, dim: int) -> int:
    """What the sites of a ring can carry without aliasing; Weiler and Cesa 2019, arXiv:1911.08251."""
    if r == 0:
        return 0
    if dim == 3:
        return min(2 * r, reach - r + 2)
    return min(2 * r, 2) if r == reach else min(2 * r, 2 * r - (r + 1) % 2)
