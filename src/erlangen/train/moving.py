"""Examples moved by the group: g·x with its target, for augmentation and for testing at every element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from erlangen.domains import Lattice
from erlangen.errors import ConfigError
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant, Task

if TYPE_CHECKING:
    from erlangen.groups import Element

MOST_ELEMENTS = 64


def elements(task: Task) -> "tuple[Element, ...]":
    """All elements of the task's symmetry in their canonical order; of more than 64, the identity and 63 random ones.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C
    >>> len(elements(Task(Grid(2), C(4), 1, Invariant(10))))
    4
    """
    group = task.symmetry
    if group.order is not None and group.order <= MOST_ELEMENTS:
        return tuple(group.elements)
    return (group.identity, *group.sample(MOST_ELEMENTS - 1, 0))


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

    Shapes: inputs [batch, channel, *space], targets [batch] or [batch, *space], both with axes permuted as g does.
    """
    return task.source.act(g, inputs), move_labels(task, g, targets)


def move_labels(task: Task, g: "Element", targets: Tensor) -> Tensor:
    """y ↦ g·y: one-hot labels moved as the answer is, read back as labels."""
    if isinstance(task.output, Invariant):
        return targets
    output = check_labels(task)
    scores = torch.nn.functional.one_hot(targets, channels_out(task)).movedim(-1, 1)
    return output.act(g, scores, task.domain).argmax(1)


def move_scores(task: Task, g: "Element", scores: Tensor) -> Tensor:
    """f(x) ↦ g·f(x): what an exactly symmetric network answers to g·x."""
    return check_labels(task).act(g, scores, task.domain)


def inside(task: Task, values: Tensor) -> Tensor | None:
    """Which points [*space] are of the domain, where the array has others besides: the corners about a hexagon.

    >>> from erlangen.domains import HexGrid
    >>> from erlangen.groups import C
    >>> int(inside(Task(HexGrid(), C(6), 1, Equivariant(2)), torch.zeros(4, 3, 3)).sum())
    7
    """
    domain = task.target.domain
    mask = domain.mask(values.float()) if isinstance(domain, Lattice) and domain.axes else None
    return None if mask is None else mask > 0


def augment(
    task: Task, among: "Sequence[Element]", inputs: Tensor, targets: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """(xᵢ, yᵢ) ↦ (gᵢ·xᵢ, gᵢ·yᵢ) with each gᵢ drawn at random; one g for all where a turn changes the array's shape."""
    picks = torch.randint(len(among), (len(inputs),), generator=generator)
    if len(set(inputs.shape[2:])) > 1:
        g = among[int(picks[0])]
        return move(task, g, inputs, targets)
    moved_inputs, moved_targets = inputs.clone(), targets.clone()
    for pick in picks.unique().tolist():
        chosen = picks == pick
        moved_inputs[chosen], moved_targets[chosen] = move(task, among[pick], inputs[chosen], targets[chosen])
    return moved_inputs, moved_targets
