"""A task on clouds of points with every choice made, and what there is to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Points
from erlangen.domains.points import share_of
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.groups import SO, Group, O
from erlangen.layers.linear._scalars_vectors import places_in
from erlangen.representations import Representation
from erlangen.representations.base import is_listed
from erlangen.signal import Space
from erlangen.task import Forces, Positions, Task

WIDTH, DEPTH = 64, 3
NORMALIZE = (False, True, "points")
CONVOLUTION, EGNN, PAINN, FLIGHT = "convolution", "egnn", "painn", "segno"
RADIAL = 32  # units of the functions of distance of a convolution
OF_CONVOLUTIONS = ("degree", "highest", "function", "nonlinearity", "residual")


@dataclass(frozen=True)
class PointChoices:
    """What a user may choose on points besides width and depth.

    `degree` is the highest of the hidden fields, `highest` that of the harmonics of directions, one more if left out.
    """

    layer: str = CONVOLUTION
    fields: "Representation | None" = None
    degree: int = 1
    highest: int | None = None
    hidden: int | None = None
    scale: float = 1.0
    moves: bool | None = None
    function: str = "silu"
    nonlinearity: str = "gate"
    normalize: "bool | str" = False
    ratio: float | None = None
    pool: str = "mean"
    residual: bool = True

    def __post_init__(self) -> None:
        check_one_of("layer", self.layer, (CONVOLUTION, EGNN, PAINN, FLIGHT))
        flag("residual", self.residual, TaskError)
        check_one_of("normalize", self.normalize, NORMALIZE)
        check_one_of("nonlinearity", self.nonlinearity, ("gate", "norm", "pointwise"))
        whole("degree", self.degree, TaskError, least=0, mend="1: scalars and vectors.")
        number("scale", self.scale, TaskError, mend="A usual distance, in the unit of the positions.")
        if self.ratio is not None:
            share_of(self.ratio, TaskError)
        if self.moves is not None:
            flag("moves", self.moves, TaskError)
        if self.hidden is not None:
            whole("hidden", self.hidden, TaskError)
        if self.highest is not None:
            whole("highest", self.highest, TaskError, least=0, mend="The degree of the harmonics, such as 2.")


@dataclass(frozen=True)
class PointPlan:
    """A task with every choice made."""

    task: Task
    hidden: tuple[Space, ...]
    depth: int
    units: tuple[int, ...]
    ratio: float
    moves: bool
    choices: PointChoices

    @property
    def domain(self) -> Points:
        """Where the points of the task are."""
        return domain_of(self.task)

    def scale_at(self, scale: int) -> float:
        """A usual distance, so many scales down."""
        return self.choices.scale * self.ratio ** (-scale / self.domain.dim)


def domain_of(task: Task) -> Points:
    """The domain of a task on points."""
    assert isinstance(task.domain, Points)
    return task.domain


def make_point_plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> PointPlan:
    """The choices of a task on points, those left out made. TaskError for what does not go together."""
    choices = chosen(PointChoices, given)
    widths = _widths(width, scales)
    depth = whole("depth", DEPTH if depth is None else depth, TaskError)
    _check_together(task, choices, given)
    natural = choices.layer == EGNN and isinstance(task.output, Positions) and len(widths) == 1
    choices = replace(choices, moves=natural if choices.moves is None else choices.moves)
    _check_scales(task, choices, len(widths))
    domain = domain_of(task)
    ratio = 2.0**-domain.dim if choices.ratio is None else choices.ratio
    hidden = []
    for wide in widths:
        hidden.append(Space(domain, _fields(task, wide, choices)))
        domain = domain.thinned(ratio)
    units = [choices.hidden or (RADIAL if choices.layer == CONVOLUTION else wide) for wide in widths]
    return PointPlan(task, tuple(hidden), depth, tuple(units), ratio, bool(choices.moves), choices)


def _widths(width: int | Sequence[int] | None, scales: int | None) -> list[int]:
    """One a scale; what is one number doubles from scale to scale."""
    if width is None or not isinstance(width, Sequence):
        scales = whole("scales", 1 if scales is None else scales, TaskError)
        width = whole("width", WIDTH if width is None else width, TaskError)
        return [width * 2**scale for scale in range(scales)]
    widths = [whole("width", wide, TaskError) for wide in width]
    if not widths or scales not in (None, len(widths)):
        raise TaskError(f"width={list(width)}, scales={scales}", "one width a scale", "Leave scales out.")
    return widths


def _check_scales(task: Task, choices: PointChoices, scales: int) -> None:
    """Refuse forces that jump, and how far points have gone, in the unit of the positions, mixed with what has none."""
    if isinstance(task.output, Forces) and scales > 1:
        raise TaskError(
            f"scales={scales} of forces", "one scale", "An energy jumps where other points stay; add depth."
        )
    said = f"normalize={choices.normalize!r}" * bool(choices.normalize) or f"scales={scales}" * (scales > 1)
    if choices.moves and said:
        raise TaskError(f"{said} of points that move", "one scale, not normalised", "Or say moves=False.")
    if choices.ratio is not None and scales == 1:
        raise TaskError(
            f"ratio={choices.ratio} at one scale", "scales=2 or more", "It says what share of points stays."
        )


def _check_together(task: Task, choices: PointChoices, given: dict[str, Any]) -> None:
    """Refuse what a layer does not have, and layers that keep all motions where none are declared."""
    layer = choices.layer
    if layer != EGNN and choices.moves is not None:
        raise TaskError(f"moves={choices.moves} with layer={layer!r}", f"layer={EGNN!r}", "Only its points move.")
    if layer == CONVOLUTION:
        return
    beside = [name for name in OF_CONVOLUTIONS if name in given]
    if beside:
        said = ", ".join(f"{name}={given[name]!r}" for name in beside)
        mend = "Its layers are scalars and vectors, with nonlinearities and paths around them within."
        raise TaskError(f"{said} with layer={layer!r}", f"layer={CONVOLUTION!r}", mend)
    if task.symmetry.order == 1:
        natural = task.domain.natural_symmetry().label
        raise TaskError(
            f"layer={layer!r} for {task!r}",
            f"a group that moves space, such as er.{natural}",
            f"It keeps all turns and mirrors, whatever is declared; take layer={CONVOLUTION!r} for less.",
        )


# ---- fields --------------------------------------------------------------------------------------------------------
def _fields(task: Task, width: int, choices: PointChoices) -> Representation:
    """As many copies of each as fit: harmonics up to the degree, by their own parity; else scalars and vectors."""
    group, domain, given = task.symmetry, domain_of(task), choices.fields
    if given is not None:
        if choices.layer != CONVOLUTION and places_in(given, domain) is None:
            expected = f"scalars and vectors, n * {group.label}.trivial + m * domain.vectors({group.label})"
            raise TaskError(f"fields={given} with layer={choices.layer!r}", expected, f"Or layer={CONVOLUTION!r}.")
        return given
    if choices.layer == EGNN:
        vectors = int(bool(choices.moves)) + int(bool(choices.moves) or _has_vectors(task))
        scalars = max(1, width - vectors * domain.dim) * group.trivial
        return scalars + vectors * domain.vectors(group) if vectors else scalars
    both = [group.trivial, domain.vectors(group)]
    kinds = both if choices.layer == PAINN else _kinds(group, domain, choices.degree)
    copies = max(1, round(width / sum(kind.dim for kind in kinds)))
    return reduce(add, (copies * kind for kind in kinds))


def _has_vectors(task: Task) -> bool:
    """Whether the input or the answer has vectors."""
    known = (places_in(rho, domain_of(task)) for rho in (task.input, task.target.rho))
    return any(places is not None and len(places.vectors) > 0 for places in known)


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


# ---- why -----------------------------------------------------------------------------------------------------------
_HEARD = {
    CONVOLUTION: "what a neighbour says is weighed by learnt functions of its distance, as directions allow",
    EGNN: "what two points say to each other is a learnt function of both and of how far they are apart",
    PAINN: "what a neighbour says is weighed by learnt functions of its distance, and vectors carry directions on",
}


def notes_of(plan: PointPlan) -> tuple[str, ...]:
    """Why these choices, a sentence each."""
    choices, several = plan.choices, "s" if plan.depth > 1 else ""
    alone = choices.layer == CONVOLUTION
    name = f"convolution{several}" if alone else f"layer{several} of {choices.layer}"
    added = ", each added to its input" * (choices.residual and alone)
    notes = [
        f"Width: {plan.hidden[0].channels} channels a point, {plan.hidden[0].rho}.",
        _joined(plan.domain),
        f"{plan.depth} {name}{added}; {_HEARD[choices.layer]}.",
    ]
    if not alone:
        notes.append("It hears distances and differences alone, so it keeps all turns and mirrors of space.")
    if len(plan.hidden) > 1:
        wide = ", ".join(str(space.channels) for space in plan.hidden)
        notes.append(
            f"{len(plan.hidden)} scales of {wide} channels: a share of {plan.ratio:.3g} of the points stays, as far "
            "from each other as they can be, tied ones together; an answer jumps where others are chosen."
        )
    if plan.moves:
        notes.append("Points move from layer to layer, and distances are those of where they are then.")
    notes.append(
        "Without the symmetry there would be weights for every pair of points and every direction: weights called "
        "unconstrained are those of the channels alone."
    )
    return tuple(notes)


def _joined(domain: Points) -> str:
    if domain.radius is not None:
        return f"Neighbours within {domain.radius:g}, fading out towards it."
    if domain.neighbours is not None:
        return f"The {domain.neighbours} nearest points, tied ones together; an answer jumps where they change."
    return "All pairs of points of a cloud are joined."
