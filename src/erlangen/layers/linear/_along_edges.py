"""Sums over edges of turned, weighed and turned-back rows: y_i = Σ_j P_e A(t_e) Q_e x_j, some edges at a time.

Some hundreds of edges pass all steps together, so that what is in between stays in the cache: it is ten times as much
as comes out. What the gradient needs of it is computed again instead of kept. At 5,000 edges and l ≤ 2 that takes a
third of the time of the same operations on all edges at once (benchmarks/points.py).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains.graph import Edges, at_targets, from_sources
from erlangen.layers.linear._weighing import Slopes, Weighing


class Plan(NamedTuple):
    """A by `weighing`; `rows` of Q; the `edges` j → i, of which `together` pass at a time."""

    weighing: Weighing
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
    """y_i = Σ_{j → i} P A(t) Q x_j: x `[n, d_in, C]`, told t `[E, hidden]` → `[n, d_out, C′]`."""
    if x.device.type == "cpu" and not torch.compiler.is_compiling() and plan.together < len(told):
        return _AlongEdges.apply(x, told, turns.into, turns.table, turns.back, plan, *weights)
    return _at_once(x, told, turns, weights, plan)


def _at_once(x: Tensor, told: Tensor, turns: Turns, weights: Sequence[Tensor], plan: Plan) -> Tensor:
    """All edges together, of operations that torch differentiates as often as is asked."""
    sent = from_sources(x.flatten(1), plan.edges).unflatten(1, x.shape[1:])
    sums = plan.weighing.sums(torch.bmm(_turns(turns.into, turns.table, plan), sent), told, weights)
    y = sums if turns.back is None else torch.bmm(turns.back, sums)
    return at_targets(y.flatten(1), plan.edges).unflatten(1, y.shape[1:])


def _turns(into: Tensor, table: Tensor | None, plan: Plan) -> Tensor:
    return into if table is None else (into @ table).unflatten(1, (plan.rows, -1))


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
        for some in _runs(plan):
            sent = x.index_select(0, plan.edges.source[some])
            rows = torch.bmm(_turns(into[some], table, plan), sent)
            sums = plan.weighing.summed(rows, told[some], weights)
            sums = sums if back is None else torch.bmm(back[some], sums)
            y = sums.new_zeros(len(x), *sums.shape[1:]) if y is None else y
            y.index_add_(0, plan.edges.target[some], sums)
        assert y is not None, "there are edges"
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        if torch.is_grad_enabled():
            return _once_more(ctx, grads[0])
        return _Backward(ctx, grads[0]).found()


def _runs(plan: Plan) -> Iterator[slice]:
    for first in range(0, len(plan.edges.source), plan.together):
        yield slice(first, first + plan.together)


def _once_more(ctx: Any, grad: Tensor) -> Any:
    """The gradient as a function that can be differentiated once more."""
    x, told, into, table, back, *weights = ctx.saved_tensors
    y = _at_once(x, told, Turns(into, table, back), weights, ctx.plan)
    every = [x, told, into, table, back, None, *weights]
    asked = [part for part, needed in zip(every, ctx.needs_input_grad, strict=True) if needed]
    found = iter(torch.autograd.grad(y, asked, grad, create_graph=True))  # type: ignore[arg-type]
    return tuple(next(found) if needed else None for needed in ctx.needs_input_grad)


class _Backward:
    """The gradients of all that went in, run by run."""

    def __init__(self, ctx: Any, grad: Tensor):
        self.x, self.told, self.into, self.table, self.back, *self.weights = ctx.saved_tensors
        self.plan, self.grad = ctx.plan, grad
        x, told, into, _, back, _, *weights = ctx.needs_input_grad
        self.of_x = torch.zeros_like(self.x) if x else None
        self.of_told = torch.empty_like(self.told) if told else None
        self.of_into = torch.empty_like(self.into) if into else None
        self.of_back = torch.empty_like(self.back) if back else None
        pairs = zip(self.weights, weights, strict=True)
        self.of_weights = [torch.zeros_like(weight) if needed else None for weight, needed in pairs]

    def found(self) -> Any:
        """Of x, told, into, none of the table, back, none of the plan, the weights."""
        for some in _runs(self.plan):
            self._run(some, self.plan.edges.source[some], self.plan.edges.target[some])
        return self.of_x, self.of_told, self.of_into, None, self.of_back, None, *self.of_weights

    def _run(self, some: slice, source: Tensor, target: Tensor) -> None:
        turn, told, weighing = _turns(self.into[some], self.table, self.plan), self.told[some], self.plan.weighing
        sent, grad = self.x.index_select(0, source), self.grad.index_select(0, target)
        rows = torch.bmm(turn, sent)
        if self.of_back is not None:
            sums = weighing.summed(rows, told, self.weights)
            self.of_back[some] = torch.bmm(grad, sums.transpose(1, 2))
        if self.back is not None:
            grad = torch.bmm(self.back[some].transpose(1, 2), grad)
        into = Slopes(None if self.of_told is None else self.of_told[some], self.of_weights)
        of_rows = weighing.slopes(rows, told, self.weights, grad, into)
        if self.of_x is not None:
            self.of_x.index_add_(0, source, torch.bmm(turn.transpose(1, 2), of_rows))
        if self.of_into is not None:
            of_turn = torch.bmm(of_rows, sent.transpose(1, 2))
            self.of_into[some] = of_turn if self.table is None else of_turn.flatten(1) @ self.table.t()
