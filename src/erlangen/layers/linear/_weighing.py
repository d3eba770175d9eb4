"""How rows along an edge are weighed and added: sums of each block, each channel apart or all of them mixed."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from erlangen.solve.edge_products import Block

FEW = 16  # rows that are added one by one


class Weighing(Protocol):
    """Sums of rows by weights and what is told of an edge, and how gradients come back; linear in each of the three."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Which rows are added to which sums."""
        ...

    def sums(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Rows `[E, r, C]` and told `[E, hidden]` → `[E, s, C′]`, by operations that torch differentiates."""
        ...

    def summed(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """The same where nothing watches."""
        ...

    def slopes(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor], grad: Tensor, into: "Slopes") -> Tensor:
        """The gradient of the rows, given that of the sums; the other two are written or added up."""
        ...

    def widest(self, channels: int) -> int:
        """How many numbers of an edge the largest array in between holds."""
        ...


class Slopes(NamedTuple):
    """Where the gradient of what is told is written, and those of the weights are added; None where none is wanted."""

    told: Tensor | None
    weights: Sequence[Tensor | None]


class Apart(NamedTuple):
    """Each channel by itself: sum a of a block takes row b of channel c by weights[(a·across + b)·C + c] · told."""

    blocks: tuple[Block, ...]

    def sums(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Block by block."""
        made = [
            _product(_matrices(told, weight, block), part_of(rows, block)).flatten(1, 2)
            for block, weight in zip(self.blocks, weights, strict=True)
        ]
        return made[0] if len(made) == 1 else torch.cat(made, dim=1)

    def summed(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Each block written where it belongs."""
        made = rows.new_empty(rows.shape[0], sum(block.sums for block in self.blocks), rows.shape[2])
        for block, weight, out in zip(self.blocks, weights, sums_of(made, self.blocks), strict=True):
            _product(_matrices(told, weight, block), part_of(rows, block), out=out)
        return made

    def slopes(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor], grad: Tensor, into: Slopes) -> Tensor:
        """Block by block."""
        made, begun = torch.empty_like(rows), False
        for i, (block, g) in enumerate(zip(self.blocks, sums_of(grad, self.blocks), strict=True)):
            _product(_matrices(told, weights[i], block).transpose(1, 2), g, out=part_of(made, block))
            of_weight, total = _outer(g, part_of(rows, block)).flatten(1), into.weights[i]
            if total is not None:
                total.addmm_(of_weight.t(), told)
            if into.told is not None:
                torch.addmm(into.told, of_weight, weights[i], beta=int(begun), out=into.told)
            begun = True
        return made

    def widest(self, channels: int) -> int:
        """The weights of all blocks."""
        return channels * sum(block.along * block.across for block in self.blocks)


class Mixed(NamedTuple):
    """All channels together: rows are scaled by weights[0] · told, one number for each field and channel, and then
    mixed by weights[1 + block] `[along·C′, across·C]`, which all edges share. `fields` `[r]` is that of each row.
    """

    blocks: tuple[Block, ...]
    fields: Tensor

    def sums(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Block by block, of (+m) and (−m) each."""
        scaled = rows * self._scales(told, weights[0], rows)
        made = [
            part @ weight.t()
            for block, weight in zip(self.blocks, weights[1:], strict=True)
            for part in _flat(scaled, block.first, block, block.across)
        ]
        channels = sum(map(len, weights[1:])) // sum(block.along for block in self.blocks)
        return torch.cat(made, dim=1).unflatten(1, (-1, channels))

    def summed(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """As it is: nothing is kept."""
        return self.sums(rows, told, weights)

    def slopes(self, rows: Tensor, told: Tensor, weights: Sequence[Tensor], grad: Tensor, into: Slopes) -> Tensor:
        """Block by block, then those of the scales."""
        scales = self._scales(told, weights[0], rows)
        scaled, made, at = rows * scales, torch.empty_like(rows), 0
        for weight, total, block in zip(weights[1:], into.weights[1:], self.blocks, strict=True):
            each = [_flat(rows, block.first, block, block.across) for rows in (scaled, made)]
            for g, part, out in zip(_flat(grad, at, block, block.along), *each, strict=True):
                torch.mm(g, weight, out=out)
                if total is not None:
                    total.addmm_(g.t(), part)
            at += block.sums
        self._scale_slopes(made * rows, told, weights[0], into)
        return made.mul_(scales)

    def _scale_slopes(self, of_scales: Tensor, told: Tensor, weight: Tensor, into: Slopes) -> None:
        c = of_scales.shape[2]
        flat = of_scales.new_zeros(told.shape[0], len(weight) // c, c).index_add_(1, self.fields, of_scales).flatten(1)
        if into.weights[0] is not None:
            into.weights[0].addmm_(flat.t(), told)
        if into.told is not None:
            torch.mm(flat, weight, out=into.told)

    def _scales(self, told: Tensor, weight: Tensor, rows: Tensor) -> Tensor:
        """One number for each row and channel, `[E, r, C]`: those of one field have the same."""
        channels = rows.shape[2]
        return (told @ weight.t()).unflatten(1, (len(weight) // channels, channels)).index_select(1, self.fields)

    def widest(self, channels: int) -> int:
        """The rows, scaled."""
        return 2 * channels * len(self.fields)


def part_of(rows: Tensor, block: Block) -> Tensor:
    """The rows of a block, `[E, times, across, C]`."""
    return rows.narrow(1, block.first, block.rows).unflatten(1, (block.times, block.across))


def sums_of(sums: Tensor, blocks: Sequence[Block]) -> list[Tensor]:
    """The sums of each block, `[E, times, along, C]`."""
    parts = sums.split_with_sizes([block.sums for block in blocks], 1)
    return [part.unflatten(1, (block.times, block.along)) for part, block in zip(parts, blocks, strict=True)]


def _flat(rows: Tensor, first: int, block: Block, size: int) -> list[Tensor]:
    """`times` views `[E, size·C]` of rows or sums, from `first` on, that a matrix product takes without a copy."""
    return [rows.narrow(1, first + time * size, size).flatten(1) for time in range(block.times)]


def _matrices(told: Tensor, weight: Tensor, block: Block) -> Tensor:
    """The numbers of a block for each channel, `[E, along, across, C]`."""
    size = block.along * block.across
    channels = len(weight) // size if size else 1
    return (told @ weight.t()).unflatten(1, (block.along, block.across, channels))


def _product(a: Tensor, rows: Tensor, out: Tensor | None = None) -> Tensor:
    """Σ_j a_ij f_j, `[E, i, j, C]` and `[E, times, j, C]` → `[E, times, i, C]`.

    Row by row, which needs no room, where there are few; written to `out`, if there is one.
    """
    if not 0 < rows.shape[2] <= FEW:
        return torch.sum(a[:, None] * rows[:, :, None], 3, out=out)
    total = torch.mul(a[:, None, :, 0], rows[:, :, 0, None], out=out)
    for j in range(1, rows.shape[2]):
        total = torch.addcmul(total, a[:, None, :, j], rows[:, :, j, None], out=out)
    return total


def _outer(grad: Tensor, rows: Tensor) -> Tensor:
    """Σ_times g_i f_j, `[E, i, j, C]`."""
    total = grad[:, 0, :, None] * rows[:, 0, None]
    for time in range(1, rows.shape[1]):
        total = torch.addcmul(total, grad[:, time, :, None], rows[:, time, None])
    return total
