"""Dots over two axes, each by number or by logarithm: how a result depends on what was chosen."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from erlangen.pages.numerals import number
from erlangen.pages.render import Html
from erlangen.pages.svg import escape, svg, tag, text

_LEFT, _FOOT, _TOP, _RIGHT = 52, 34, 20, 10
_INSET = 0.06


class Axis(NamedTuple):
    """What it says, whether it goes by logarithm, its ends; and the names of what stands at 0, 1, 2 …, if they have."""

    name: str
    by_log: bool
    low: float
    high: float
    names: tuple[str, ...] = ()

    def share(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1."""
        low, high, at = (math.log(v) if self.by_log else v for v in (self.low, self.high, value))
        part = (at - low) / (high - low) if high > low else 0.5
        return _INSET + (1 - 2 * _INSET) * min(max(part, 0.0), 1.0)

    @property
    def ticks(self) -> dict[float, str]:
        """Its ends and its middle, or what has a name, with what is written there."""
        if self.names:
            return {float(at): name for at, name in enumerate(self.names)}
        middle = math.sqrt(self.low * self.high) if self.by_log else (self.low + self.high) / 2
        return {tick: number(tick, 3) for tick in (self.low, middle, self.high)}


def axis(name: str, values: Sequence[float], by_log: bool = False) -> Axis:
    """The axis that holds these values; by logarithm where that is asked for and all are positive.

    >>> list(axis("rate", [0.01, 0.1], by_log=True).ticks.values())
    ['0.0100', '0.0316', '0.100']
    """
    return Axis(name, by_log and min(values) > 0, min(values), max(values))


def dots(
    points: Sequence[tuple[float, float, str]], across: Axis, up: Axis, best: int | None = None, size: int = 300
) -> Html:
    """A dot for each (x, y, name); the one with the number `best` is larger, in another colour, and drawn last.

    >>> drawn = dots([(1, 2, "a"), (3, 1, "b")], axis("x", [1, 3]), axis("y", [1, 2]), best=1)
    >>> drawn.count("<circle")
    2
    """
    base, right = size - _FOOT, size - _RIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + (right - _LEFT) * across.share(x), base - (base - _TOP) * up.share(y)

    parts = [tag("path", css="axis", d=f"M{_LEFT} {_TOP}V{base}H{right}")]
    parts += [text(escape(told), place(at, up.low)[0], base + 14, "middle") for at, told in across.ticks.items()]
    parts += [text(escape(told), _LEFT - 5, place(across.low, at)[1] + 3, "end") for at, told in up.ticks.items()]
    parts += [text(escape(up.name), 2, 11), text(escape(across.name), right, size - 4, "end")]
    order = sorted(range(len(points)), key=lambda i: i == best)
    for i in order:
        x, y, name = points[i]
        where = place(x, y)
        paint = {"fill": f"var(--series-{2 if i == best else 1})", "opacity": 1 if i == best else 0.6}
        words = f"<title>{escape(name)}: {number(y)} at {number(x)}</title>"
        parts.append(tag("circle", words, cx=where[0], cy=where[1], r=5 if i == best else 3.5, **paint))
    return svg(parts, size, size, f"{len(points)} results over {across.name}")
