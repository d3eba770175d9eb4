"""Rows of signals that stand one behind the other: cut out by index operations alone."""

import torch
from torch import Tensor

from erlangen.domains._segments import starts as starts_of


def cut(starts: Tensor, picked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The rows of the picked segments, which of the picked each belongs to, and where each now begins.

    >>> rows, which, ptr = cut(torch.tensor([0, 2, 5]), torch.tensor([1, 0]))
    >>> rows.tolist(), which.tolist(), ptr.tolist()
    ([2, 3, 4, 0, 1], [0, 0, 0, 1, 1], [0, 3, 5])
    """
    first, sizes = starts[picked], starts[picked + 1] - starts[picked]
    ptr = starts_of(sizes)
    which = torch.repeat_interleave(torch.arange(len(picked)), sizes, output_size=int(ptr[-1]))
    return torch.arange(int(ptr[-1])) + (first - ptr[:-1])[which], which, ptr


def starts(sizes: list[int]) -> Tensor:
    """Where segments of these sizes begin, and where the last one ends.

    >>> starts([2, 3]).tolist()
    [0, 2, 5]
    """
    return starts_of(torch.tensor(sizes))
