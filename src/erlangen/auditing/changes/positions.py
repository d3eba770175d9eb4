"""What tells positions apart by constants: embeddings added, factors, coordinates joined, weights of a norm."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.changes.rewriting import Rewriting, bind

_NORM = ("input", "normalized_shape", "weight", "bias", "eps")
_JOIN = ("tensors", "dim")


def added(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """x + p, p not of the input: its mean over positions instead of p."""
    return _alike(mode, "embedding", lambda p, axes: p.mean(axes, keepdim=True), func, args, kwargs)


def scaled(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """x · p or x / p, p not of the input: its root mean square over positions, as the mean may be zero."""
    return _alike(mode, "factors", lambda p, axes: p.square().mean(axes, keepdim=True).sqrt(), func, args, kwargs)


def _alike(
    mode: Rewriting,
    word: str,
    instead: Callable[[Tensor, tuple[int, ...]], Tensor],
    func: Any,
    args: Any,
    kwargs: dict[str, Any],
) -> Any:
    pair = args[:2]
    if len(pair) < 2 or not all(isinstance(part, Tensor) for part in pair):
        return func(*args, **kwargs)
    for i, (p, x) in enumerate((pair, pair[::-1])):
        axes = _told_apart(mode.position_axes(x), p)
        if mode.moves(x) and not mode.moves(p) and axes and p.dtype.is_floating_point:
            mode.met.add(word)
            if word in mode.words:
                mean = instead(p, axes)
                return func(*((mean, x) if i == 0 else (x, mean)), *args[2:], **kwargs)
    return func(*args, **kwargs)


def joined(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """cat of x and of coordinates that are not of the input: their means over positions instead."""
    call = bind(_JOIN, args, kwargs)
    parts = list(call["tensors"])
    x = next(part for part in parts if mode.moves(part))
    along = call.get("dim", call.get("axis", 0)) % x.dim() - x.dim()
    for i, part in enumerate(parts):
        axes = tuple(a for a in _told_apart(mode.position_axes(x), part) if a != along)
        if not mode.moves(part) and part.dtype.is_floating_point and axes:
            mode.met.add("coordinates")
            if "coordinates" in mode.words:
                parts[i] = part.mean(axes, keepdim=True).expand_as(part)
    return torch.cat(parts, along)


def normed(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """layer_norm over space: the means over positions of its weights and biases."""
    call = bind(_NORM, args, kwargs)
    weights = {name: call[name] for name in ("weight", "bias") if call.get(name) is not None}
    positions = mode.position_axes(call["input"])
    if not any(_told_apart(positions, weight) for weight in weights.values()):
        return func(*args, **kwargs)
    mode.met.add("norm")
    if "norm" in mode.words:
        for name, weight in weights.items():
            call[name] = weight.mean(_told_apart(positions, weight), keepdim=True).expand_as(weight)
    return func(**call)


def _told_apart(axes: tuple[int, ...], p: Tensor) -> tuple[int, ...]:
    """Those of the axes, counted from the end, along which p has more than one value."""
    return tuple(a for a in axes if p.dim() >= -a and p.shape[a] > 1)
