"""Relabelling of sets, decided for all sets of some sizes: by the swap and the cycle, which generate it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.packed.examine import Answered, PackedExaminer
from erlangen.auditing.packed.signals import Sample, batch_of, caller
from erlangen.auditing.proof import Proof, Prover, summary
from erlangen.auditing.witness import Witness
from erlangen.domains import Set

MOST_SIZES = 12


@dataclass(frozen=True)
class Permuted:
    """x ↦ x of each set in another order, `[b, n, c]`; an answer at every point goes along."""

    back: tuple[int, ...]
    dense: bool
    label: str = "relabelling"
    exact: bool = True
    trivial: bool = False

    def move(self, x: Any) -> Any:
        """π·x."""
        return x[:, list(self.back)]

    def answer(self, y: Any) -> Any:
        """π·f(x)."""
        return y[:, list(self.back)] if self.dense else y

    def read(self, y: Any) -> Any:
        """What is compared."""
        return y

    def round_trip(self, values: Any, answers: bool) -> Any:
        """Nothing is lost."""
        return values


class OneByOne(nn.Module):
    """Sets of one size, `[b, n, c]`, each given to the model by itself."""

    def __init__(self, model: Any, read: Callable[[Any], Tensor]):
        super().__init__()
        self.model, self.read = model, read

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([self._answer(points) for points in x.unbind(0)])

    def _answer(self, points: Tensor) -> Tensor:
        if hasattr(type(self.model), "recipe"):
            y = self.read(self.model(points))
        else:
            y = self.read(caller(self.model)(batch_of([Sample({"x": points}, {}, {})])))
        return y if len(y) == len(points) and len(points) > 1 else y[0]


def proved(domain: Any, examiner: PackedExaminer, answered: Answered) -> Answered:
    """The rows with what a proof makes of relabelling sets; graphs, whose edges differ, are measured alone."""
    sizes = [sample.size for sample in examiner.samples]
    wanted = range(max(2, min(sizes)), max(sizes) + 1)
    if not isinstance(domain, Set) or not examiner.options.proof or not 0 < len(wanted) <= MOST_SIZES:
        return answered
    if any(sample.whole or len(sample.points) > 1 for sample in examiner.samples):
        return answered
    found = summary([proof for n in wanted for proof in _of_size(examiner, n)])
    return [
        (q, [f.with_proof(found) for f in findings] if q.law == "Relabelling()" and found is not None else findings)
        for q, findings in answered
    ]


def _of_size(examiner: PackedExaminer, n: int) -> list[Proof]:
    witness = Witness(examiner.model, examiner.options.select)
    like = torch.zeros(1, dtype=examiner.y.dtype)
    prover = Prover(OneByOne(examiner.model, witness.part).eval(), lambda y: y, like, examiner.options.seed)
    swap, cycle = (1, 0, *range(2, n)), (*range(1, n), 0)
    motions: Any = [Permuted(back, examiner.rows == "points") for back in dict.fromkeys((swap, cycle))]
    channels = examiner.samples[0].points["x"].shape[1]
    return prover.prove(motions, (n, channels))
