"""From a task on sets or graphs to its layers: the same for every size and every order of the points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Graph
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.layers import Layer
from erlangen.layers.linear.messages import AGGREGATES
from erlangen.representations import Representation
from erlangen.representations.base import is_listed
from erlangen.signal import Space
from erlangen.task import Invariant, Task

WIDTH = 64
LAYERS = {
    False: ("linear", "attention", "induced"),
    True: ("convolution", "attention", "messages", "transformer", "pairs", "products"),
}
ON_PAIRS = {"pairs": 32, "products": 32}  # channels, where none are asked for: there are n² values a graph
DEPTH = {False: 2, True: 3}


@dataclass(frozen=True)
class PackedChoices:
    """What a user may choose on sets and graphs besides width and depth."""

    layer: str | None = None
    relations: tuple[str, ...] | None = None
    aggregate: str = "mean"
    heads: int = 4
    induced: int = 16
    pool: str = "mean+max"
    fields: "str | Representation | None" = None
    function: str = "relu"
    nonlinearity: str | None = None
    fibre: str = "max"
    normalize: bool = True
    residual: bool = True

    def __post_init__(self) -> None:
        for name in ("normalize", "residual"):
            flag(name, getattr(self, name), TaskError)
        for name in ("heads", "induced"):
            whole(name, getattr(self, name), TaskError)
        check_one_of("aggregate", self.aggregate, AGGREGATES)
        check_one_of("fibre", self.fibre, ("max", "mean"))


@dataclass(frozen=True)
class PackedPlan:
    """A task with every choice made."""

    task: Task
    hidden: Space
    depth: int
    choices: PackedChoices


def layers_on_packed(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on sets or graphs, and why they were chosen."""
    plan = _plan(task, width, depth, scales, given)
    if plan.choices.layer in ON_PAIRS:
        return _on_pairs(plan), _notes(plan)
    made = _blocks(plan)
    last = made[-1].target
    if task.target.domain != task.domain:
        invariant = isinstance(task.output, Invariant)
        if invariant and not last.rho.is_trivial:
            made.append(L.FibrePool(last, plan.choices.fibre))
        method = plan.choices.pool if made[-1].target.rho.is_permutation else "mean"
        made.append(L.PackedPool(made[-1].target, method))
    return [*made, L.linear(made[-1].target, task.target)], _notes(plan)


def _plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> PackedPlan:
    on_graphs, domain = isinstance(task.domain, Graph), task.domain
    choices = chosen(PackedChoices, given)
    kinds = LAYERS[on_graphs]
    choices = replace(choices, layer=choices.layer or kinds[0])
    check_one_of("layer", choices.layer, kinds, f" on {domain!r}")
    if scales not in (None, 1) or isinstance(width, Sequence):
        raise TaskError(f"scales={scales}, width={width} on {domain!r}", "one scale and one width", "Add depth.")
    fibre = _fibre(task, choices)
    wanted = whole("width", ON_PAIRS.get(choices.layer or "", WIDTH) if width is None else width, TaskError)
    copies = max(1, round(wanted / fibre.dim))
    if choices.layer not in ("linear", "convolution") and fibre.dim > 1:
        raise TaskError(f"layer={choices.layer!r} with fields of {fibre}", "scalars", "Take the linear layer.")
    whole("depth", DEPTH[on_graphs] if depth is None else depth, TaskError)
    return PackedPlan(task, Space(domain, copies * fibre), DEPTH[on_graphs] if depth is None else depth, choices)


def _fibre(task: Task, choices: PackedChoices) -> Representation:
    """The fields asked for; else regular ones of the group that moves the features, scalars where there is none."""
    group = task.symmetry
    if isinstance(choices.fields, Representation):
        if choices.fields.group != group:
            raise TaskError(
                f"fields of {choices.fields.group!r}", f"a representation of {group!r}", "Restrict it first."
            )
        return choices.fields
    check_one_of("fields", choices.fields, (None, "regular"))
    if not is_listed(group):
        raise TaskError(f"regular fields of {group.label}", "a group of at most 2,000 elements", "Pass fields=….")
    return group.regular if group.order != 1 else group.trivial


def _blocks(plan: PackedPlan) -> list[Layer]:
    made: list[Layer] = []
    for i in range(plan.depth):
        source = plan.task.source if i == 0 else plan.hidden
        made += _block(plan, source, first=i == 0)
    return made


def _block(plan: PackedPlan, source: Space, first: bool) -> list[Layer]:
    """A layer, normalisation, nonlinearity; added to its input where the spaces agree."""
    choices, hidden = plan.choices, plan.hidden
    active = L.nonlinearity(hidden, choices.nonlinearity, choices.function)
    layer = _layer(plan, source, active.source, first)
    block = [layer, *([L.normalize(active.source)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == hidden else block


def _on_pairs(plan: PackedPlan) -> list[Layer]:
    """The same on pairs of nodes, and back to the nodes or to one answer."""
    task, choices = plan.task, plan.choices
    kind = L.PairLinear if choices.layer == "pairs" else L.PairProduct
    made: list[Layer] = [L.GraphToPairs(task.source)]
    hidden = Space(made[0].target.domain, plan.hidden.rho)
    for _ in range(plan.depth):
        source, active = made[-1].target, L.nonlinearity(hidden, choices.nonlinearity, choices.function)
        block = [kind(source, hidden), *([L.normalize(hidden)] if choices.normalize else []), active]
        made += [L.skip(block, join="add")] if choices.residual and source == hidden else block
    if task.target.domain == task.domain:
        return [*made, L.PairsToGraph(hidden, task.target)]
    made.append(L.PairPool(hidden, choices.pool))
    return [*made, L.linear(made[-1].target, task.target)]


def _layer(plan: PackedPlan, source: Space, target: Space, first: bool) -> Layer:
    choices = plan.choices
    if choices.layer in ("attention", "transformer", "induced"):
        local = choices.layer == "attention" and isinstance(source.domain, Graph)
        if local:
            return L.GraphAttention(source, target, choices.heads)
        return L.SetAttention(source, target, choices.heads, choices.induced if choices.layer == "induced" else None)
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


# ---- why -----------------------------------------------------------------------------------------------------------
_WHY = {
    "linear": "A matrix for a point itself and one for the mean of all: every linear map that no relabelling changes.",
    "convolution": "A matrix for a node itself and one for the mean of its neighbours.",
    "attention": "Means over the others, with weights read off the points.",
    "induced": "Attention by way of a few learnt points: its cost grows with the number of points, not its square.",
    "messages": "A function of both ends and of the edge goes along each edge.",
    "pairs": "Signals on pairs of nodes, by all 15 linear maps that no relabelling changes.",
    "products": "Signals on pairs of nodes, multiplied as matrices: more than message passing tells apart.",
    "transformer": "Attention over all nodes of a graph; edges are not read, so positions have to be in the features.",
}


def _notes(plan: PackedPlan) -> tuple[str, ...]:
    choices, fields = plan.choices, plan.hidden.rho
    notes = [f"Width: {fields.dim} channels a point.", _WHY[choices.layer or ""]]
    notes.append(f"{plan.depth} layer{'s' if plan.depth > 1 else ''}{', each added to its input' * choices.residual}.")
    notes.append(
        "Without the symmetry there would be a matrix for every pair of points, another for every number of them: "
        "weights called unconstrained are those of the channels alone."
    )
    if plan.task.target.domain == plan.task.domain:
        notes.append("An answer at every point, in the order in which the points were given.")
    else:
        notes.append(f"One answer for the whole: {choices.pool.replace('+', ' and ')} over its points.")
    return tuple(notes)
