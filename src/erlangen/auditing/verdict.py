"""From numbers to words: proved, exact, approximate, not resolved, undefined, broken. Every rule stands here."""

import math
from collections.abc import Iterable
from typing import Literal

import torch

from erlangen.auditing.measure import Numbers

Verdict = Literal["proved", "exact", "approximate", "not resolved", "undefined", "broken"]

SEVERITY: tuple[Verdict, ...] = ("proved", "exact", "approximate", "not resolved", "undefined", "broken")
MEANING: dict[str, str] = {
    "proved": "holds for all inputs of this size, by computation in a finite field",
    "exact": "holds to rounding",
    "approximate": "broken by less than a tenth of the answers' own spread",
    "not resolved": "cannot be told apart from what the transform or the choice of inputs does by itself",
    "undefined": "answers vary too little over these inputs, rest on a choice that no rule can make, or cannot be had",
    "broken": "does not hold",
}
BROKEN_ABOVE = 0.1
ROUND_TRIPS = 3.0
EXACT_IN_DOUBLE = 1e-10


def tolerance(dtype: torch.dtype) -> float:
    """The error up to which a symmetry is exact: 1e-10 in float64, 1e-5 in float32 and below.

    >>> tolerance(torch.float64)
    1e-10
    """
    return EXACT_IN_DOUBLE if dtype == torch.float64 else 1e-5


def floor_decides(numbers: Numbers, dtype: torch.dtype) -> bool:
    """Whether only the rounding floor stands between this error and the name exact, so that float64 has to be asked."""
    return dtype != torch.float64 and tolerance(dtype) < numbers.error <= numbers.floor <= BROKEN_ABOVE


def hidden_by_dtype(numbers: Numbers, dtype: torch.dtype) -> bool:
    """Whether the verdict is undefined for a half-precision dtype's rounding alone: in float32 there would be one."""
    finer = numbers.floor * torch.finfo(torch.float32).eps / torch.finfo(dtype).eps
    return finer <= BROKEN_ABOVE < numbers.floor < math.inf and torch.finfo(dtype).bits < 32


def judge(numbers: Numbers, dtype: torch.dtype, round_trip: float = 0.0, repeat: Numbers | None = None) -> Verdict:
    """The verdict on one comparison in `dtype`; `repeat` is the same in float64, needed where `floor_decides`.

    undefined: floor > 0.1 or no variance. not resolved: error within 3 × `round_trip`, or the interval straddles 0.1.
    exact: error ≤ max(tolerance, floor), and where the floor decides, the float64 error ≤ 1e-10. approximate: the
    interval ends at 0.1 or below. broken: else.
    """
    if math.isnan(numbers.error) or not numbers.floor <= BROKEN_ABOVE:
        return "undefined"
    if round_trip > 0 and numbers.error <= ROUND_TRIPS * round_trip:
        return "not resolved"  # before exact: what was interpolated is never called so
    if floor_decides(numbers, dtype):
        return "not resolved" if repeat is None else _exact_or_not(repeat, repeat.error <= EXACT_IN_DOUBLE)
    return _exact_or_not(numbers, numbers.error <= max(tolerance(dtype), numbers.floor))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The most severe: proved < exact < approximate < not resolved < undefined < broken.

    >>> worst(["exact", "broken", "undefined"])
    'broken'
    """
    return max(verdicts, key=SEVERITY.index)


def _exact_or_not(numbers: Numbers, exact: bool) -> Verdict:
    if exact:
        return "exact"
    if numbers.high <= BROKEN_ABOVE:
        return "approximate"
    return "broken" if numbers.low > BROKEN_ABOVE else "not resolved"
