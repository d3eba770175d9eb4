"""Isotypic blocks: a map between regular fields at one site is one product an irrep, by the group Fourier transform.

y = F (⊕_σ 1_{m_σ} ⊗ ψ̂(σ)) Fᵀ x with ψ̂(σ) = Σ_h ψ(h) σ(h): convolution on the group is multiplication. For m fields to
m′ the products take m m′ Σ_σ m_σ d_σ² multiply-adds a site instead of m m′ |H|².
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.layers._constants import Constants
from erlangen.layers._fields import kinds_of
from erlangen.layers.linear._blocks import TiedBlock
from erlangen.layers.linear._way import Way, Weighted, Work
from erlangen.representations.base import is_listed
from erlangen.representations.fourier import GroupFourier, group_fourier
from erlangen.signal import Space

BLOCK = 1 << 19  # numbers of a batch that pass all steps together on one core, so that they stay in its cache


class Isotypic(Constants, Way):
    """y = F (⊕_σ 1 ⊗ ψ̂(σ)) Fᵀ x + b, for regular fields of one finite group on both sides and a kernel of one site.

    Shapes: `[b, m·|H|, …]` → `[b, m′·|H|, …]`. ψ̂ is linear in the layer's own weights and computed from them each time.
    """

    name = "isotypic"
    basis: Tensor
    spread: Tensor

    def __init__(self, fourier: GroupFourier, block: TiedBlock, axes: int):
        super().__init__()
        self.axes = axes
        self.order, self.fields_in, self.fields_out = len(fourier.basis), block.copies[1], block.copies[0]
        self.multiplications = fourier.multiplications
        self.columns = tuple((sigma.dim, copies) for sigma, copies in fourier.parts)
        self.trivial = next(i for i, (sigma, _) in enumerate(fourier.parts) if sigma.is_trivial)
        spread = _spread(fourier, block.solution.labels.reshape(self.order, self.order)[0])
        self.hold({"basis": fourier.basis, "spread": spread})

    @classmethod
    def of(cls, source: Space, target: Space, blocks: nn.ModuleDict) -> "list[Isotypic]":
        """The way by blocks, where both are copies of one regular representation; `blocks` are the kernel's."""
        kinds, group = {*kinds_of(source.rho), *kinds_of(target.rho)}, source.group
        if not is_listed(group) or group.order == 1 or any(kind.field != group.regular for kind in kinds):
            return []
        (block,) = blocks.values()
        if not isinstance(block, TiedBlock) or block.labels.numel() != (group.order or 0) ** 2:
            return []
        return [cls(group_fourier(group), block, source.domain.axes)]

    def work(self) -> Work:
        fields = self.fields_in * self.fields_out
        blocks, dense = fields * self.multiplications, fields * self.order**2
        words = f"one product an irrep between two fibre Fourier transforms, {blocks:,} multiply-adds a site "
        return Work(blocks, self.order * (self.fields_in + self.fields_out), words + f"instead of {dense:,}")

    def forward(self, layer: Weighted, values: Tensor) -> Tensor:
        return self.through([(self, layer)], values)

    def shares(self, other: Way) -> bool:
        return isinstance(other, Isotypic) and (self.fields_out, self.order) == (other.fields_in, other.order)

    def through(self, row: "Sequence[tuple[Way, Weighted]]", values: Tensor) -> Tensor:
        """F ψ̂_n … ψ̂_1 Fᵀ x: between layers in a row the way back and the next way there cancel, and are left out."""
        stages = [Stage(way, way.blocks(layer), way.bias(layer)) for way, layer in row if isinstance(way, Isotypic)]
        on_cpu = values.device.type == "cpu" and not torch.compiler.is_compiling()
        if not self.axes or not on_cpu or torch.get_num_threads() > 1 or values.numel() <= BLOCK:
            return apply_stages(values, stages)
        if _may_be_written_into(values, *(block for stage in stages for block in stage.blocks)):
            return _one_by_one(values, stages)
        some = max(1, BLOCK * values.shape[0] // values.numel())
        return torch.cat([apply_stages(part, stages) for part in values.split(some)])

    def fibres(self, values: Tensor) -> Tensor:
        """`[b, m·|H|, points]` → `[b, m, |H|, points]`, no length left to be guessed, as an empty batch allows none."""
        return values.unflatten(1, (self.fields_in, self.order))

    def there(self, values: Tensor) -> Tensor:
        """Fᵀ x on the fibre of every field, `[b, m, |H|, points]`."""
        return torch.matmul(self.basis.t().contiguous(), values)

    def back(self, values: Tensor) -> Tensor:
        """F x̂."""
        return torch.matmul(self.basis, values)

    def multiply(self, values: Tensor, blocks: list[Tensor], bias: Tensor | None) -> Tensor:
        """ψ̂(σ) on each of the columns of σ, which share it; the bias lives in the trivial one alone."""
        at, made = 0, []
        for i, ((d, copies), block) in enumerate(zip(self.columns, blocks, strict=True)):
            for _ in range(copies):
                product = torch.matmul(block, values.narrow(2, at, d).flatten(1, 2))
                if bias is not None and i == self.trivial:
                    product = product + bias
                made.append(product.unflatten(1, (self.fields_out, d)))
                at += d
        return torch.cat(made, dim=2)

    def multiply_one(self, values: Tensor, blocks: list[Tensor], bias: Tensor | None) -> Tensor:
        """`multiply` of one signal `[m, |H|, points]` where nothing watches: by plain matrix products."""
        at, made = 0, []
        for i, ((d, copies), block) in enumerate(zip(self.columns, blocks, strict=True)):
            for _ in range(copies):
                column = values.narrow(1, at, d).reshape(self.fields_in * d, -1)
                start = bias if i == self.trivial else None
                product = torch.mm(block[0], column) if start is None else torch.addmm(start, block[0], column)
                made.append(product.view(self.fields_out, d, -1))
                at += d
        return torch.cat(made, dim=1)

    def blocks(self, layer: Weighted) -> list[Tensor]:
        """ψ̂(σ) of every pair of fields, one matrix `[1, m′·d, m·d]` an irrep."""
        (weight,) = layer.kernel.parameters()
        found = torch.matmul(weight, self.spread)
        sizes, made = [d * d for d, _ in self.columns], []
        for (d, _), part in zip(self.columns, found.split(sizes, dim=2), strict=True):
            rows = part.unflatten(2, (d, d)).transpose(1, 2)
            made.append(rows.reshape(1, self.fields_out * d, self.fields_in * d))
        return made

    def bias(self, layer: Weighted) -> Tensor | None:
        """Where the bias lies in the trivial irrep, `[m′, 1]`; it is the same on the whole fibre."""
        if layer.bias is None:
            return None
        fibre = layer.bias().reshape(self.fields_out, self.order)
        return torch.matmul(fibre, self.basis.narrow(1, sum(d * n for d, n in self.columns[: self.trivial]), 1))

    def follow(self, like: Tensor) -> None:
        self.renew(like)


class Stage(NamedTuple):
    """One layer of a row: its way, ψ̂ of its weights, and its bias where that lives."""

    way: Isotypic
    blocks: list[Tensor]
    bias: Tensor | None


def apply_stages(values: Tensor, stages: Sequence[Stage]) -> Tensor:
    """There, for each layer one product an irrep and column, and back. At one point the batch stands for the points."""
    first, last = stages[0].way, stages[-1].way
    if not first.axes:
        fibres = first.fibres(values.t()[None])
        return last.back(_multiplied(first.there(fibres), stages)).flatten(0, 2).t()
    points = [values.shape[2 + axis] for axis in range(first.axes)]
    made = last.back(_multiplied(first.there(first.fibres(values.flatten(2))), stages))
    return made.reshape(values.shape[0], last.fields_out * last.order, *points)


def _multiplied(values: Tensor, stages: Sequence[Stage]) -> Tensor:
    for way, blocks, bias in stages:
        values = way.multiply(values, blocks, bias)
    return values


def _one_by_one(values: Tensor, stages: Sequence[Stage]) -> Tensor:
    """Each signal by itself, so that it stays in the cache on its way, and its answer written where it belongs."""
    first, last = stages[0].way, stages[-1].way
    fibres = values.reshape(values.shape[0], first.fields_in, first.order, -1)
    made = values.new_empty(values.shape[0], last.fields_out, last.order, fibres.shape[-1])
    there = first.basis.t().contiguous().expand(first.fields_in, -1, -1)
    back = last.basis.expand(last.fields_out, -1, -1)
    for one, answer in zip(fibres.unbind(), made.unbind(), strict=True):
        moved = torch.bmm(there, one)
        for way, blocks, bias in stages:
            moved = way.multiply_one(moved, blocks, bias)
        torch.bmm(back, moved, out=answer)
    return made.reshape(values.shape[0], last.fields_out * last.order, *values.shape[2:])


def _may_be_written_into(*tensors: Tensor) -> bool:
    """Whether nothing watches: no gradients, no casts, no transforms of functions."""
    watched = torch.is_grad_enabled() or torch.is_autocast_enabled("cpu")
    wrapped = torch._C._functorch.is_functorch_wrapped_tensor  # pyright: ignore[reportAttributeAccessIssue]
    return not watched and not any(map(wrapped, tensors))


def _spread(fourier: GroupFourier, labels: np.ndarray) -> np.ndarray:
    """From weights to blocks, `[labels, Σ_σ d_σ²]`: `labels[h]` says which weight is ψ(h)."""
    stacked = [sigma.matrices().reshape(len(labels), -1) for sigma, _ in fourier.parts]
    spread = np.zeros((labels.max() + 1, sum(part.shape[1] for part in stacked)))
    np.add.at(spread, labels, np.concatenate(stacked, axis=1))
    return spread


class ExportedBlocks(nn.Module):
    """The same with the blocks of all layers of a row as constants, for a module of torch's own operations."""

    def __init__(self, row: "Sequence[tuple[Way, Weighted]]"):
        super().__init__()
        self.ways = nn.ModuleList(deepcopy(way) for way, _ in row)
        with torch.no_grad():
            for i, (way, layer) in enumerate(row):
                assert isinstance(way, Isotypic), "a row that shares a transform"
                for j, block in enumerate(way.blocks(layer)):
                    self.register_buffer(f"block_{i}_{j}", block)
                self.register_buffer(f"shift_{i}", way.bias(layer))

    def forward(self, values: Tensor) -> Tensor:
        stages = []
        for i, way in enumerate(self.ways):
            assert isinstance(way, Isotypic)
            blocks = [getattr(self, f"block_{i}_{j}") for j in range(len(way.columns))]
            stages.append(Stage(way, blocks, getattr(self, f"shift_{i}")))
        return apply_stages(values, stages)
