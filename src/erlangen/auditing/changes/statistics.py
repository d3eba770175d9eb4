"""Norms by statistics of what they are given: those of the reference inputs kept, and the same at every position."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.changes.rewriting import Rewriting, bind

_BATCH = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
_LEARNED = ("weight", "bias")
_INSTANCE = ("input", "running_mean", "running_var", "weight", "bias", "use_input_stats", "momentum", "eps")
_GROUP = ("input", "num_groups", "weight", "bias", "eps")


def of_batch(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """batch_norm by the statistics of the batch, or by kept ones of each position: where axis 1 holds tokens."""
    call = bind(_BATCH, args, kwargs)
    x = call["input"]
    own = call.get("training", False) or call.get("running_mean") is None
    positions = _positions(mode, x)
    if not own and positions == 1:
        return func(*args, **kwargs)
    mode.met.add("statistics")
    if "statistics" not in mode.words:
        return func(*args, **kwargs)
    found = mode.kept(lambda: _statistics(x)) if own else (call["running_mean"], call["running_var"])
    groups = x.shape[1] // positions  # as many positions as there are now: without strides they are more
    mean, variance = _pooled(*(value.unflatten(0, (groups, -1)) for value in found))
    weight, bias = (None if w is None else w.unflatten(0, (groups, -1)).mean(1) for w in map(call.get, _LEARNED))
    mean, variance = (value.repeat_interleave(positions) for value in (mean, variance))
    weight, bias = (None if w is None else w.repeat_interleave(positions) for w in (weight, bias))
    return F.batch_norm(x, mean, variance, weight, bias, False, 0.0, call.get("eps", 1e-5))


def of_instance(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """instance_norm: means over the reference inputs of each channel's statistics."""
    call = bind(_INSTANCE, args, kwargs)
    own = call.get("use_input_stats", True) or call.get("running_mean") is None
    return _of_signal(mode, call, call["input"].shape[1]) if own and _asked(mode) else func(*args, **kwargs)


def of_group(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """group_norm: means over the reference inputs of each group's statistics."""
    call = bind(_GROUP, args, kwargs)
    return _of_signal(mode, call, call["num_groups"]) if _asked(mode) else func(*args, **kwargs)


def _asked(mode: Rewriting) -> bool:
    mode.met.add("signal")
    return "signal" in mode.words


def _of_signal(mode: Rewriting, call: dict[str, Any], groups: int) -> Tensor:
    x: Tensor = call["input"]
    values = x.unflatten(1, (groups, -1)).flatten(2)
    repeat = x.shape[1] // groups

    def statistics() -> tuple[Tensor, Tensor]:
        mean, variance = values.mean(2).mean(0), values.var(2, correction=0).mean(0)
        return mean.repeat_interleave(repeat), variance.repeat_interleave(repeat)

    mean, variance = mode.kept(statistics)
    return F.batch_norm(x, mean, variance, call.get("weight"), call.get("bias"), False, 0.0, call.get("eps", 1e-5))


def _statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    values = x.transpose(0, 1).flatten(1)
    return values.mean(1), values.var(1, correction=0)


def _positions(mode: Rewriting, x: Tensor) -> int:
    """How many positions axis 1 tells apart: where it holds tokens, or all sites of the input, flattened."""
    if any(x.dim() + axis == 1 for axis in mode.position_axes(x)):
        return x.shape[1]
    return mode.whole if x.dim() == 2 and x.shape[1] % mode.whole == 0 else 1


def _pooled(mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of all positions together, those on axis 1."""
    return mean.mean(1), variance.mean(1) + mean.var(1, correction=0)
