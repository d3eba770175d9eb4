"""Transposed convolutions: outputs padded at neither end, round the circle, or at every site."""

import math
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.changes.rewriting import Rewriting, Sites, Unchangeable, bind
from erlangen.auditing.changes.window import continued, each

_NAMES = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")


def transposed(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """conv_transpose1d, 2d, 3d: y[j] = Σ x[i] w[t] over all i · stride + t · dilation = j + padding."""
    call = bind(_NAMES, args, kwargs)
    x, dim = call["input"], mode.dim
    if x.dim() != dim + 2:
        return func(*args, **kwargs)
    stride, padding, more, dilation = (
        each(call.get(name, unless), dim)
        for name, unless in (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1))
    )
    reach = tuple(d * (k - 1) for d, k in zip(dilation, call["weight"].shape[2:], strict=True))
    if max(more):
        mode.met.add("upsampling")
    if any(r >= s for r, s in zip(reach, stride, strict=True)):
        mode.met.add("zeros")  # beyond the ends there is nothing that would reach in
    if "dense" in mode.words:
        return _everywhere(mode, func, call, stride, padding, dilation, reach)
    if "zeros" in mode.words:
        return _round(func, call, mode.sites(x), stride, padding, dilation, reach)
    return func(**{**call, "output_padding": 0}) if "upsampling" in mode.words else func(**call)


def _everywhere(
    mode: Rewriting,
    func: Any,
    call: dict[str, Any],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    reach: tuple[int, ...],
) -> Tensor:
    """At every site: the mean over where the stride may begin."""
    x, sites = call["input"], mode.sites(call["input"])
    step = finer(sites, stride)
    padding, dilation, reach = (
        tuple(a * s for a, s in zip(part, step, strict=True)) for part in (padding, dilation, reach)
    )
    weight = call["weight"] / float(math.prod(stride))
    call, one = {**call, "weight": weight}, (1,) * mode.dim
    if "zeros" in mode.words:
        y = _round(func, call, sites, one, padding, dilation, reach)
    else:
        sizes = tuple(x.shape[2:])
        y = _narrowed(_full(func, call, x, one, dilation), padding, sizes)
    mode.place(y, Sites(step, sites.period))
    return y


def finer(sites: Sites, factor: tuple[int, ...]) -> tuple[int, ...]:
    """The steps after upsampling by `factor` where every site is there already; refused where it is not."""
    if any(s % f for s, f in zip(sites.step, factor, strict=True)):
        raise Unchangeable("sites finer than the input's have no evaluation at every site")
    return tuple(s // f for s, f in zip(sites.step, factor, strict=True))


def _round(
    func: Any,
    call: dict[str, Any],
    sites: Sites,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    reach: tuple[int, ...],
) -> Tensor:
    """x continued at both ends, so that what leaves at one end comes in at the other."""
    x = call["input"]
    ends = tuple(-(-r // s) for r, s in zip(reach, stride, strict=True))
    y = _full(func, call, continued(x, sites, tuple((e, e) for e in ends)), stride, dilation)
    starts = tuple(p + e * s for p, e, s in zip(padding, ends, stride, strict=True))
    return _narrowed(y, starts, tuple(n * s for n, s in zip(x.shape[2:], stride, strict=True)))


def _full(func: Any, call: dict[str, Any], x: Tensor, stride: tuple[int, ...], dilation: tuple[int, ...]) -> Tensor:
    return func(x, call["weight"], call.get("bias"), stride, 0, 0, call.get("groups", 1), dilation)


def _narrowed(y: Tensor, starts: tuple[int, ...], sizes: tuple[int, ...]) -> Tensor:
    short = [max(0, a + n - m) for a, n, m in zip(starts, sizes, y.shape[2:], strict=True)]
    if any(short):
        y = F.pad(y, [end for s in reversed(short) for end in (0, s)])
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True), start=2):
        y = y.narrow(axis, start, size)
    return y
