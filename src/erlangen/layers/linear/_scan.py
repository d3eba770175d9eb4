"""Linear recurrences, h_t = a_t h_{t−1} + b_t, all steps at once: by pairs of steps, and pairs of these."""

from typing import Any

import torch
from torch import Tensor


def scan(a: Tensor, b: Tensor) -> Tensor:
    """h_t = a_t ⊙ h_{t−1} + b_t with h_0 = 0, in 2 log₂ T operations on tensors instead of T.

    Shapes: `[…, T, c]` both, real or complex, → the same. Two steps are one, (a, b) and (a′, b′) being (a′a, a′b + b′):
    half as many are scanned, and what lies between is filled in. The gradient is the same recurrence backwards.

    >>> import torch
    >>> scan(torch.full((4, 1), 0.5), torch.ones(4, 1)).flatten().tolist()
    [1.0, 1.5, 1.75, 1.875]

    Blelloch 1990; Martin and Cundy 2018, arXiv:1709.04057.
    """
    return _Scan.apply(a, b, False)


class _Scan(torch.autograd.Function):
    """h_t = a_t h_{t−1} + b_t, or from the end with t + 1 for t − 1; ∂b = λ and ∂a = λ h*, h that of the step before,
    λ the recurrence the other way with the a of the step after."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, from_end: bool) -> Tensor:
        h = (backwards if from_end else forwards)(a, b)
        ctx.save_for_backward(a, h)
        ctx.from_end = from_end
        return h

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        a, h = ctx.saved_tensors
        after, before = (later, earlier) if ctx.from_end else (earlier, later)
        back = _Scan.apply(after(a).conj(), grads[0], not ctx.from_end)
        return back * before(h).conj(), back, None


def later(x: Tensor) -> Tensor:
    """x_{t−1} at t, 0 at the first."""
    return torch.nn.functional.pad(x[..., :-1, :], (0, 0, 1, 0))


def earlier(x: Tensor) -> Tensor:
    """x_{t+1} at t, 0 at the last."""
    return torch.nn.functional.pad(x[..., 1:, :], (0, 0, 0, 1))


def forwards(a: Tensor, b: Tensor) -> Tensor:
    """The recurrence from the first step on, without a gradient."""
    steps = b.shape[-2]
    if steps == 1:
        return b.clone()
    second, then = a[..., 1::2, :], b[..., 1::2, :]
    half = second.shape[-2]
    first, start = a[..., : 2 * half : 2, :], b[..., : 2 * half : 2, :]
    at_second = forwards(second * first, torch.addcmul(then, second, start))
    h = torch.empty_like(b)
    h[..., 1::2, :] = at_second
    h[..., 0, :] = b[..., 0, :]
    rest = b[..., 2::2, :]
    if rest.shape[-2]:
        h[..., 2::2, :] = torch.addcmul(rest, a[..., 2::2, :], at_second[..., : rest.shape[-2], :])
    return h


def backwards(a: Tensor, b: Tensor) -> Tensor:
    """The recurrence from the last step back, h_t = a_t h_{t+1} + b_t, without a gradient."""
    steps = b.shape[-2]
    if steps == 1:
        return b.clone()
    half = steps // 2
    whole, product = b[..., ::2, :].contiguous().clone(), a[..., ::2, :].contiguous().clone()
    whole[..., :half, :].addcmul_(a[..., : 2 * half : 2, :], b[..., 1::2, :])
    product[..., :half, :].mul_(a[..., 1::2, :])
    at_first = backwards(product, whole)
    h = torch.empty_like(b)
    h[..., ::2, :] = at_first
    following = at_first[..., 1:, :]
    count = following.shape[-2]
    h[..., 1 : 2 * count : 2, :] = torch.addcmul(b[..., 1 : 2 * count : 2, :], a[..., 1 : 2 * count : 2, :], following)
    if count < half:
        h[..., -1, :] = b[..., -1, :]
    return h
