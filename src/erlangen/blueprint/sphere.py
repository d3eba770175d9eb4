"""From a task on the sphere to its layers: convolutions of harmonics, functions on finer grids, fewer degrees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.blueprint.sphere_fields import fewest_degrees, hidden_fields, is_read_off
from erlangen.domains import Sphere
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.layers import Layer
from erlangen.layers.nonlinearity.sphere import ALIASED, KINDS
from erlangen.representations import Representation, direct_sum
from erlangen.representations.tangent import places
from erlangen.signal import Space
from erlangen.solve.on_sphere import about_the_axis
from erlangen.task import Invariant, Task

WIDTH, DEPTH, SCALES = 32, 2, 3
BAND = 15  # and then 7 and 3: grids of 2 (L + 1) columns divide each other
LEAST = 3
REACH = 1  # about the axis: what multiplying by the sine of the latitude joins


@dataclass(frozen=True)
class SphereChoices:
    """What a user may choose on the sphere besides width, depth and scales."""

    band: int | None = None
    fields: Representation | None = None
    reach: int | None = None
    function: str = "gelu"
    nonlinearity: str | None = None
    oversample: float = 2.0
    normalize: bool = True
    residual: bool = False

    def __post_init__(self) -> None:
        for name in ("normalize", "residual"):
            flag(name, getattr(self, name), TaskError)
        number("oversample", self.oversample, TaskError, least=1.0, mend="2 is the default.")
        if self.band is not None:
            whole("band", self.band, TaskError, mend="The highest degree of the hidden signals, such as 15.")
        if self.reach is not None:
            whole("reach", self.reach, TaskError, least=0, mend="How far apart degrees are that mix, such as 1.")
        check_one_of("nonlinearity", self.nonlinearity, (None, *KINDS))


@dataclass(frozen=True)
class SpherePlan:
    """A task with every choice made: the hidden spaces from fine to coarse."""

    task: Task
    hidden: tuple[Space, ...]
    depth: int
    choices: SphereChoices

    @property
    def zonal(self) -> bool:
        """Whether the group leaves the polar axis where it is, so that degrees mix and latitudes differ."""
        domain = self.hidden[0].domain
        assert isinstance(domain, Sphere)
        return about_the_axis(domain, self.task.symmetry) is not None

    @property
    def reach(self) -> int | None:
        """How far apart degrees are that convolutions mix."""
        return REACH if self.choices.reach is None and self.zonal else self.choices.reach

    @property
    def band(self) -> int:
        """The highest degree of the hidden signals."""
        domain = self.hidden[0].domain
        assert isinstance(domain, Sphere)
        assert domain.band is not None
        return domain.band


def layers_on_sphere(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on the sphere, and why they were chosen."""
    plan = _plan(task, width, depth, scales, chosen(SphereChoices, given))
    made = _dense(plan) if task.target.domain.axes else _whole(plan)
    return made, _notes(plan)


def _plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, choices: SphereChoices
) -> SpherePlan:
    domain = task.domain
    assert isinstance(domain, Sphere)
    widths = tuple(width) if isinstance(width, Sequence) else None
    if widths is not None and scales not in (None, len(widths)):
        raise TaskError(f"scales={scales} and {len(widths)} widths", "one width a scale", "Leave scales out.")
    first = _first_band(domain, choices.band)
    bands = _bands(first, len(widths) if widths is not None else scales, _fewest(task, first, choices))
    finest = whole("width", WIDTH if width is None else width, TaskError) if widths is None else 0
    counts = widths or tuple(finest * 2**scale for scale in range(len(bands)))
    hidden = tuple(
        Space(
            replace(domain, band=band, subdivisions=None),
            _fields(task, whole("width", count, TaskError), first, choices),
        )
        for band, count in zip(bands, counts, strict=True)
    )
    return SpherePlan(task, hidden, whole("depth", DEPTH if depth is None else depth, TaskError), choices)


def _fields(task: Task, width: int, band: int, choices: SphereChoices) -> Representation:
    """As many of the fields asked for as fit; else those that the task takes."""
    if choices.fields is None:
        return hidden_fields(task, width, band)
    if not isinstance(choices.fields, Representation) or choices.fields.group != task.symmetry:
        raise TaskError(f"fields={choices.fields!r}", f"a representation of {task.symmetry!r}", "Leave fields out.")
    copies = max(1, round(width / choices.fields.dim))
    return direct_sum(*((field, times * copies) for field, times in choices.fields.fields))


def _first_band(domain: Sphere, asked: int | None) -> int:
    first = asked if asked is not None else BAND if domain.band is None else domain.band
    if domain.band is not None and first > domain.band:
        raise TaskError(f"band={first} on {domain!r}", f"at most {domain.band}", "Signals have no more degrees.")
    return first


def _fewest(task: Task, first: int, choices: SphereChoices) -> int:
    """The degrees that are left at least, unless so many scales are asked for."""
    return fewest_degrees(task, _fields(task, 1, first, choices), LEAST, first)


def _bands(first: int, scales: int | None, least: int) -> tuple[int, ...]:
    """The degrees of each scale: L, then (L + 1)/2 − 1 and so on, so that grids of 2 (L + 1) columns halve."""
    bands = [first]
    while len(bands) < (SCALES if scales is None else whole("scales", scales, TaskError)):
        coarser = (bands[-1] + 1) // 2 - 1
        if coarser < (least if scales is None else 0):
            if scales is None:
                break
            raise TaskError(f"scales={scales} from band={first}", f"at most {len(bands)}", "Take a higher band.")
        bands.append(coarser)
    return tuple(bands)


# ---- the modules ---------------------------------------------------------------------------------------------------
def _blocks(plan: SpherePlan, source: Space, target: Space) -> list[Layer]:
    """`depth` times convolution, normalisation, nonlinearity; with `residual` added to the input where spaces agree."""
    made: list[Layer] = []
    for i in range(plan.depth):
        made += _block(plan, source if i == 0 else target, target)
    return made


def _block(plan: SpherePlan, source: Space, target: Space) -> list[Layer]:
    choices = plan.choices
    way = choices.nonlinearity or (None if target.rho.is_permutation and not places(target.rho) else "gate")
    active = L.SphereNonlinearity(target, choices.function, choices.oversample, _columns(plan), way)
    gain = L.gain_of(choices.function) if active.way == "pointwise" else 1.0
    biased = plan.zonal or not choices.normalize  # about the axis it is a function of latitude, which no mean takes off
    block: list[Layer] = [L.SphereConv(source, active.source, bias=biased, gain=gain, reach=plan.reach)]
    block += [L.normalize(active.source)] if choices.normalize else []
    block.append(active)
    return [L.skip(block, join="add")] if choices.residual and source == target else block


def _columns(plan: SpherePlan) -> int:
    """Of the finest grid on which functions are computed; the others have as many, so that they keep the same turns."""
    return ceil(plan.choices.oversample * (2 * plan.band + 2))


def _to_band(plan: SpherePlan) -> tuple[list[Layer], Space]:
    """The input without the degrees beyond the hidden ones, where it may have such."""
    source, first = plan.task.source, plan.hidden[0].domain
    if source.domain == first:
        return [], source
    pool = L.SpherePool(source, plan.band)
    return [pool], pool.target


def _whole(plan: SpherePlan) -> list[Layer]:
    """Down to the fewest degrees, then one answer for the whole signal."""
    made, source = _to_band(plan)
    for scale, here in enumerate(plan.hidden):
        if scale:
            pool = L.SpherePool(source, _band(here))
            made, source = [*made, pool], pool.target
        made += _blocks(plan, source, here)
        source = here
    if is_read_off(plan.task):
        return [*made, L.linear(source, plan.task.target)]
    if not source.rho.is_trivial or places(source.rho):
        scalars = Space(source.domain, source.channels * plan.task.symmetry.trivial)
        made, source = [*made, *_block(plan, source, scalars)], scalars
    made.append(L.DomainPool(source))
    return [*made, L.linear(made[-1].target, plan.task.target)]


def _dense(plan: SpherePlan) -> list[Layer]:
    """Down to the fewest degrees and back, each scale joined with what the coarser ones make of it."""
    first, source = _to_band(plan)
    body = _down_and_up(plan, source, 0)
    if first:
        body = [L.skip([*first, *body])]
    return [*body, L.SphereConv(body[-1].target, plan.task.target, band=plan.band, reach=plan.reach)]


def _down_and_up(plan: SpherePlan, source: Space, scale: int) -> list[Layer]:
    here = plan.hidden[scale]
    made = _blocks(plan, source, here)
    if scale + 1 < len(plan.hidden):
        pool = L.SpherePool(here, _band(plan.hidden[scale + 1]))
        skip = L.skip([pool, *_down_and_up(plan, pool.target, scale + 1)])
        made += [skip, *_blocks(plan, skip.target, here)]
    return made


def _band(space: Space) -> int:
    band = getattr(space.domain, "band", None)
    assert band is not None
    return band


# ---- why -----------------------------------------------------------------------------------------------------------
def _about_mixing(plan: SpherePlan) -> str:
    if not plan.zonal:
        return "Each is a matrix over channels for every irrep in the harmonics."
    far = f", no more than {plan.reach} apart" if plan.reach is not None and plan.reach < plan.band else ""
    return f"Each order has a matrix over channels and degrees{far}: filters that change with the latitude."


def _notes(plan: SpherePlan) -> tuple[str, ...]:
    bands = ", ".join(str(_band(space)) for space in plan.hidden)
    widths = "; ".join(str(space.rho).removesuffix(f" of {plan.task.symmetry.label}") for space in plan.hidden)
    several = len(plan.hidden) > 1
    choices, s = plan.choices, "s" if plan.depth > 1 else ""
    notes = [
        f"Channels{' from fine to coarse' * several}: {widths}.",
        f"Degrees: up to {bands}{', cut sharply from scale to scale' * several}. What the input has beyond "
        f"{plan.band} is not seen.",
        f"{plan.depth} convolution{s} a scale: exact. {_about_mixing(plan)}",
        f"{choices.function} at the points of a grid {choices.oversample:g} times finer, cut back to the degrees there "
        f"were: approximate, since a function of harmonics has degrees without end. {ALIASED} er.audit measures how "
        "nearly this network does.",
    ]
    if isinstance(plan.task.output, Invariant):
        notes.append("The invariant layer comes last: the mean over the sphere.")
    elif plan.task.target.domain.axes:
        notes.append("An answer at every point: a U of skips, so that high degrees keep where and low ones say what.")
    elif is_read_off(plan.task):
        notes.append("One answer that moves with the signal: read off the degrees that can tell it, exact.")
    else:
        notes.append("One answer for the whole signal: the mean over the sphere.")
    return tuple(notes)
