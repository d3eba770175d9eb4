"""Convolutions, pools and padding without a border, without strides, or without gaps at the end."""

import math
from dataclasses import replace
from typing import Any

from torch import Tensor

from erlangen.auditing.changes.blur import blurred
from erlangen.auditing.changes.rewriting import Rewriting, Sites, Unchangeable, bind
from erlangen.auditing.changes.sampling import aligned, mirrored
from erlangen.auditing.changes.window import Ends, Window, continued, each

_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_MAXIMUM = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_AVERAGE = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
_PAD = ("input", "pad", "mode", "value")
_ADAPTIVE = ("input", "output_size")
_WORDS = frozenset({"zeros", "complete", "dense", "blur", "mirrored", "phase"})


def convolution(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """conv1d, conv2d, conv3d."""
    call = bind(_CONVOLUTION, args, kwargs)
    kernel = tuple(call["weight"].shape[2:])
    dilation = each(call.get("dilation", 1), len(kernel))
    padding = _ends(call.get("padding", 0), kernel, dilation)
    window = Window("convolution", call, kernel, each(call.get("stride", 1), len(kernel)), padding, dilation)
    return called(mode, window, func, args, kwargs)


def maximum(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """max_pool1d, max_pool2d, max_pool3d."""
    call = bind(_MAXIMUM, args, kwargs)
    return called(mode, _pool("maximum", call, call.get("dilation", 1)), func, args, kwargs)


def average(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """avg_pool1d, avg_pool2d, avg_pool3d."""
    return called(mode, _pool("average", bind(_AVERAGE, args, kwargs), 1), func, args, kwargs)


def adaptive(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Adaptive pools: strided ones where the size is a multiple of what they make; to one point they have no stride."""
    call = bind(_ADAPTIVE, args, kwargs)
    x, asked = call["input"], call["output_size"]
    wanted = each(asked, mode.dim) if isinstance(asked, int) else tuple(asked)
    if x.dim() != mode.dim + 2 or None in wanted or max(wanted) == 1:
        return func(*args, **kwargs)
    sizes = _sizes(mode, x)
    if any(n % m for n, m in zip(sizes, wanted, strict=True)):
        return func(*args, **kwargs)
    kernel = tuple(n // m for n, m in zip(sizes, wanted, strict=True))
    kind = "maximum" if "max" in func.__name__ else "average"
    window = Window(kind, {"input": x}, kernel, kernel, ((0, 0),) * mode.dim, (1,) * mode.dim)
    return called(mode, window, func, args, kwargs)


def pad(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """F.pad, by as many steps as there were values."""
    call = bind(_PAD, args, kwargs)
    x, flat, law = call["input"], list(call["pad"]), call.get("mode", "constant")
    if not mode.dense(x) or len(flat) > 2 * mode.dim or min(flat, default=-1) < 0:
        return func(*args, **kwargs)
    sites = mode.sites(x)
    ends = [(flat[2 * i], flat[2 * i + 1]) for i in range(len(flat) // 2)]
    whole = tuple([(0, 0)] * (mode.dim - len(ends)) + ends[::-1])
    word = _border(law)
    if any(flat) and word:
        mode.met.add(word)
    if word in mode.words or law == "circular":
        y = continued(x, sites, _spaced(whole, sites.step))
        mode.extend(y, _spaced(whole, sites.step))
    else:
        steps = [end for ends in reversed(_spaced(whole, sites.step)) for end in ends]
        y = func(x, steps, mode=law, value=call.get("value"))
    mode.place(y, sites)
    return y


def called(mode: Rewriting, window: Window, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A window's function as it is asked for, which is `func(*args, **kwargs)` where nothing is to be changed."""
    x = window.call["input"]
    if x.dim() != mode.dim + 2 or window.call.get("return_indices") is True:
        return func(*args, **kwargs)
    if window.call.get("ceil_mode"):
        if window.kind == "average":
            return _left(mode, func, args, kwargs)
        window = window.reaching(_sizes(mode, x))
    sites = mode.sites(x)
    made = window.made(_sizes(mode, x))
    whole = tuple(-(-p // s) for p, s in zip(sites.period, sites.step, strict=True))  # the circle, in values
    asked = tuple(-(-n // s) for n, s in zip(whole, window.stride, strict=True))
    cropped = any(m < a for m, a in zip(made, asked, strict=True))
    if max(made) == 1 and min(whole) > 1 and "dense" in mode.words and window.kind != "convolution":
        return _of_all(window.kind, x)
    _meet(mode, window, made, cropped)
    changes = not mode.words.isdisjoint(_WORDS)
    y = _otherwise(mode, window, x, sites, asked, cropped) if changes else func(*args, **kwargs)
    if not mode.dense(y):
        mode.place(y, _sites_after(mode, window, sites, y, asked, cropped))
    return y


def _left(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A mean of windows cut off at the end: they differ in what they divide by, and are only taken as they are."""
    if "dense" in mode.words:
        raise Unchangeable("means of windows that are cut off have no evaluation at every site")
    return func(*args, **kwargs)


def _meet(mode: Rewriting, window: Window, made: tuple[int, ...], cropped: bool) -> None:
    mode.work += window.work * math.prod(made)
    mode.dense_work += window.work * (mode.whole if max(made) > 1 else 1)
    if window.bordered:
        mode.met.add("zeros")
    if max(made) > 1 and max(window.stride) > 1:
        mode.met.add("dense")
    if max(made) > 1 and cropped:
        mode.met.add("complete")


def _otherwise(
    mode: Rewriting, window: Window, x: Tensor, sites: Sites, asked: tuple[int, ...], cropped: bool
) -> Tensor:
    """The function as the words say: padded circularly, at every site, and all round the circle."""
    strided = max(window.stride) > 1
    if "phase" in mode.words and strided and max(window.made(tuple(x.shape[2:]))) > 1:
        x = aligned(mode, x, window.stride)
    if "zeros" in mode.words and window.bordered:
        x = continued(x, sites, _spaced(window.padding, sites.step))
        window = replace(window, padding=((0, 0),) * mode.dim)
    else:
        window = replace(window, padding=_spaced(window.padding, sites.step))
    spread = tuple(d * s for d, s in zip(window.dilation, sites.step, strict=True))
    complete = "complete" in mode.words
    if "dense" in mode.words:
        window = replace(window, stride=(1,) * mode.dim, dilation=spread)
        if "wrap" in mode.words and (complete or not cropped):
            x = _filled(window, x, sites, sites.period)
        return window(x)
    if complete:
        x = _filled(window, x, sites, asked)
    if "blur" in mode.words and strided:
        return blurred(replace(window, stride=(1,) * mode.dim)(x), window.stride, round_="wrap" in mode.words)
    return mirrored(window, x) if "mirrored" in mode.words and strided else window(x)


def _filled(window: Window, x: Tensor, sites: Sites, asked: tuple[int, ...]) -> Tensor:
    """x continued at its ends, so that there are as many windows as asked for."""
    made = window.made(tuple(x.shape[2:]))
    more = tuple((0, max(0, a - m) * s) for a, m, s in zip(asked, made, window.stride, strict=True))
    return continued(x, sites, more) if any(end for _, end in more) else x


def _sites_after(
    mode: Rewriting, window: Window, sites: Sites, y: Tensor, asked: tuple[int, ...], cropped: bool
) -> Sites:
    sizes = tuple(y.shape[2:])
    if "dense" not in mode.words:
        whole = not cropped or "complete" in mode.words
        return Sites(sites.step, tuple(min(a, n) for a, n in zip(asked, sizes, strict=True)) if whole else sizes)
    step = tuple(a * b for a, b in zip(sites.step, window.stride, strict=True))
    return Sites(step, tuple(min(p, n) for p, n in zip(sites.period, sizes, strict=True)))


def _sizes(mode: Rewriting, x: Tensor) -> tuple[int, ...]:
    """How many values x would have along each axis with its strides left in."""
    return tuple(-(-n // s) for n, s in zip(x.shape[2:], mode.sites(x).step, strict=True))


def _of_all(kind: str, x: Tensor) -> Tensor:
    axes = tuple(range(2, x.dim()))
    return x.amax(axes, keepdim=True) if kind == "maximum" else x.mean(axes, keepdim=True)


def _pool(kind: str, call: dict[str, Any], apart: Any) -> Window:
    dim = max(1, call["input"].dim() - 2)
    kernel, dilation = each(call["kernel_size"], dim), each(apart, dim)
    stride = each(call.get("stride") or kernel, dim)
    return Window(kind, call, kernel, stride, _ends(call.get("padding", 0), kernel, dilation), dilation)


def _ends(padding: Any, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[Ends, ...]:
    if padding == "same":
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((p, p) for p in each(0 if padding == "valid" else padding, len(kernel)))


def _spaced(ends: tuple[Ends, ...], step: tuple[int, ...]) -> tuple[Ends, ...]:
    return tuple((a * s, b * s) for (a, b), s in zip(ends, step, strict=True))


def _border(law: str) -> str:
    return {"constant": "zeros", "reflect": "reflection", "replicate": "reflection"}.get(law, "")
