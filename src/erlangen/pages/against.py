"""What was said over what was true: points about the diagonal on which all would lie if all were right."""

from collections.abc import Sequence

import numpy as np

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import escape, svg, tag, text

_LEFT, _FOOT, _TOP, _RIGHT = 50, 34, 20, 10
_WIDER = 0.04


def against(
    pairs: Sequence[tuple[float, float]],
    limits: tuple[float, float] | None = None,
    series: int = 1,
    across: str = "true",
    up: str = "said",
    size: int = 300,
) -> Html:
    """A dot for each (true, said) on two equal axes, the diagonal dashed; `limits` fix the axes for several pictures.

    What lies beyond them stands on the frame.

    >>> against([(0.0, 0.1), (1.0, 0.8)]).count("<circle")
    2
    """
    low, high = limits if limits is not None else limits_of(pairs)
    base, right = size - _FOOT, size - _RIGHT

    def place(value: float) -> float:
        return _LEFT + (right - _LEFT) * (min(max(value, low), high) - low) / (high - low)

    def level(value: float) -> float:
        return base - (base - _TOP) * (min(max(value, low), high) - low) / (high - low)

    parts = [tag("path", css="axis", d=f"M{_LEFT} {_TOP}V{base}H{right}")]
    for value in (low, (low + high) / 2, high):
        where = "start" if value == low else "end" if value == high else "middle"
        parts.append(text(number(value, 2), place(value), base + 14, where))
        parts.append(text(number(value, 2), _LEFT - 5, level(value) + (10 if value == high else 3), "end"))
    parts.append(tag("line", css="mark", x1=place(low), y1=level(low), x2=place(high), y2=level(high)))
    parts += [text(escape(up), 2, 11), text(escape(across), right, size - 4, "end")]
    colour = {"fill": f"var(--series-{series})", "opacity": 0.45}
    for true, said in pairs:
        parts.append(tag("circle", cx=place(true), cy=level(said), r=2.2, **colour))
    return svg(parts, size, size, f"{len(pairs)} answers over what is true")


def limits_of(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A little beyond the least and the greatest of what is true; what is said wildly does not stretch the axes.

    >>> limits_of([(0.0, 9.0), (1.0, 0.5)])
    (-0.04, 1.04)
    """
    true = np.asarray([a for a, _ in pairs] or [0.0, 1.0], dtype=np.float64)
    low, high = float(true.min()), float(true.max())
    wider = _WIDER * (high - low) or 0.5
    return low - wider, high + wider
