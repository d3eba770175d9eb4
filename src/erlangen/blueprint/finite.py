"""From a task on a finite domain to its layers: fields that a group of any kind can move, and maps between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.blueprint.relaxed import bias_of_block, freely, note
from erlangen.domains import Finite, Point
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.groups import Group
from erlangen.layers import Layer
from erlangen.layers._vectors import as_vectors
from erlangen.layers.invariant.fibre import METHODS as FIBRE_METHODS
from erlangen.layers.pooling.finite import METHODS as POOL_METHODS
from erlangen.representations import Representation
from erlangen.representations.base import is_listed
from erlangen.representations.signed import SignedAction
from erlangen.representations.subgroups import faithful_cosets
from erlangen.signal import Space
from erlangen.task import Invariant, Task

REGULAR_UP_TO = 64  # elements: of larger groups a regular field is more channels than a filter is worth
WIDTH = {"points": 32, "regular": 128}  # channels, at least, where none are asked for
FEWEST = 8  # fields, at least, where none are asked for
LARGEST = 1e9  # numbers in all matrices together: 4 GB of float32


@dataclass(frozen=True)
class FiniteChoices:
    """What a user may choose on a finite domain besides width, depth and scales."""

    fields: "str | Representation | None" = None
    function: str = "relu"
    nonlinearity: str | None = None
    pool: str = "average"
    fibre: str = "max"
    normalize: bool = True
    residual: bool = False
    homogeneous: bool = False
    relaxed: bool | float = False

    def __post_init__(self) -> None:
        for name in ("normalize", "residual", "homogeneous"):
            flag(name, getattr(self, name), TaskError)
        check_one_of("pool", self.pool, POOL_METHODS)
        check_one_of("fibre", self.fibre, FIBRE_METHODS)
        if self.homogeneous:
            check_one_of("function", self.function, ("relu", "leaky_relu"), " with homogeneous=True")


class Fields(NamedTuple):
    """Where hidden signals live, and the fibre that is repeated: on the domain's points, or at one point."""

    on_points: bool
    fibre: Representation
    why: str


@dataclass(frozen=True)
class FinitePlan:
    """A task with every choice made."""

    task: Task
    fields: Fields
    copies: tuple[int, ...]
    depth: int
    choices: FiniteChoices

    def space(self, scale: int, domain: Any) -> Space:
        """The hidden space at a scale, whose points are those of `domain` where it has any."""
        return Space(domain if self.fields.on_points else Point(), self.copies[scale] * self.fields.fibre)


def layers_on_finite(
    task: Task, width: int | Sequence[int] | None, depth: int, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on a finite domain, and why they were chosen."""
    plan = _plan(task, width, depth, scales, given)
    _refuse_too_large(plan)
    return (_dense if task.target.domain.axes else _pooled)(plan), _notes(plan)


# ---- choices -------------------------------------------------------------------------------------------------------
def _plan(
    task: Task, width: int | Sequence[int] | None, depth: int, scales: int | None, given: dict[str, Any]
) -> FinitePlan:
    choices = chosen(FiniteChoices, given)
    if choices.homogeneous:
        choices = replace(choices, normalize=False)
    widths = list(width) if isinstance(width, Sequence) else [width]
    for w in widths:
        if w is not None:
            whole("width", w, TaskError)
    count = whole("scales", scales if scales is not None else len(widths), TaskError)
    if len(widths) not in (1, count):
        raise TaskError(f"scales={scales} and {len(widths)} widths", "one width a scale", "Leave scales out.")
    fields = _fields(task, choices.fields, count)
    if count > 1 and not fields.on_points:
        mend = 'Take fields="points", whose blocks can be pooled, or scales=1.'
        raise TaskError(f"scales={count} with fields at one point", "scales=1", mend)
    dim = fields.fibre.dim
    usual = max(WIDTH["points" if fields.on_points else "regular"], dim if fields.on_points else FEWEST * dim)
    first = max(1, round((widths[0] or usual) / dim))
    copies = tuple(max(1, round(w / dim)) for w in widths if w) if len(widths) == count > 1 else ()
    whole("depth", depth, TaskError)
    return FinitePlan(task, fields, copies or tuple(first * 2**s for s in range(count)), depth, choices)


def _fields(task: Task, wanted: Any, scales: int) -> Fields:
    """The fields asked for; else functions on the group where it is small, else on the points."""
    group, domain = task.symmetry, task.domain
    assert isinstance(domain, Finite), "derive looks for that"
    if isinstance(wanted, Representation):
        if wanted.group != group:
            raise TaskError(f"fields of {wanted.group!r}", f"a representation of {group!r}", "Restrict it first.")
        return Fields(False, wanted, "")
    if wanted not in (None, "regular", "points", "pairs"):
        mend = "For irreps pass G.irrep(…) + …."
        raise TaskError(f"fields={wanted!r}", '"regular", "points", "pairs" or a representation', mend)
    if wanted in ("points", "pairs") and domain.is_linear:
        raise TaskError(f"fields={wanted!r} on {domain!r}", '"regular" or a representation', "It has no points.")
    if wanted == "points" or (wanted is None and not domain.is_linear and (scales > 1 or _is_large(group, domain))):
        return Fields(True, group.trivial, _WHY_POINTS)
    if wanted == "pairs":
        pairs = domain.functions(group).tensor(domain.functions(group))
        return Fields(False, pairs, "Fields are functions of ordered pairs of points, which the group permutes.")
    if wanted is None and _is_large(group, domain):
        return _smaller(group, domain)
    return Fields(False, group.regular, _WHY_REGULAR)


def _is_large(group: Group, domain: Finite) -> bool:
    return not is_listed(group) or len(group.elements) > max(REGULAR_UP_TO, domain.points)


def _smaller(group: Group, domain: Finite) -> Fields:
    """For a large group on a vector: the vector's signs apart where it has such, else the fewest cosets that tell all
    elements apart."""
    if isinstance(domain.action, SignedAction):
        return Fields(
            False, domain.action.both, "Fields are functions of the channels with either sign, which are permuted."
        )
    fibre = faithful_cosets(group)
    return Fields(
        False, fibre, f"A regular field is {group.order} channels; fields are functions on {fibre.dim} cosets."
    )


_WHY_REGULAR = (
    "Regular fields: every filter sees all of the input, moved by every element; they hold every irrep, and any "
    "pointwise function keeps them."
)
_WHY_POINTS = (
    "Fields live on the points themselves, which the group permutes: one weight for each orbit of pairs of points. "
    "A regular field would be a channel for each element of the group."
)


def _refuse_too_large(plan: FinitePlan) -> None:
    """Refuse what no memory holds before any of it is built."""
    domain = plan.task.domain
    assert isinstance(domain, Finite), "derive looks for that"
    points = domain.points if plan.fields.on_points else 1
    hidden = [copies * plan.fields.fibre.dim * points for copies in plan.copies for _ in range(plan.depth)]
    numbers = sum(a * b for a, b in pairwise([as_vectors(plan.task.source).channels, *hidden]))
    if numbers > LARGEST:
        raise TaskError(
            f"a network whose matrices hold some {numbers:.0e} numbers ({4 * numbers / 1e9:.0f} GB)",
            f"at most {LARGEST:.0e}",
            "Take a smaller width or depth; er.pair_orbits alone needs one number a pair of points.",
        )


# ---- the modules ---------------------------------------------------------------------------------------------------
def _block(plan: FinitePlan, source: Space, target: Space, first: bool) -> list[Layer]:
    """A linear layer, normalisation, nonlinearity; with `residual` added to its input where the spaces agree."""
    choices = plan.choices
    active = L.nonlinearity(target, choices.nonlinearity, choices.function)
    if choices.homogeneous and not isinstance(active, L.Pointwise):
        raise TaskError(
            f"{type(active).__name__} of {target.rho} with homogeneous=True",
            "pointwise functions",
            "Take permuted fields.",
        )
    linear = L.linear(
        source,
        active.source,
        bias=bias_of_block(choices),
        gain=L.gain_of(choices.function) if target.rho.is_permutation and not first else 1.0,
        offset=0.0 if first else L.offset_of(choices.function),
        **freely(choices.relaxed),
    )
    block = [linear, *([L.normalize(active.source)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == target else block


def _blocks(plan: FinitePlan, source: Space, target: Space, first: bool = False) -> list[Layer]:
    made: list[Layer] = []
    for i in range(plan.depth):
        made += _block(plan, source if i == 0 else target, target, first and i == 0)
    return made


def _pooled(plan: FinitePlan) -> list[Layer]:
    """Blocks and pools, then one answer for the whole signal."""
    source, made = plan.task.source, []
    domain: Any = plan.task.domain
    for scale in range(len(plan.copies)):
        if scale:
            made.append(L.pool(source, method=plan.choices.pool))
            source = made[-1].target
            domain = source.domain
        made += _blocks(plan, source, plan.space(scale, domain), first=scale == 0)
        source = made[-1].target
    if isinstance(plan.task.output, Invariant):
        made.append(L.invariant(source, plan.choices.fibre))
    return [*made, _reading(plan, made[-1].target)]


def _dense(plan: FinitePlan) -> list[Layer]:
    """Down to the coarsest scale and back, and an answer at every point."""
    body = _down_and_up(plan, plan.task.source, plan.task.domain, 0)
    return [*body, _reading(plan, body[-1].target)]


def _reading(plan: FinitePlan, source: Space) -> Layer:
    """The answer, read off the last fields."""
    bias = not plan.choices.homogeneous
    return L.linear(source, plan.task.target, bias=bias, **freely(plan.choices.relaxed))


def _down_and_up(plan: FinitePlan, source: Space, domain: Any, scale: int) -> list[Layer]:
    here = plan.space(scale, domain)
    made = _blocks(plan, source, here, first=scale == 0)
    if scale + 1 < len(plan.copies):
        pool = L.pool(here, method=plan.choices.pool)
        skip = L.skip([pool, *_down_and_up(plan, pool.target, pool.target.domain, scale + 1)])
        made += [skip, *_blocks(plan, skip.target, here)]
    return made


# ---- why -----------------------------------------------------------------------------------------------------------
def _notes(plan: FinitePlan) -> tuple[str, ...]:
    fibre, copies = plan.fields.fibre, plan.copies
    channels = ", ".join(str(c * fibre.dim) for c in copies)
    where = "channels a point" if plan.fields.on_points else "channels"
    fields = f", in {copies[0]} copies of {fibre}" if fibre.dim > 1 else ""
    notes = [f"Width: {channels} {where}{fields}.", *([plan.fields.why] if plan.fields.why else [])]
    scales = f"; {len(copies)} scales, blocks of points by their {plan.choices.pool}" if len(copies) > 1 else ""
    notes.append(f"{plan.depth} linear layer{'s' if plan.depth > 1 else ''}{' a scale' if scales else ''}{scales}.")
    if plan.choices.homogeneous:
        notes.append("Homogeneous: without biases and normalisation f(a·x) = a·f(x) for every a > 0.")
    notes += note(plan.choices.relaxed)
    return (*notes, _about_the_answer(plan))


def _about_the_answer(plan: FinitePlan) -> str:
    if isinstance(plan.task.output, Invariant):
        return (
            f"The invariant layer comes last: {plan.choices.fibre} over each orbit; of what is not permuted the length."
        )
    if plan.task.target.domain.axes:
        return "An answer at every point, by all equivariant maps from the fields to the points."
    return "One answer that moves with the signal, by all equivariant maps from the fields."
