"""One motion at a time: f(g·x) against g·f(x), and once more in float64 where rounding has to be ruled out."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.measure import Numbers, compare, error
from erlangen.auditing.motion import Motion, Output, Roll, Turn, is_dense
from erlangen.auditing.proof import Proof
from erlangen.auditing.translations import Crop, Translation, ZeroFill
from erlangen.auditing.verdict import Verdict, floor_decides, hidden_by_dtype, judge, tolerance
from erlangen.auditing.witness import Witness
from erlangen.domains import Domain, Product
from erlangen.errors import InputError
from erlangen.pages import number
from erlangen.task import Equivariant

ROUNDING_BELOW = (
    1e-3  # errors below this are asked again in float64, so that the report can say whether they are rounding
)


@dataclass(frozen=True)
class Case:
    """One input and all that belongs to it, without the batch axis: x, g·x, f(x), f(g·x), g·f(x).

    `axis` is one that g leaves in place, if there is one: a volume is cut across it.
    """

    element: str
    index: int
    error: float
    x: Tensor
    gx: Tensor
    fx: Tensor
    fgx: Tensor
    gfx: Tensor
    axis: int = 0


@dataclass(frozen=True)
class Finding:
    """What was found for one motion; `repeat` the numbers in float64, where asked for."""

    motion: Motion
    verdict: Verdict
    numbers: Numbers
    round_trip: float
    repeat: Numbers | None
    note: str
    case: Case
    proof: Proof | None = None

    def with_proof(self, proof: Proof) -> "Finding":
        """What a proof makes of it: what is exact on these inputs and proved for all of them is proved."""
        holds = (self.verdict, proof.verdict) == ("exact", "proved")
        return replace(self, verdict="proved" if holds else self.verdict, proof=proof)


@dataclass
class Examiner:
    """Holds y = f(x), asked for where not given, and asks the model about each motion.

    A model that looks at the other inputs of a batch is asked about every second one moved, then about the others
    (`mixed`): what is said of an input then does not rest on the others being moved alike.
    """

    witness: Witness
    domain: Domain
    output: Output
    x: Tensor
    draws: int
    seed: int
    y: Tensor = field(default_factory=lambda: torch.empty(0))
    mixed: bool = False

    def __post_init__(self) -> None:
        if not len(self.y):
            self.y = self.witness(self.x)

    @property
    def dtype(self) -> torch.dtype:
        """The coarser of the dtypes of inputs and answers: rounding happened in that one."""
        return max((self.x.dtype, self.y.dtype), key=lambda d: torch.finfo(d).eps)

    @property
    def classes(self) -> bool:
        """Whether a motion leaves the channels of the answer in place, so that top-1 means something."""
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        return isinstance(rho, int) or rho.is_trivial

    def examine(self, motion: Motion) -> Finding:
        """The numbers and the verdict for one motion."""
        x, y = self._start(motion)
        gx, fgx, gfx = self._both_sides(motion, y)
        read = motion.read(fgx)
        numbers = self._compare(read, gfx, torch.finfo(self.dtype).eps, self._defined(motion, gfx))
        round_trip = self._round_trip(motion)
        repeat = self._repeat(motion, numbers) if motion.exact else None
        i = numbers.index
        shown = read if read.shape == fgx.shape else fgx
        kept = (tensor[i].clone() for tensor in (x, gx, y, shown, gfx))  # a view would hold the whole batch
        case = Case(motion.label, i, numbers.worst, *kept, axis=still_axis(motion))
        verdict = judge(numbers, self.dtype, round_trip, repeat)
        return Finding(
            motion, verdict, numbers, round_trip, repeat, self._note(motion, numbers, round_trip, repeat), case
        )

    def error(self, motion: Motion) -> float:
        """The error alone, for one call of the model."""
        _, fgx, gfx = self._both_sides(motion, self.y)
        return error(motion.read(fgx), gfx)

    def _start(self, motion: Motion) -> tuple[Tensor, Tensor]:
        """What g moves, and the answer to it: the inputs, or a part of them that leaves room for others to enter."""
        if not isinstance(motion, Crop):
            return self.x, self.y
        x = motion.start(self.x)
        return x, self.witness(x, "a part of x")

    def _both_sides(self, motion: Motion, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        gx = motion.move(self.x)
        fgx = self._moved(gx, f"x after {motion.label}")
        gfx = motion.answer(y)
        if motion.read(fgx).shape != gfx.shape:
            before, after = tuple(y.shape[1:]), tuple(fgx.shape[1:])
            raise InputError(
                f"answers of shape {after} to x after {motion.label}, and {before} to x",
                "answers that the motion can be compared on",
                "Say with output=er.Equivariant(n) that the answer moves along, or pass square inputs.",
            )
        return gx, fgx, gfx

    def _moved(self, gx: Tensor, where: str) -> Tensor:
        if not self.mixed or gx.shape != self.x.shape:
            return self.witness(gx, where)
        answers = []
        for first in range(2):
            some = self.x.clone()
            some[first::2] = gx[first::2]
            answers.append(self.witness(some, where)[first::2])
        fgx = answers[0].new_empty(len(gx), *answers[0].shape[1:])
        for first, answer in enumerate(answers):
            fgx[first::2] = answer
        return fgx

    def _defined(self, motion: Motion, gfx: Tensor) -> Tensor | None:
        if not is_dense(self.output):
            return None
        return motion.defined(gfx) if isinstance(motion, ZeroFill) else self.domain.mask(gfx)

    def _compare(self, a: Tensor, b: Tensor, eps: float, mask: Tensor | None) -> Numbers:
        return compare(a, b, self.draws, self.seed, self.classes, mask, eps)

    def _round_trip(self, motion: Motion) -> float:
        if motion.exact:
            return 0.0
        trips = [error(motion.round_trip(self.x, answers=False), self.x)]
        if is_dense(self.output):
            trips.append(error(motion.read(motion.round_trip(self.y, answers=True)), motion.read(self.y)))
        return max((trip for trip in trips if not math.isnan(trip)), default=0.0)

    def _repeat(self, motion: Motion, numbers: Numbers) -> Numbers | None:
        if not (floor_decides(numbers, self.dtype) or maybe_rounding(numbers, self.dtype)) or self._double is None:
            return None
        double = self._double
        _, fgx, gfx = double._both_sides(motion, double._start(motion)[1])
        return double._compare(motion.read(fgx), gfx, torch.finfo(torch.float64).eps, double._defined(motion, gfx))

    @cached_property
    def _double(self) -> "Examiner | None":
        try:
            twin = self.witness.twin()
            double = replace(self, witness=twin, x=self.x.double(), y=torch.empty(0))
        except Exception:  # the model is the user's; one that has no float64 twin keeps its float32 numbers
            return None
        return double if double.y.dtype == torch.float64 else None  # some models compute in a dtype of their own

    def _note(self, motion: Motion, numbers: Numbers, round_trip: float, repeat: Numbers | None) -> str:
        if repeat is not None and maybe_rounding(numbers, self.dtype):
            return said_of_repeat(repeat)
        if hidden_by_dtype(numbers, self.dtype):
            return f"rounding in {_name(self.dtype)} alone may be as large as this: audit the model in float32"
        if repeat is None and floor_decides(numbers, self.dtype):
            return "rounding decides, and the model could not be repeated in float64"
        if round_trip > 0.1:
            lost = "answers" if motion.round_trip(self.x, answers=False) is self.x else "inputs"
            mend = "leave out degrees" if self.domain.aliases else "let them fade to zero towards the border"
            return f"the transform itself loses much of these {lost}; {mend}"
        return ""


def maybe_rounding(numbers: Numbers, dtype: torch.dtype) -> bool:
    """Whether an error is so small that float64 has to say whether it is rounding."""
    return dtype != torch.float64 and tolerance(dtype) < numbers.error < ROUNDING_BELOW


def said_of_repeat(repeat: Numbers) -> str:
    """What the repeat in float64 says of a small error."""
    kind = "rounding" if repeat.error <= tolerance(torch.float64) else "not rounding"
    return f"in float64 the error is {number(repeat.error)}: {kind}"


def still_axis(motion: Motion) -> int:
    """An axis that the motion leaves as it is, else one that it turns round, else the first."""
    if isinstance(motion, Roll | Translation):
        return motion.shifts.index(0) if 0 in motion.shifts else 0
    if not isinstance(motion, Turn):
        return 0
    if isinstance(motion.domain, Product):
        return motion.domain.still_axis(motion.g)
    matrix = motion.domain.cartesian(motion.g)
    diagonal = np.zeros(1) if matrix is None else np.diag(matrix)
    return int(np.where(np.abs(diagonal) > 1 - 1e-6, diagonal + 2, 0).argmax())


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
