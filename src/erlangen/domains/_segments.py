"""Sums, means and maxima over the segments of packed tensors, and along the edges of a graph.

A segment is a run of rows; segment k is rows ptr[k] … ptr[k + 1] − 1. Rows are summed in their order, so that results
do not change from run to run.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def lengths(ptr: Tensor) -> Tensor:
    """How many rows each segment has."""
    return ptr[1:] - ptr[:-1]


def spread(values: Tensor, batch: Tensor) -> Tensor:
    """The value of each row's segment."""
    return values.index_select(0, batch)


def segment_sum(values: Tensor, batch: Tensor, count: int) -> Tensor:
    """Σ over the rows of each of `count` segments, `[n, …]` → `[count, …]`; 0 where there is none."""
    return values.new_zeros(count, *values.shape[1:]).index_add(0, batch, values)


def segment_mean(values: Tensor, batch: Tensor, ptr: Tensor) -> Tensor:
    """The mean of the rows of each segment; 0 where there is none."""
    count = lengths(ptr).clamp(min=1).to(values.dtype)
    return segment_sum(values, batch, len(ptr) - 1) / count.reshape(-1, *[1] * (values.dim() - 1))


def segment_max(values: Tensor, batch: Tensor, count: int) -> Tensor:
    """The largest of the rows of each segment, channel by channel; 0 where there is none."""
    index = batch.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    return values.new_zeros(count, *values.shape[1:]).scatter_reduce(0, index, values, "amax", include_self=False)


def gather_sum(values: Tensor, source: Tensor, into: Tensor, target: Tensor, out_of: Tensor) -> Tensor:
    """y_i = Σ_{j → i} x_j, without a row for every edge in memory.

    Edges twice: `source` sorted by their targets, whose segments are `into`; `target` sorted by their sources, whose
    segments are `out_of`, along which gradients flow back. Shapes: `[n, c]` → `[n, c]`.
    """
    if torch.compiler.is_compiling() or values.dim() != 2:
        count = len(into) - 1
        at = torch.repeat_interleave(torch.arange(count, device=into.device), lengths(into), output_size=len(source))
        return segment_sum(values.index_select(0, source), at, count)
    return _GatherSum.apply(values, source, into, target, out_of)


class _GatherSum(torch.autograd.Function):
    """Bags of rows, summed by one kernel of torch; its transpose is the same along edges turned round."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, source: Tensor, into: Tensor, target: Tensor, out_of: Tensor) -> Tensor:
        ctx.save_for_backward(source, into, target, out_of)
        return _bags(values, source, into)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        source, into, target, out_of = ctx.saved_tensors
        return _GatherSum.apply(grads[0].contiguous(), target, out_of, source, into), None, None, None, None


def _bags(values: Tensor, rows: Tensor, ptr: Tensor) -> Tensor:
    if not len(rows):
        return values.new_zeros(len(ptr) - 1, values.shape[1])
    return F.embedding_bag(rows, values, ptr, mode="sum", include_last_offset=True)


def take(values: Tensor, rows: Tensor, bags: Tensor, ptr: Tensor) -> Tensor:
    """y_e = x[rows[e]]; gradients are summed by bags: bag i holds the e with rows[e] = i. `[n, c]` → `[E, c]`."""
    if torch.compiler.is_compiling():
        return values.index_select(0, rows)
    return _Take.apply(values, rows, bags, ptr)


def collect(values: Tensor, rows: Tensor, bags: Tensor, ptr: Tensor) -> Tensor:
    """y_i = Σ x_e over bag i, the transpose of `take`. Shapes: `[E, c]` → `[n, c]`."""
    if torch.compiler.is_compiling():
        return segment_sum(values, rows, len(ptr) - 1)
    return _Collect.apply(values, rows, bags, ptr)


class _Take(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, rows: Tensor, bags: Tensor, ptr: Tensor) -> Tensor:
        ctx.save_for_backward(rows, bags, ptr)
        return values.index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return _Collect.apply(grads[0].contiguous(), *ctx.saved_tensors), None, None, None


class _Collect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, rows: Tensor, bags: Tensor, ptr: Tensor) -> Tensor:
        ctx.save_for_backward(rows, bags, ptr)
        return _bags(values, bags, ptr)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return _Take.apply(grads[0].contiguous(), *ctx.saved_tensors), None, None, None
