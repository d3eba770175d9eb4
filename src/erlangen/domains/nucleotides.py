"""What letters of DNA say by their numbers alone, the same on either strand."""

import torch
from torch import Tensor


def gc_share(inputs: Tensor, around: int | None = None) -> Tensor:
    """(c + g) / (a + c + g + t), along each sequence `[n, 4, length]` → `[n]`; of no letters NaN.

    With `around`, an odd number, of so many letters about each: → `[n, length]`. The other strand has the same share,
    and in many data it alone tells classes apart: a network has to beat it.

    >>> letters = torch.eye(4)[[2, 2, 1, 0]].T[None]  # GGCA
    >>> gc_share(letters).tolist(), gc_share(letters, 3).tolist()[0][-1]
    ([0.75], 0.5)
    """
    both = torch.stack([inputs[:, 1:3].sum(dim=1), inputs.sum(dim=1)], dim=1)
    if around is not None:
        both = torch.nn.functional.avg_pool1d(both, around, stride=1, padding=around // 2)
    else:
        both = both.sum(dim=-1)
    return both[:, 0] / both[:, 1]
