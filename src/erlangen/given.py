"""Reading what users pass: one place for each check, so that all of it is refused in one voice."""

from collections.abc import Sequence
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeVar

import numpy as np

from erlangen.errors import SymmetryError

T = TypeVar("T")


def whole(name: str, value: Any, error: type[SymmetryError], least: int = 1, mend: str = "") -> int:
    """The value as an int of at least `least`, or the error.

    >>> whole("depth", 2, SymmetryError)
    2
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    expected = {0: "a whole number, 0 or more", 1: "a positive whole number"}.get(least, f"a whole number from {least}")
    raise error(f"{name}={value!r}", expected, mend or "Leave it out for the default.")


def flag(name: str, value: Any, error: type[SymmetryError]) -> bool:
    """The value if it is True or False, or the error."""
    if isinstance(value, bool):
        return value
    raise error(f"{name}={value!r}", "True or False", "Leave it out for the default.")


def number(
    name: str, value: Any, error: type[SymmetryError], least: float = 0.0, below: float = np.inf, mend: str = ""
) -> float:
    """The value as a finite float from `least` to below `below`, or the error."""
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if real and isfinite(value) and least <= value < below:
        return float(value)
    limits = f"a number, {least:g} or more" if below == np.inf else f"a number from {least:g} to below {below:g}"
    raise error(f"{name}={value!r}", limits, mend or "Leave it out for the default.")


def instance(name: str, value: Any, kind: type[T], error: type[SymmetryError], mend: str) -> T:
    """The value if it is of the kind, or the error."""
    if isinstance(value, kind):
        return value
    raise error(f"{name}={value!r}, a {type(value).__name__}", f"a {kind.__name__}", mend)


def meant(word: str, known: Sequence[str], otherwise: str) -> str:
    """The mend for a word that is not known: the one it was probably meant to be.

    >>> meant("epoch", ["epochs", "seeds"], "Check the spelling.")
    "Did you mean 'epochs'?"
    """
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else otherwise
