"""What may be chosen of a network on the sphere, and a task with every choice made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.blueprint.sphere_fields import fewest_degrees, hidden_fields
from erlangen.domains import Sphere
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.layers._harmonic import sphere_of
from erlangen.layers.nonlinearity.sphere import KINDS
from erlangen.representations import Representation, direct_sum
from erlangen.signal import Space
from erlangen.solve.on_sphere import about_the_axis
from erlangen.task import Task

SPECTRAL, LOCAL = "spectral", "local"
WIDTH, DEPTH, SCALES = 32, 2, 3
BAND = 15  # and then 7 and 3: grids of 2 (L + 1) columns divide each other
LEAST = 3
RINGS = 2
REACH = 1  # about the axis: what multiplying by the sine of the latitude joins


@dataclass(frozen=True)
class SphereChoices:
    """What a user may choose on the sphere besides width, depth and scales."""

    layer: str = SPECTRAL
    rings: int | None = None
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
        if self.rings is not None:
            whole("rings", self.rings, TaskError, mend="How many distances a local kernel tells apart, such as 2.")
        check_one_of("nonlinearity", self.nonlinearity, (None, *KINDS))
        check_one_of("layer", self.layer, (SPECTRAL, LOCAL))


@dataclass(frozen=True)
class SpherePlan:
    """A task with every choice made: the hidden spaces from fine to coarse."""

    task: Task
    hidden: tuple[Space, ...]
    depth: int
    choices: SphereChoices

    @property
    def domain(self) -> Sphere:
        """That of the finest hidden signals."""
        return sphere_of(self.hidden[0])

    @property
    def at_vertices(self) -> bool:
        """Whether layers are sums over neighbouring vertices, not maps of coefficients."""
        return self.domain.subdivisions is not None

    @property
    def zonal(self) -> bool:
        """Whether convolutions mix degrees, since the group leaves the polar axis where it is."""
        return self.choices.layer == SPECTRAL and about_the_axis(self.domain, self.task.symmetry) is not None

    @property
    def rings(self) -> int:
        """How many distances local kernels tell apart."""
        return RINGS if self.choices.rings is None else self.choices.rings

    @property
    def reach(self) -> int | None:
        """How far apart degrees are that convolutions mix."""
        return REACH if self.choices.reach is None and self.zonal else self.choices.reach

    @property
    def band(self) -> int:
        """The highest degree of the hidden signals."""
        return self.domain.degrees


def make_plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> SpherePlan:
    """Every choice made, or a TaskError for those that do not go together."""
    choices, domain = chosen(SphereChoices, given), sphere_of(task.source)
    vertices = _check_together(domain, choices, given)
    widths = tuple(width) if isinstance(width, Sequence) else None
    if widths is not None and scales not in (None, len(widths)):
        raise TaskError(f"scales={scales} and {len(widths)} widths", "one width a scale", "Leave scales out.")
    scales, first = len(widths) if widths is not None else scales, _first_band(domain, choices.band)
    if vertices:
        spheres = [replace(domain, subdivisions=k) for k in _subdivisions(domain, scales)]
    else:
        bands = _bands(first, scales, _fewest(task, first, choices))
        spheres = [replace(domain, band=band, subdivisions=None) for band in bands]
    finest = whole("width", WIDTH if width is None else width, TaskError) if widths is None else 0
    counts = widths or tuple(finest * 2**scale for scale in range(len(spheres)))
    hidden = tuple(
        Space(sphere, _fields(task, whole("width", count, TaskError), first, choices))
        for sphere, count in zip(spheres, counts, strict=True)
    )
    return SpherePlan(task, hidden, whole("depth", DEPTH if depth is None else depth, TaskError), choices)


def _check_together(domain: Sphere, choices: SphereChoices, given: dict[str, Any]) -> bool:
    """Whether layers are to be sums over neighbouring vertices; a TaskError for choices that mean nothing there."""
    vertices = choices.layer == LOCAL and domain.subdivisions is not None
    lost = {LOCAL: ("reach",), SPECTRAL: ("rings",)}[choices.layer] + vertices * ("band", "oversample")
    for name in lost:
        if name in given:
            where = f"layer={choices.layer!r} on {domain!r}"
            raise TaskError(
                f"{name}={given[name]!r} with {where}", f"no {name}", "Leave it out, or take another layer."
            )
    return vertices


def _subdivisions(domain: Sphere, scales: int | None) -> list[int]:
    """Those of each scale: one less each time."""
    finest = domain.subdivisions or 0
    count = min(SCALES, max(1, finest)) if scales is None else whole("scales", scales, TaskError)
    if count > finest + 1:
        raise TaskError(f"scales={scales} on {domain!r}", f"at most {finest + 1}", "Take fewer.")
    return [finest - scale for scale in range(count)]


def _fields(task: Task, width: int, band: int, choices: SphereChoices) -> Representation:
    """As many of the fields asked for as fit; else those that the task takes."""
    if choices.fields is None:
        return hidden_fields(task, width, band)
    if not isinstance(choices.fields, Representation) or choices.fields.group != task.symmetry:
        raise TaskError(f"fields={choices.fields!r}", f"a representation of {task.symmetry!r}", "Leave fields out.")
    copies = max(1, round(width / choices.fields.dim))
    return direct_sum(*((field, times * copies) for field, times in choices.fields.fields))


def _first_band(domain: Sphere, asked: int | None) -> int:
    most = BAND if domain.band is None else domain.band
    first = asked if asked is not None else min(most, domain.degrees)
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
