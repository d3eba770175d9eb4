"""How many numbers a network learns, and the width at which two networks learn as many."""

from collections.abc import Callable

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
    """argmin_w |count(w) − wanted| for a count that grows with the width.

    >>> match_width(lambda w: 9 * w * w, 1000)
    11
    """
    low, high = 1, 1
    while count(high) < wanted and high < WIDEST:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < wanted else (low, middle)
    return min((low, high), key=lambda width: abs(count(width) - wanted))
