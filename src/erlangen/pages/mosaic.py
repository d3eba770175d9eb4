"""Signals on a lattice of the plane as what its pixels are: each site's own cell, square or hexagonal, sharp."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from erlangen.pages.picture import CLASSES, coloured
from erlangen.pages.render import Html
from erlangen.pages.svg import tag

STEP = 10.0  # from a site to the next, in units of the drawing


def mosaic(
    values: ArrayLike,
    basis: ArrayLike,
    low: float | None = None,
    high: float | None = None,
    colours: str = "gray",
) -> Html:
    """Site (i, j) as the cell of all points nearest to E(i, j), E = `basis`: squares, or with slanted E hexagons.

    `values` is [n, m], or [n, m, 3] for colour, centred, NaN for no site; colours as in `picture`, or "classes" for
    labels. One SVG drawing that stays sharp at any size.

    >>> hexagons = mosaic([[np.nan, 1, 0], [1, 0, 1], [0, 1, np.nan]], [[1.0, 0.5], [0.0, 0.75**0.5]])
    >>> hexagons.count("<path"), hexagons.count("M")
    (2, 7)
    """
    held = np.asarray(values, dtype=np.float64)
    present = ~np.isnan(held if held.ndim == 2 else held.sum(-1))
    steps = np.asarray(basis, dtype=np.float64) * STEP
    corners = _cell(steps)
    centred = np.argwhere(present) - (np.array(held.shape[:2]) - 1) / 2
    at = centred @ steps.T  # (row, column)
    paints = _paints(held, low, high, colours)[present]
    (top, left), (bottom, right) = (f(corners, 0) + f(at, 0) for f in (np.min, np.max))
    outline = _outline(corners)
    parts = []
    for paint in np.unique(paints, axis=0):
        places = at[(paints == paint).all(-1)] + corners[0] - [top, left]
        drawn = "".join(f"M{_short(x)} {_short(y)}{outline}" for y, x in places)
        fill = "#" + bytes(paint.tolist()).hex()
        parts.append(tag("path", d=drawn, fill=fill, stroke=fill))
    box = f"0 0 {_short(right - left)} {_short(bottom - top)}"
    return Html(f'<svg class="mosaic" viewBox="{box}" role="img" aria-label="pixels">{"".join(parts)}</svg>')


def _paints(held: NDArray[np.float64], low: float | None, high: float | None, colours: str) -> NDArray[np.uint8]:
    """The colour of each site `[n, m, 3]`, grey values in 64 steps, so that cells of one colour are one mark."""
    if colours == "classes":
        return np.asarray(CLASSES, dtype=np.uint8)[np.nan_to_num(held).astype(int) % len(CLASSES)]
    paints = coloured(held, low, high, colours)
    return paints if held.ndim == 3 else paints // 4 * 4 + paints // 64


def _cell(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the cell about the origin: the centres of the circles through it and two neighbours in turn."""
    a, b = steps.T
    if a @ b > 0:
        b = -b
    around = [a, a + b, b, -a, -a - b, -b]
    corners = []
    for first, second in zip(around, [*around[1:], around[0]], strict=True):
        corner = np.linalg.solve(np.stack([first, second]), [first @ first / 2, second @ second / 2])
        if not corners or not np.allclose(corner, corners[-1]):
            corners.append(corner)
    return np.array(corners[:-1] if np.allclose(corners[0], corners[-1]) else corners)


def _outline(corners: NDArray[np.float64]) -> str:
    """The way around a cell from its first corner, by steps."""
    moves = np.diff(corners, axis=0)
    return "".join(f"l{_short(x)} {_short(y)}" for y, x in moves) + "z"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if not math.isclose(value, 0, abs_tol=5e-3) else "0"
