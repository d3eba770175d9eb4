"""Sequences as they would be at another speed, or recorded in finer steps."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def at_pace(x: Tensor, slower: float, held: bool = False) -> tuple[Tensor, Tensor]:
    """x `[c, T]` `slower` times slower, in round(slower T) steps, one at least; and of each the step it comes from.

    Interpolated linearly between the middles of steps; with `held` (then `slower` is a whole number) every step stands
    so many times.

    >>> x = torch.tensor([[0.0, 1.0]])
    >>> at_pace(x, 2)[0].tolist(), at_pace(x, 2, held=True)[0].tolist()
    ([[0.0, 0.25, 0.75, 1.0]], [[0.0, 0.0, 1.0, 1.0]])
    """
    steps = x.shape[1]
    if held:
        source = torch.arange(steps).repeat_interleave(int(slower))
        return x[:, source], source
    now = max(1, round(slower * steps))
    source = ((torch.arange(now) + 0.5) * steps / now).long().clamp(max=steps - 1)
    return F.interpolate(x[None], size=now, mode="linear", align_corners=False)[0], source


def factors_of(slower: "float | Sequence[float]", count: int) -> list[float]:
    """One for each of so many sequences.

    >>> factors_of(2, 3)
    [2, 2, 2]
    """
    return list(slower) if isinstance(slower, Sequence) else [slower] * count
