"""How many numbers a network learns, and the width at which two networks learn as many."""

from collections.abc import Callable
from functools import cache
from itertools import cycle
from math import ceil, floor, sqrt

from torch import nn

TOLERANCE = 0.05
WIDEST = 4096


def parameters(net: nn.Module) -> int:
    """How many numbers a network learns.

    >>> parameters(nn.Linear(3, 2))
    8
    """
    return sum(p.numel() for p in net.parameters())


def match_width(count: Callable[[int], int], wanted: int) -> int:
    """argmin_w |count(w) − wanted| for a count that grows with the width, nearly as its square: few are counted.

    >>> match_width(lambda w: 9 * w * w, 1000)
    11
    """
    at = cache(count)
    low, high = 1, 1
    while at(high) < wanted and high < WIDEST:
        low, high = high, min(WIDEST, max(2 * high, ceil(high * sqrt(wanted / max(1, at(high))))))
    steps = cycle((_by_square, lambda at, wanted, low, high: low + 1, lambda at, wanted, low, high: (low + high) // 2))
    while high - low > 1:
        middle = min(high - 1, max(low + 1, next(steps)(at, wanted, low, high)))
        low, high = (middle, high) if at(middle) < wanted else (low, middle)
    return min((low, high), key=lambda width: abs(at(width) - wanted))


def _by_square(at: Callable[[int], int], wanted: int, low: int, high: int) -> int:
    """The last width from which √count is still below √wanted, were that a straight line between these two."""
    least, most = sqrt(at(low)), sqrt(at(high))
    return low + floor((sqrt(wanted) - least) / max(most - least, 1e-9) * (high - low))
