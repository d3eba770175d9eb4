"""Small drawings as SVG inside the page, coloured by the page's own variables so that they follow light and dark."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from erlangen.pages.numerals import number
from erlangen.pages.render import Html

SERIES_COLOURS = 6
_FAINT = 0.45


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
    """Upright bars from zero, one a value; the bar `strong` is set off, `low` and `high` fix a scale for several.

    >>> bars([1.0, -2.0, 0.5], labels=["a", "b", "c"]).count("<rect")
    3
    """
    heights = np.nan_to_num(np.asarray(values, dtype=np.float64).reshape(-1))
    bottom, top = _range(heights, low, high, through_zero=True)
    names = [str(i) for i in range(len(heights))] if labels is None else list(labels)
    pitch = width / max(1, len(heights))
    plot = height - 18

    def level(value: float) -> float:
        return 4 + (plot - 8) * (top - min(max(value, bottom), top)) / (top - bottom)

    every = max(1, math.ceil(len(heights) * (7 * max((len(name) for name in names), default=1) + 6) / width))
    parts = [_tag("line", css="axis", x1=0, x2=width, y1=level(0), y2=level(0))]
    for i, value in enumerate(heights.tolist()):
        upper, lower = sorted((level(value), level(0)))
        parts.append(
            _tag(
                "rect",
                f"<title>{_escape(names[i])}: {number(value)}</title>",
                x=(i + 0.14) * pitch,
                y=upper,
                width=pitch * 0.72,
                height=max(lower - upper, 0.75),
                rx=1.5,
                fill=f"var(--series-{series})",
                opacity=1 if strong is None or i == strong else _FAINT,
            )
        )
        if i % every == 0:
            parts.append(_text(_escape(names[i]), (i + 0.5) * pitch, height - 4, "middle", strong=i == strong))
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
    joined = np.concatenate([np.empty(0), *curves])
    bottom, top = _range(joined[np.isfinite(joined)], low, high)
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
        parts.append(_tag("polyline", points=points, fill="none", stroke=colour, stroke_width=1.6))
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
    parts = [_tag("line", css="axis", x1=6, x2=width - 6, y1=middle, y2=middle)]
    for mark in marks:
        parts.append(
            _tag("line", f"<title>{number(mark)}</title>", "mark", x1=place(mark), x2=place(mark), y1=2, y2=20)
        )
    bar = {"x1": place(low), "x2": place(high), "y1": middle, "y2": middle, "stroke": tint, "opacity": 0.4}
    parts.append(_tag("line", stroke_width=5, stroke_linecap="round", **bar))
    parts.append(_tag("circle", words, cx=place(value), cy=middle, r=4.5, fill=tint))
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
        _tag("path", css="axis", d=f"M{left} 4V{base}H{width - 4}"),
        _text(number(top, 2), left - 5, 12, "end"),
        _text(number(bottom, 2), left - 5, base, "end"),
        _text(f"{start:g}", left, height - 4),
        _text(f"{end:g}", width - 4, height - 4, "end"),
    ]


def _text(words: str, x: float, y: float, anchor: str = "start", strong: bool = False) -> str:
    return _tag("text", words, "strong" if strong else "", x=x, y=y, text_anchor=anchor)


def _tag(name: str, inside: str = "", css: str = "", **attributes: object) -> str:
    given = {"class": css, **attributes} if css else attributes
    text = " ".join(f'{key.replace("_", "-")}="{_short(value)}"' for key, value in given.items())
    return f"<{name} {text}>{inside}</{name}>" if inside else f"<{name} {text}/>"


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _svg(parts: Sequence[str], width: int, height: int, label: str) -> Html:
    return Html(f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>')


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
