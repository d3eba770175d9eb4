"""A commuting square as one SVG: x → f(x) above, g·x → f(g·x) below, and in the middle by how much they differ."""

from dataclasses import dataclass

from torch import Tensor

from erlangen.pages.svg import escape, svg, tag

WIDE, HIGH = 640, 500
LEFT, RIGHT, TOP, BOTTOM = 14, 406, 44, 312  # where corners begin
ACROSS, DOWN = 220, 150  # room for a corner
INK, FAINT, CARD = "#1a1a1a", "#5f6368", "#f8f7f3"  # one card, light in both themes: pictures have colours of their own
FONT = "font-family:system-ui,sans-serif"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Corner:
    """A drawing in its own units, which is fitted into its corner."""

    marks: str
    wide: float
    high: float

    def at(self, left: float, top: float) -> str:
        """Fitted into the corner that begins there."""
        box = f"0 0 {self.wide:g} {self.high:g}"
        return tag("svg", self.marks, x=left, y=top, width=ACROSS, height=DOWN, viewBox=box)


@dataclass(frozen=True)
class Square:
    """x, f(x), g·x and f(g·x) as they are drawn, what g does to both, and ‖f(g·x) − g·f(x)‖ / ‖f(x)‖."""

    corners: tuple[Corner, Corner, Corner, Corner]
    things: tuple[str, str]  # what x and f(x) are
    acts: tuple[str, str]  # what g does to x and to f(x)
    error: float


def apart(there: Tensor, along: Tensor) -> float:
    """‖f(g·x) − g·f(x)‖ / ‖g·f(x)‖."""
    return float((there - along).norm() / along.norm())


def square(drawn: Square) -> str:
    """The SVG of a square; `data-error` holds the number that stands in its middle.

    >>> dot = Corner('<circle cx="5" cy="5" r="5"/>', 10, 10)
    >>> 'data-error="2e-07"' in square(Square((dot,) * 4, ("a", "b"), ("turned", "turned"), 2e-7))
    True
    """
    places = [(LEFT, TOP), (RIGHT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)]
    parts = [corner.at(*place) for corner, place in zip(drawn.corners, places, strict=True)]
    (x, y), (g, g_of_y) = drawn.things, drawn.acts
    heads = [("x", x), ("f(x)", y), ("g·x", ""), ("f(g·x)", "")]
    for (left, top), (sign, said) in zip(places, heads, strict=True):
        at = top - 14 if top == TOP else top + DOWN + 22
        parts.append(_line(left + ACROSS / 2, at, f"{sign}: {said}" if said else sign, strong=not said))
    middle, between = (TOP + DOWN + BOTTOM) / 2, (LEFT + ACROSS + RIGHT) / 2
    for top in (TOP, BOTTOM):
        parts += [_arrow(LEFT + ACROSS + 12, top + DOWN / 2, RIGHT - 12, top + DOWN / 2)]
        parts += [_line(between, top + DOWN / 2 - 12, "f", strong=True)]
    for left, said in ((LEFT, g), (RIGHT, g_of_y)):
        at = left + ACROSS / 2
        parts += [_arrow(at, TOP + DOWN + 8, at, BOTTOM - 8), _beside(at, middle, said, left == LEFT)]
    parts += [
        _line(between, middle - 8, "‖f(g·x) − g·f(x)‖ ÷ ‖f(x)‖", size=15, colour=FAINT),
        _line(between, middle + 20, f"= {power(drawn.error)}", strong=True, size=24),
    ]
    card = tag("rect", x=1, y=1, width=WIDE - 2, height=HIGH - 2, rx=14, fill=CARD, stroke="#d8d5cc")
    label = escape(f"A commuting square: f(g·x) and g·f(x) differ by {power(drawn.error)} of f(x)")
    given = f'xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}" data-error="{drawn.error:.1g}"'
    return svg([card, *parts], WIDE, HIGH, label).replace("<svg", f"<svg {given}", 1) + "\n"


def power(value: float) -> str:
    """A figure and a power of ten.

    >>> power(2.4e-7), power(0.0)
    ('2 · 10⁻⁷', '0')
    """
    if not value:
        return "0"
    figure, exponent = f"{value:.0e}".split("e")
    return f"{figure} · 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def _line(x: float, y: float, words: str, *, strong: bool = False, size: int = 18, colour: str = INK) -> str:
    style = f"{FONT};font-size:{size}px" + ";font-weight:600" * strong
    return tag("text", escape(words), x=x, y=y, text_anchor="middle", fill=colour, style=style)


def _beside(x: float, y: float, words: str, leftmost: bool) -> str:
    """What an upright arrow does, on its outer side, in lines of at most twelve letters."""
    lines, anchor = _wrapped(words), "end" if leftmost else "start"
    at = x - 12 if leftmost else x + 12
    style = f"{FONT};font-size:16px"
    first = y - 9 * (len(lines) - 1) + 5
    spans = "".join(tag("tspan", escape(line), x=at, y=first + 18 * row) for row, line in enumerate(lines))
    return tag("text", spans, text_anchor=anchor, fill=INK, style=style)


def _wrapped(words: str, most: int = 12) -> list[str]:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    head = f"M{to_x - 8} {to_y - 5}l8 5l-8 5" if y == to_y else f"M{to_x - 5} {to_y - 8}l5 8l5 -8"
    return tag("path", d=f"M{x} {y}L{to_x} {to_y}{head}", fill="none", stroke=INK, stroke_width=1.6)
