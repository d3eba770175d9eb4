"""Upsampling that prefers one side: nearest values at sizes that are no multiples, outputs padded at one end."""

from typing import Any

from erlangen.auditing.changes.rewriting import Rewriting, Unchangeable, bind

_INTERPOLATE = ("input", "size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def interpolated(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """F.interpolate: linear instead of nearest."""
    _refuse_dense(mode)
    call = bind(_INTERPOLATE, args, kwargs)
    y = func(**call)
    x = call["input"]
    multiple = all(m % n == 0 for m, n in zip(y.shape[2:], x.shape[2:], strict=True))
    if not str(call.get("mode", "nearest")).startswith("nearest") or multiple:
        return y
    mode.met.add("upsampling")
    return func(**{**call, "mode": _LINEAR[x.dim() - 2]}) if "upsampling" in mode.words else y


def transposed(mode: Rewriting, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """conv_transpose1d, 2d, 3d: no output padding, which is at one end only."""
    _refuse_dense(mode)
    call = bind(_TRANSPOSED, args, kwargs)
    more = call.get("output_padding", 0)
    if not (max(more) if isinstance(more, list | tuple) else more):
        return func(**call)
    mode.met.add("upsampling")
    return func(**{**call, "output_padding": 0}) if "upsampling" in mode.words else func(**call)


def _refuse_dense(mode: Rewriting) -> None:
    if "dense" in mode.words:
        raise Unchangeable("a network that samples up again has no evaluation at every site")
