"""Letters for long fibres, so that a table of spaces stays readable: F = trivial + irrep(1, 0) + … of O(2)."""

import re
from collections import Counter
from collections.abc import Iterable

from erlangen.signal import Space

LETTERS = "FGHKLMNPQ"
SHORT = 30  # letters that a table has room for
OFTEN = 3
_COPIES = re.compile(r"(?:\d+ × )?\((.*)\)( of .*)")


def lettered(spaces: Iterable[Space]) -> tuple[tuple[str, str], ...]:
    """(letter, fibre) for the fibres that are long and come often, in the order in which they come.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import SO
    >>> lettered([Space(Grid(2), n * SO(2).band_limited_regular(3)) for n in (1, 2, 4)])
    (('F', 'trivial + irrep(1) + irrep(2) + irrep(3) of SO(2)'),)
    """
    seen = Counter(_fibre(str(space.rho)) for space in spaces)
    long = [fibre for fibre, times in seen.items() if times >= OFTEN and len(fibre) > SHORT]
    return tuple(zip(LETTERS, long, strict=False))


def shortened(text: str, letters: Iterable[tuple[str, str]]) -> str:
    """The text with its letters in place of the fibres.

    >>> shortened("X(Grid(2), 2 × (trivial + irrep(1)) of SO(2))", [("F", "trivial + irrep(1) of SO(2)")])
    'X(Grid(2), 2 × F)'
    """
    for letter, fibre in letters:
        inside, _, group = fibre.rpartition(" of ")
        text = text.replace(f" × ({inside}) of {group}", f" × {letter}").replace(f", {fibre})", f", {letter})")
    return text


def _fibre(rho: str) -> str:
    copies = _COPIES.fullmatch(rho)
    return "".join(copies.groups()) if copies else rho
