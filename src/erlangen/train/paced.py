"""Sequences at other speeds, and recorded in finer steps; and whether networks are told of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from erlangen.task import Task
    from erlangen.train.examples import Sequences

AS_RECORDED, SPEED = "as recorded", "at another speed"
FACTOR = 2.0  # how much slower, and how much faster, sequences are tested


@dataclass(frozen=True)
class Paced:
    """x ↦ x `slower` times slower, interpolated; `told`: with dt, so that it is as long as before.

    `held`: not interpolated, every step recorded in so many, which is told: by the clock law nothing has changed.

    >>> from erlangen.data import SequenceStore
    >>> [str(speed) for speed in SPEEDS[:3]]
    ['as recorded', 'each step in two, told', '2 × slower, told']
    >>> held = SequenceStore([torch.tensor([[0.0, 1.0]])])
    >>> SPEEDS[2].inputs(None, held).dt.tolist()
    [0.5, 0.5, 0.5, 0.5]
    """

    slower: float = 1.0
    told: bool = False
    held: bool = False

    def __str__(self) -> str:
        if self.slower == 1.0:
            return AS_RECORDED
        if self.held:
            return "each step in two, told"
        factor = f"{max(self.slower, 1 / self.slower):g} × {'slower' if self.slower > 1 else 'faster'}"
        return f"{factor}, told" if self.told else factor

    @property
    def exact(self) -> bool:
        """Whether the values are those that were recorded."""
        return self.slower == 1.0 or self.held

    def inputs(self, task: "Task | None", held: Any) -> Any:
        """The sequences at this speed."""
        return held if self.slower == 1.0 else self._moved(held)[0]

    def labels(self, task: "Task | None", targets: Tensor, held: Any) -> Tensor:
        """Labels of wholes stay; at every step they are those of the step it comes from."""
        return self._along(targets, held)

    def answers(self, task: "Task | None", scores: Tensor, held: Any) -> Tensor:
        """Answers move as labels do."""
        return self._along(scores, held)

    def _along(self, values: Tensor, held: Any) -> Tensor:
        if self.slower == 1.0 or len(values) == len(held):
            return values
        return values[self._moved(held)[1]]

    def _moved(self, held: "Sequences") -> "tuple[Sequences, Tensor]":
        return held.paced(self.slower, told=self.told, held=self.held)


SPEEDS = (
    Paced(),
    Paced(FACTOR, told=True, held=True),
    Paced(FACTOR, told=True),
    Paced(1 / FACTOR, told=True),
    Paced(FACTOR),
    Paced(1 / FACTOR),
)


def at_random(batch: Any, targets: Tensor, unknown: int, generator: torch.Generator) -> tuple[Any, Tensor]:
    """Each sequence of a batch at a speed of its own, between half and double, evenly on a scale of logarithms."""
    drawn = FACTOR ** (2 * torch.rand(len(batch), generator=generator) - 1)
    moved, rows = batch.paced(drawn.tolist())
    return moved, moved.filled(batch.steps(targets)[rows], unknown) if targets.dim() > 1 else targets
