"""Examiners that move their inputs themselves, so that nothing is interpolated: sets, graphs, sequences under warps."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor, nn

from erlangen.auditing.examine import Case, Finding, maybe_rounding, said_of_repeat
from erlangen.auditing.measure import Numbers, compare
from erlangen.auditing.plan import Options
from erlangen.auditing.verdict import floor_decides, judge
from erlangen.auditing.witness import Witness, real_rows
from erlangen.chance import fixed_seed
from erlangen.errors import InputError, SymmetryError
from erlangen.representations import Representation
from erlangen.task import Equivariant


class DirectExaminer(ABC):
    """f(g·x) against g·f(x) in the model's dtype, and in float64 where rounding may be all the difference.

    A subclass holds `model`, `output`, `options` and the answers `y` to its inputs, and says how a motion is asked.
    """

    model: Callable[..., Any]
    output: Any  # how the answers move, None where that is not said
    options: Options
    y: Tensor

    @abstractmethod
    def asked(self, motion: Any) -> tuple[Any, Tensor, Tensor]:
        """The moved inputs, f(g·x) and g·f(x)."""

    @abstractmethod
    def case(self, motion: Any, numbers: Numbers, moved: Any, fgx: Tensor, gfx: Tensor) -> Case:
        """The worst input and what belongs to it."""

    @abstractmethod
    def twin(self, model: Any) -> Self:
        """The same questions in float64, to this model."""

    def examine(self, motion: Any) -> Finding:
        """The numbers and the verdict for one motion."""
        moved, fgx, gfx = self.asked(motion)
        numbers = self.compare(fgx, gfx)
        repeat = self._repeat(motion, numbers)
        near = repeat is not None and maybe_rounding(numbers, self.y.dtype)
        note = said_of_repeat(repeat) if near and repeat is not None else ""
        verdict = judge(numbers, self.y.dtype, 0.0, repeat)
        return Finding(motion, verdict, numbers, 0.0, repeat, note, self.case(motion, numbers, moved, fgx, gfx))

    def compare(self, a: Tensor, b: Tensor) -> Numbers:
        """All the numbers of a against b."""
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        classes = not isinstance(rho, Representation) or rho.is_trivial
        return compare(a, b, self.options.bootstrap, self.options.seed, classes, None, torch.finfo(self.y.dtype).eps)

    def _repeat(self, motion: Any, numbers: Numbers) -> Numbers | None:
        asked = maybe_rounding(numbers, self.y.dtype) or floor_decides(numbers, self.y.dtype)
        if not asked or self.double is None:
            return None
        _, fgx, gfx = self.double.asked(motion)
        return self.double.compare(fgx, gfx)

    @cached_property
    def double(self) -> Self | None:
        """The same questions to a copy in float64, where the model has one."""
        try:
            model = deepcopy(self.model)
            return self.twin(model.double() if isinstance(model, nn.Module) else model)
        except Exception:  # the model is the user's; one that has no float64 twin keeps its float32 numbers
            return None


def answers(
    witness: Witness, calls: Iterable[Callable[[], Any]], seed: int, where: str, expected: str, mend: str
) -> Tensor:
    """What the model answers to one batch after another, `where` saying of what; refused unless finite tensors."""
    found = []
    for call in calls:
        with torch.no_grad(), fixed_seed(seed):
            try:
                y = witness.pick(call())
            except SymmetryError:
                raise
            except Exception as error:  # the model is the user's: whatever it raises is what has to be told
                said = str(error).strip().splitlines() or ["no message"]
                given = f"{where}, on which the model raised {type(error).__name__}: {said[0][:200]}"
                raise InputError(given, expected, mend) from error
        if not isinstance(y, Tensor):
            raise InputError(f"a {type(y).__name__} as answer", "one tensor", "Pick it with select=….")
        found.append(real_rows(y.detach().cpu()))
    y = torch.cat(found)
    if not y.isfinite().all():
        raise InputError(f"answers to {where} that are not finite", "finite answers", "Look for a NaN.")
    return y
