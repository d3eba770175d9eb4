"""Filters on a lattice of the plane: a disc at each site."""

import math

import numpy as np
from numpy.typing import ArrayLike

from erlangen.pages.render import Html


def sites(values: ArrayLike, basis: ArrayLike) -> Html:
    """A filter `[n, n]`, n odd, as discs at E(i, j), E = `basis`: their area the weight, their colour its sign.

    NaN is no site. Next to each other the discs of the largest weights nearly touch.

    >>> sites([[0, 1, 0], [1, -4, 1], [0, 1, 0]], [[1, 0], [0, 1]]).count("--series-1")
    4
    """
    held, steps = np.asarray(values, dtype=np.float64), np.asarray(basis, dtype=np.float64)
    weights = held / (np.nanmax(np.abs(held)) or 1.0)
    discs = []
    for i, j in np.argwhere(~np.isnan(weights)):
        row, column = steps @ (i - len(weights) // 2, j - len(weights) // 2)
        radius, series = 0.46 * math.sqrt(abs(weights[i, j])), 1 if weights[i, j] > 0 else 2
        discs.append(f'<circle cx="{column:.2f}" cy="{row:.2f}" r="{radius:.3f}" fill="var(--series-{series})"/>')
    half = len(weights) // 2 + 0.6
    box = f"{-half} {-half} {2 * half} {2 * half}"
    return Html(f'<svg viewBox="{box}" role="img" aria-label="filter">{"".join(discs)}</svg>')
