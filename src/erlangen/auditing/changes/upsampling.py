"""Interpolation inside a model: at places that prefer one side, with a border, or where no site is."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.changes.rewriting import Rewriting, Sites, Unchangeable, bind
from erlangen.auditing.changes.transposed import finer
from erlangen.auditing.changes.window import continued

_INTERPOLATE = ("input", "size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
_SAMPLE = ("input", "grid", "mode", "padding_mode", "align_corners")
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
_REACH = 2  # how many sites on either side cubic weights read


def interpolated(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """F.interpolate: linear instead of nearest, round the circle and by whole factors, or not at all."""
    call = bind(_INTERPOLATE, args, kwargs)
    if "dense" in mode.words:
        return _everywhere(mode, call)
    y = func(**call)
    x, law = call["input"], str(call.get("mode", "nearest"))
    if x.dim() != mode.dim + 2:
        return y
    sizes, made = tuple(x.shape[2:]), tuple(y.shape[2:])
    nearest = law.startswith("nearest")
    multiple = all(m % n == 0 for m, n in zip(made, sizes, strict=True))
    finer_only = all(m >= n for m, n in zip(made, sizes, strict=True)) and law != "area"
    if nearest and not multiple:
        mode.met.add("upsampling")
    if finer_only and made != sizes and not (nearest and multiple):
        mode.met.add("interpolated")
        if "interpolated" in mode.words:
            return _round(mode, x, tuple(-(-m // n) for m, n in zip(made, sizes, strict=True)), law)
    if nearest and not multiple and "upsampling" in mode.words:
        return func(**{**call, "mode": _LINEAR[x.dim() - 2]})
    return y


def sampled(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """F.grid_sample to as many places as there are sites: the values at these."""
    call = bind(_SAMPLE, args, kwargs)
    y = func(**call)
    x = call["input"]
    if x.dim() != mode.dim + 2 or y.shape != x.shape:
        return y
    mode.met.add("places")
    return x.clone() if "places" in mode.words else y


def _round(mode: Rewriting, x: Tensor, factor: tuple[int, ...], law: str) -> Tensor:
    """x continued at both ends, interpolated by whole factors between the middles of its sites, and its own part."""
    ends = tuple((min(_REACH, n), min(_REACH, n)) for n in x.shape[2:])
    wide = continued(x, mode.sites(x), ends)
    sizes = tuple(n * f for n, f in zip(wide.shape[2:], factor, strict=True))
    y = F.interpolate(wide, size=sizes, mode=law, align_corners=None if law.startswith("nearest") else False)
    for axis, (n, f, (before, _)) in enumerate(zip(x.shape[2:], factor, ends, strict=True), start=2):
        y = y.narrow(axis, before * f, n * f)
    return y


def _everywhere(mode: Rewriting, call: dict[str, Any]) -> Tensor:
    """Where every site has a value of its own nothing lies between: x, its sites so much closer."""
    x, scale = call["input"], call.get("scale_factor")
    scales = tuple(scale) if isinstance(scale, tuple | list) else (scale or 0.5,) * mode.dim
    if x.dim() != mode.dim + 2 or any(s != int(s) for s in scales):
        raise Unchangeable("a network that samples to given sizes has no evaluation at every site")
    sites = mode.sites(x)
    y = x.clone()
    mode.place(y, Sites(finer(sites, tuple(int(s) for s in scales)), sites.period))
    return y
