"""A task on sets or graphs with every choice made, and what there is to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Graph, GraphEdges
from erlangen.domains.packed import Packed
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.layers.linear.messages import AGGREGATES
from erlangen.representations import Representation
from erlangen.representations.base import is_listed
from erlangen.signal import Space
from erlangen.task import Task

WIDTH = 64
LAYERS = {
    False: ("linear", "attention", "induced"),
    True: ("convolution", "attention", "messages", "transformer", "pairs", "products"),
}
ON_PAIRS = {"pairs": 32, "products": 32}  # channels, where none are asked for: there are n² values a graph
DEPTH = {False: 2, True: 3}
POSITIONS = ("none", "walk", "heat", "laplacian")
COARSEN = ("overlapping", "soft", "partition")
NORMALIZE = (True, False, "points")
STEPS = 8  # of the walks that a transformer sees, and positions of a node


@dataclass(frozen=True)
class PackedChoices:
    """What a user may choose on sets and graphs besides width, depth and scales."""

    layer: str | None = None
    relations: tuple[str, ...] | None = None
    aggregate: str = "mean"
    heads: int = 4
    induced: int = 16
    structure: int | None = None
    positions: str | None = None
    coarsen: str = "overlapping"
    ratio: float = 0.5
    clusters: int = 8
    pool: str = "mean+max"
    fields: "str | Representation | None" = None
    function: str = "relu"
    nonlinearity: str | None = None
    fibre: str = "max"
    normalize: "bool | str" = True
    residual: bool = True

    def __post_init__(self) -> None:
        flag("residual", self.residual, TaskError)
        check_one_of("normalize", self.normalize, NORMALIZE)
        for name in ("heads", "induced", "clusters"):
            whole(name, getattr(self, name), TaskError)
        if self.structure is not None:
            whole("structure", self.structure, TaskError, least=0, mend="Steps of a walk that attention sees.")
        check_one_of("aggregate", self.aggregate, AGGREGATES)
        check_one_of("positions", self.positions, (None, *POSITIONS))
        check_one_of("coarsen", self.coarsen, COARSEN)
        check_one_of("fibre", self.fibre, ("max", "mean"))


@dataclass(frozen=True)
class PackedPlan:
    """A task with every choice made."""

    task: Task
    hidden: Space
    depth: int
    scales: int
    choices: PackedChoices


def make_packed_plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> PackedPlan:
    """The choices of a task on sets or graphs, those left out made. TaskError for what does not go together."""
    on_graphs, domain = isinstance(task.domain, Graph), task.domain
    kinds = LAYERS[on_graphs]
    choices = chosen(PackedChoices, given)
    choices = replace(choices, layer=choices.layer or kinds[0])
    check_one_of("layer", choices.layer, kinds, f" on {domain!r}")
    structure = choices.structure if choices.structure is not None else STEPS * (choices.layer == "transformer")
    positions = choices.positions or ("walk" if structure else "none")
    choices = replace(choices, structure=structure, positions=positions)
    _check_together(task, choices, on_graphs)
    if isinstance(width, Sequence):
        raise TaskError(f"width={width} on {domain!r}", "one width", "It is the same at every scale.")
    scales = whole("scales", 1 if scales is None else scales, TaskError)
    if scales > 1 and (not on_graphs or choices.layer in ON_PAIRS):
        mend = "Add depth." if on_graphs else "A set has no neighbourhoods; add depth."
        raise TaskError(f"scales={scales}, layer={choices.layer!r} on {domain!r}", "one scale", mend)
    fibre = _fibre(task, choices)
    wanted = whole("width", ON_PAIRS.get(choices.layer or "", WIDTH) if width is None else width, TaskError)
    if choices.layer not in ("linear", "convolution") and fibre.dim > 1:
        raise TaskError(f"layer={choices.layer!r} with fields of {fibre}", "scalars", "Take the linear layer.")
    depth = whole("depth", DEPTH[on_graphs] if depth is None else depth, TaskError)
    return PackedPlan(task, Space(domain, max(1, round(wanted / fibre.dim)) * fibre), depth, scales, choices)


def _check_together(task: Task, choices: PackedChoices, on_graphs: bool) -> None:
    if choices.structure and choices.layer != "transformer":
        given = f"structure={choices.structure} with layer={choices.layer!r}"
        raise TaskError(given, 'layer="transformer"', "Other layers go along the edges themselves.")
    if choices.positions != "none" and not on_graphs:
        raise TaskError(f"positions={choices.positions!r} on {task.domain!r}", "a graph", "Sets have no edges to read.")


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


# ---- why -----------------------------------------------------------------------------------------------------------
_WHY = {
    "linear": "A matrix for a point itself and one for the mean of all: every linear map that no relabelling changes.",
    "convolution": "A matrix for a node itself and one for the mean of its neighbours.",
    "attention": "Means over the others, with weights read off the points.",
    "induced": "Attention by way of a few learnt points: its cost grows with the number of points, not its square.",
    "messages": "A function of both ends and of the edge goes along each edge.",
    "pairs": "Signals on pairs of nodes, by all 15 linear maps that no relabelling changes.",
    "products": "Signals on pairs of nodes, multiplied as matrices: more than message passing tells apart.",
    "transformer": "Attention over all nodes of a graph.",
}
_WHERE = {
    "walk": "Positions: how often a walker is back at a node after 1 … 8 steps.",
    "heat": "Positions: the heat left at a node, of eigenvectors whose signs and choice do not matter.",
    "laplacian": "Positions: learnt functions of the Laplacian's projections, which see no signs of eigenvectors.",
}
_COARSER = {
    "overlapping": "a neighbourhood about each node, of which the best {ratio:.0%} stay, tied ones together",
    "soft": "{clusters} clusters to which every node belongs in part",
    "partition": "disjoint clusters, arbitrary where nodes are alike: an audit says undefined there",
}


def notes_of(plan: PackedPlan) -> tuple[str, ...]:
    """Why these choices, a sentence each."""
    choices, fields = plan.choices, plan.hidden.rho
    notes = [f"Width: {fields.dim} channels a point.", _WHY[choices.layer or ""]]
    if choices.layer == "transformer":
        seen = f"Edges are read as walks of up to {choices.structure} steps from one node to another."
        notes.append(seen if choices.structure else "Edges are not read, so positions have to be in the features.")
    notes += [_WHERE[choices.positions]] if choices.positions in _WHERE else []
    notes.append(f"{plan.depth} layer{'s' if plan.depth > 1 else ''}{', each added to its input' * choices.residual}.")
    if plan.scales > 1:
        how = _COARSER[choices.coarsen].format(ratio=choices.ratio, clusters=choices.clusters)
        notes.append(f"{plan.scales} scales: {how}.")
    notes.append(
        "Without the symmetry there would be a matrix for every pair of points, another for every number of them: "
        "weights called unconstrained are those of the channels alone."
    )
    return (*notes, _answer(plan))


def _answer(plan: PackedPlan) -> str:
    target = plan.task.target.domain
    if isinstance(target, GraphEdges):
        return "An answer at every edge, in the order in which the edges were given."
    if isinstance(target, Packed):
        return "An answer at every point, in the order in which the points were given."
    return f"One answer for the whole: {plan.choices.pool.replace('+', ' and ')} over its points."
