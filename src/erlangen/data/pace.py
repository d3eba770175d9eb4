"""Sequences as they would be at another speed, or recorded in finer steps."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.errors import DataError


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


def lasting(dt: Tensor, now: int) -> Tensor:
    """How long each of `now` even parts of a sequence lasts whose steps last `dt` `[T]`: together as long.

    >>> lasting(torch.tensor([1.0, 10.0]), 4).tolist()
    [0.5, 0.5, 5.0, 5.0]
    """
    steps = len(dt)
    edges = torch.arange(now + 1, dtype=torch.float64) * steps / now
    at = edges.long().clamp(max=steps - 1)
    until = torch.cat([dt.new_zeros(1, dtype=torch.float64), dt.double().cumsum(0)])
    return (until[at] + (edges - at) * dt.double()[at]).diff().to(dt.dtype)


def factors_of(slower: Any, count: int, held: bool = False) -> list[float]:
    """One for each of so many sequences; DataError for what is none, and for a part of a step held.

    >>> factors_of(2, 3)
    [2.0, 2.0, 2.0]
    """
    found = torch.as_tensor(slower, dtype=torch.float64).expand(count) if _is_one(slower) else torch.as_tensor(slower)
    whole = not held or bool((found == found.round()).all())
    if found.shape != (count,) or not bool((found > 0).all()) or not bool(found.isfinite().all()) or not whole:
        expected = f"one number over 0, or {count} of them{', whole ones where steps are held' * held}"
        raise DataError(f"slower={slower!r}", expected, "2 is half the speed, 0.5 double.")
    return found.tolist()


def _is_one(slower: Any) -> bool:
    return torch.as_tensor(slower).dim() == 0
