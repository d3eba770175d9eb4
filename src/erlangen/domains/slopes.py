"""Slopes of functions on surfaces: a sparse product of next neighbours, without a row for every edge in memory."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains._segments import Way, segment_sum, spread
from erlangen.domains.graph import ways
from erlangen.domains.surface import Surface


def slopes_of(values: Tensor, surface: Surface) -> Tensor:
    """∇x(p) = Σ_q c_pq (x(q) − x(p)) in the frame of p, times the square root of the area, `[n, c]` → `[n, 2, c]`."""
    beside = surface.beside
    unit = surface.unit if len(surface.unit) == 1 else spread(surface.unit, surface.members.batch)[beside.target]
    along = (surface.slopes * unit[:, None]).to(values.dtype)
    if torch.compiler.is_compiling():
        apart = values.index_select(0, beside.source) - values.index_select(0, beside.target)
        return segment_sum(along[:, :, None] * apart[:, None], beside.target, surface.mass.shape[0])
    total = segment_sum(along, beside.target, len(values))
    return _Slopes.apply(values, along, total, ways(beside))  # pyright: ignore[reportReturnType]


class _Slopes(torch.autograd.Function):
    """x ↦ (C_1 x − d_1 x, C_2 x − d_2 x), C sparse and d = C·1."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, along: Tensor, total: Tensor, way: Way) -> Tensor:
        ctx.save_for_backward(along, total, *way)
        made = values.new_empty(len(total), 2, values.shape[1])
        for i in (0, 1):
            there = _product(values, along[:, i], way.rows, way.ptr)
            torch.addcmul(there, total[:, i, None], values, value=-1, out=made[:, i])
        return made

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        along, total, *way = ctx.saved_tensors
        return _Back.apply(grads[0].contiguous(), along, total, Way(*way)), None, None, None


class _Back(torch.autograd.Function):
    """Its transpose, (g, h) ↦ C_1ᵀ g − d_1 g + C_2ᵀ h − d_2 h."""

    @staticmethod
    def forward(ctx: Any, slopes: Tensor, along: Tensor, total: Tensor, way: Way) -> Tensor:
        ctx.save_for_backward(along, total, *way)
        both = torch.stack([2 * way.back, 2 * way.back + 1], dim=1).flatten()
        made = _product(slopes.flatten(0, 1), along[way.turned].flatten(), both, 2 * way.back_ptr)
        for i in (0, 1):
            made.addcmul_(total[:, i, None], slopes[:, i], value=-1)
        return made

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        along, total, *way = ctx.saved_tensors
        return _Slopes.apply(grads[0], along, total, Way(*way)), None, None, None


def _product(values: Tensor, weights: Tensor, rows: Tensor, ptr: Tensor) -> Tensor:
    """Σ_e w_e x_rows(e) over segments."""
    return F.embedding_bag(
        rows, values.contiguous(), ptr, mode="sum", per_sample_weights=weights.contiguous(), include_last_offset=True
    )
