"""A task with every choice made, and why: what the network of a task is built from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.blueprint.hidden import WIDTH, default_frequency, hidden_fields
from erlangen.blueprint.relaxed import deviation, freely, note
from erlangen.domains import Dna, Domain, Lattice
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.layers.invariant.domain import METHODS as GLOBAL_METHODS
from erlangen.layers.invariant.fibre import METHODS
from erlangen.layers.pooling.lattice import KINDS
from erlangen.representations import Representation, direct_sum
from erlangen.signal import Space
from erlangen.task import Invariant, Task

BLOCKS = ("plain", "separable")
LARGEST = 4e9  # numbers in all kernels together: 16 GB of float32


@dataclass(frozen=True)
class Choices:
    """What a user may choose besides width, depth and scales; the defaults are for groups that the domain keeps.

    `of` takes smoother ones where the group moves space but not the lattice.
    """

    kernel_size: int | tuple[int, ...] = 3
    fields: "str | Representation | None" = None
    max_frequency: int | None = None
    function: str = "relu"
    nonlinearity: str | None = None
    samples: int | None = None
    pool: str = "average"
    fibre: str = "max"
    global_pool: str = "mean"
    normalize: bool = True
    residual: bool = False
    window: bool = False
    block: str = "plain"
    homogeneous: bool = False
    dilated: bool = False
    words: int = 1
    relaxed: bool | float = False

    @classmethod
    def of(cls, given: dict[str, Any], task: Task) -> "Choices":
        """The choices by name, what is left out chosen for the task; TaskError for a name that is none."""
        return chosen(cls, given, _chosen_for(task, given))

    def _check_homogeneous(self) -> None:
        """f(a x) = a f(x) for a > 0 asks it of every layer."""
        for name, known in HOMOGENEOUS.items():
            if (given := getattr(self, name)) not in known:
                listed = " or ".join(map(repr, known))
                raise TaskError(f"{name}={given!r} with homogeneous=True", listed, "Others change with the scale.")

    def __post_init__(self) -> None:
        whole("words", self.words, TaskError, mend="So many letters of DNA are read at once; 1 takes them singly.")
        for name in ("normalize", "residual", "window", "homogeneous", "dilated"):
            flag(name, getattr(self, name), TaskError)
        for name, known in (
            ("pool", KINDS),
            ("fibre", METHODS),
            ("global_pool", GLOBAL_METHODS),
            ("block", BLOCKS),
        ):
            check_one_of(name, getattr(self, name), known)
        if self.homogeneous:
            self._check_homogeneous()
        if deviation(self.relaxed) is not None and self.block == "separable":
            mend = 'Take block="plain", or leave relaxed out.'
            raise TaskError('relaxed with block="separable"', "convolutions that mix fields", mend)
        for size in _sizes(self.kernel_size):
            whole("kernel_size", size, TaskError, mend="One odd number, or one for each axis.")
        for name, least in (("max_frequency", 0), ("samples", 1)):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), TaskError, least)


HOMOGENEOUS = {
    "normalize": (False,),
    "function": ("relu", "leaky_relu"),
    "nonlinearity": (None, "pointwise", "fourier"),
    "block": ("plain",),
}


def _sizes(kernel_size: "int | Sequence[int]") -> Sequence[int]:
    """The sites of a filter along each axis, where one number stands for all."""
    return kernel_size if isinstance(kernel_size, Sequence) and kernel_size else (kernel_size,)  # type: ignore[return-value]


def _chosen_for(task: Task, given: dict[str, Any]) -> dict[str, Any]:
    """Other choices than the defaults, where the lattice does not keep the group: what blurs least when turned."""
    better: dict[str, Any] = {}
    if given.get("block") == "separable":
        better["kernel_size"] = 5
    if given.get("homogeneous") is True:
        better["normalize"] = False
    if not task.domain.preserves(task.symmetry):
        better |= {"pool": "antialiased"} | ({"kernel_size": 5} if task.domain.axes == 2 else {})
        better["window"] = getattr(task.domain, "boundary", "") == "open" and not task.target.domain.axes
    if task.symmetry.order is None and given.get("fields") in (None, "regular"):
        better["max_frequency"] = default_frequency(task)
        if given.get("nonlinearity") in (None, "fourier"):
            function = "relu" if given.get("homogeneous") is True else "gelu"
            better |= {"nonlinearity": "fourier", "function": function}
    return better


@dataclass(frozen=True)
class Plan:
    """A task, the fibre of its hidden fields, how many of them at each scale, and the other choices."""

    task: Task
    fibre: Representation
    copies: tuple[int, ...]
    depth: int
    choices: Choices
    why: str = ""
    notes: tuple[str, ...] = ()

    @property
    def freely(self) -> dict[str, float]:
        """What a linear layer is told of its free part: nothing where it has none."""
        return freely(self.choices.relaxed)

    @property
    def scales(self) -> int:
        """The number of grids from fine to coarse."""
        return len(self.copies)

    def space(self, scale: int) -> Space:
        """The hidden space at a scale: fields of a kind side by side, or those of a function."""
        domain: Any = self.task.domain
        for _ in range(scale):
            domain = domain.coarser()
        if self.choices.nonlinearity == "fourier":
            return Space(domain, self.copies[scale] * self.fibre)
        return Space(domain, direct_sum(*((field, self.copies[scale] * m) for field, m in self.fibre.fields)))


def make_plan(
    task: Task, width: int | Sequence[int] | None, depth: int, scales: int | None, given: dict[str, Any]
) -> Plan:
    """Every choice that was not made, made: width, scales, fields; each checked, each noted."""
    choices = Choices.of(given, task)
    asked = _asked(width)
    finest = asked[0] if asked else None
    fibre, why = hidden_fields(task, choices.fields, finest, choices.max_frequency, choices.nonlinearity)
    wanted = _widths(fibre, asked, _scales(task.domain, width, scales))
    whole("depth", depth, TaskError)
    copies = tuple(max(1, round(w / fibre.dim)) for w in wanted)
    if not isinstance(width, Sequence):
        copies = tuple(copies[0] * 2**scale for scale in range(len(wanted)))
    plan = Plan(task, fibre, copies, depth, choices, why)
    _check_places(plan)
    _check_size(plan)
    return replace(plan, notes=_notes(plan, wanted))


def _check_size(plan: Plan) -> None:
    """Refuse what no memory holds before any of it is built."""
    sizes = _sizes(plan.choices.kernel_size)
    sites = prod(sizes) if len(sizes) > 1 else sizes[0] ** plan.task.domain.axes
    numbers = plan.depth * sites * sum((copies * plan.fibre.dim) ** 2 for copies in plan.copies)
    if numbers > LARGEST:
        raise TaskError(
            f"a network whose kernels hold some {numbers:.0e} numbers",
            f"at most {LARGEST:.0e}",
            "Take fewer scales, as each doubles the width, or a smaller width, depth or kernel_size.",
        )


def _check_places(plan: Plan) -> None:
    """Refuse what changes how many sites there are, where something is to be joined with them or asked of each."""
    choices, task = plan.choices, plan.task
    even = any(size % 2 == 0 for size in _sizes(choices.kernel_size)) and not getattr(task.domain, "causal", False)
    dense = bool(task.target.domain.axes)
    if even and (dense or choices.residual):
        what = "an answer at every site" if dense else "residual=True"
        raise TaskError(f"kernel_size={choices.kernel_size} with {what}", "an odd one", "Even ones answer in between.")
    if choices.words > 1 and (dense or not isinstance(task.domain, Dna)):
        what = "an answer at every site" if dense else f"{task.domain!r}"
        raise TaskError(f"words={choices.words} with {what}", "one answer for DNA", "Leave words out.")


def _scales(domain: Domain, width: int | Sequence[int] | None, scales: int | None) -> int:
    causal = isinstance(domain, Lattice) and domain.causal
    if isinstance(width, Sequence):
        if scales not in (None, len(width)):
            raise TaskError(f"scales={scales} and {len(width)} widths", "one width a scale", "Leave scales out.")
        scales = len(width)
    scales = (1 if causal else 3) if scales is None else scales
    whole("scales", scales, TaskError)
    if causal and scales > 1:
        mend = "A coarser grid would look ahead; add depth: dilation doubles."
        raise TaskError(f"scales={scales} on {domain!r}", "scales=1", mend)
    return scales


def _asked(width: int | Sequence[int] | None) -> tuple[int, ...] | None:
    """The widths that were given, each a whole number."""
    if width is None:
        return None
    given = tuple(width) if isinstance(width, Sequence) else (width,)
    for w in given:
        whole("width", w, TaskError)
    return given


def _widths(fibre: Representation, asked: tuple[int, ...] | None, scales: int) -> tuple[int, ...]:
    """The channels at each scale: those asked for, by default the least multiple of a fibre above 31; one doubles."""
    widths = asked or (-(-WIDTH // fibre.dim) * fibre.dim,)
    return widths if len(widths) == scales else tuple(widths[0] * 2**scale for scale in range(scales))


def _notes(plan: Plan, wanted: tuple[int, ...]) -> tuple[str, ...]:
    """What was chosen and why, for `explain`."""
    choices = plan.choices
    got = tuple(copies * plan.fibre.dim for copies in plan.copies)
    close = "" if got == wanted else f" (the nearest whole numbers of fibres to {_listed(wanted)})"
    where = "channels from fine to coarse" if plan.scales > 1 else "channels"
    notes = [f"Width: {_listed(got)} {where}, in {_listed(plan.copies)} copies of {plan.fibre}{close}."]
    notes += [plan.why] if plan.why else []
    notes += _about_the_lattice(plan)
    if choices.block == "separable":
        notes.append(
            "Separable blocks behind the first convolution: one within each field, then two 1 × 1 across fields with "
            "the nonlinearity between, added to the input where the spaces agree."
        )
    if choices.dilated and plan.depth > 1:
        notes.append(f"Dilated: filters of a scale take every 1st, 2nd, … {2 ** (plan.depth - 1)}th site.")
    if choices.words > 1:
        notes.append(f"Letters are read in words of {choices.words}, which the other strand permutes.")
    if choices.homogeneous:
        notes.append(
            "Homogeneous: without biases and normalisation f(a·x) = a·f(x) for every a > 0, so which answer is largest "
            "does not depend on how bright the light was"
            + (", but for 10⁻⁶ that keep lengths of fields smooth at 0." if not plan.fibre.is_permutation else ".")
        )
    notes += note(choices.relaxed)
    halved = f", halved by {choices.pool} pooling" if plan.scales > 1 else ""
    notes.append(
        f"{plan.depth} convolution{'s' if plan.depth > 1 else ''} a scale with {_sites(choices)} sites an axis; "
        f"{plan.scales} scale{'s' if plan.scales > 1 else ''}{halved}."
    )
    return (*notes, _about_the_answer(plan))


def _about_the_lattice(plan: Plan) -> list[str]:
    """What is exact and what is not, where the group moves the lattice off itself."""
    domain, group, choices = plan.task.domain, plan.task.symmetry, plan.choices
    if domain.preserves(group):
        return []
    return [
        f"The lattice keeps {domain.kept(group)!r} of {group!r}: exact for these elements. The others are approximate, "
        "as far as the samples stand for the signal between them; er.audit measures how far.",
        f"So filters are given by their angular frequencies on smooth rings of {_sites(choices)} sites an axis, "
        f"and pooling is {choices.pool}: what the grid cannot carry is not there, or is smoothed away.",
        *(
            [f"All is seen in the inscribed {_ball(plan)}, since what is turned has other corners."]
            if choices.window
            else []
        ),
    ]


def _ball(plan: Plan) -> str:
    domain = plan.task.domain
    turned = domain.turned_axes(plan.task.symmetry) if isinstance(domain, Lattice) else ()
    return "disc" if domain.axes == 2 else "ball" if len(turned) == 3 else "cylinder"


def _about_the_answer(plan: Plan) -> str:
    if isinstance(plan.task.output, Invariant):
        return f"The invariant layer comes last: {_invariants(plan)}, {plan.choices.global_pool} over the domain."
    if plan.task.target.domain.axes:
        return "An answer at every point: a U of skips, so that the fine grid keeps where and the coarse one says what."
    return f"One answer that moves with the signal: the {plan.choices.global_pool} over the domain keeps the fibre."


def _invariants(plan: Plan) -> str:
    """What FibrePool makes of the fields: of permuted ones the method asked for, of all others the length."""
    fields = [field for field, _ in plan.fibre.fields]
    if all(field.is_permutation for field in fields):
        return f"{plan.choices.fibre} over the fibre"
    scalars = "scalars as they are, " if any(field.is_trivial for field in fields) else ""
    orbits = any(field.is_permutation and not field.is_trivial for field in fields)
    permuted = f"{plan.choices.fibre} over each permuted field, " if orbits else ""
    return f"{scalars}{permuted}the length |x| of every other field"


def _sites(choices: Choices) -> str:
    return " × ".join(map(str, _sizes(choices.kernel_size)))


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(n) for n in numbers)
