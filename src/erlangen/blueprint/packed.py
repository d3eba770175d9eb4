"""From a task on sets or graphs to its layers: the same for every size and every order of the points."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.packed_plan import ON_PAIRS, STEPS, PackedPlan, make_packed_plan, notes_of
from erlangen.domains import Graph, GraphEdges
from erlangen.domains.packed import Packed
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Invariant, Task


def layers_on_packed(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on sets or graphs, and why they were chosen."""
    plan = make_packed_plan(task, width, depth, scales, given)
    made = _positions(plan)
    source = made[-1].target if made else task.source
    if plan.choices.layer in ON_PAIRS:
        made += _on_pairs(plan, source)
    elif isinstance(task.target.domain, Packed):
        made += _down_and_up(plan, source, plan.hidden)
        made += _on_edges(plan) if isinstance(task.target.domain, GraphEdges) else []
        alone = plan.choices.layer == "transformer" or isinstance(task.target.domain, GraphEdges)
        made.append(L.linear(made[-1].target, task.target, **({"relations": ["itself"]} if alone else {})))
    else:
        made += _down(plan, source)
        made += _whole(plan, made[-1].target)
    return made, notes_of(plan)


def _positions(plan: PackedPlan) -> list[Layer]:
    """What is read off the edges once, before the first block: positions, and walks for attention."""
    source, choices = plan.task.source, plan.choices
    made: list[Layer] = []
    if choices.positions == "laplacian":
        made.append(L.SpectralPositions(source, STEPS))
    elif choices.positions in ("walk", "heat"):
        made.append(L.GraphPositions(source, choices.positions, STEPS))
    if choices.structure:
        made.append(L.GraphWalks(made[-1].target if made else source, choices.structure))
    return made


# ---- scales --------------------------------------------------------------------------------------------------------
def _blocks(plan: PackedPlan, source: Space, hidden: Space, first: bool = False) -> list[Layer]:
    made: list[Layer] = []
    for i in range(plan.depth):
        made += _block(plan, source if i == 0 else hidden, hidden, first and i == 0)
    return made


def _down(plan: PackedPlan, source: Space) -> list[Layer]:
    """Blocks and pools down to the coarsest scale."""
    hidden = plan.hidden
    made = _blocks(plan, source, hidden, first=True)
    for _ in range(plan.scales - 1):
        made.append(_pool(plan, hidden))
        hidden = made[-1].target
        made += _blocks(plan, hidden, hidden)
    return made


def _down_and_up(plan: PackedPlan, source: Space, hidden: Space, scale: int = 0) -> list[Layer]:
    """Down to the coarsest scale and back, each joined with what the coarser ones make of it."""
    made = _blocks(plan, source, hidden, first=scale == 0)
    if scale + 1 < plan.scales:
        pool = _pool(plan, hidden)
        made.append(L.skip([pool, *_down_and_up(plan, pool.target, pool.target, scale + 1)]))
        made += _blocks(plan, made[-1].target, hidden)
    return made


def _pool(plan: PackedPlan, space: Space) -> Layer:
    choices = plan.choices
    further = {"overlapping": {"ratio": choices.ratio}, "soft": {"clusters": choices.clusters}}
    return L.pool(space, method=choices.coarsen, **further.get(choices.coarsen, {}))


# ---- blocks --------------------------------------------------------------------------------------------------------
def _block(plan: PackedPlan, source: Space, hidden: Space, first: bool) -> list[Layer]:
    """A layer, normalisation, nonlinearity; added to its input where the spaces agree."""
    choices = plan.choices
    active = L.nonlinearity(hidden, choices.nonlinearity, choices.function)
    block = [_layer(plan, source, active.source, first), *_then(plan, active)]
    return [L.skip(block, join="add")] if choices.residual and source == hidden else block


def _then(plan: PackedPlan, active: Layer) -> list[Layer]:
    wanted = plan.choices.normalize
    kind = "points" if wanted == "points" else "batch"
    return [*([L.normalize(active.source, kind=kind)] if wanted else []), active]


def _layer(plan: PackedPlan, source: Space, target: Space, first: bool) -> Layer:
    choices = plan.choices
    if choices.layer == "attention" and isinstance(source.domain, Graph):
        return L.GraphAttention(source, target, choices.heads)
    if choices.layer in ("attention", "transformer", "induced"):
        induced = choices.induced if choices.layer == "induced" else None
        return L.SetAttention(source, target, choices.heads, induced, choices.structure or 0)
    if choices.layer == "messages":
        return L.GraphMessages(source, target, choices.aggregate)
    known = target.rho.is_permutation and not first
    return L.linear(
        source,
        target,
        relations=choices.relations,
        bias=not choices.normalize,
        gain=L.gain_of(choices.function) if known else 1.0,
        offset=L.offset_of(choices.function) if known else 0.0,
    )


# ---- answers -------------------------------------------------------------------------------------------------------
def _whole(plan: PackedPlan, last: Space) -> list[Layer]:
    """One answer, of what all points have in common."""
    made: list[Layer] = []
    if isinstance(plan.task.output, Invariant) and not last.rho.is_trivial:
        made.append(L.FibrePool(last, plan.choices.fibre))
        last = made[-1].target
    made.append(L.PackedPool(last, plan.choices.pool if last.rho.is_permutation else "mean"))
    return [*made, L.linear(made[-1].target, plan.task.target)]


def _on_edges(plan: PackedPlan) -> list[Layer]:
    """From nodes to edges, and a nonlinearity, so that an answer is a function of both ends and the edge."""
    hidden = Space(plan.task.target.domain, plan.hidden.rho)
    active = L.nonlinearity(hidden, plan.choices.nonlinearity, plan.choices.function)
    return [L.linear(plan.hidden, active.source, bias=not plan.choices.normalize), *_then(plan, active)]


def _on_pairs(plan: PackedPlan, source: Space) -> list[Layer]:
    """The same on pairs of nodes, and back to the nodes, the edges, or to one answer."""
    task, choices = plan.task, plan.choices
    kind = L.PairLinear if choices.layer == "pairs" else L.PairProduct
    made: list[Layer] = [L.GraphToPairs(source)]
    hidden = Space(made[0].target.domain, plan.hidden.rho)
    for _ in range(plan.depth):
        source, active = made[-1].target, L.nonlinearity(hidden, choices.nonlinearity, choices.function)
        block = [kind(source, hidden), *_then(plan, active)]
        made += [L.skip(block, join="add")] if choices.residual and source == hidden else block
    if isinstance(task.target.domain, Packed):
        back = L.PairsToEdges if isinstance(task.target.domain, GraphEdges) else L.PairsToGraph
        return [*made, back(hidden, task.target)]
    made.append(L.PairPool(hidden, choices.pool))
    return [*made, L.linear(made[-1].target, task.target)]
