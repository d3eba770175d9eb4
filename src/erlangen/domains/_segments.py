"""Sums, means and maxima over the segments of packed tensors, and along the edges of a graph.

A segment is a run of rows; segment k is rows ptr[k] … ptr[k + 1] − 1. Rows are summed in their order, so that results
do not change from run to run.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains._stored import stored


def lengths(ptr: Tensor) -> Tensor:
    """How many rows each segment has."""
    return ptr[1:] - ptr[:-1]


def starts(sizes: Tensor) -> Tensor:
    """Where segments of these sizes begin, and where the last one ends."""
    return torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])


def spread(values: Tensor, batch: Tensor) -> Tensor:
    """The value of each row's segment."""
    return values.index_select(0, batch)


def segment_sum(values: Tensor, batch: Tensor, count: int) -> Tensor:
    """Σ over the rows of each of `count` segments, `[n, …]` → `[count, …]`; 0 where there is none."""
    return values.new_zeros(count, *values.shape[1:]).index_add(0, batch, values)


def segment_mean(values: Tensor, batch: Tensor, ptr: Tensor) -> Tensor:
    """The mean of the rows of each segment; 0 where there is none."""
    count = lengths(ptr).clamp(min=1).to(values.dtype)
    return segment_sum(values, batch, ptr.shape[0] - 1) / count.reshape(-1, *[1] * (values.dim() - 1))


def segment_max(values: Tensor, batch: Tensor, count: int) -> Tensor:
    """The largest of the rows of each segment, channel by channel; 0 where there is none."""
    index = batch.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    return values.new_zeros(count, *values.shape[1:]).scatter_reduce(0, index, values, "amax", include_self=False)


def largest(values: Tensor, ptr: Tensor) -> Tensor:
    """The largest of the rows of each segment, channel by channel, `[n, c]` → `[segments, c]`; 0 where there is none.

    Without gradients: of two that are equal the first would have all of it.
    """
    if not len(values):
        return values.new_zeros(len(ptr) - 1, values.shape[1])
    rows = torch.arange(len(values), device=values.device)
    return F.embedding_bag(rows, values.detach(), ptr, mode="max", include_last_offset=True)


def gather_sum(values: Tensor, source: Tensor, into: Tensor, target: Tensor, out_of: Tensor) -> Tensor:
    """y_i = Σ_{j → i} x_j, without a row for every edge in memory.

    Edges twice: `source` sorted by their targets, whose segments are `into`; `target` sorted by their sources, whose
    segments are `out_of`, along which gradients flow back. Shapes: `[n, c]` → `[n, c]`.
    """
    if torch.compiler.is_compiling() or values.dim() != 2:
        count = into.shape[0] - 1
        at = torch.repeat_interleave(
            torch.arange(count, device=into.device), lengths(into), output_size=source.shape[0]
        )
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
        return segment_sum(values, rows, ptr.shape[0] - 1)
    return _Collect.apply(values, rows, bags, ptr)


@stored
class Way(NamedTuple):
    """Edges one way and the other: `rows` sorted by where they go, segments `ptr`; `back` sorted by where they come
    from, segments `back_ptr`, and `turned`, the place of each of these in the first order. `at` is where a row goes."""

    rows: Tensor
    ptr: Tensor
    at: Tensor
    back: Tensor
    back_ptr: Tensor
    turned: Tensor

    def reversed(self, weights: Tensor) -> "tuple[Way, Tensor]":
        """The other way, and weights of the edges in its order."""
        places = torch.arange(self.turned.shape[0], device=self.turned.device)
        undone = torch.empty_like(self.turned).index_copy(0, self.turned, places)
        other = Way(self.back, self.back_ptr, self.rows[self.turned], self.rows, self.ptr, undone)
        return other, weights[self.turned]


def way_between(rows: Tensor, at: Tensor, count: int, places: int) -> tuple[Way, Tensor]:
    """The way from `count` rows to `places` along the pairs (rows[e], at[e]), and the order that sorted these."""
    order = torch.argsort(at, stable=True)
    rows, at = rows[order], at[order]
    turned = torch.argsort(rows, stable=True)
    into, out_of = (starts(torch.bincount(x, minlength=n)) for x, n in ((at, places), (rows, count)))
    return Way(rows, into, at, at[turned], out_of, turned), order


def weighted_sum(values: Tensor, weights: Tensor, way: Way) -> Tensor:
    """y_i = Σ_{j → i} w_ij x_j, by heads: `[n, heads · d]`, `[E, heads]` → `[n, heads · d]`; no row for every edge."""
    if torch.compiler.is_compiling() or not len(way.rows):
        sent = values.index_select(0, way.rows).unflatten(1, (weights.shape[1], -1)) * weights[..., None]
        return segment_sum(sent.flatten(1), way.at, way.ptr.shape[0] - 1)
    return _WeightedSum.apply(values, weights, way)


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, weights: Tensor, way: Way) -> Tensor:
        ctx.save_for_backward(values, weights, *way)
        heads = values.chunk(weights.shape[1], dim=1)
        summed = [
            F.embedding_bag(
                way.rows,
                head.contiguous(),
                way.ptr,
                mode="sum",
                per_sample_weights=weights[:, h].contiguous(),
                include_last_offset=True,
            )
            for h, head in enumerate(heads)
        ]
        return torch.cat(summed, dim=1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        values, weights, *parts = ctx.saved_tensors
        way, grad = Way(*parts), grads[0].contiguous()
        other, turned = way.reversed(weights)
        there = None
        if ctx.needs_input_grad[1]:
            bags = torch.arange(len(way.rows), device=way.rows.device)
            both = take(grad, way.at, bags, way.ptr) * take(values, way.rows, way.turned, way.back_ptr)
            there = both.unflatten(1, (weights.shape[1], -1)).sum(-1)
        return weighted_sum(grad, turned, other), there, None


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
