"""A model that takes batches of one size only: the last is filled up, and what answers the filling is dropped."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


class FixedBatch(nn.Module):
    """f(x) of a module that was written down for `size` inputs at once, for any number of them.

    Shapes: x `[n, …]` → what the module answers, `[n, …]`, in the tuples or dictionaries that it answers with.

    >>> FixedBatch(nn.Flatten(), 4)(torch.zeros(6, 2, 3)).shape
    torch.Size([6, 6])
    """

    def __init__(self, model: Callable[[Tensor], Any], size: int):
        super().__init__()
        self.model, self.size = model, size

    def forward(self, x: Tensor) -> Any:
        """The module's answers to x, `size` inputs at a time."""
        return in_batches(self.model, x, self.size)


def in_batches(ask: Callable[[Tensor], Any], x: Tensor, size: int | None) -> Any:
    """`ask` of x by `size` inputs at a time, the last batch filled up with its last input; by all at once for None."""
    if size is None or len(x) == size:
        return ask(x)
    answers = []
    for part in x.split(size):
        missing = size - len(part)
        filled = torch.cat([part, part[-1:].repeat(missing, *[1] * (x.dim() - 1))]) if missing else part
        answers.append(_first(ask(filled), size, len(part)))
    return _joined(answers)


def _first(y: Any, size: int, count: int) -> Any:
    """The first `count` of `size` answers; what is no such answer stays as it is, and is judged later."""
    if isinstance(y, Tensor):
        return y[:count] if y.dim() and len(y) == size else y
    if isinstance(y, Mapping):
        return {name: _first(part, size, count) for name, part in y.items()}
    return tuple(_first(part, size, count) for part in y) if isinstance(y, tuple | list) else y


def _joined(answers: list[Any]) -> Any:
    first = answers[0]
    if isinstance(first, Tensor):
        return torch.cat(answers) if first.dim() else first
    if isinstance(first, Mapping):
        return {name: _joined([y[name] for y in answers]) for name in first}
    return tuple(_joined(list(parts)) for parts in zip(*answers, strict=True)) if isinstance(first, tuple) else first
