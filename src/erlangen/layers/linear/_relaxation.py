"""States that relax towards what the input says: one operation, whose gradient is written out to save passes."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.layers.linear._scan import backwards, earlier, forwards, later, scan

SOFTPLUS, EXP = "rate", "cloglog"
HIGHEST = 30.0  # of the exponential's argument: what is faster is done within the step anyhow


def relaxed(told: Tensor, towards: Tensor, time: Tensor, gate: str) -> Tensor:
    """h_t = e^(−d_t) h_{t−1} + (1 − e^(−d_t)) tanh(v_t), d_t = τ_t r(u_t), given u, −v and τ; h_0 = 0.

    Shapes: u and −v `[b, T, c]`, τ `[b, T, c]` or what spreads to it. r is softplus for "rate", exp for "cloglog".

    >>> u, v = torch.zeros(1, 3, 1), torch.full((1, 3, 1), -30.0)
    >>> relaxed(u, v, torch.tensor(1.0), "cloglog").flatten().tolist()  # 1 − e^(−t)
    [0.6321205496788025, 0.8646647334098816, 0.9502129554748535]
    """
    return _Relaxed.apply(told, towards, time, gate)


def _composed(told: Tensor, towards: Tensor, time: Tensor, gate: str) -> Tensor:
    """The same of operations that torch differentiates, as often as is asked."""
    less = torch.expm1(-time * _rate(told, gate))
    return scan(less + 1, less * torch.tanh(towards))


def _rate(told: Tensor, gate: str) -> Tensor:
    return F.softplus(told) if gate == SOFTPLUS else told.clamp(max=HIGHEST).exp()


def _slope(told: Tensor, gate: str) -> Tensor:
    """r′(u)."""
    return told.sigmoid() if gate == SOFTPLUS else told.clamp(max=HIGHEST).exp() * (told <= HIGHEST)


class _Relaxed(torch.autograd.Function):
    """Forward as it is written; backward ∂(−d) = λ a (h_{t−1} − c), λ that of the scan, each array passed over once.

    Where a gradient of the gradient is wanted, it is that of `_composed`.
    """

    @staticmethod
    def forward(ctx: Any, told: Tensor, towards: Tensor, time: Tensor, gate: str) -> Tensor:
        kept = _rate(told, gate).mul_(-time).expm1_()
        away = torch.tanh(towards)
        given = kept * away
        h = forwards(kept.add_(1), given)
        ctx.save_for_backward(told, towards, time, kept, away, h)
        ctx.gate = gate
        return h

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        told, towards, time, kept, away, h = ctx.saved_tensors
        if torch.is_grad_enabled():
            h, given = _composed(told, towards, time, ctx.gate), (told, towards, time)
            asked = [x for x, needed in zip(given, ctx.needs_input_grad, strict=False) if needed]
            found = iter(torch.autograd.grad(h, asked, grads[0], create_graph=True))
            return *(next(found) if needed else None for needed in ctx.needs_input_grad[:3]), None
        back = backwards(earlier(kept), grads[0].contiguous())
        exponent = later(h).add_(away).mul_(kept).mul_(back)
        to_towards = back.mul_(kept - 1).mul_(1 - away.square())
        to_time = (-exponent * _rate(told, ctx.gate)).sum_to_size(time.shape) if ctx.needs_input_grad[2] else None
        return exponent.mul_(-time).mul_(_slope(told, ctx.gate)), to_towards, to_time, None
