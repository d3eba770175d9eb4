"""Measured points with their intervals, over a line of numbers, by logarithm; shaded where nothing can be told."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import escape, svg, tag, text

Shape = Literal["circle", "diamond"]
_Scale = Callable[[float], float]
_LEFT, _FOOT, _TOP, _RIGHT = 46, 32, 20, 4
_INSET = 12.0  # between the frame and what stands at either end
_REACH = 24.0  # how far a floor is drawn about its dot
_SIZE = 4.2
_APART = 9.0  # between points that would stand on one another
_TINY = 1e-8


@dataclass(frozen=True)
class Dot:
    """One measured point at `x`: its value and interval, and the `floor` under which it says nothing."""

    name: str
    x: float
    low: float
    value: float
    high: float
    floor: float = 0.0
    hollow: bool = False


def scatter(
    dots: Sequence[Dot],
    most: float,
    ticks: Sequence[float],
    mark: float,
    shape: Shape = "circle",
    series: int = 1,
    across: str = "",
    up: str = "",
    unit: str = "",
    width: int = 380,
    height: int = 236,
) -> Html:
    """Dots over 0 … `most`, log of the value upwards, the `mark` dashed; those at one place stand side by side.

    A value of nought, or below 10⁻⁸, stands on the axis. The area under each dot's floor is shaded.

    >>> drawn = scatter([Dot("a", 90, 0.2, 0.3, 0.4, floor=0.05)], 360, [0, 180, 360], mark=0.1)
    >>> drawn.count("<circle"), drawn.count("<rect")
    (1, 1)
    """
    known = sorted((d for d in dots if not math.isnan(d.value)), key=lambda d: (d.x, d.value))
    least, top = _heights(known, mark)
    base = height - _FOOT

    def place(x: float) -> float:
        return _LEFT + _INSET + (width - _LEFT - _RIGHT - 2 * _INSET) * x / most

    def level(value: float) -> float:
        clipped = min(max(value, least), top) if math.isfinite(value) else top
        return _TOP + (base - _TOP) * (1 - math.log(clipped / least) / math.log(top / least))

    places = _side_by_side([place(d.x) for d in known], width)
    parts = _floors(known, places, level, base, width) + _axes(place, level, ticks, (least, top), base, width, unit)
    at = level(mark)
    parts.append(tag("line", f"<title>{number(mark)}</title>", "mark", x1=_LEFT, x2=width - _RIGHT, y1=at, y2=at))
    parts += [text(escape(up), 2, 11), text(escape(across), width - _RIGHT, height - 2, "end")]
    for dot, right in zip(known, places, strict=True):
        parts += _drawn(dot, right, level, shape, series)
    return svg(parts, width, height, "error of each element")


def dot_mark(shape: Shape, series: int, hollow: bool = False) -> Html:
    """The mark of a dot by itself, for a legend.

    >>> "circle" in dot_mark("circle", 1)
    True
    """
    return svg([_mark(shape, 7.0, 7.0, series, hollow, "")], 14, 14, shape)


def _heights(dots: Sequence[Dot], mark: float) -> tuple[float, float]:
    """Whole decades about all that is drawn, no fewer than two under the mark."""
    values = [v for d in dots for v in (d.low, d.value, d.high, d.floor) if math.isfinite(v) and v > 0]
    low = max(_TINY, min([mark / 100, *values]))
    high = max([10 * mark, *values])
    return 10.0 ** math.floor(math.log10(low) + 1e-9), 1.6 * high if high > 9 * mark else 10 * mark


def _side_by_side(places: list[float], width: int) -> list[float]:
    """Those that stand at one place drawn apart about it, not as far as half way to the next, and within the frame."""
    found: list[float] = []
    distinct = sorted({round(p, 1) for p in places})
    for at in distinct:
        crowd = sum(round(p, 1) == at for p in places)
        gaps = [abs(other - at) for other in distinct if other != at] + [width / 3]
        step = min(_APART, 0.8 * min(gaps) / max(1, crowd - 1))
        half = step * (crowd - 1) / 2
        middle = max(min(at, width - _RIGHT - _SIZE - half), _LEFT + _SIZE + half)
        found += [middle + step * i - half for i in range(crowd)]
    return found


def _floors(dots: Sequence[Dot], places: list[float], level: _Scale, base: float, width: int) -> list[str]:
    """Under each dot what its floor hides, up to half way to its neighbours."""
    ends = [(a + b) / 2 for a, b in pairwise(places)]
    parts = []
    for i, (dot, at) in enumerate(zip(dots, places, strict=True)):
        left = max(ends[i - 1] if i else _LEFT, at - _REACH, _LEFT)
        right = min(ends[i] if i < len(ends) else width - _RIGHT, at + _REACH, width - _RIGHT)
        if dot.floor > 0:
            upper = level(dot.floor)
            size = {"x": left, "y": upper, "width": max(right - left, 0.5), "height": max(base - upper, 0.5)}
            words = f"<title>{escape(dot.name)}: not resolved up to {number(dot.floor)}</title>"
            parts.append(tag("rect", words, "shade", **size))
    return parts


def _axes(
    place: _Scale,
    level: _Scale,
    ticks: Sequence[float],
    limits: tuple[float, float],
    base: float,
    width: int,
    unit: str,
) -> list[str]:
    first, last = (math.floor(math.log10(limit) + 1e-9) for limit in limits)
    every = max(1, math.ceil((last - first + 1) / 6))
    parts = [tag("path", css="axis", d=f"M{_LEFT} {_TOP}V{base}H{width - _RIGHT}")]
    for power in range(last, first - 1, -every):
        down = level(10.0**power)
        parts.append(tag("line", css="axis", x1=_LEFT, x2=width - _RIGHT, y1=down, y2=down))
        parts.append(text(number(10.0**power, 1).removeprefix("1·"), _LEFT - 5, down + 4, "end"))
    for tick in ticks:
        right = place(tick)
        parts.append(tag("line", css="axis", x1=right, x2=right, y1=base, y2=base + 4))
        parts.append(text(f"{tick:g}{unit}", right, base + 15, "middle"))
    return parts


def _drawn(dot: Dot, right: float, level: _Scale, shape: Shape, series: int) -> list[str]:
    ends = (dot.low, dot.high) if math.isfinite(dot.low) else (dot.value, dot.value)
    bounds = f" ({number(dot.low)} … {number(dot.high)})" if math.isfinite(dot.low) else ""
    words = f"<title>{escape(dot.name)}: {number(dot.value)}{bounds}</title>"
    colour = {"stroke": f"var(--series-{series})", "stroke_width": 2, "opacity": 0.55}
    line = tag("line", x1=right, x2=right, y1=level(ends[0]), y2=level(ends[1]), **colour)
    return [line, _mark(shape, right, level(dot.value), series, dot.hollow, words)]


def _mark(shape: Shape, x: float, y: float, series: int, hollow: bool, words: str) -> str:
    colour = f"var(--series-{series})"
    paint = {"fill": "var(--card)" if hollow else colour, "stroke": colour, "stroke_width": 1.6}
    if shape == "circle":
        return tag("circle", words, cx=x, cy=y, r=_SIZE - 0.6, **paint)
    r = _SIZE + 0.6
    return tag("path", words, d=f"M{x:.1f} {y - r:.1f}l{r} {r}l-{r} {r}l-{r} -{r}z", **paint)
