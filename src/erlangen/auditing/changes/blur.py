"""Anti-aliasing: a binomial blur before a stride (Zhang 2019, arXiv:1904.11486)."""

from torch import Tensor
from torch.nn import functional as F


def blurred(x: Tensor, stride: tuple[int, ...], round_: bool) -> Tensor:
    """x blurred by (½, ½) twice for each step of the stride beyond the first, then every `stride`-th value.

    Shapes: `[n, c, …]` → `[n, c, ⌈…/stride⌉]`; past its ends x goes on in a circle if `round_`, else by its last value.
    """
    for axis, step in enumerate(stride, start=2):
        for _ in range(step - 1):
            x = (_next(x, axis, -1, round_) + 2 * x + _next(x, axis, 1, round_)) / 4
        x = x[(slice(None),) * axis + (slice(None, None, step),)]
    return x


def _next(x: Tensor, axis: int, by: int, round_: bool) -> Tensor:
    if round_:
        return x.roll(by, axis)
    ends = [0, 0] * (x.dim() - 1 - axis) + ([1, 0] if by > 0 else [0, 1])
    padded = F.pad(x, ends + [0, 0] * (x.dim() - 2 - len(ends) // 2), mode="replicate")
    return padded.narrow(axis, 0 if by > 0 else 1, x.shape[axis])
