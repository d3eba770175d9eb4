"""What will be asked of the model: which motions, in which rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from erlangen.auditing.appearance import changes
from erlangen.auditing.elements import element_classes
from erlangen.auditing.factors import factor_shifts
from erlangen.auditing.given import between_sites, lattice
from erlangen.auditing.inputs import ENOUGH
from erlangen.auditing.motion import Motion, Output, PadLeft, Roll
from erlangen.auditing.movable import Movable, turn
from erlangen.auditing.shifts import shift_classes
from erlangen.auditing.witness import Select, Witness, warn
from erlangen.domains import Domain, Graph, Lattice, Product, Set
from erlangen.errors import DomainError, InputError
from erlangen.given import bounded, flag, number, whole
from erlangen.groups import Group, Translations
from erlangen.representations import Representation


@dataclass(frozen=True)
class Options:
    """What the caller of `er.audit` may choose; see there."""

    elements: Iterable[Any] | None
    shifts: Iterable[Any] | None
    bootstrap: int
    seed: int
    max_elements: int
    stride: int | Sequence[int] | None
    input: int | Representation | None
    tolerance: float | None
    select: Select
    batch_size: int
    stability: bool = False
    proof: bool = True
    infinitesimal: bool = False
    search: int = 0
    beside: Iterable[Any] = ()

    def __post_init__(self) -> None:
        if self.tolerance is not None:
            number("tolerance", self.tolerance, InputError, mend="1 is unrelated; 0.05 is close.")
        bounded("seed", self.seed, (1 << 63) - 2, InputError)
        object.__setattr__(self, "seed", whole("seed", self.seed, InputError, 0))  # torch takes none of NumPy's
        flag("stability", self.stability, InputError)
        flag("proof", self.proof, InputError)
        flag("infinitesimal", self.infinitesimal, InputError)
        whole("search", self.search, InputError, 0, "It counts further calls of the model; 20 find a worst angle.")
        for name, least in (("bootstrap", 0), ("max_elements", 1), ("batch_size", 1)):
            whole(name, getattr(self, name), InputError, least, f"The default is good from {ENOUGH} inputs up.")


@dataclass(frozen=True)
class Question:
    """A row to be: a law, motions, whether the verdict rests on it, and what is expected to break it, if anything."""

    law: str
    elements: str
    motions: tuple[Any, ...]  # what an examiner moves its inputs by
    judged: bool
    expected: str = ""


def questions(
    witness: Witness,
    domain: Domain,
    symmetry: Any,
    x: Tensor,
    y: Tensor,
    output: Output,
    rho_in: Representation | None,
    options: Options,
    warnings: list[str],
    source: Movable | None = None,
) -> tuple[Question, ...]:
    """The rows to be: the group's, by class of elements; then the translations'. `source`: what x are samples of."""
    asked = symmetry == Translations()
    found = [] if asked else _of_group(domain, symmetry, output, rho_in, options, source)
    refuse_between_sites(domain, options)
    where = (options.shifts, options.stride, source)
    for shift in shift_classes(witness, domain, output, x, *where) if isinstance(domain, Lattice) else ():
        whole = tuple(
            m for m in shift.motions if not isinstance(m, Roll) or m.whole_at(y) or options.shifts is not None
        )
        if whole:
            found.append(Question(shift.law, _along(domain, x, whole), whole, asked, shift.expected))
        else:
            warn(warnings, f"The {shift.law} was left out: it is not whole at the resolution of the answers.")
    if isinstance(domain, Product):
        found += shifted_factors(witness.model, domain, output, symmetry, x, y)
    for change in changes(options.beside, output, options.seed):
        found.append(Question(change.label, "drawn for each input", (change,), False))
    if not any(question.judged for question in found):
        raise InputError(
            f"no shift that moves inputs of {tuple(x.shape[2:])}", "at least one", "Name some with shifts=[1]."
        )
    return tuple(found)


def shifted_factors(model: Any, domain: Product, output: Output, group: Group, x: Tensor, y: Tensor) -> list[Question]:
    """The rows of shifts along each lattice of a product, beside the verdict."""
    shifts = factor_shifts(model, domain, output, group, tuple(x.shape[2:]), tuple(y.shape[2:]))
    return [Question(shift.law, shift.elements, shift.motions, False, shift.expected) for shift in shifts]


def refuse_between_sites(domain: Domain, options: Options) -> None:
    """Raise a DomainError for what only lattices have, where it is none; edges of graphs can be rewired."""
    asked: dict[str, Any] = {"shifts": options.shifts}
    if options.infinitesimal:
        between_sites(domain, "infinitesimal")
    if options.stability and isinstance(domain, Set):
        raise DomainError(
            f"stability=True on {domain!r}",
            "a lattice, whose signals are deformed, or er.Graph(), whose edges are rewired",
            "A set has neither; how answers change with the features, er.audit does not measure.",
        )
    if not isinstance(domain, Graph):
        asked["stability"] = options.stability
    for name in [name for name, wanted in asked.items() if wanted]:
        lattice(domain, name)


def _of_group(
    domain: Domain,
    symmetry: Group,
    output: Output,
    rho_in: Representation | None,
    options: Options,
    source: Movable | None,
) -> list[Question]:
    classes = element_classes(symmetry, domain, options.elements, options.max_elements, options.seed)
    return [
        Question(str(symmetry), c.name, tuple(turn(g, domain, rho_in, output, source) for g in c.elements), True)
        for c in classes
    ]


def _along(domain: Domain, x: Tensor, motions: tuple[Motion, ...]) -> str:
    if isinstance(motions[0], PadLeft):
        return "zeros before the start"
    at_once = sum(bool(s) for s in getattr(motions[0], "shifts", ()))
    each = f"along {at_once} axes at once" if at_once > 1 else "along one axis"
    where = each if len(motions) == 1 else f"along each of {len(motions)} axes"
    return where if domain.mask(x) is None else f"{where}, cut to the domain"
