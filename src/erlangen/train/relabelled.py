"""Sets and graphs stored in another order, and their features moved by a group, with their labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from erlangen.signal import act_on_channels
from erlangen.symmetrize.action import Action
from erlangen.symmetrize.labels import move_labels
from erlangen.task import Task
from erlangen.train.answers import check_labels

if TYPE_CHECKING:
    from erlangen.groups import Element
    from erlangen.train.examples import Graphs

AS_STORED, RELABELLED = "as stored", "relabelled"
DRAWS = 3  # orders besides the stored one


@dataclass(frozen=True)
class Relabelled:
    """x ↦ π·(h·x): h on the features of every point, then points and edges of every graph in an order of their own.

    Draw 0 leaves the order as it is stored; the same draw gives the same orders of the same graphs.

    >>> from erlangen.data import GraphStore
    >>> from erlangen.domains import Set
    >>> from erlangen.task import Invariant
    >>> task = Task(Set(), None, 1, Invariant(2))
    >>> held = GraphStore([torch.arange(5.0)[:, None]])
    >>> moved = Relabelled(1, task.symmetry.identity).inputs(task, held)
    >>> sorted(moved.x[:, 0].tolist()), moved.x.equal(held.x)
    ([0.0, 1.0, 2.0, 3.0, 4.0], False)
    """

    draw: int
    element: "Element"

    def __str__(self) -> str:
        if self.element != self.element.group.identity:
            return str(self.element)
        return f"{RELABELLED} {self.draw}" if self.draw else AS_STORED

    @property
    def exact(self) -> bool:
        """Points are moved to points: always."""
        return True

    def inputs(self, task: Task, held: "Graphs") -> "Graphs":
        """The graphs moved."""
        moved = held if task.input.is_trivial else held.with_values(act_on_channels(task.input, self.element, held.x))
        return moved.reordered(self._generator)[0] if self.draw else moved

    def labels(self, task: Task, targets: Tensor, held: "Graphs") -> Tensor:
        """Labels as they move: with the classes that h permutes, and with the points where each has one."""
        return self._along(move_labels(action_of(task), self.element, targets), held)

    def answers(self, task: Task, scores: Tensor, held: "Graphs") -> Tensor:
        """What a symmetric network answers to the graphs moved, of its answers to them as they are."""
        return self._along(action_of(task).answers(self.element, scores), held)

    def _along(self, values: Tensor, held: "Graphs") -> Tensor:
        """Rows of points go where the points go; of whole graphs they stay."""
        if not self.draw or len(values) == len(held):
            return values
        return values[held.reordered(self._generator)[1]]

    @property
    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.draw)


def augmented(task: Task, batch: "Graphs", targets: Tensor, generator: torch.Generator) -> "tuple[Graphs, Tensor]":
    """(x, y) ↦ (π·h·x, π·h·y), each graph in an order of its own, one h for all of the batch."""
    group = task.symmetry
    h = group.sample(1, int(torch.randint(2**31, (), generator=generator)))[0]
    moved, rows = batch.with_values(act_on_channels(task.input, h, batch.x)).reordered(generator)
    targets = targets if len(targets) == len(batch) else targets[rows]
    return moved, move_labels(action_of(task), h, targets)


def action_of(task: Task) -> Action:
    """How the group of the task moves features and answers; relabelling is apart from it."""
    return Action(task.domain, task.symmetry, task.input, check_labels(task))
