"""From a task on the sphere to its layers: convolutions, functions of values, fewer degrees or fewer vertices."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.sphere_fields import is_read_off
from erlangen.blueprint.sphere_kits import Kit, kit_of
from erlangen.blueprint.sphere_notes import notes
from erlangen.blueprint.sphere_plan import make_plan
from erlangen.layers import Layer
from erlangen.representations.tangent import places
from erlangen.signal import Space
from erlangen.task import Task


def layers_on_sphere(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on the sphere, and why they were chosen."""
    plan = make_plan(task, width, depth, scales, given)
    made = (_dense if task.target.domain.axes else _whole)(kit_of(plan))
    return made, notes(plan)


def _blocks(kit: Kit, source: Space, target: Space) -> list[Layer]:
    """`depth` times convolution, normalisation, nonlinearity; with `residual` added to the input where spaces agree."""
    made: list[Layer] = []
    for i in range(kit.plan.depth):
        made += _block(kit, source if i == 0 else target, target)
    return made


def _block(kit: Kit, source: Space, target: Space) -> list[Layer]:
    choices, active = kit.plan.choices, kit.nonlinearity(target)
    gain = L.gain_of(choices.function) if getattr(active, "way", "") == "pointwise" else 1.0
    biased = kit.plan.zonal or not choices.normalize  # of latitude about the axis, which no mean takes off
    block = [kit.convolution(source, active.source, biased, gain)]
    block += [kit.normal(active.source)] if choices.normalize else []
    block.append(active)
    return [L.skip(block, join="add")] if choices.residual and source == target else block


def _whole(kit: Kit) -> list[Layer]:
    """Down to the coarsest scale, then one answer for the whole signal."""
    task, made = kit.plan.task, kit.brought_in(kit.plan.task.source)
    source = made[-1].target if made else task.source
    for scale, here in enumerate(kit.plan.hidden):
        if scale:
            made.append(kit.pool(source, scale))
            source = made[-1].target
        made += _blocks(kit, source, here)
        source = here
    if is_read_off(task):
        return [*made, L.linear(source, task.target)]
    if not source.rho.is_trivial or places(source.rho):
        scalars = Space(source.domain, source.channels * task.symmetry.trivial)
        made, source = [*made, *_block(kit, source, scalars)], scalars
    made.append(L.DomainPool(source))
    return [*made, L.linear(made[-1].target, task.target)]


def _dense(kit: Kit) -> list[Layer]:
    """Down to the coarsest scale and back, each joined with what the coarser ones make of it."""
    first = kit.brought_in(kit.plan.task.source)
    body = _down_and_up(kit, first[-1].target if first else kit.plan.task.source, 0)
    if first:
        body = [L.skip([*first, *body])]
    return [*body, kit.convolution(body[-1].target, kit.plan.task.target)]


def _down_and_up(kit: Kit, source: Space, scale: int) -> list[Layer]:
    here = kit.plan.hidden[scale]
    made = _blocks(kit, source, here)
    if scale + 1 < len(kit.plan.hidden):
        pool = kit.pool(here, scale + 1)
        skip = L.skip([pool, *_down_and_up(kit, pool.target, scale + 1)])
        made += [skip, *_blocks(kit, skip.target, here)]
    return made
