"""A signal on the sphere as two discs: its northern half seen from above the pole, and its southern from below."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIDE, GAP = 96, 4  # pixels of a disc, and between the two


def discs(values: ArrayLike, colatitudes: ArrayLike, side: int = SIDE) -> NDArray[np.float64]:
    """Each pixel has the value of the nearest row and column; equal areas stay equal: radius √2 sin(θ/2).

    `values` is `[latitude, longitude]`, rows at these angles from the north pole, columns eastward from longitude 0,
    which points down in the left disc and up in the right one; 90° east is to the right in both. NaN beside the discs.

    >>> drawn = discs([[1.0] * 8, [2.0] * 8], [0.5, 2.6], side=5)
    >>> drawn.shape, float(drawn[2, 2]), float(drawn[2, 11])
    ((5, 14), 1.0, 2.0)

    J. H. Lambert 1772, Anmerkungen und Zusätze zur Entwerfung der Land- und Himmelscharten.
    """
    held, theta = np.asarray(values, dtype=np.float64), np.asarray(colatitudes, dtype=np.float64)
    at = (np.arange(side) + 0.5) / side * 2 - 1
    down, right = np.meshgrid(at, at, indexing="ij")
    radius = np.hypot(down, right)
    angle = 2 * np.arcsin(np.minimum(radius, 1) / np.sqrt(2))
    halves = []
    for south in (False, True):
        apart = np.abs((np.pi - angle if south else angle)[..., None] - theta)
        longitude = np.arctan2(right, -down if south else down)
        column = np.rint(longitude / (2 * np.pi) * held.shape[1]).astype(int) % held.shape[1]
        halves.append(np.where(radius <= 1, held[apart.argmin(-1), column], np.nan))
    return np.concatenate([halves[0], np.full((side, GAP), np.nan), halves[1]], axis=1)
