"""A model that takes batches of one size only: the last is filled up, and what answers the filling is dropped."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor


def in_batches(ask: Callable[[Tensor], Any], x: Tensor, size: int | None) -> Any:
    """`ask` of x by `size` inputs at a time, the last batch filled up with its last input; by all at once for None.

    Shapes: x `[n, …]` → what `ask` answers, `[n, …]`, in the tuples or dictionaries that it answers with.

    >>> in_batches(lambda x: x.flatten(1), torch.zeros(6, 2, 3), 4).shape
    torch.Size([6, 6])
    """
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
