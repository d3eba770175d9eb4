"""What a table of counts n[true][said] says: the commonest class, and how much of each class is found."""

import math
from collections.abc import Sequence

Counts = Sequence[Sequence[int]]


def total(counts: Counts) -> int:
    """Σ n: how many answers were counted.

    >>> total([[3, 1], [0, 2]])
    6
    """
    return sum(map(sum, counts))


def majority(counts: Counts) -> tuple[int, float]:
    """(c, share) of the class with the most members: what always answering c would score.

    >>> majority([[3, 1], [0, 1]])
    (0, 0.8)
    """
    members = [sum(line) for line in counts]
    best = max(range(len(members)), key=members.__getitem__)
    return best, members[best] / max(1, sum(members))


def recall(counts: Counts, c: int) -> float:
    """n[c][c] / Σ n[c][·]: the part of the class c that is found; NaN where it has no members.

    >>> recall([[3, 1], [0, 1]], 0)
    0.75
    """
    members = sum(counts[c])
    return counts[c][c] / members if members else math.nan


def overlap(counts: Counts, c: int) -> float:
    """|true ∩ said| / |true ∪ said| of the class c (IoU, Jaccard 1901); NaN where it is neither there nor said.

    >>> overlap([[3, 1], [0, 1]], 0), overlap([[3, 1], [0, 1]], 1)
    (0.75, 0.5)
    """
    union = sum(counts[c]) + sum(line[c] for line in counts) - counts[c][c]
    return counts[c][c] / union if union else math.nan


def mean_overlap(counts: Counts) -> float:
    """The mean of `overlap` over the classes that are there or are said.

    >>> mean_overlap([[3, 1], [0, 1]])
    0.625
    """
    return _mean([overlap(counts, c) for c in range(len(counts))])


def dice(counts: Counts, c: int) -> float:
    """2 |true ∩ said| / (|true| + |said|) of the class c (Dice 1945, F₁); NaN where it is neither there nor said.

    >>> round(dice([[3, 1], [0, 1]], 0), 3), round(dice([[3, 1], [0, 1]], 1), 3)
    (0.857, 0.667)
    """
    both = sum(counts[c]) + sum(line[c] for line in counts)
    return 2 * counts[c][c] / both if both else math.nan


def mean_dice(counts: Counts) -> float:
    """The mean of `dice` over the classes that are there or are said, each counting the same however rare it is.

    >>> round(mean_dice([[3, 1], [0, 1]]), 3)
    0.762
    """
    return _mean([dice(counts, c) for c in range(len(counts))])


def constant(counts: Counts, c: int) -> list[list[int]]:
    """The same examples where every answer is c: the table of the baseline.

    >>> constant([[3, 1], [0, 1]], 0)
    [[4, 0], [1, 0]]
    """
    return [[sum(line) if said == c else 0 for said in range(len(counts))] for line in counts]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
