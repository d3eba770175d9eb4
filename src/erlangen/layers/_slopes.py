"""A value and its slopes, in every way that torch runs a layer: as it is, compiled whole, exported."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

Places = tuple[Tensor, ...]
Function = Callable[[Places, Any], Tensor]


def value_and_slopes(f: Function, at: Places, of: Any) -> tuple[Tensor, Places]:
    """y = f(a, x) and ∂(Σ y)/∂a at the numbers a of `at`; all else that f reads of a signal is x, any tree of tensors.

    Where gradients are recorded both can be differentiated again, by x and by what else f is made of. Compilers see
    through torch.func.vjp, but not through torch.autograd.grad; exports through neither, so that they are given the
    operations of both ways written out, with sizes as open as those of a and x.

    >>> y, (slope,) = value_and_slopes(lambda at, x: (x * at[0]).sum(), (torch.tensor(2.0),), torch.tensor([1.0, 3.0]))
    >>> y.item(), slope.item()
    (8.0, 4.0)
    """
    if not torch.compiler.is_compiling():
        return _recorded(f, at, of)
    return _written_out(f, at, of) if torch.compiler.is_exporting() else _followed(f, at, of)


def _recorded(f: Function, at: Places, of: Any) -> tuple[Tensor, Places]:
    kept = torch.is_grad_enabled()
    with torch.inference_mode(False), torch.enable_grad():
        at = tuple(_recordable(a).detach().requires_grad_() for a in at)
        y = f(at, tree_map(_recordable, of))
        if not y.requires_grad:
            return y, tuple(map(torch.zeros_like, at))
        slopes = torch.autograd.grad(y.sum(), at, create_graph=kept, allow_unused=True, materialize_grads=True)
    return y if kept else y.detach(), slopes


def _recordable(part: Any) -> Any:
    """Tensors of inference mode cannot be saved for gradients; their copies can."""
    return part.clone() if isinstance(part, Tensor) and part.is_inference() else part


def _followed(f: Function, at: Places, of: Any) -> tuple[Tensor, Places]:
    y, back, *_ = torch.func.vjp(lambda a: f(a, of), at)
    return y, back(torch.ones_like(y))[0]


def _written_out(f: Function, at: Places, of: Any) -> tuple[Tensor, Places]:
    from torch.fx.experimental.proxy_tensor import disable_proxy_modes_tracing, make_fx

    if torch.compiler.is_dynamo_compiling():  # which follows no exception of ours
        raise RuntimeError("slopes are exported with strict=False, torch's own choice, not with strict=True")
    with disable_proxy_modes_tracing(), torch._C.DisableTorchFunction():  # what is tried out leaves no trace outside
        written = make_fx(lambda a, x: _followed(f, a, x))(at, of)
    return written(at, of)
