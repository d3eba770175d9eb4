"""Examples moved by the group: g·x with its target, for augmentation and for testing at every element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from erlangen.domains import Lattice, Mesh, Nest, Points, Product, Sphere
from erlangen.errors import ConfigError
from erlangen.groups import Element
from erlangen.symmetrize.action import Action, Gs, each
from erlangen.symmetrize.labels import UNKNOWN as UNKNOWN
from erlangen.symmetrize.labels import arrived, points_of
from erlangen.symmetrize.labels import move_labels as moved_labels
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train.answers import channels_out as channels_out
from erlangen.train.answers import check_labels as check_labels
from erlangen.train.elements import is_exact, of_group
from erlangen.train.held import is_sequences
from erlangen.train.paced import at_random
from erlangen.train.relabelled import augmented
from erlangen.train.turned import augmented_clouds

if TYPE_CHECKING:
    from erlangen.train.elements import Move


def move(task: Task, g: "Move", inputs: Any, targets: Tensor) -> tuple[Any, Tensor]:
    """(x, y) ↦ (g·x, g·y): inputs by the task's input space, labels as the classes and points of its answer move.

    Exact where the lattice keeps g, else interpolated: then labels are those of the greatest share, and points that
    come from beyond the border have the label −100. Shapes: inputs [batch, channel, *space], targets [batch] or
    [batch, *space], both with axes permuted as g does. Graphs are a store, and their labels [graphs] or [nodes].
    """
    return move_inputs(task, g, inputs), move_labels(task, g, targets, inputs)


def move_inputs(task: Task, g: "Move", inputs: Any) -> Any:
    """x ↦ g·x, interpolated where the lattice does not keep g."""
    return _action(task).inputs(g, inputs) if isinstance(g, Element) else g.inputs(task, inputs)


def move_labels(task: Task, g: "Move", targets: Tensor, inputs: Any = None) -> Tensor:
    """y ↦ g·y: labels moved as the answer is, by the greatest share where the lattice does not keep g; values as they
    are said to move.

    Labels of nodes move as the nodes of these `inputs` do.
    """
    return _targets(_action(task), g, targets) if isinstance(g, Element) else g.labels(task, targets, inputs)


def move_scores(task: Task, g: "Move", scores: Tensor, inputs: Any = None) -> Tensor:
    """f(x) ↦ g·f(x): what an exactly symmetric network answers to g·x."""
    return _action(task).answers(g, scores) if isinstance(g, Element) else g.answers(task, scores, inputs)


def seen(task: Task, g: "Move", values: Tensor) -> Tensor | None:
    """Which points [*space] of g·x come from points of x, as far as there are others; None where all do.

    >>> import math
    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import SO
    >>> from erlangen.task import Equivariant
    >>> int(seen(Task(Grid(2), SO(2), 1, Equivariant(2)), SO(2).element(math.pi / 4), torch.zeros(4, 5, 5)).sum())
    21
    """
    points = inside(task, values)
    if not isinstance(g, Element) or is_exact(task, g) or not task.target.domain.axes:
        return points
    known = torch.ones_like(values[:1], dtype=torch.bool)
    return arrived(lambda shares: _action(task).points(g, shares), known, points)[0]


def inside(task: Task, values: Tensor) -> Tensor | None:
    """Which points [*space] are of the domain, where the array has others besides: the corners about a hexagon.

    >>> from erlangen.domains import HexGrid
    >>> from erlangen.groups import C
    >>> from erlangen.task import Equivariant
    >>> int(inside(Task(HexGrid(), C(6), 1, Equivariant(2)), torch.zeros(4, 3, 3)).sum())
    7
    """
    return points_of(task.target.domain, values) if task.target.domain.axes else None


def drawn_from(task: Task) -> "tuple[Element, ...]":
    """The elements that `augment` draws from: those tested at, of a finite group, and where a lattice among several
    factors keeps no others; none, meaning all, of another.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import SO
    >>> from erlangen.task import Invariant
    >>> drawn_from(Task(Grid(2), SO(2), 1, Invariant(10)))
    ()
    """
    inside = task.domain.of if isinstance(task.domain, Nest) else task.domain
    compound = isinstance(task.domain, Product | Nest)
    factors = inside.factors if isinstance(inside, Product) else (inside,)
    parts = inside.split(task.symmetry) if isinstance(inside, Product) else (task.symmetry,)
    kept = all(not isinstance(f, Lattice) or f.preserves(own) for f, own in zip(factors, parts, strict=True))
    return () if task.symmetry.order is None and (kept or not compound) else of_group(task)


def augment(
    task: Task, among: "Sequence[Element]", inputs: Any, targets: Tensor, generator: torch.Generator
) -> tuple[Any, Tensor]:
    """(xᵢ, yᵢ) ↦ (gᵢ·xᵢ, gᵢ·yᵢ) with each gᵢ drawn at random; one g for all where a turn changes the array's shape.

    Drawn `among` these elements, or, where there are none, from the whole group by its own measure and interpolated.
    Graphs are put in another order, each in one of its own; clouds and surfaces are turned; sequences run at another
    speed.
    """
    if is_sequences(inputs):
        return at_random(inputs, targets, UNKNOWN, generator)
    if isinstance(task.domain, Points | Mesh):
        return augmented_clouds(task, among, inputs, targets, generator)
    if not isinstance(inputs, Tensor):
        return augmented(task, among, inputs, targets, generator)
    action = _action(task)
    if not among:
        seed = int(torch.randint(2**31, (), generator=generator))
        gs: Sequence[Element] = task.symmetry.sample(len(inputs), seed)
    else:
        picks = torch.randint(len(among), (len(inputs),), generator=generator).tolist()
        together = len(set(inputs.shape[2:])) > 1
        gs = [among[picks[0] if together else pick] for pick in picks]
    return each(gs, action.inputs, inputs), each(gs, lambda g, y: _targets(action, g, y), targets)


def _targets(action: Action, g: Gs, targets: Tensor) -> Tensor:
    """Values move as answers do; classes are never interpolated."""
    return action.answers(g, targets) if targets.is_floating_point() else moved_labels(action, g, targets)


def _action(task: Task) -> Action:
    if not isinstance(task.domain, Lattice | Sphere | Product) or task.domain.packed:
        given, expected = f"{task.domain!r}", "a lattice, a sphere, a product of these, sets or graphs"
        raise ConfigError(given, expected, "Move examples on other domains by hand.")
    output = task.output
    assert isinstance(output, Invariant | Equivariant)  # positions are asked for on points alone
    return Action(task.domain, task.symmetry, task.input, output)
