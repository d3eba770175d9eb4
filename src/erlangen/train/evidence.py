"""How much a difference between trained networks means: by the spread over seeds and the number of test examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median, stdev

ENOUGH = 30  # test examples, below which nothing is said of a difference
CLEAR = 2.0  # standard errors, above which a difference is called clear
FEW = 5  # confusions, below which no cause is named


@dataclass(frozen=True)
class Measured:
    """A share of right answers: `values` one a seed, `noise` the standard error that `tested` examples leave.

    With `folds` each value is of other test examples, the same for every network.
    """

    values: tuple[float, ...]
    noise: float
    tested: int
    folds: int = 0

    @property
    def median(self) -> float:
        """Over seeds; over folds it is the mean."""
        return mean(self.values) if self.folds else median(self.values)


def relation(a: Measured, b: Measured) -> str:
    """ "better", "worse" or "equal": a against b, "unknown" where there are fewer than 30 test examples.

    They differ where their ranges over seeds are apart and |median a − median b| > 2 √(noise²_a + noise²_b).

    >>> relation(Measured((0.97, 0.98), 0.01, 400), Measured((0.9, 0.91), 0.01, 400))
    'better'
    >>> relation(Measured((0.97, 0.98), 0.01, 400), Measured((0.96, 0.99), 0.01, 400))
    'equal'

    Over folds it is the differences fold by fold that count: their mean against twice its standard error (`error_of`).
    """
    if a.folds and a.folds == b.folds and len(a.values) == len(b.values):
        return _fold_by_fold(a, b)
    if min(a.tested, b.tested) < ENOUGH:
        return "unknown"
    apart = min(a.values) > max(b.values) or max(a.values) < min(b.values)
    if not apart or abs(a.median - b.median) <= CLEAR * math.hypot(a.noise, b.noise):
        return "equal"
    return "better" if a.median > b.median else "worse"


def over(a: Measured, baseline: float) -> bool:
    """Whether a is clearly over a fixed share, from every seed: min a > baseline and median a − baseline > 2 noise.

    >>> over(Measured((0.6, 0.5), 0.05, 100), 0.5), over(Measured((0.9, 0.8), 0.03, 100), 0.5)
    (False, True)
    """
    if a.folds:
        clear = CLEAR * error_of(a.values, a.folds)
        return a.tested >= ENOUGH and len(a.values) > 1 and a.median - baseline > clear
    return a.tested >= ENOUGH and min(a.values) > baseline and a.median - baseline > CLEAR * a.noise


def error_of(values: Sequence[float], folds: int) -> float:
    """σ √(1/n + 1/(folds − 1)): the standard error of a mean over n folds, which share most of what they learnt from.

    The second term is the ratio of test to training examples. Nadeau, Bengio 2003, doi:10.1023/A:1024068626366.

    >>> round(error_of([0.8, 0.9], 10), 3)
    0.055
    """
    return stdev(values) * math.sqrt(1 / len(values) + 1 / (folds - 1)) if len(values) > 1 else math.inf


def _fold_by_fold(a: Measured, b: Measured) -> str:
    gaps = [x - y for x, y in zip(a.values, b.values, strict=True)]
    if min(a.tested, b.tested) < ENOUGH or len(gaps) == 1:
        return "unknown"
    if abs(mean(gaps)) <= CLEAR * error_of(gaps, a.folds):
        return "equal"
    return "better" if mean(gaps) > 0 else "worse"


def more(some: tuple[int, int], others: tuple[int, int], chance: float = 0.0) -> bool:
    """Whether `some` (k of n) is clearly a greater share than `others` (k of n) and than `chance`, from at least 5.

    >>> more((8, 270), (0, 270)), more((2, 270), (0, 270))
    (True, False)
    """
    if some[0] < FEW or not some[1] or not others[1]:
        return False
    p, q = some[0] / some[1], others[0] / others[1]
    apart = p - q > CLEAR * math.sqrt(p * (1 - p) / some[1] + q * (1 - q) / others[1])
    return apart and p - chance > CLEAR * math.sqrt(chance * (1 - chance) / some[1])
