"""Asking a model of sequences about time, and comparing: both laws of warping, blanks, zeros before, one at a time."""

import inspect
import math
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.examine import Case, Finding, maybe_rounding, said_of_repeat
from erlangen.auditing.measure import Numbers, compare
from erlangen.auditing.motion import is_dense
from erlangen.auditing.plan import Options, Question
from erlangen.auditing.time.motions import Blanks, Later, Retimed, Slower, Split
from erlangen.auditing.verdict import floor_decides, judge
from erlangen.auditing.witness import Witness, first_floating, real_rows, warn
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
class TimeExaminer:
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
        witness, told = Witness(self.model, self.options.select), {k: v for k, v in beside.items() if takes(model, k)}
        found = []
        for start in range(0, len(x), self.options.batch_size):
            rows = slice(start, start + self.options.batch_size)
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.options.seed)
                try:
                    y = witness.pick(model(x[rows], **{name: value[rows] for name, value in told.items()}))
                except SymmetryError:
                    raise
                except Exception as error:  # the model is the user's: whatever it raises is what has to be told
                    said = str(error).strip().splitlines() or ["no message"]
                    given = f"{where}, on which the model raised {type(error).__name__}: {said[0][:200]}"
                    mend = "Wrap it, so that it takes x, and dt where it knows it."
                    raise InputError(given, "a model of sequences of any length", mend) from error
            if not isinstance(y, Tensor):
                raise InputError(f"a {type(y).__name__} as answer", "one tensor", "Pick it with select=….")
            found.append(real_rows(y.detach().cpu()))
        y = torch.cat(found)
        if not y.isfinite().all():
            raise InputError(f"answers to {where} that are not finite", "finite answers", "Look for a NaN.")
        return y

    def examine(self, motion: Retimed) -> Finding:
        """The numbers and the verdict for one change of time."""
        moved, fgx = self._asked(motion)
        numbers = self.compare(fgx, self.y)
        repeat = self._repeat(motion, numbers)
        near = repeat is not None and maybe_rounding(numbers, self.y.dtype)
        note = said_of_repeat(repeat) if near and repeat is not None else ""
        return Finding(
            motion,  # type: ignore[arg-type]
            judge(numbers, self.y.dtype, 0.0, repeat),
            numbers,
            0.0,
            repeat,
            note,
            self._case(motion, numbers, moved, fgx),
        )

    def undefined(self, motion: Retimed, why: str) -> Finding:
        """A law that the model cannot be asked about."""
        numbers = Numbers(*[math.nan] * 6, index=0, agreement=None, floor=math.nan)
        case = Case(motion.label, 0, math.nan, self.x[0], self.x[0], self.y[0], self.y[0], self.y[0])
        return Finding(motion, "undefined", numbers, 0.0, None, why, case)  # type: ignore[arg-type]

    def compare(self, a: Tensor, b: Tensor) -> Numbers:
        """All the numbers of a against b."""
        eps = torch.finfo(self.y.dtype).eps
        return compare(a, b, self.options.bootstrap, self.options.seed, True, None, eps)

    def _asked(self, motion: Retimed) -> tuple[Tensor, Tensor]:
        moved, beside = motion.move(self.x)
        y = self.ask(motion.of(self.model), moved, beside, f"x after {motion.label}")
        y = motion.read(y, self.x.shape[-1]) if is_dense(self.output) else y
        if y.shape != self.y.shape:
            given = f"answers {tuple(y.shape)} after {motion.label}, {tuple(self.y.shape)} before"
            raise InputError(given, "as many", "Say with output=er.Equivariant(n) that there is one at every step.")
        return moved, y

    def _repeat(self, motion: Retimed, numbers: Numbers) -> Numbers | None:
        asked = maybe_rounding(numbers, self.y.dtype) or floor_decides(numbers, self.y.dtype)
        if not asked or self._double is None:
            return None
        return self._double.compare(self._double._asked(motion)[1], self._double.y)

    @cached_property
    def _double(self) -> "TimeExaminer | None":
        try:
            model = deepcopy(self.model)
            model = model.double() if isinstance(model, nn.Module) else model
            return TimeExaminer(model, self.x.double(), self.output, self.options)
        except Exception:  # the model is the user's; one that has no float64 twin keeps its float32 numbers
            return None

    def _case(self, motion: Retimed, numbers: Numbers, moved: Tensor, fgx: Tensor) -> Case:
        i = numbers.index
        return Case(motion.label, i, numbers.worst, self.x[i], moved[i], self.y[i], fgx[i], self.y[i])


def examined_in_time(
    model: Any, domain: Lattice, inputs: Any, output: Output | None, options: Options, warnings: list[str]
) -> tuple[TimeExaminer, Answered]:
    """Both laws of warping, judged where the model can be asked; zeros before and company in a batch beside them."""
    x = torch.as_tensor(inputs)
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
    rows: list[tuple[str, str, list[Retimed], bool, str]] = [
        (CLOCK, "steps split", [Split(seed=s) for s in draws], clocked or not mapped, "" if clocked else NO_CLOCK),
        (
            CLOCK,
            "blanks of no time",
            [Blanks(seed=s) for s in draws],
            clocked or not mapped,
            "" if clocked else NO_CLOCK,
        ),
        (
            CLASS,
            "every step again",
            [Slower(factor=c) for c in (2, 3, 5)],
            mapped or not clocked,
            "" if mapped else NO_MAP,
        ),
        ("shift in time", "zeros before", [Later(zeros=n) for n in (1, 7)], False, ""),
    ]
    answered: Answered = []
    for law, name, motions, judged, why in rows:
        findings = [examiner.undefined(m, why) if why else examiner.examine(m) for m in motions]
        answered.append((Question(law, name, tuple(motions), judged), findings))  # type: ignore[arg-type]
    _warn_of_company(examiner, warnings)
    return examiner, answered


def takes(model: Any, name: str) -> bool:
    """Whether a model can be told this beside its values: by an argument of its own, or as derived networks are."""
    if hasattr(type(model), "recipe"):
        return True
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
