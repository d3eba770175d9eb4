"""From a task to a network: the blueprint, filled in for the domain, the symmetry and the question asked."""

from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from erlangen import layers as L
from erlangen.blueprint._blueprint import Blueprint
from erlangen.domains import Lattice
from erlangen.errors import TaskError
from erlangen.layers import Layer
from erlangen.representations import Representation, direct_sum
from erlangen.signal import Space
from erlangen.task import Invariant, Task


@dataclass(frozen=True)
class Choices:
    """What a user may choose besides width, depth and scales; the defaults are what `derive` takes."""

    kernel_size: int = 3
    fields: "str | Representation" = "regular"
    function: str = "relu"
    nonlinearity: str | None = None
    pool: str = "average"
    fibre: str = "max"
    normalize: bool = True
    residual: bool = False


@dataclass(frozen=True)
class Plan:
    """A task with every choice made: what the builders below read."""

    task: Task
    fibre: Representation
    copies: int
    depth: int
    scales: int
    choices: Choices

    def space(self, scale: int) -> Space:
        """The hidden space at a scale: the width doubles wherever the grid is halved."""
        domain = self.task.domain
        for _ in range(scale):
            domain = domain.coarser()  # type: ignore[attr-defined]
        copies = self.copies * 2**scale
        return Space(domain, direct_sum(*((field, copies * m) for field, m in self.fibre.fields)))


def derive(
    task: Task, width: int | None = None, depth: int = 2, scales: int | None = None, **choices: Any
) -> Blueprint:
    """The network of a task: linear equivariant layers, nonlinearities, local pooling, an invariant layer if asked.

    `width` counts all channels at the finest scale, fibres included; `depth` the convolutions a scale; `scales` the
    grids from fine to coarse (3, so two halvings; a causal sequence has one). Further choices: kernel_size=3,
    fields="regular" (or a representation), function="relu", nonlinearity=None ("pointwise", "norm"), pool="average"
    ("max", "antialiased"), fibre="max" ("mean"), normalize=True, residual=False.

    Raises TaskError for choices that do not exist, DomainError for a group that the domain does not keep.

    >>> import erlangen as er
    >>> task = er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(10))
    >>> er.derive(task, width=32).minimum_size
    5

    Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478.
    """
    if not isinstance(task, Task):
        raise TaskError(
            f"a {type(task).__name__}", "an er.Task", "er.derive(er.Task(domain, symmetry, input, output))."
        )
    if not isinstance(task.domain, Lattice):
        raise TaskError(
            f"a task on {task.domain!r}", "a lattice: Grid, HexGrid, Dna or Sequence", "Compose er.layers by hand."
        )
    plan, notes = _plan(task, width, depth, scales, _choices(choices))
    make = _classifier if isinstance(task.output, Invariant) or task.target.domain.axes == 0 else _u_shape
    return Blueprint(make(plan), task, notes)


# ---- the plan ------------------------------------------------------------------------------------------------------
def _choices(given: dict[str, Any]) -> Choices:
    known = [f.name for f in fields(Choices)]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise TaskError(
                f"the choice {name}={given[name]!r}",
                f"one of {', '.join(known)}",
                f"Did you mean {near[0]}?" if near else "Width, depth and scales are arguments of their own.",
            )
    return Choices(**given)


def _plan(task: Task, width: int | None, depth: int, scales: int | None, choices: Choices) -> tuple[Plan, list[str]]:
    domain, group = task.domain, task.symmetry
    causal = getattr(domain, "causal", False)
    scales = (1 if causal else 3) if scales is None else scales
    for name, value in (("depth", depth), ("scales", scales), *((("width", width),) if width is not None else ())):
        if not isinstance(value, int) or value < 1:
            raise TaskError(f"{name}={value!r}", "a positive whole number", "Leave it out for the default.")
    if causal and scales > 1:
        raise TaskError(
            f"scales={scales} on {domain!r}",
            "scales=1",
            "A coarser grid would look ahead; add depth: dilation doubles.",
        )
    fibre = _fibre(group, choices.fields)
    order = group.order or 1
    wanted = width or (max(order, 24) if domain.axes == 3 else -(-32 // order) * order)
    copies = max(1, round(wanted / fibre.dim))
    plan = Plan(task, fibre, copies, depth, scales, choices)
    return plan, _notes(plan, wanted)


def _notes(plan: Plan, wanted: int) -> list[str]:
    """What was chosen and why, for `explain`."""
    choices, got = plan.choices, plan.copies * plan.fibre.dim
    kept = "" if got == wanted else f" (the nearest whole number of fibres to the {wanted} asked for)"
    notes = [
        f"Width {got} at the finest scale: {plan.copies} × {plan.fibre}{kept}; it doubles wherever the grid is halved."
    ]
    if choices.fields == "regular" and plan.fibre.dim > 1:
        notes.append(
            "Regular fields: they hold every irrep as often as its dimension, and any pointwise function keeps them."
        )
    notes.append(
        f"{plan.depth} convolutions a scale with {choices.kernel_size} sites an axis; "
        f"{plan.scales} scale{'s' if plan.scales > 1 else ''}"
        + (f", halved by {choices.pool} pooling." if plan.scales > 1 else ".")
    )
    if isinstance(plan.task.output, Invariant):
        notes.append(f"The invariant layer comes last: {choices.fibre} over the fibre, mean over the domain.")
    elif plan.task.target.domain.axes:
        notes.append(
            "An answer at every point: a U of skips, so that the fine grid keeps where and the coarse one says what."
        )
    else:
        notes.append("One answer that moves with the signal: the mean over the domain keeps the fibre.")
    return notes


def _fibre(group: Any, wanted: "str | Representation") -> Representation:
    if isinstance(wanted, Representation):
        if wanted.group != group:
            raise TaskError(f"fields of {wanted.group!r}", f"a representation of {group!r}", "Restrict it first.")
        return wanted
    if wanted != "regular":
        raise TaskError(f"fields={wanted!r}", '"regular" or a representation', "For irreps pass G.irrep(…) + ….")
    return group.regular


# ---- the modules ---------------------------------------------------------------------------------------------------
def _block(plan: Plan, source: Space, target: Space, dilation: int = 1, first: bool = False) -> list[Layer]:
    """Convolution, normalisation, nonlinearity; with `residual` added to its input where the spaces agree."""
    choices = plan.choices
    active = L.nonlinearity(target, choices.nonlinearity, choices.function)
    gain = L.gain_of(choices.function) if target.rho.is_permutation and not first else 1.0
    conv = L.linear(
        source,
        active.source,
        kernel_size=choices.kernel_size,
        dilation=dilation,
        bias=not choices.normalize,
        gain=gain,
    )
    block = [conv, *([L.normalize(active.source)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == target else block


def _blocks(plan: Plan, source: Space, target: Space, first: bool = False) -> list[Layer]:
    """`depth` blocks at one scale; on causal sequences the dilation doubles, so that the past is seen far back."""
    made: list[Layer] = []
    for i in range(plan.depth):
        dilation = 2**i if getattr(plan.task.domain, "causal", False) else 1
        made += _block(plan, source if i == 0 else target, target, dilation, first and i == 0)
    return made


def _classifier(plan: Plan) -> list[Layer]:
    """Blocks and pools down to the coarsest scale, then one answer for the whole signal."""
    source, made = plan.task.source, []
    for scale in range(plan.scales):
        if scale:
            made.append(L.pool(source, method=plan.choices.pool))
            source = made[-1].target
        made += _blocks(plan, source, plan.space(scale), first=scale == 0)
        source = plan.space(scale)
    if isinstance(plan.task.output, Invariant):
        made.append(L.invariant(source, plan.choices.fibre))
    else:
        made.append(L.DomainPool(source))
    return [*made, L.linear(made[-1].target, plan.task.target)]


def _u_shape(plan: Plan) -> list[Layer]:
    """Down to the coarsest scale and back, each scale joined with what the coarser ones make of it."""
    body = _down_and_up(plan, plan.task.source, 0)
    return [*body, L.linear(body[-1].target, plan.task.target, kernel_size=1)]


def _down_and_up(plan: Plan, source: Space, scale: int) -> list[Layer]:
    here = plan.space(scale)
    made = _blocks(plan, source, here, first=scale == 0)
    if scale + 1 < plan.scales:
        pool = L.pool(here, method=plan.choices.pool)
        skip = L.skip([pool, *_down_and_up(plan, pool.target, scale + 1)])
        made += [skip, *_blocks(plan, skip.target, here)]
    return made
