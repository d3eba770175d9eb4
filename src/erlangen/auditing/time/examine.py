"""Asking a model of sequences about time, and comparing: both laws of warping, blanks, zeros before, one at a time."""

import inspect
import math
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.direct import DirectExaminer, answers
from erlangen.auditing.examine import Case, Finding
from erlangen.auditing.measure import Numbers
from erlangen.auditing.motion import is_dense
from erlangen.auditing.plan import Options, Question
from erlangen.auditing.time.modules import as_asked
from erlangen.auditing.time.motions import Blanks, Later, Retimed, Slower, Split
from erlangen.auditing.witness import Witness, first_floating, warn
from erlangen.domains import Lattice
from erlangen.errors import InputError, SymmetryError
from erlangen.pages import several
from erlangen.task import Equivariant, Invariant

Answered = list[tuple[Question, list[Finding]]]
Output = Invariant | Equivariant
ENOUGH = 16
CLOCK, CLASS = "TimeWarp(), steps told", "TimeWarp(), weights mapped"
NO_CLOCK = "the model is not told how long a step is: it takes no dt"
NO_MAP = "the model says of no map of its weights to another scale of time: it has no warped(factor)"


@dataclass
class TimeExaminer(DirectExaminer):
    """Holds y = f(x) of inputs `[n, c, T]`, answers `[n, k]` or, at every step, `[n, k, T]`."""

    model: Any
    x: Tensor
    output: Output
    options: Options
    y: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.y = self.ask(self.model, self.x, {}, "x")

    def ask(self, model: Any, x: Tensor, beside: dict[str, Tensor], where: str) -> Tensor:
        """f of all inputs, in batches, told of what is beside as far as the model takes it."""
        told, size = {name: value for name, value in beside.items() if takes(model, name)}, self.options.batch_size
        rows = (slice(start, start + size) for start in range(0, len(x), size))
        return answers(
            Witness(self.model, self.options.select),
            (lambda some=some: model(x[some], **{name: value[some] for name, value in told.items()}) for some in rows),
            self.options.seed,
            where,
            "a model of sequences of any length",
            "Wrap it, so that it takes x, and dt where it knows it.",
        )

    def asked(self, motion: Retimed) -> tuple[Tensor, Tensor, Tensor]:
        moved, beside = motion.move(self.x)
        before = motion.before(self.x)
        still = self.y if before is self.x else self.ask(self.model, before, {}, "x, its beginning")
        y = self.ask(motion.of(self.model), moved, beside, f"x after {motion.label}")
        y = motion.read(y, self.x.shape[-1]) if is_dense(self.output) else y
        if y.shape != still.shape:
            given = f"answers {tuple(y.shape)} after {motion.label}, {tuple(still.shape)} before"
            raise InputError(given, "as many", "Say with output=er.Equivariant(n) that there is one at every step.")
        return moved, y, still

    def case(self, motion: Retimed, numbers: Numbers, moved: Tensor, fgx: Tensor, gfx: Tensor) -> Case:
        i = numbers.index
        return Case(motion.label, i, numbers.worst, motion.before(self.x)[i], moved[i], gfx[i], fgx[i], gfx[i])

    def twin(self, model: Any) -> "TimeExaminer":
        return TimeExaminer(model, self.x.double(), self.output, self.options)

    def undefined(self, motion: Retimed, why: str) -> Finding:
        """A law that the model cannot be asked about."""
        numbers = Numbers(*[math.nan] * 6, index=0, agreement=None, floor=math.nan)
        case = Case(motion.label, 0, math.nan, self.x[0], self.x[0], self.y[0], self.y[0], self.y[0])
        return Finding(motion, "undefined", numbers, 0.0, None, why, case)  # type: ignore[arg-type]


def examined_in_time(
    model: Any, domain: Lattice, inputs: Any, output: Any, options: Options, warnings: list[str]
) -> tuple[TimeExaminer, Answered]:
    """Both laws of warping, judged where the model can be asked; zeros before and company in a batch beside them."""
    model, x = as_asked(model), torch.as_tensor(inputs)
    domain.check_values(x)
    if len(x) < 2 or not x.isfinite().all():
        raise InputError(
            f"{len(x)} inputs, or some not finite", "two or more finite ones, better 16", "Look for a NaN."
        )
    if len(x) < ENOUGH:
        warn(warnings, f"Only {len(x)} inputs: the error is uncertain below {ENOUGH}.")
    example = first_floating(model)
    x = x.to(torch.get_default_dtype() if example is None else example.dtype)
    chosen = output or getattr(getattr(model, "task", None), "output", None)
    y = TimeExaminer(model, x, chosen or Invariant(1), options).y
    examiner = TimeExaminer(model, x, chosen or (Equivariant if y.dim() == 3 else Invariant)(y.shape[1]), options)
    draws = range(options.seed, options.seed + 3)
    clocked, mapped = takes(model, "dt"), _has_map(model)
    by_clock, by_map = (
        clocked or not mapped,
        mapped or not clocked,
    )  # both judged, and undefined, where there is neither
    no_clock, no_map = ("" if clocked else NO_CLOCK), ("" if mapped else NO_MAP)
    rows: list[tuple[str, str, list[Retimed], bool, str]] = [
        (CLOCK, "steps split", [Split(seed=s) for s in draws], by_clock, no_clock),
        (CLOCK, "blanks of no time", [Blanks(seed=s) for s in draws], by_clock, no_clock),
        (CLASS, "every step again", [Slower(factor=c) for c in (2, 3, 5)], by_map, no_map),
        ("shift in time", "zeros before", _later(examiner), False, ""),
    ]
    answered: Answered = []
    for law, name, motions, judged, why in rows:
        findings = [examiner.undefined(m, why) if why else examiner.examine(m) for m in motions]
        answered.append((Question(law, name, tuple(motions), judged), findings))  # type: ignore[arg-type]
    _warn_of_company(examiner, warnings)
    return examiner, answered


def _later(examiner: TimeExaminer) -> list[Retimed]:
    """Zeros before all of it; where there is one answer also before a beginning, since the start is forgotten later."""
    if is_dense(examiner.output):
        return [Later(zeros=n) for n in (1, 7)]
    beginnings = [n for n in (1, 2, 4) if n < examiner.x.shape[-1]]
    return [Later(zeros=7), *(Later(zeros=7, first=n) for n in beginnings)]


def takes(model: Any, name: str) -> bool:
    """Whether a model can be told this beside its values: by an argument of its own, or as derived networks are."""
    if hasattr(type(model), "recipe"):
        return bool(getattr(model, "clocked", False))
    forward = model.forward if isinstance(model, nn.Module) else model
    try:
        return name in inspect.signature(forward).parameters
    except (TypeError, ValueError):
        return False


def _has_map(model: Any) -> bool:
    """Whether there is a map of its weights to another scale of time."""
    if not callable(getattr(model, "warped", None)):
        return False
    try:
        model.warped(2.0)
    except SymmetryError:
        return False
    return True


def _warn_of_company(examiner: TimeExaminer, warnings: list[str]) -> None:
    """Whether an input is answered as it is by itself."""
    options = replace(examiner.options, batch_size=1)
    alone = TimeExaminer(examiner.model, examiner.x[:4], examiner.output, options).y
    far = float((alone - examiner.y[: len(alone)]).abs().max())
    if far > 1e-3 * float(examiner.y.abs().max().clamp(min=1e-12)):
        told = several(len(alone), "input")
        warn(warnings, f"Answers depend on what else is in the batch: by {far:.2g} of {told} asked one by one.")
