"""From a task on a product of domains to its layers: the factors' own, along each of them."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.product_plan import ProductPlan, make_product_plan, notes_of
from erlangen.domains import Sphere
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Task


def layers_on_products(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on a product, and why they were chosen."""
    plan = make_product_plan(task, width, depth, scales, given)
    made = _brought_in(plan)
    source = made[-1].target if made else task.source
    for scale in range(len(plan.copies)):
        if scale:
            made.append(L.pool(source, along=plan.coarser, method=plan.choices.pool))
            source = made[-1].target
        hidden = Space(source.domain, plan.rho(scale))
        for i in range(plan.depth):
            made += _block(plan, source, hidden, first=scale == i == 0)
            source = hidden
    return [*made, *_answer(plan, source)], notes_of(plan)


def _brought_in(plan: ProductPlan) -> list[Layer]:
    """Spheres that are pooled over, without degrees beyond those that layers look at: then grids are known."""
    made: list[Layer] = []
    for place in plan.pooled:
        factor = plan.domain.factors[place]
        if isinstance(factor, Sphere) and factor.band is None and factor.subdivisions is None:
            source, band = (made[-1].target if made else plan.task.source), factor.degrees - 1
            made.append(L.Along.of(source, place, lambda part, _, band=band: L.SpherePool(part, band)))
    return made


def _block(plan: ProductPlan, source: Space, hidden: Space, first: bool) -> list[Layer]:
    """Linear, normalised, a nonlinearity; added to its input where the spaces agree."""
    choices = plan.choices
    active = _nonlinearity(plan, hidden)
    gain = L.gain_of(str(choices.function)) if hidden.rho.is_permutation and not first else 1.0
    further = {"bias": not choices.normalize, "kernel_size": choices.kernel_size}
    block = [L.linear(source, active.source, way=choices.way, gain=gain, **further)]
    block += [*([L.normalize(active.source)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == hidden else block


def _nonlinearity(plan: ProductPlan, hidden: Space) -> Layer:
    """Of fields at the points; along a sphere on finer grids of equally many columns, so that all keep one turn."""
    choices, factors = plan.choices, plan.domain.factors
    spheres = [i for i, factor in enumerate(factors) if isinstance(factor, Sphere)]
    if not spheres:
        return L.nonlinearity(hidden, choices.nonlinearity, str(choices.function))
    (place, *_), function = spheres, str(choices.function)
    columns = 4 * factors[place].degrees  # type: ignore[attr-defined]
    return L.Along.of(hidden, place, lambda part, _: L.SphereNonlinearity(part, function, 2.0, columns))


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
