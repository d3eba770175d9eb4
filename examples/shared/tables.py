"""Tables of what several seeds found."""

from collections.abc import Mapping, Sequence
from statistics import median


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the greatest of several.

    >>> spread([97.01, 95.2, 96.4]), spread([50.0])
    ('96.4 (95.2 … 97.0)', '50.0')
    """
    low, middle, high = (f"{value:.1f}" for value in (min(values), median(values), max(values)))
    return middle if len(values) == 1 else f"{middle} ({low} … {high})"


def one_row(head: str, name: str, found: Mapping[str, Sequence[float]]) -> str:
    """A table of a single row.

    >>> print(one_row("vertices", "% right", {"2,000": [98.0]}))
    | vertices | 2,000 |
    | --- | ---: |
    | % right | 98.0 |
    """
    lines = [f"| {head} | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    return "\n".join([*lines, f"| {name} | {' | '.join(map(spread, found.values()))} |"])
