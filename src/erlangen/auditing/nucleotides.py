"""DNA as a reader sees it: a coloured cell for each base where it is one base a place, else four rows of shades."""

from collections.abc import Sequence

import numpy as np

from erlangen.pages import Html, picture
from erlangen.pages.svg import svg, tag, text

ALPHABET = "ACGTN"  # N where none of the four is set
MOST_CELLS = 120
_LEFT, _WIDTH, _ROW, _FOOT = 18, 240, 22, 16
_A_LINE, _PITCH, _LINE = 15, 16, 20  # cells a line, and their size


def nucleotides(arrays: Sequence[np.ndarray]) -> list[str]:
    """Arrays [4, length] on one scale, each as one drawing; of more than 120 bases the four rows of shades.

    >>> nucleotides([np.eye(4)])[0].count("<rect")
    4
    """
    short = arrays[0].shape[1] <= MOST_CELLS
    if short and all(_is_one_base_a_place(a) for a in arrays):
        return [_cells(_places(a)) for a in arrays]
    low, high = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
    return [_shades(a, low, high) for a in arrays]


def _is_one_base_a_place(a: np.ndarray) -> bool:
    return bool(np.isin(a, (0.0, 1.0)).all() and (a.sum(0) <= 1).all())


def _places(a: np.ndarray) -> list[int]:
    return np.where(a.max(0) > 0, a.argmax(0), len(a)).tolist()


def _cells(places: Sequence[int]) -> Html:
    """Lines of fifteen letters, each on the colour of its base."""
    parts: list[str] = []
    for i, base in enumerate(places):
        line, column = divmod(i, _A_LINE)
        colour = f"var(--series-{base + 1})"
        cell = {"width": _PITCH - 1, "height": _LINE - 3, "rx": 2, "fill": colour, "opacity": 0.35}
        parts.append(tag("rect", x=column * _PITCH, y=line * _LINE, **cell))
        parts.append(text(ALPHABET[base], (column + 0.5) * _PITCH - 0.5, line * _LINE + 12.5, "middle", strong=True))
    return svg(parts, _WIDTH, -(-len(places) // _A_LINE) * _LINE, "".join(ALPHABET[base] for base in places))


def _shades(a: np.ndarray, low: float, high: float) -> Html:
    """Four rows of shades with their letters before them, and the first and last place below."""
    height = _ROW * len(a)
    image = {"href": picture(a, low, high, "heat", smallest=0), "style": "image-rendering: pixelated"}
    place = {"x": _LEFT, "y": 0, "width": _WIDTH - _LEFT, "height": height, "preserveAspectRatio": "none"}
    parts = [tag("image", **image, **place)]
    parts += [text(letter, 2, (i + 0.5) * _ROW + 4) for i, letter in enumerate(ALPHABET[: len(a)])]
    parts += [text("0", _LEFT, height + 12), text(str(a.shape[1] - 1), _WIDTH, height + 12, "end")]
    return svg(parts, _WIDTH, height + _FOOT, "four rows of shades")
