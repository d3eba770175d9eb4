"""Reading what users pass to groups, so that all of it is refused in one voice."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from erlangen.errors import GroupError
from erlangen.given import bounded
from erlangen.given import whole as whole_number


def whole(n: Any, what: str, least: int = 1, most: int | None = None) -> int:
    """n as an int ≥ least, and ≤ most where that is said, else GroupError."""
    if most is not None:
        bounded(f"{what}, n", n, most, GroupError)
    return whole_number(f"{what}, n", n, GroupError, least, "Write 4, for example.")


def space_axis(axis: Any, name: str) -> int | None:
    """None or an array axis 0, 1, 2 of space, else GroupError."""
    if axis is None:
        return None
    if isinstance(axis, (int, np.integer)) and not isinstance(axis, bool) and 0 <= axis <= 2:
        return int(axis)
    raise GroupError(
        f"{name}(n, axis={axis!r})",
        "an array axis of space, 0, 1 or 2, or none for the plane",
        f"Write {name}(4, axis=2) to turn the (i, j) plane of a volume.",
    )


def plane_or_space(n: Any, name: str) -> int:
    """2 or 3, else GroupError."""
    if isinstance(n, (int, np.integer)) and n in (2, 3):
        return int(n)
    raise GroupError(f"{name}({n!r})", f"{name}(2) or {name}(3)", "The plane and space have such groups.")


def generator(rng: Any) -> np.random.Generator:
    """The numpy Generator that a seed, a Generator or nothing stands for, else GroupError."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise GroupError(
            f"rng={shorten(rng)}", "a seed (a whole number ≥ 0) or a numpy Generator", "Write rng=0, or leave it out."
        ) from None


def in_turn(things: Any, what: str) -> tuple[Any, ...]:
    """The things of a list as a tuple, else GroupError."""
    try:
        return tuple(things)
    except TypeError:
        raise GroupError(f"{shorten(things)} as {what}", f"a list of {what}", "Write it in brackets: [g, h].") from None


def as_array(thing: Any) -> NDArray[np.float64] | None:
    """The thing as a float64 array, None where it is none; tensors come along by their own conversion."""
    try:
        array = np.asarray(thing)
    except (TypeError, ValueError, RuntimeError):  # ragged lists; tensors that need a gradient
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def is_permutation(array: NDArray[Any]) -> bool:
    """Whether the entries are 0 … n−1 in some order."""
    return bool(array.size) and np.array_equal(np.sort(array), np.arange(array.size))


def shorten(thing: Any) -> str:
    """A thing as an error message shows it: one line, cut at 120 characters.

    >>> shorten((1, 0, 2))
    '(1, 0, 2)'
    """
    text = " ".join(repr(thing).split())
    return text if len(text) <= 120 else f"{text[:117]}..."
