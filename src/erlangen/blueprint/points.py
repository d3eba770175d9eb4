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
    made = [_block(plan, task.source if i == 0 else plan.hidden, first=i == 0) for i in range(plan.depth)]
    made += _answer(plan)
    return [L.Conservative(made)] if isinstance(task.output, Forces) else made, notes_of(plan)


def _block(plan: PointPlan, source: Space, first: bool) -> Layer:
    """A layer, normalised if asked for; a convolution with a nonlinearity, added to its input where they agree."""
    choices, hidden = plan.choices, plan.hidden
    if choices.layer != CONVOLUTION:
        return L.Chain([_layer(plan, source, hidden, moved=not first), *_normalized(plan, hidden)])
    pointwise = hidden.rho.is_permutation
    active = L.nonlinearity(hidden, "pointwise" if pointwise else choices.nonlinearity, choices.function)
    block = [_layer(plan, source, active.source), *_normalized(plan, active.source), active]
    return L.skip(block, join="add") if choices.residual and source == hidden else L.Chain(block)


def _normalized(plan: PointPlan, space: Space) -> list[Layer]:
    wanted = plan.choices.normalize
    return [L.normalize(space, kind="points" if wanted == "points" else "batch")] if wanted else []


def _layer(plan: PointPlan, source: Space, target: Space, moved: bool = True, moves: bool = True) -> Layer:
    """From one space on points to another; `moved` and `moves` say where displacements are, if points move at all."""
    choices = plan.choices
    if choices.layer == CONVOLUTION or places_in(target.rho, plan.domain) is None:
        highest = choices.degree + 1 if choices.highest is None else choices.highest
        return L.PointConv(source, target, highest, plan.units, choices.scale)
    if choices.layer == EGNN:
        return L.EGNN(source, target, plan.units, choices.scale, plan.moves and moved, plan.moves and moves)
    return L.PaiNN(source, target, plan.units, choices.scale)


def _answer(plan: PointPlan) -> list[Layer]:
    task, hidden, pool = plan.task, plan.hidden, plan.choices.pool
    if isinstance(task.output, Positions):
        return [_layer(plan, hidden, task.target), L.Displacement(task.target)]
    if isinstance(task.output, Forces):
        return [_layer(plan, hidden, Space(task.domain, task.symmetry.trivial), moves=False)]
    if isinstance(task.target.domain, Points):
        return [_layer(plan, hidden, task.target, moves=False)]
    if not isinstance(task.output, Invariant) or pool == "sum":  # a sum of what each point says: smooth
        at_points = Space(task.domain, task.target.rho)
        return [_layer(plan, hidden, at_points, moves=False), L.PackedPool(at_points, pool)]
    made: list[Layer] = [] if hidden.rho.is_trivial else [L.FibrePool(hidden, "mean")]
    made.append(L.PackedPool(made[-1].target if made else hidden, pool))
    return [*made, L.linear(made[-1].target, task.target)]
