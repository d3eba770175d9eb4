"""Bars with their values written on them: upright for scores, lying where each has a name."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import LETTER, escape, svg, tag, text, value_range

_FAINT = 0.45
_LINE = 14  # the height of a line of text
_ROW = 20
_WIDEST_NAME = 0.4


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

    Each bar bears its value where there is room for all of them.

    >>> bars([1.0, -2.0, 0.5], labels=["a", "b", "c"]).count("<rect")
    3
    """
    heights = np.nan_to_num(np.asarray(values, dtype=np.float64).reshape(-1)).tolist()
    bottom, top = value_range(np.asarray(heights, dtype=np.float64), low, high, through_zero=True)
    names = [str(i) for i in range(len(heights))] if labels is None else list(labels)
    written = [number(value, 2) for value in heights]
    pitch = width / max(1, len(heights))
    roomy = pitch >= LETTER * (max(map(len, written), default=0) + 0.5)
    above, below = _LINE if roomy else 4, height - 18 - (_LINE if roomy and bottom < 0 else 4)

    def level(value: float) -> float:
        return above + (below - above) * (top - min(max(value, bottom), top)) / (top - bottom)

    parts = [tag("line", css="axis", x1=0, x2=width, y1=level(0), y2=level(0))]
    every = max(1, math.ceil((LETTER * max(map(len, names), default=1) + 6) / pitch))
    for i, value in enumerate(heights):
        faint = strong is not None and i != strong
        middle, (upper, lower) = (i + 0.5) * pitch, sorted((level(value), level(0)))
        parts.append(
            _bar(
                f"{names[i]}: {number(value)}", middle - 0.36 * pitch, upper, 0.72 * pitch, lower - upper, series, faint
            )
        )
        if roomy:
            parts.append(_within(written[i], middle, upper - 3 if value >= 0 else lower + 11, width, i == strong))
        if i % every == 0:
            parts.append(_within(names[i], middle, height - 4, width, i == strong))
    return svg(parts, width, height, "bar chart")


def levels(
    values: ArrayLike,
    labels: Sequence[str],
    written: Sequence[str],
    high: float,
    series: int = 1,
    marks: Sequence[float] = (),
    width: int = 300,
) -> Html:
    """Lying bars from 0 to `high`, one under the other, each between its name and its value as `written`.

    `marks`, one a bar, are dashed: what each is to be compared with.

    >>> "97.3" in levels([0.973], ["upright"], ["97.3"], 1.0, marks=[0.1])
    True
    """
    lengths = np.nan_to_num(np.asarray(values, dtype=np.float64).reshape(-1)).tolist()
    named = LETTER * max(map(len, labels), default=0) + 16
    above = _LINE if named > _WIDEST_NAME * width else 0  # a name too long to stand beside its bar stands above it
    left = 2 if above else named
    right = width - LETTER * max(map(len, written), default=0) - 8
    pitch = _ROW + above

    def place(value: float) -> float:
        return left + (right - left) * min(max(value / high, 0.0), 1.0)

    parts = [tag("line", css="axis", x1=left, x2=left, y1=0, y2=pitch * len(lengths) + 4)]
    for i, value in enumerate(lengths):
        upper = pitch * i + above + 4
        beside = text(escape(labels[i]), left - 6, upper + 12, "end")
        parts.append(text(escape(labels[i]), left + 4, upper - 4) if above else beside)
        parts.append(_bar(f"{labels[i]}: {written[i]}", left, upper, place(value) - left, _ROW - 4, series, False))
        if i < len(marks):
            at = place(marks[i])
            parts.append(tag("line", css="mark", x1=at, x2=at, y1=upper - 2, y2=upper + _ROW - 2))
        parts.append(text(escape(written[i]), width - 2, upper + 12, "end", strong=True))
    return svg(parts, width, pitch * len(lengths) + 4, "bar chart")


def _bar(title: str, x: float, y: float, width: float, height: float, series: int, faint: bool) -> str:
    size = {"x": x, "y": y, "width": max(width, 0.75), "height": max(height, 0.75), "rx": 1.5}
    colour = {"fill": f"var(--series-{series})", "opacity": _FAINT if faint else 1}
    return tag("rect", f"<title>{escape(title)}</title>", **size, **colour)


def _within(words: str, x: float, y: float, width: float, strong: bool) -> str:
    """Text about x, but moved so far inward that neither end is cut off."""
    half = LETTER * len(words) / 2
    if x - half < 0:
        return text(escape(words), 0, y, "start", strong)
    if x + half > width:
        return text(escape(words), width, y, "end", strong)
    return text(escape(words), x, y, "middle", strong)
