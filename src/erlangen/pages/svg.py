"""The few marks that drawings are made of, as SVG text."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from erlangen.pages.render import Html

LETTER = 6.2  # about the width of a letter of the page's drawings, in their own units


def value_range(
    values: NDArray[np.float64], low: float | None, high: float | None, through_zero: bool = False
) -> tuple[float, float]:
    """The scale of a drawing: what is given, else the extremes; never empty."""
    bottom = float(values.min(initial=np.inf)) if low is None else low
    top = float(values.max(initial=-np.inf)) if high is None else high
    if through_zero:
        bottom, top = min(bottom, 0.0), max(top, 0.0)
    if not (math.isfinite(bottom) and math.isfinite(top)):
        return 0.0, 1.0
    return (bottom, top) if top > bottom else (bottom - 0.5, top + 0.5)


def text(words: str, x: float, y: float, anchor: str = "start", strong: bool = False) -> str:
    """A line of text at (x, y)."""
    return tag("text", words, "strong" if strong else "", x=x, y=y, text_anchor=anchor)


def tag(name: str, inside: str = "", css: str = "", **attributes: object) -> str:
    """One element, with `inside` between its tags.

    >>> tag("rect", x=1.50, y=2)
    '<rect x="1.5" y="2"/>'
    """
    given = {"class": css, **attributes} if css else attributes
    written = " ".join(f'{key.replace("_", "-")}="{_short(value)}"' for key, value in given.items())
    return f"<{name} {written}>{inside}</{name}>" if inside else f"<{name} {written}/>"


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def svg(parts: Sequence[str], width: int, height: int, label: str) -> Html:
    """The whole drawing; it fills the width it is given."""
    return Html(f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>')


def escape(words: str) -> str:
    """Text as it may stand in markup."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
