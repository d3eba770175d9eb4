"""Which of a benchmark's rows are ratios, and of what: read off the names that `measure.ratio` gives.

A row holds `ratio`, `quartile_low` and `quartile_high`, and the medians `a_ms`, `b_ms` of the sides: the ratio is of
a's time over b's. A third side c over the same b is `c_ratio`, `c_quartile_low`, `c_quartile_high` and `c_ms`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Ratio(NamedTuple):
    """The time of side a over that of side b: the median of rounds, its quartiles, and each side's median in ms."""

    row: str
    a: str
    b: str
    ratio: float
    low: float
    high: float
    a_ms: float
    b_ms: float

    @property
    def sides(self) -> str:
        return f"{self.a} / {self.b}"


def ratios_of(rows: Any) -> list[Ratio]:
    """All ratios with a spread, in the order of the rows.

    >>> one = {"ratio": 2.0, "quartile_low": 1.9, "quartile_high": 2.2, "ours_ms": 4.0, "plain_ms": 2.0, "target": 1.5}
    >>> ratios_of({"C4": one, "error": {"median": 0.1}})[0].sides
    'ours / plain'
    """
    if not isinstance(rows, Mapping):
        return []
    return [found for row, values in rows.items() if isinstance(values, Mapping) for found in _of(row, values)]


def keys_of(values: Mapping[str, Any]) -> set[str]:
    """The keys of a row that its ratios take up."""
    return {key for stem in _stems(values) for key in (*_spread(stem), *_medians(values, stem))}


def _of(row: str, values: Mapping[str, Any]) -> list[Ratio]:
    found = []
    for stem in _stems(values):
        a, b = _medians(values, stem)
        spread = (values[key] for key in _spread(stem))
        found.append(Ratio(row, a.removesuffix("_ms"), b.removesuffix("_ms"), *spread, values[a], values[b]))
    return found


def _stems(values: Mapping[str, Any]) -> list[str]:
    if sum(key.endswith("_ms") for key in values) < 2:
        return []
    stems = [key.removesuffix("ratio") for key in values if key == "ratio" or key.endswith("_ratio")]
    return [stem for stem in stems if {*_spread(stem), *_medians(values, stem)} <= set(values)]


def _spread(stem: str) -> tuple[str, str, str]:
    return f"{stem}ratio", f"{stem}quartile_low", f"{stem}quartile_high"


def _medians(values: Mapping[str, Any], stem: str) -> tuple[str, str]:
    """In the order they were written in: first over second."""
    first, second, *_ = (key for key in values if key.endswith("_ms"))
    return (f"{stem}ms", second) if stem else (first, second)
