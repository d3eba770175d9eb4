"""Examples moved by the group: g·x with its target, for augmentation and for testing at every element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from erlangen.auditing.motion import Turn
from erlangen.domains import Lattice
from erlangen.errors import ConfigError
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train.elements import elements, is_exact

if TYPE_CHECKING:
    from erlangen.groups import Element

UNKNOWN = -100  # the label of a point that came from beyond the border; torch's cross-entropy passes it over


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
    return task.source.act(g, inputs) if is_exact(task, g) else _turn(task, g).move(inputs)


def move_labels(task: Task, g: "Element", targets: Tensor) -> Tensor:
    """y ↦ g·y: one-hot labels moved as the answer is, read back as labels."""
    if isinstance(task.output, Invariant):
        return targets
    moved = move_scores(task, g, _one_hot(task, targets)).argmax(1)
    points = seen(task, g, targets)
    return moved if points is None or is_exact(task, g) else moved.masked_fill(~points, UNKNOWN)


def move_scores(task: Task, g: "Element", scores: Tensor) -> Tensor:
    """f(x) ↦ g·f(x): what an exactly symmetric network answers to g·x."""
    output = check_labels(task)
    return output.act(g, scores, task.domain) if is_exact(task, g) else _turn(task, g).answer(scores)


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
    return _arrived(_lattice(task), [g], values[:1], points)[0]


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
    if not among:
        seed = int(torch.randint(2**31, (), generator=generator))
        return _interpolate(task, task.symmetry.sample(len(inputs), seed), inputs, targets)
    picks = torch.randint(len(among), (len(inputs),), generator=generator)
    if len(set(inputs.shape[2:])) > 1:
        g = among[int(picks[0])]
        return move(task, g, inputs, targets)
    moved_inputs, moved_targets = inputs.clone(), targets.clone()
    for pick in picks.unique().tolist():
        chosen = picks == pick
        moved_inputs[chosen], moved_targets[chosen] = move(task, among[pick], inputs[chosen], targets[chosen])
    return moved_inputs, moved_targets


def _interpolate(task: Task, gs: "Sequence[Element]", inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Each example moved by the element at its place, all of them between the sites."""
    domain = _lattice(task)
    moved = _channels(task.input, gs, domain.clear(domain.warp(gs, inputs)))
    if isinstance(task.output, Invariant):
        return moved, targets
    output, scores = check_labels(task), _one_hot(task, targets)
    dense = bool(task.target.domain.axes)
    labels = _channels(output.space(domain, task.symmetry).rho, gs, domain.warp(gs, scores) if dense else scores)
    labels = labels.argmax(1)
    if dense:
        labels = labels.masked_fill(~_arrived(domain, gs, targets, inside(task, targets)), UNKNOWN)
    return moved, labels


def _arrived(domain: Lattice, gs: "Sequence[Element]", values: Tensor, points: Tensor | None) -> Tensor:
    """Which places [batch, *space] of the moved arrays hold what came from points of the domain."""
    there = torch.ones(values.shape[1:]) if points is None else points.float()
    arrived = domain.warp(gs, there.expand(len(gs), 1, *there.shape))[:, 0] > 0.5
    return arrived if points is None else arrived & points


def _channels(rho: Representation, gs: "Sequence[Element]", values: Tensor) -> Tensor:
    if rho.is_trivial:
        return values
    return torch.cat([act_on_channels(rho, g, value[None]) for g, value in zip(gs, values, strict=True)])


def _one_hot(task: Task, targets: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(targets, channels_out(task)).movedim(-1, 1).float()


def _turn(task: Task, g: "Element") -> Turn:
    return Turn(g, _lattice(task), None if task.input.is_trivial else task.input, check_labels(task))


def _lattice(task: Task) -> Lattice:
    if not isinstance(task.domain, Lattice):
        raise ConfigError(f"{task.domain!r}", "a lattice", "Move examples on other domains by hand.")
    return task.domain
