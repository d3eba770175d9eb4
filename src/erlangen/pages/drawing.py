"""Curves and intervals as SVG inside the page, coloured by the page's variables so that they follow light and dark."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import svg, tag, text, value_range

SERIES_COLOURS = 6


def lines(
    series: Sequence[ArrayLike],
    x: ArrayLike | None = None,
    low: float | None = None,
    high: float | None = None,
    first: int = 1,
    width: int = 320,
    height: int = 150,
    axes: bool = True,
) -> Html:
    """Curves over one horizontal axis (the index, or `x`), coloured in order from `--series-{first}`.

    >>> lines([[0.0, 1.0, 0.5], [1.0, 0.0, 0.2]]).count("<polyline")
    2
    """
    curves = [np.asarray(curve, dtype=np.float64).reshape(-1) for curve in series]
    joined = np.concatenate([np.empty(0), *curves])
    bottom, top = value_range(joined[np.isfinite(joined)], low, high)
    longest = max((len(curve) for curve in curves), default=0) or 1
    across = np.arange(longest, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64).reshape(-1)
    left, foot = (44, 18) if axes else (2, 2)
    span = float(across[-1] - across[0]) or 1.0

    def point(at: float, value: float) -> str:
        right = left + (width - left - 4) * (at - float(across[0])) / span
        return f"{right:.1f},{4 + (height - foot - 8) * (top - value) / (top - bottom):.1f}"

    parts = _frame(bottom, top, float(across[0]), float(across[-1]), left, foot, width, height) if axes else []
    for i, curve in enumerate(curves):
        pairs = zip(across.tolist(), curve.tolist(), strict=False)
        points = " ".join(point(at, value) for at, value in pairs if math.isfinite(value))
        colour = f"var(--series-{(first - 1 + i) % SERIES_COLOURS + 1})"
        parts.append(tag("polyline", points=points, fill="none", stroke=colour, stroke_width=1.6))
    return svg(parts, width, height, "line chart")


def interval(
    low: float,
    value: float,
    high: float,
    marks: Sequence[float] = (),
    least: float = 1e-8,
    most: float = 2.0,
    tone: str = "plain",
) -> Html:
    """A value with its interval on a logarithmic line from `least` to `most`; `marks` (such as a tolerance) are dashed.

    >>> "circle" in interval(0.2, 0.3, 0.5, marks=[0.1])
    True
    """
    width, height, middle = 220, 22, 11

    def place(at: float) -> float:
        clipped = min(max(at, least), most) if math.isfinite(at) else most
        return 6 + (width - 12) * math.log(clipped / least) / math.log(most / least)

    words = f"<title>{number(low)} … {number(value)} … {number(high)}</title>"
    tint = "var(--tone)"
    parts = [tag("line", css="axis", x1=6, x2=width - 6, y1=middle, y2=middle)]
    for mark in marks:
        parts.append(tag("line", f"<title>{number(mark)}</title>", "mark", x1=place(mark), x2=place(mark), y1=2, y2=20))
    bar = {"x1": place(low), "x2": place(high), "y1": middle, "y2": middle, "stroke": tint, "opacity": 0.4}
    parts.append(tag("line", stroke_width=5, stroke_linecap="round", **bar))
    parts.append(tag("circle", words, cx=place(value), cy=middle, r=4.5, fill=tint))
    return Html(f'<span class="tone-{tone}">{svg(parts, width, height, "interval")}</span>')


def _frame(
    bottom: float, top: float, start: float, end: float, left: int, foot: int, width: int, height: int
) -> list[str]:
    base = height - foot - 4
    return [
        tag("path", css="axis", d=f"M{left} 4V{base}H{width - 4}"),
        text(number(top, 2), left - 5, 12, "end"),
        text(number(bottom, 2), left - 5, base, "end"),
        text(f"{start:g}", left, height - 4),
        text(f"{end:g}", width - 4, height - 4, "end"),
    ]
