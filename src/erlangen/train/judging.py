"""How a network is judged while it learns: the loss that it descends, and the figure that is told of an epoch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from erlangen.task import Forces
from erlangen.train.moving import UNKNOWN, inside
from erlangen.train.values import judged, known, lengths, over_points, spread_of

if TYPE_CHECKING:
    from erlangen.task import Task
    from erlangen.train.config import TrainSection
    from erlangen.train.examples import Examples

ABSOLUTE = "absolute"
ENERGIES = 0.1


@dataclass(frozen=True)
class ByClass:
    """Cross-entropy over the points that the domain has and whose label is known; told: the share right."""

    task: "Task"
    smoothing: float = 0.0
    told = "accuracy"

    def __call__(self, scores: Tensor, targets: Tensor, learning: bool) -> tuple[Tensor, Tensor]:
        """Loss and accuracy."""
        points = inside(self.task, targets)
        if points is not None:
            scores, targets = scores[..., points], targets[..., points]
        right = (scores.argmax(1) == targets)[targets != UNKNOWN].float().mean()
        smoothing = self.smoothing if learning else 0.0
        loss = nn.functional.cross_entropy(scores, targets, ignore_index=UNKNOWN, label_smoothing=smoothing)
        return loss, right

    def counted(self, targets: Tensor) -> Tensor:
        """How many labels the loss is a mean over."""
        points = inside(self.task, targets)
        return ((targets if points is None else targets[..., points]) != UNKNOWN).sum()


@dataclass(frozen=True)
class ByValue:
    """mean ((f − y)/σ)², or with "absolute" the mean of |f − y|/σ, over known rows; told: the mean |f − y|, in units.

    Over the points of a signal the mean is that of its domain: on the sphere equal areas count alike.
    |·| is the length of a field, so that neither changes when all is turned. Of forces with energies (f − y)² of the
    energies are multiplied by `energies`, and what is told is of the forces.
    """

    task: "Task"
    spread: Tensor
    loss: str | None = None
    energies: float = ENERGIES
    told = "error"

    def __call__(self, answers: Tensor, targets: Tensor, learning: bool) -> tuple[Tensor, Tensor]:
        """Loss and error."""
        there = known(targets)
        off = (answers - targets)[there]
        scaled = off / self.spread.to(off).reshape(-1, *[1] * (off.dim() - 2))
        if isinstance(self.task.output, Forces):
            share, forces = scaled.tensor_split([1], dim=1)
            scaled = torch.cat([self.energies**0.5 * share, forces], dim=1)
        apart = lengths(self.task, scaled) if self.loss == ABSOLUTE else scaled.square()
        return over_points(self.task, apart).mean(), over_points(self.task, judged(self.task, off.detach())).mean()

    def counted(self, targets: Tensor) -> Tensor:
        """How many rows, or signals, the loss is a mean over."""
        return known(targets).sum()


Judge = ByClass | ByValue


def judge_of(task: "Task", examples: "Examples", settings: "TrainSection") -> Judge:
    """By class or by value, as the examples ask.

    >>> from erlangen.data import load
    >>> from erlangen.train import read_config
    >>> from erlangen.train.networks import task_of
    >>> config = read_config("rotated-digits")
    >>> judge_of(task_of(config.task), load("digits"), config.train).told
    'accuracy'
    """
    if examples.quantity is None:
        return ByClass(task, settings.label_smoothing)
    weight = ENERGIES if settings.energies is None else settings.energies
    return ByValue(task, spread_of(task, examples.train)[1], settings.loss, weight)
