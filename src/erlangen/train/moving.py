"""Examples moved by the group: g·x with its target, for augmentation and for testing at every element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from erlangen.domains import Lattice
from erlangen.errors import ConfigError
from erlangen.representations import Representation
from erlangen.symmetrize.action import Action, each
from erlangen.symmetrize.labels import UNKNOWN as UNKNOWN
from erlangen.symmetrize.labels import arrived, points_of
from erlangen.symmetrize.labels import move_labels as moved_labels
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train.elements import elements, is_exact

if TYPE_CHECKING:
    from erlangen.groups import Element


def check_labels(task: Task) -> Invariant | Equivariant:
    """The task's answer, if labels can be learnt for it: invariant classes, or classes that the group permutes.

    >>> from erlangen.domains import Grid
    >>> check_labels(Task(Grid(2), None, 1, Invariant(10)))
    Invariant(n=10)
    """
    output = task.output
    rho = output.n_or_representation if isinstance(output, Equivariant) else 1
    if not isinstance(output, Invariant | Equivariant) or (isinstance(rho, Representation) and not rho.is_permutation):
        raise ConfigError(
            f"the answer {output!r}", "classes, which the group permutes or leaves alone", "Train it by hand."
        )
    return output


def channels_out(task: Task) -> int:
    """How many classes the network scores: the dimension of its answer.

    >>> from erlangen.domains import Grid
    >>> channels_out(Task(Grid(2), None, 1, Invariant(10)))
    10
    """
    return task.target.channels


def move(task: Task, g: "Element", inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(x, y) ↦ (g·x, g·y): inputs by the task's input space, labels as the classes and points of its answer move.

    Exact where the lattice keeps g, else interpolated: then labels are those of the greatest share, and points that
    come from beyond the border have the label −100. Shapes: inputs [batch, channel, *space], targets [batch] or
    [batch, *space], both with axes permuted as g does.
    """
    return move_inputs(task, g, inputs), move_labels(task, g, targets)


def move_inputs(task: Task, g: "Element", inputs: Tensor) -> Tensor:
    """x ↦ g·x, interpolated where the lattice does not keep g."""
    return _action(task).inputs(g, inputs)


def move_labels(task: Task, g: "Element", targets: Tensor) -> Tensor:
    """y ↦ g·y: labels moved as the answer is, by the greatest share where the lattice does not keep g."""
    return moved_labels(_action(task), g, targets)


def move_scores(task: Task, g: "Element", scores: Tensor) -> Tensor:
    """f(x) ↦ g·f(x): what an exactly symmetric network answers to g·x."""
    return _action(task).answers(g, scores)


def seen(task: Task, g: "Element", values: Tensor) -> Tensor | None:
    """Which points [*space] of g·x come from points of x, as far as there are others; None where all do.

    >>> import math
    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import SO
    >>> int(seen(Task(Grid(2), SO(2), 1, Equivariant(2)), SO(2).element(math.pi / 4), torch.zeros(4, 5, 5)).sum())
    21
    """
    points = inside(task, values)
    if is_exact(task, g) or not task.target.domain.axes:
        return points
    known = torch.ones_like(values[:1], dtype=torch.bool)
    return arrived(lambda shares: _action(task).points(g, shares), known, points)[0]


def inside(task: Task, values: Tensor) -> Tensor | None:
    """Which points [*space] are of the domain, where the array has others besides: the corners about a hexagon.

    >>> from erlangen.domains import HexGrid
    >>> from erlangen.groups import C
    >>> int(inside(Task(HexGrid(), C(6), 1, Equivariant(2)), torch.zeros(4, 3, 3)).sum())
    7
    """
    return points_of(task.target.domain, values) if task.target.domain.axes else None


def drawn_from(task: Task) -> "tuple[Element, ...]":
    """The elements that `augment` draws from: those tested at, of a finite group; none, meaning all, of another.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import SO
    >>> drawn_from(Task(Grid(2), SO(2), 1, Invariant(10)))
    ()
    """
    return () if task.symmetry.order is None else elements(task)


def augment(
    task: Task, among: "Sequence[Element]", inputs: Tensor, targets: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """(xᵢ, yᵢ) ↦ (gᵢ·xᵢ, gᵢ·yᵢ) with each gᵢ drawn at random; one g for all where a turn changes the array's shape.

    Drawn `among` these elements, or, where there are none, from the whole group by its own measure and interpolated.
    """
    action = _action(task)
    if not among:
        seed = int(torch.randint(2**31, (), generator=generator))
        gs: Sequence[Element] = task.symmetry.sample(len(inputs), seed)
    else:
        picks = torch.randint(len(among), (len(inputs),), generator=generator).tolist()
        together = len(set(inputs.shape[2:])) > 1
        gs = [among[picks[0] if together else pick] for pick in picks]
    return each(gs, action.inputs, inputs), each(gs, lambda g, y: moved_labels(action, g, y), targets)


def _action(task: Task) -> Action:
    if not isinstance(task.domain, Lattice):
        raise ConfigError(f"{task.domain!r}", "a lattice", "Move examples on other domains by hand.")
    return Action(task.domain, task.symmetry, task.input, check_labels(task))
