"""From a task on a product of domains to its layers: the factors' own, along each of them."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.product_plan import ProductPlan, make_product_plan, notes_of
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Task


def layers_on_products(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on a product, and why they were chosen."""
    plan = make_product_plan(task, width, depth, scales, given)
    source, made = task.source, []
    for scale in range(len(plan.copies)):
        if scale:
            made.append(L.pool(source, along=plan.coarser, method=plan.choices.pool))
            source = made[-1].target
        hidden = Space(source.domain, plan.rho(scale))
        for i in range(plan.depth):
            made += _block(plan, source, hidden, first=scale == i == 0)
            source = hidden
    return [*made, *_answer(plan, source)], notes_of(plan)


def _block(plan: ProductPlan, source: Space, hidden: Space, first: bool) -> list[Layer]:
    """Linear, normalised, a nonlinearity; added to its input where the spaces agree."""
    choices = plan.choices
    active = L.nonlinearity(hidden, choices.nonlinearity, str(choices.function))
    gain = L.gain_of(str(choices.function)) if hidden.rho.is_permutation and not first else 1.0
    further = {"bias": not choices.normalize, "kernel_size": choices.kernel_size}
    block = [L.linear(source, active.source, way=choices.way, gain=gain, **further)]
    block += [*([L.normalize(active.source)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == hidden else block


def _answer(plan: ProductPlan, source: Space) -> list[Layer]:
    """Pooled over the factors that the answer does not have: spheres first, then the fibre, then the others."""
    task, made = plan.task, []
    factors = plan.domain.factors
    spheres = [i for i in plan.pooled if factors[i].aliases]
    others = [i for i in plan.pooled if i not in spheres]
    made += L.pooled_over(source, spheres) if spheres else []
    source = made[-1].target if made else source
    if task.target.rho.is_trivial and not source.rho.is_trivial and plan.pooled and not source.domain.aliases:
        made.append(L.FibrePool(source, plan.choices.fibre))
        source = made[-1].target
    method = plan.choices.global_pool if source.rho.is_permutation else "mean"
    made += L.pooled_over(source, others, method) if others else []
    source = made[-1].target if made else source
    return [*made, L.linear(source, task.target)]
