"""Reading what users pass: one place for each check, so that all of it is refused in one voice."""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from erlangen.errors import SymmetryError

T = TypeVar("T")
LARGEST = float(np.finfo(np.float64).max)


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
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if real and least <= value < below and abs(value) <= LARGEST:
        return float(value)
    limits = f"a number, {least:g} or more" if below == np.inf else f"a number from {least:g} to below {below:g}"
    raise error(f"{name}={value!r}", limits, mend or "Leave it out for the default.")


def instance(name: str, value: Any, kind: type[T], error: type[SymmetryError], mend: str) -> T:
    """The value if it is of the kind, or the error."""
    if isinstance(value, kind):
        return value
    raise error(f"{name}={shortened(value)}, a {type(value).__name__}", f"a {kind.__name__}", mend)


def among(name: str, value: Any, known: Iterable[str], error: type[SymmetryError], mend: str) -> str:
    """The value if it is one of these words, or the error.

    >>> among("boundary", "open", ("open", "periodic"), SymmetryError, "Leave it out.")
    'open'
    """
    words = tuple(known)
    if isinstance(value, str) and value in words:
        return value
    expected = " or ".join(f'"{word}"' for word in words) if len(words) < 3 else f"one of {', '.join(words)}"
    raise error(f"{name}={value!r}", expected, mend)


def bounded(name: str, value: Any, most: int, error: type[SymmetryError]) -> None:
    """The error for a whole number beyond what any machine holds, and for an array; what else it is to be is asked
    elsewhere."""
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        raise error(f"{name}={shortened(value)}", "a plain value, no array", "Pass a number, a text, a list.")
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value > most:
        raise error(f"{name}={shortened(value)}", f"at most {most:,}", "More than that no memory holds.")


def shortened(value: Any) -> str:
    """How a value looks, in so many letters as a line has room for.

    >>> shortened(10**400)
    'a whole number of 1329 bits'
    """
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a whole number of {value.bit_length()} bits"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}…"


def listed(name: str, value: Any, error: type[SymmetryError], expected: str, mend: str) -> tuple[Any, ...]:
    """The parts of a list or a tuple, or the error; a text, a table and an array are none.

    >>> listed("notes", ["a"], SymmetryError, "texts", "Leave it out.")
    ('a',)
    """
    if isinstance(value, list | tuple):
        return tuple(value)
    raise error(f"{name}={shortened(value)}", f"a list of {expected}", mend)


def place(name: str, value: Any, error: type[SymmetryError]) -> Path:
    """The path of a file that a text or a Path says, or the error."""
    if isinstance(value, str | os.PathLike) and Path(value).name:
        return Path(value)
    raise error(f"{name}={shortened(value)}", "the path of a file, as a text or a Path", "Such as 'net.safetensors'.")


def meant(word: str, known: Sequence[str], otherwise: str) -> str:
    """The mend for a word that is not known: the one it was probably meant to be.

    >>> meant("epoch", ["epochs", "seeds"], "Check the spelling.")
    "Did you mean 'epochs'?"
    """
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else otherwise
