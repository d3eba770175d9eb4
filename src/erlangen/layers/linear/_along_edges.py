"""Sums over edges of turned, weighed and turned-back rows: y_i = Σ_j P_e A(t_e) Q_e x_j, some edges at a time.

Some hundreds of edges pass all steps together, so that what is in between stays in the cache: it is ten times as much
as comes out. What the gradient needs of it is computed again instead of kept. At 5,000 edges and l ≤ 2 that takes a
third of the time of the same operations on all edges at once (benchmarks/points.py).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains.graph import Edges, at_targets, from_sources
from erlangen.solve.edge_products import Block

TOGETHER = 1 << 18  # numbers of the widest array in between, for edges that pass together
LEAST = 32  # so many at least
FEW = 16  # rows that are added one by one


class Plan(NamedTuple):
    """`blocks` of rows and sums; `table` `[g, rows·d_in]` where Q is linear in numbers of the edge, else Q is given;
    `edges` j → i; `together` so many of them pass at a time."""

    blocks: tuple[Block, ...]
    rows: int
    edges: Edges
    together: int


class Turns(NamedTuple):
    """Q of each edge `[E, rows, d_in]`, or `[E, g]` and the `table` `[g, rows·d_in]` it is made by; and P,
    where there is one, `[E, d_out, sums]`."""

    into: Tensor
    table: Tensor | None
    back: Tensor | None


def along_edges(x: Tensor, told: Tensor, turns: Turns, weights: Sequence[Tensor], plan: Plan) -> Tensor:
    """y_i = Σ_{j → i} P A(t) Q x_j, `[n, d_out, C]`; sum a of a block takes row b by weights[a·across + b] t.

    Shapes: x `[n, d_in, C]`, told t `[E, hidden]`, `weights` of each block `[along·across·C, hidden]`.
    """
    if x.device.type == "cpu" and not torch.compiler.is_compiling() and plan.together < len(told):
        return _AlongEdges.apply(x, told, turns.into, turns.table, turns.back, plan, *weights)
    return _at_once(x, told, turns, weights, plan)


def _at_once(x: Tensor, told: Tensor, turns: Turns, weights: Sequence[Tensor], plan: Plan) -> Tensor:
    """All edges together, of operations that torch differentiates as often as is asked."""
    sent = from_sources(x.flatten(1), plan.edges).unflatten(1, x.shape[1:])
    rows = torch.bmm(_turns(turns.into, turns.table, plan.rows), sent)
    sums = _weighed(rows, [told @ weight.t() for weight in weights], plan.blocks)
    y = sums if turns.back is None else torch.bmm(turns.back, sums)
    return at_targets(y.flatten(1), plan.edges).unflatten(1, y.shape[1:])


def _turns(into: Tensor, table: Tensor | None, rows: int) -> Tensor:
    return into if table is None else (into @ table).unflatten(1, (rows, -1))


def _weighed(rows: Tensor, weights: Sequence[Tensor], blocks: Sequence[Block]) -> Tensor:
    """Of each block `[E, times, along, C]` Σ_j a_ij f_j, one behind the other: `[E, sums, C]`."""
    made = []
    for block, weight in zip(blocks, weights, strict=True):
        made.append(_product(_matrices(weight, block), _part(rows, block)).flatten(1, 2))
    return made[0] if len(made) == 1 else torch.cat(made, dim=1)


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


def _matrices(weight: Tensor, block: Block) -> Tensor:
    """The numbers of a block for each channel, `[E, along, across, C]`."""
    size = block.along * block.across
    channels = weight.shape[1] // size if size else 1
    return weight.unflatten(1, (block.along, block.across, channels))


def _part(rows: Tensor, block: Block) -> Tensor:
    """The rows of a block, `[E, times, across, C]`."""
    return rows.narrow(1, block.first, block.rows).unflatten(1, (block.times, block.across))


def _sums(rows: Tensor, weights: Sequence[Tensor], blocks: Sequence[Block]) -> Tensor:
    """`_weighed` where nothing watches: each block written where it belongs."""
    made = rows.new_empty(len(rows), sum(block.times * block.along for block in blocks), rows.shape[2])
    at = 0
    for block, weight in zip(blocks, weights, strict=True):
        out = made.narrow(1, at, block.times * block.along).unflatten(1, (block.times, block.along))
        _product(_matrices(weight, block), _part(rows, block), out=out)
        at += block.times * block.along
    return made


class _AlongEdges(torch.autograd.Function):
    """The same, some edges at a time, with its gradient written out; that of a gradient is the one of `_at_once`."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        told: Tensor,
        into: Tensor,
        table: Tensor | None,
        back: Tensor | None,
        plan: Plan,
        *weights: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(x, told, into, table, back, *weights)
        ctx.plan = plan
        y = None
        for some, target, sent in _some(x, plan):
            rows = torch.bmm(_turns(into[some], table, plan.rows), sent)
            sums = _sums(rows, [told[some] @ weight.t() for weight in weights], plan.blocks)
            sums = sums if back is None else torch.bmm(back[some], sums)
            y = sums.new_zeros(len(x), *sums.shape[1:]) if y is None else y
            y.index_add_(0, target, sums)
        assert y is not None, "there are edges"
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        x, told, into, table, back, *weights = ctx.saved_tensors
        if torch.is_grad_enabled():
            return _again(ctx, (x, told, into, table, back), weights, grads[0])
        return _Slopes(ctx, grads[0]).found()


def _some(x: Tensor, plan: Plan) -> Any:
    """Run by run: which edges, where they go, and what their sources hold."""
    source, target = plan.edges.source, plan.edges.target
    for first in range(0, len(source), plan.together):
        some = slice(first, first + plan.together)
        yield some, target[some], x.index_select(0, source[some])


def _again(ctx: Any, given: tuple[Tensor, ...], weights: list[Tensor], grad: Tensor) -> Any:
    """The gradient as a function that can be differentiated once more."""
    x, told, into, table, back = given
    y = _at_once(x, told, Turns(into, table, back), weights, ctx.plan)
    every = [x, told, into, table, back, None, *weights]
    asked = [part for part, needed in zip(every, ctx.needs_input_grad, strict=True) if needed]
    found = iter(torch.autograd.grad(y, asked, grad, create_graph=True))  # type: ignore[arg-type]
    return tuple(next(found) if needed else None for needed in ctx.needs_input_grad)


class _Slopes:
    """The gradients of all that went in, summed run by run."""

    def __init__(self, ctx: Any, grad: Tensor):
        self.x, self.told, self.into, self.table, self.back, *self.weights = ctx.saved_tensors
        self.plan, self.grad = ctx.plan, grad
        x, told, into, _, back = ctx.needs_input_grad[:5]
        self.of_x = torch.zeros_like(self.x) if x else None
        self.of_told = torch.empty_like(self.told) if told else None
        self.of_into = torch.empty_like(self.into) if into else None
        self.of_back = torch.empty_like(self.back) if back else None
        pairs = zip(self.weights, ctx.needs_input_grad[6:], strict=True)
        self.of_weights = [torch.zeros_like(weight) if needed else None for weight, needed in pairs]

    def found(self) -> Any:
        """Of x, told, into, none of the table, back, none of the plan, the weights."""
        for some, target, sent in _some(self.x, self.plan):
            self._run(some, self.plan.edges.source[some], self.grad.index_select(0, target), sent)
        return self.of_x, self.of_told, self.of_into, None, self.of_back, None, *self.of_weights

    def _run(self, some: slice, source: Tensor, grad: Tensor, sent: Tensor) -> None:
        turn, told = _turns(self.into[some], self.table, self.plan.rows), self.told[some]
        rows, weights = torch.bmm(turn, sent), [told @ weight.t() for weight in self.weights]
        if self.back is not None:
            back = self.back[some]
            if self.of_back is not None:
                torch.bmm(grad, _sums(rows, weights, self.plan.blocks).transpose(1, 2), out=self.of_back[some])
            grad = torch.bmm(back.transpose(1, 2), grad)
        of_rows = self._blocks(some, rows, weights, grad)
        if self.of_x is not None:
            self.of_x.index_add_(0, source, torch.bmm(turn.transpose(1, 2), of_rows))
        if self.of_into is not None:
            of_turn = torch.bmm(of_rows, sent.transpose(1, 2))
            self.of_into[some] = of_turn if self.table is None else of_turn.flatten(1) @ self.table.t()

    def _blocks(self, some: slice, rows: Tensor, weights: list[Tensor], grad: Tensor) -> Tensor:
        """The gradient of the rows; those of what is told and of the weights are added up."""
        made, at, told = torch.empty_like(rows), 0, self.told[some]
        for i, (block, weight) in enumerate(zip(self.plan.blocks, weights, strict=True)):
            a = _matrices(weight, block)
            g = grad.narrow(1, at, block.times * block.along).unflatten(1, (block.times, block.along))
            at += block.times * block.along
            _product(a.transpose(1, 2), g, out=_part(made, block))
            of_weight = _outer(g, _part(rows, block)).flatten(1)
            total = self.of_weights[i]
            if total is not None:
                total.addmm_(of_weight.t(), told)
            if self.of_told is not None:
                out = self.of_told[some]
                torch.mm(of_weight, self.weights[i], out=out) if i == 0 else out.addmm_(of_weight, self.weights[i])
        return made


def _outer(grad: Tensor, rows: Tensor) -> Tensor:
    """Σ_times g_i f_j, `[E, i, j, C]`."""
    total = grad[:, 0, :, None] * rows[:, 0, None]
    for time in range(1, rows.shape[1]):
        total = torch.addcmul(total, grad[:, time, :, None], rows[:, time, None])
    return total
