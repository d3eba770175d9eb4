"""Small drawings as SVG inside the page, coloured by the page's own variables so that they follow light and dark."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from erlangen.pages.numerals import number
from erlangen.pages.render import Html

SERIES_COLOURS = 6


def bars(
    values: ArrayLike,
    labels: Sequence[str] | None = None,
    low: float | None = None,
    high: float | None = None,
    series: int = 1,
    strong: int | None = None,
    width: int = 240,
    height: int = 150,
) -> Html:
    """Upright bars from zero, one per value; the bar `strong` is set off, `low` and `high` fix the scale across drawings.

    >>> bars([1.0, -2.0, 0.5], labels=["a", "b", "c"]).count("<rect")
    3
    """
    heights = np.nan_to_num(np.asarray(values, dtype=np.float64).reshape(-1))
    bottom, top = _range(heights, low, high, through_zero=True)
    labels = [str(i) for i in range(len(heights))] if labels is None else labels
    pitch = width / max(1, len(heights))
    plot = height - 18

    def level(value: float) -> float:
        return 4 + (plot - 8) * (top - min(max(value, bottom), top)) / (top - bottom)

    every = max(1, math.ceil(len(heights) * (7 * max((len(text) for text in labels), default=1) + 6) / width))
    parts = [f'<line class="axis" x1="0" x2="{width}" y1="{level(0):.1f}" y2="{level(0):.1f}"/>']
    for i, value in enumerate(heights):
        upper, lower = sorted((level(float(value)), level(0.0)))
        opacity = 1 if strong is None or i == strong else 0.45
        parts.append(
            f'<rect x="{i * pitch + pitch * 0.14:.2f}" y="{upper:.2f}" width="{pitch * 0.72:.2f}" height="{max(lower - upper, 0.75):.2f}"'
            f' rx="1.5" fill="var(--series-{series})" opacity="{opacity}"><title>{_escape(labels[i])}: {number(float(value))}</title></rect>'
        )
        if i % every == 0:
            bold = ' class="strong"' if i == strong else ""
            parts.append(
                f'<text{bold} x="{(i + 0.5) * pitch:.1f}" y="{height - 4}" text-anchor="middle">{_escape(labels[i])}</text>'
            )
    return _svg(parts, width, height, "bar chart")


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
    joined = np.concatenate(curves) if curves else np.zeros(1)
    bottom, top = _range(joined[np.isfinite(joined)], low, high)
    longest = max((len(curve) for curve in curves), default=1)
    across = np.arange(longest, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64).reshape(-1)
    left, foot = (44, 18) if axes else (2, 2)
    span = max(float(across[-1] - across[0]), 1e-300)

    def point(horizontal: float, value: float) -> str:
        right = left + (width - left - 4) * (horizontal - across[0]) / span
        return f"{right:.1f},{4 + (height - foot - 8) * (top - value) / (top - bottom):.1f}"

    parts = _frame(bottom, top, float(across[0]), float(across[-1]), left, foot, width, height) if axes else []
    for i, curve in enumerate(curves):
        colour = (first - 1 + i) % SERIES_COLOURS + 1
        points = " ".join(point(float(h), float(v)) for h, v in zip(across, curve, strict=False) if math.isfinite(v))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="var(--series-{colour})" stroke-width="1.6" stroke-linejoin="round"/>'
        )
    return _svg(parts, width, height, "line chart")


def interval(
    low: float,
    value: float,
    high: float,
    marks: Sequence[float] = (),
    least: float = 1e-8,
    most: float = 2.0,
    tone: str = "plain",
) -> Html:
    """A value with its interval on a logarithmic line from `least` to `most`; `marks` are dashed (a tolerance, a floor).

    >>> "circle" in interval(0.2, 0.3, 0.5, marks=[0.1])
    True
    """
    width, height = 220, 22

    def place(at: float) -> float:
        clipped = min(max(at, least), most) if math.isfinite(at) else most
        return 6 + (width - 12) * math.log(clipped / least) / math.log(most / least)

    parts = [f'<line class="axis" x1="6" x2="{width - 6}" y1="11" y2="11"/>']
    parts += [
        f'<line class="mark" x1="{place(mark):.1f}" x2="{place(mark):.1f}" y1="2" y2="20"><title>{number(mark)}</title></line>'
        for mark in marks
    ]
    parts.append(
        f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1="11" y2="11" stroke="var(--tone)" stroke-width="5" stroke-linecap="round" opacity="0.4"/>'
    )
    parts.append(
        f'<circle cx="{place(value):.1f}" cy="11" r="4.5" fill="var(--tone)"><title>{number(low)} … {number(value)} … {number(high)}</title></circle>'
    )
    return Html(f'<span class="tone-{tone}">{_svg(parts, width, height, "interval")}</span>')


def _range(
    values: NDArray[np.float64], low: float | None, high: float | None, through_zero: bool = False
) -> tuple[float, float]:
    bottom = float(values.min(initial=np.inf)) if low is None else low
    top = float(values.max(initial=-np.inf)) if high is None else high
    if through_zero:
        bottom, top = min(bottom, 0.0), max(top, 0.0)
    if not (math.isfinite(bottom) and math.isfinite(top)):
        return 0.0, 1.0
    return (bottom, top) if top > bottom else (bottom - 0.5, top + 0.5)


def _frame(
    bottom: float, top: float, start: float, end: float, left: int, foot: int, width: int, height: int
) -> list[str]:
    base = height - foot - 4
    return [
        f'<path class="axis" d="M{left} 4V{base}H{width - 4}"/>',
        f'<text x="{left - 5}" y="12" text-anchor="end">{number(top, 2)}</text>',
        f'<text x="{left - 5}" y="{base}" text-anchor="end">{number(bottom, 2)}</text>',
        f'<text x="{left}" y="{height - 4}">{number(start)}</text>',
        f'<text x="{width - 4}" y="{height - 4}" text-anchor="end">{number(end)}</text>',
    ]


def _svg(parts: Sequence[str], width: int, height: int, label: str) -> Html:
    return Html(f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>')


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
