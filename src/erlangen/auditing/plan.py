"""What will be asked of the model: which output, which input channels, which motions, in which rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from erlangen.auditing.elements import element_classes
from erlangen.auditing.inputs import ENOUGH
from erlangen.auditing.motion import Motion, Output, Roll, Turn, is_dense
from erlangen.auditing.shifts import shift_classes
from erlangen.auditing.witness import Select, Witness, warn
from erlangen.domains import Lattice
from erlangen.errors import DomainError, InputError, TaskError
from erlangen.groups import Group, Translations
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant


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

    def __post_init__(self) -> None:
        if self.tolerance is not None and not 0 <= self.tolerance < float("inf"):
            raise InputError(f"tolerance={self.tolerance!r}", "an error from 0 up", "1 is unrelated; 0.05 is close.")
        for name, least in (("bootstrap", 0), ("max_elements", 1), ("batch_size", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise InputError(
                    f"{name}={value!r}",
                    f"a whole number from {least} up",
                    f"The default is good from {ENOUGH} inputs up.",
                )


@dataclass(frozen=True)
class Question:
    """A row to be: a law, a class of motions, whether the verdict rests on it, and why a break is expected, if so."""

    law: str
    elements: str
    motions: tuple[Motion, ...]
    judged: bool
    expected: str = ""


def check(model: Any, domain: Any, symmetry: Any) -> None:
    """Raise unless this is a model, a lattice and a symmetry that acts on its points."""
    if not callable(model):
        raise InputError(
            f"a model of type {type(model).__name__}", "an nn.Module or a function of a tensor", "Pass the model first."
        )
    if not isinstance(domain, Lattice):
        raise DomainError(
            f"domain={domain!r}", "a lattice, such as er.Grid(2)", "Other domains are audited in later versions."
        )
    if symmetry == Translations():
        return
    if not isinstance(symmetry, Group) or getattr(symmetry, "is_declaration", False):
        raise DomainError(
            f"symmetry={symmetry!r} on {domain!r}",
            "a group of rotations and mirrors, or er.Translations()",
            "For quarter turns: er.C(4). Translations are reported beside every group.",
        )


def choose_output(model: Any, y: Tensor, domain: Lattice, given: Any, warnings: list[str]) -> Output:
    """How the answer y moves: as given, else as the model's task says, else not at all; checked against its shape."""
    output = given if given is not None else getattr(getattr(model, "task", None), "output", None)
    if output is None:
        if y.dim() == 2 + domain.dim and y.shape[2:].numel() > 1:
            warn(
                warnings,
                "The answer has axes like the input, and was audited as one that stays put; "
                "if it moves along, pass output=er.Equivariant(n).",
            )
        return Invariant(y.shape[1])
    if not isinstance(output, Invariant | Equivariant):
        raise TaskError(
            f"output={output!r}", "er.Invariant(n) or er.Equivariant(n)", "Say whether the answer moves along."
        )
    channels, axes = _channels(output), 2 + domain.dim if is_dense(output) else None
    if y.shape[1] != channels or (axes is not None and y.dim() != axes):
        dense = f" and {domain.dim} axes of points" if axes is not None else ""
        raise InputError(
            f"answers of shape {tuple(y.shape)} for output={output!r}",
            f"{channels} channels{dense}",
            "Name the output the model has, or pick it with select=….",
        )
    return output


def choose_input(model: Any, domain: Lattice, symmetry: Any, given: Any, channels: int) -> Representation | None:
    """How the input's channels move: as given, as the model's task says, as the domain says; None is not at all."""
    if isinstance(given, int):
        given, wanted = None, given
    else:
        rho = given if given is not None else getattr(getattr(model, "task", None), "input", None)
        if rho is None and symmetry != Translations():
            rho = domain.natural_input(symmetry)
        given, wanted = rho, channels if rho is None else rho.dim
    if wanted != channels:
        raise InputError(f"inputs of {channels} channels", f"{wanted} on axis 1", "Say how they move with input=….")
    return None if given is None or given.is_trivial else given


def questions(
    witness: Witness,
    domain: Lattice,
    symmetry: Any,
    x: Tensor,
    y: Tensor,
    output: Output,
    rho_in: Representation | None,
    options: Options,
    warnings: list[str],
) -> tuple[Question, ...]:
    """The rows to be: the group's, by class of elements; then the translations'."""
    asked = symmetry == Translations()
    found = [] if asked else _of_group(domain, symmetry, output, rho_in, options)
    for shift in shift_classes(witness, domain, output, x, options.shifts, options.stride):
        whole = tuple(
            m for m in shift.motions if not isinstance(m, Roll) or m.whole_at(y) or options.shifts is not None
        )
        if whole:
            found.append(Question(shift.law, _along(domain, x, len(whole)), whole, asked, shift.expected))
        else:
            warn(warnings, f"The {shift.law} was left out: it is not whole at the resolution of the answers.")
    if not any(question.judged for question in found):
        raise InputError(
            f"no shift that moves inputs of {tuple(x.shape[2:])}", "at least one", "Name some with shifts=[1]."
        )
    return tuple(found)


def _of_group(
    domain: Lattice, symmetry: Group, output: Output, rho_in: Representation | None, options: Options
) -> list[Question]:
    classes = element_classes(symmetry, domain, options.elements, options.max_elements, options.seed)
    return [
        Question(str(symmetry), c.name, tuple(Turn(g, domain, rho_in, output) for g in c.elements), True)
        for c in classes
    ]


def _channels(output: Output) -> int:
    if isinstance(output, Invariant):
        return output.n
    rho = output.n_or_representation
    return rho if isinstance(rho, int) else rho.dim


def _along(domain: Lattice, x: Tensor, axes: int) -> str:
    if domain.causal:
        return "zeros before the start"
    where = "along one axis" if axes == 1 else f"along each of {axes} axes"
    return where if domain.mask(x) is None else f"{where}, cut to the domain"
