"""Slices with a step, x[..., ::2, ::2]: strides written out, windows of one value."""

from typing import Any

from torch import Tensor

from erlangen.auditing.changes.rewriting import Rewriting
from erlangen.auditing.changes.window import Window
from erlangen.auditing.changes.windows import called


def sliced(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """x[index]: with steps along the axes of positions, to the end."""
    x, index = args
    parts = _spelled(x, index)
    if parts is None or not mode.dense(x):
        return func(*args, **kwargs)
    along = parts[2:]
    steps = tuple(part.step or 1 for part in along)
    starts = tuple(part.start or 0 for part in along)
    if max(steps) == 1 or min(*steps, *starts) < 0 or any(part.stop is not None for part in along):
        return func(*args, **kwargs)
    some = x[tuple(parts[:2])]  # of inputs and channels
    mode.place(some, mode.sites(x))
    ones = (1,) * mode.dim
    window = Window("maximum", {"input": some}, ones, steps, tuple((-start, 0) for start in starts), ones)
    return called(mode, window, func, args, kwargs)


def _spelled(x: Tensor, index: Any) -> list[slice] | None:
    """One slice for each axis; None where the index is more than slices."""
    given = list(index) if isinstance(index, tuple) else [index]
    if not all(isinstance(part, slice) or part is Ellipsis for part in given):
        return None
    rest = [slice(None)] * (x.dim() - sum(part is not Ellipsis for part in given))
    found: list[slice] = []
    for part in given:
        found += rest if part is Ellipsis else [part]
    return found if Ellipsis in given else found + rest
