"""From a task on clouds of points to its layers: those that hear neighbours and, where it is asked for, one answer."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.point_plan import CONVOLUTION, EGNN, PointPlan, make_point_plan, notes_of
from erlangen.domains import Points
from erlangen.layers import Layer
from erlangen.layers.linear._scalars_vectors import places_in
from erlangen.signal import Space
from erlangen.task import Forces, Invariant, Positions, Task


def layers_on_points(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on points, and why they were chosen."""
    plan = make_point_plan(task, width, depth, scales, given)
    if isinstance(task.target.domain, Points):
        made = [*_down_and_up(plan, task.source), *_at_points(plan)]
        return [L.Conservative(made)] if isinstance(task.output, Forces) else made, notes_of(plan)
    if plan.choices.pool == "sum":  # of what each point says: smooth, and of every size
        return [*_down_and_up(plan, task.source), *_pooled(plan, 0)], notes_of(plan)
    return [*_down(plan), *_whole(plan)], notes_of(plan)


# ---- scales --------------------------------------------------------------------------------------------------------
def _down(plan: PointPlan) -> list[Layer]:
    """Blocks and pools down to the coarsest scale."""
    made = _blocks(plan, plan.task.source, 0)
    for scale in range(1, len(plan.hidden)):
        made.append(L.pool(made[-1].target, ratio=plan.ratio))
        made += _blocks(plan, made[-1].target, scale)
    return made


def _down_and_up(plan: PointPlan, source: Space, scale: int = 0) -> list[Layer]:
    """Down to the coarsest scale and back, each joined with what the coarser ones make of it."""
    made = _blocks(plan, source, scale)
    if scale + 1 < len(plan.hidden):
        pool = L.pool(made[-1].target, ratio=plan.ratio)
        made.append(L.skip([pool, *_down_and_up(plan, pool.target, scale + 1)]))
        made += _blocks(plan, made[-1].target, scale)
    return made


def _blocks(plan: PointPlan, source: Space, scale: int) -> list[Layer]:
    return [_block(plan, source if i == 0 else plan.hidden[scale], scale, i > 0) for i in range(plan.depth)]


# ---- layers --------------------------------------------------------------------------------------------------------
def _block(plan: PointPlan, source: Space, scale: int, moved: bool) -> Layer:
    """A layer, normalised if asked for; a convolution with a nonlinearity, added to its input where they agree."""
    choices, hidden = plan.choices, plan.hidden[scale]
    if choices.layer != CONVOLUTION:
        return L.Chain([_layer(plan, source, hidden, scale, moved), *_normalized(plan, hidden)])
    pointwise = hidden.rho.is_permutation
    active = L.nonlinearity(hidden, "pointwise" if pointwise else choices.nonlinearity, choices.function)
    block = [_layer(plan, source, active.source, scale), *_normalized(plan, active.source), active]
    return L.skip(block, join="add") if choices.residual and source == hidden else L.Chain(block)


def _normalized(plan: PointPlan, space: Space) -> list[Layer]:
    wanted = plan.choices.normalize
    return [L.normalize(space, kind="points" if wanted == "points" else "batch")] if wanted else []


def _layer(plan: PointPlan, source: Space, target: Space, scale: int, moved: bool = True, moves: bool = True) -> Layer:
    """From one space on points to another; `moved` and `moves` say where displacements are, if points move at all."""
    choices, units, usual = plan.choices, plan.units[scale], plan.scale_at(scale)
    if choices.layer == CONVOLUTION or places_in(target.rho, plan.domain) is None:
        highest = choices.degree + 1 if choices.highest is None else choices.highest
        return L.PointConv(source, target, highest, units, usual)
    if choices.layer == EGNN:
        return L.EGNN(source, target, units, usual, plan.moves and moved, plan.moves and moves)
    return L.PaiNN(source, target, units, usual)


# ---- answers -------------------------------------------------------------------------------------------------------
def _at_points(plan: PointPlan) -> list[Layer]:
    task, hidden = plan.task, plan.hidden[0]
    if isinstance(task.output, Positions):
        return [_layer(plan, hidden, task.target, 0), L.Displacement(task.target)]
    if isinstance(task.output, Forces):
        return [_layer(plan, hidden, Space(task.domain, task.symmetry.trivial), 0, moves=False)]
    return [_layer(plan, hidden, task.target, 0, moves=False)]


def _whole(plan: PointPlan) -> list[Layer]:
    """One answer, of what all points have in common at the coarsest scale."""
    task, hidden = plan.task, plan.hidden[-1]
    if not isinstance(task.output, Invariant):
        return _pooled(plan, len(plan.hidden) - 1)
    made: list[Layer] = [] if hidden.rho.is_trivial else [L.FibrePool(hidden, "mean")]
    made.append(L.PackedPool(made[-1].target if made else hidden, plan.choices.pool))
    return [*made, L.linear(made[-1].target, task.target)]


def _pooled(plan: PointPlan, scale: int) -> list[Layer]:
    """What each point of a scale answers, together."""
    hidden = plan.hidden[scale]
    at_points = Space(hidden.domain, plan.task.target.rho)
    return [_layer(plan, hidden, at_points, scale, moves=False), L.PackedPool(at_points, plan.choices.pool)]
