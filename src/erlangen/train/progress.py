"""How long work says how far it is: a part of it done, in words, and whether a whole piece is finished."""

from collections.abc import Callable

Tell = Callable[[float, str, bool], None]
Progress = Callable[[int, int], None]


def part_of(tell: Tell | None, number: int, pieces: int, name: str) -> Progress | None:
    """(done, total) of piece `number` of `pieces` ↦ tell((number + done / total) / pieces, …); None where none listens.

    >>> heard = part_of(lambda fraction, text, done: print(fraction, text, done), 1, 2, "audit, plain")
    >>> heard(3, 6)
    0.75 audit, plain: 3 of 6 motions False
    """
    if tell is None:
        return None
    return lambda done, total: tell((number + done / total) / pieces, f"{name}: {done} of {total} motions", False)
