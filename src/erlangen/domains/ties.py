"""Ranks that do not change with the order of storage: what is equal but for rounding has one rank."""

import torch
from torch import Tensor

from erlangen.domains._segments import segment_max
from erlangen.domains.packed import Members, place_in


def rounding(dtype: torch.dtype) -> float:
    """The share of its scale by which a length that was computed in another way may differ.

    >>> rounding(torch.float64), rounding(torch.float32)
    (1e-09, 1e-05)
    """
    return {torch.float64: 1e-9, torch.float32: 1e-5}.get(dtype, 4 * torch.finfo(dtype).eps)


def better(scores: Tensor, members: Members, scale: Tensor) -> Tensor:
    """How many rows of the same signal have a greater score, ties counting as equal; `[n]`, 0 for the best.

    Scores are tied where, from one to the next, they differ by no more than √ε of the largest `scale` `[n]` in their
    signal, ε that of their dtype: equal ones that were summed in another order differ by less.

    >>> from erlangen.domains.packed import whole
    >>> scores = torch.tensor([1.0, 3.0, 1.0 + 1e-7, 0.5])
    >>> better(scores, whole(4, scores), scores).tolist()
    [1, 0, 1, 3]
    """
    scores, scale = scores.detach(), scale.detach()
    falling = torch.argsort(scores, descending=True, stable=True)
    order = falling[torch.argsort(members.batch[falling], stable=True)]
    ordered, place = scores[order], place_in(members)
    near = torch.finfo(scores.dtype).eps ** 0.5 * segment_max(scale, members.batch, len(members.ptr) - 1)
    falls = torch.ones_like(place, dtype=torch.bool)
    falls[1:] = (ordered[:-1] - ordered[1:] > near[members.batch[1:]]) | (place[1:] == 0)
    first = place[falls][falls.cumsum(0) - 1]
    return torch.empty_like(first).index_copy(0, order, first)
