"""From a task on clouds of points to its layers: convolutions, gates and, where it is asked for, one answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Points
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.groups import SO, Group, O
from erlangen.layers import Layer
from erlangen.representations import Representation, direct_sum
from erlangen.representations.base import is_listed
from erlangen.signal import Space
from erlangen.task import Invariant, Positions, Task

WIDTH, DEPTH = 64, 3
NORMALIZE = (False, True, "points")


@dataclass(frozen=True)
class PointChoices:
    """What a user may choose on points besides width and depth.

    `degree` is the highest of the hidden fields, `highest` that of the harmonics of directions, one more if left out.
    """

    fields: "Representation | None" = None
    degree: int = 1
    highest: int | None = None
    hidden: int = 32
    scale: float = 1.0
    function: str = "silu"
    nonlinearity: str = "gate"
    normalize: "bool | str" = False
    pool: str = "mean"
    residual: bool = True

    def __post_init__(self) -> None:
        flag("residual", self.residual, TaskError)
        check_one_of("normalize", self.normalize, NORMALIZE)
        check_one_of("nonlinearity", self.nonlinearity, ("gate", "norm", "pointwise"))
        whole("degree", self.degree, TaskError, least=0, mend="1: scalars and vectors.")
        whole("hidden", self.hidden, TaskError)
        number("scale", self.scale, TaskError, mend="A usual distance, in the unit of the positions.")
        if self.highest is not None:
            whole("highest", self.highest, TaskError, least=0, mend="The degree of the harmonics, such as 2.")


def layers_on_points(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on points, and why they were chosen."""
    choices = chosen(PointChoices, given)
    if isinstance(width, Sequence) or scales not in (None, 1):
        raise TaskError(f"width={width}, scales={scales} on {task.domain!r}", "one width, one scale", "Add depth.")
    fields = choices.fields or _fields(task, whole("width", WIDTH if width is None else width, TaskError), choices)
    hidden = Space(task.domain, fields)
    depth = whole("depth", DEPTH if depth is None else depth, TaskError)
    made: list[Layer] = []
    for i in range(depth):
        made.append(_block(choices, task.source if i == 0 else hidden, hidden))
    made += _answer(task, choices, hidden)
    return made, _notes(task, choices, hidden, depth)


def _fields(task: Task, width: int, choices: PointChoices) -> Representation:
    """As many copies of each as fit: harmonics up to the degree, by their own parity; else scalars and vectors."""
    group, domain = task.symmetry, task.domain
    assert isinstance(domain, Points)
    kinds = _kinds(group, domain, choices.degree)
    copies = max(1, round(width / sum(kind.dim for kind in kinds)))
    return direct_sum(*((kind, copies) for kind in kinds))


def _kinds(group: Group, domain: Points, degree: int) -> list[Representation]:
    if isinstance(group, SO | O) and group.n == domain.dim == 3:
        labels = [(l, (-1) ** l) if isinstance(group, O) else (l,) for l in range(degree + 1)]
        return [group.irrep(*label) for label in labels]
    if isinstance(group, SO | O) and group.n == domain.dim == 2:
        labels = [(1, l) if isinstance(group, O) else (l,) for l in range(1, degree + 1)]
        return [group.trivial, *(group.irrep(*label) for label in labels)]
    if group.order == 1:
        return [group.trivial]
    if is_listed(group) and group.order is not None and group.order <= 24:
        return [group.regular]
    return [group.trivial, domain.vectors(group)]


def _block(choices: PointChoices, source: Space, hidden: Space) -> Layer:
    """Convolution, normalisation if asked for, nonlinearity; added to its input where the spaces agree."""
    pointwise = hidden.rho.is_permutation
    active = L.nonlinearity(hidden, "pointwise" if pointwise else choices.nonlinearity, choices.function)
    kind = "points" if choices.normalize == "points" else "batch"
    then = [L.normalize(active.source, kind=kind), active] if choices.normalize else [active]
    block = [_convolution(choices, source, active.source), *then]
    return L.skip(block, join="add") if choices.residual and source == hidden else L.Chain(block)


def _convolution(choices: PointChoices, source: Space, target: Space) -> Layer:
    highest = choices.degree + 1 if choices.highest is None else choices.highest
    return L.PointConv(source, target, highest, choices.hidden, choices.scale)


def _answer(task: Task, choices: PointChoices, hidden: Space) -> list[Layer]:
    if isinstance(task.output, Positions):
        return [_convolution(choices, hidden, task.target), L.Displacement(task.target)]
    if isinstance(task.target.domain, Points):
        return [_convolution(choices, hidden, task.target)]
    if not isinstance(task.output, Invariant) or choices.pool == "sum":  # a sum of what each point says: smooth
        at_points = Space(task.domain, task.target.rho)
        return [_convolution(choices, hidden, at_points), L.PackedPool(at_points, choices.pool)]
    made: list[Layer] = [] if hidden.rho.is_trivial else [L.FibrePool(hidden, "mean")]
    made.append(L.PackedPool(made[-1].target if made else hidden, choices.pool))
    return [*made, L.linear(made[-1].target, task.target)]


def _notes(task: Task, choices: PointChoices, hidden: Space, depth: int) -> tuple[str, ...]:
    domain = task.domain
    assert isinstance(domain, Points)
    joined = {
        True: f"Neighbours within {domain.radius:g}, fading out towards it." if domain.radius else "",
        False: f"The {domain.neighbours} nearest points, tied ones together; an answer jumps where they change."
        if domain.neighbours
        else "All pairs of points of a cloud are joined.",
    }[domain.radius is not None]
    blocks = f"{depth} convolution{'s' if depth > 1 else ''}{', each added to its input' * choices.residual}"
    return (
        f"Width: {hidden.channels} channels a point, {hidden.rho}.",
        joined,
        f"{blocks}; what a neighbour says is weighed by learnt functions of its distance, as directions allow.",
        "Without the symmetry there would be weights for every pair of points and every direction: weights called "
        "unconstrained are those of the channels alone.",
    )
