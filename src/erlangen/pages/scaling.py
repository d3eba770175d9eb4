"""Curves on two logarithmic axes, where a power is a straight line and its exponent the steepness."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import escape, svg, tag, text

_LEFT, _FOOT, _TOP, _RIGHT = 52, 34, 18, 8
_LEAST_DECADES = 1.0
_Point = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Trace:
    """One curve in the colour of its series: with dots, or dashed; `low` and `high` make a band about it."""

    name: str
    y: ArrayLike
    series: int = 1
    dashed: bool = False
    low: ArrayLike | None = None
    high: ArrayLike | None = None


def loglog(
    x: ArrayLike, traces: Sequence[Trace], across: str = "", up: str = "", width: int = 420, height: int = 300
) -> Html:
    """The traces over the positive numbers x; what is not positive and finite is left out.

    >>> loglog([0.1, 1.0], [Trace("twice", [0.2, 2.0])]).count("<polyline")
    1
    """
    places = np.asarray(x, dtype=np.float64).reshape(-1)
    heights = [_positive(trace.y) for trace in traces]
    across_range, up_range = _decades(places), _decades(np.concatenate([np.empty(0), *heights]))

    def point(at: float, value: float) -> tuple[float, float]:
        right = _LEFT + (width - _LEFT - _RIGHT) * _share(at, across_range)
        return right, _TOP + (height - _TOP - _FOOT) * (1 - _share(value, up_range))

    parts = _axes(across_range, up_range, point, width, height)
    parts += [text(escape(up), 2, 10), text(escape(across), width - _RIGHT, height - 3, "end")]
    for trace, values in zip(traces, heights, strict=True):
        parts += _band(places, trace, up_range, point) + _curve(places, values, trace, point)
    return svg(parts, width, height, "line chart, both axes logarithmic")


def _curve(x: NDArray[np.float64], y: NDArray[np.float64], trace: Trace, point: _Point) -> list[str]:
    known = [(at, value, *point(at, value)) for at, value in zip(x.tolist(), y.tolist(), strict=True) if value > 0]
    colour = f"var(--series-{trace.series})"
    path = " ".join(f"{right:.1f},{down:.1f}" for _, _, right, down in known)
    dashes, thickness = ("4 4", 1.4) if trace.dashed else ("none", 1.8)
    line = tag("polyline", points=path, fill="none", stroke=colour, stroke_dasharray=dashes, stroke_width=thickness)
    drawn = [line] if known else []
    for at, value, right, down in known if not trace.dashed else []:
        words = f"<title>{escape(trace.name)}: {number(value)} at {number(at)}</title>"
        drawn.append(tag("circle", words, cx=right, cy=down, r=3.2, fill=colour))
    return drawn


def _band(x: NDArray[np.float64], trace: Trace, limits: tuple[float, float], point: _Point) -> list[str]:
    if trace.low is None or trace.high is None:
        return []
    low, high = (np.clip(_positive(end), *limits) for end in (trace.low, trace.high))
    known = [i for i in range(len(x)) if np.asarray(trace.y)[i] > 0]
    corners = [point(x[i], high[i]) for i in known] + [point(x[i], low[i]) for i in reversed(known)]
    path = " ".join(f"{right:.1f},{down:.1f}" for right, down in corners)
    return [tag("polygon", points=path, fill=f"var(--series-{trace.series})", opacity=0.18)] if known else []


def _axes(across: tuple[float, float], up: tuple[float, float], point: _Point, width: int, height: int) -> list[str]:
    base = height - _FOOT
    parts = [tag("path", css="axis", d=f"M{_LEFT} {_TOP}V{base}H{width - _RIGHT}")]
    for value in _ticks(*up):
        _, down = point(across[0], value)
        parts.append(tag("line", css="axis", x1=_LEFT, x2=width - _RIGHT, y1=down, y2=down))
        parts.append(text(number(value, 1), _LEFT - 6, down + 4, "end"))
    for value in _ticks(*across):
        right, _ = point(value, up[0])
        parts.append(tag("line", css="axis", x1=right, x2=right, y1=_TOP, y2=base))
        parts.append(text(number(value, 1), right, base + 14, "middle"))
    return parts


def _positive(values: ArrayLike) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64).reshape(-1)
    return np.where(np.isfinite(found) & (found > 0), found, 0.0)


def _decades(values: NDArray[np.float64]) -> tuple[float, float]:
    """The range of what is positive, a little widened, and never less than a decade."""
    known = values[values > 0]
    if not len(known):
        return 0.1, 1.0
    low, high = math.log10(float(known.min())), math.log10(float(known.max()))
    wider = max(0.03 * (high - low), (_LEAST_DECADES - (high - low)) / 2)
    return 10 ** (low - wider), 10 ** (high + wider)


def _share(value: float, limits: tuple[float, float]) -> float:
    low, high = limits
    return math.log(min(max(value, low), high) / low) / math.log(high / low)


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten; where there are fewer than two of them, 2 and 5 times them as well."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    tens = [10.0**k for k in range(first, last + 1)]
    few = sum(low <= t <= high for t in tens) < 2
    found = [m * t for t in tens for m in ((1, 2, 5) if few else (1,))]
    return [t for t in found if low <= t <= high]
