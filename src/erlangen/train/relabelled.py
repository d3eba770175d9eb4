"""Sets, graphs, products with these and sets of signals: stored in another order, and moved by a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains import Domain, Nest, Points, Product
from erlangen.representations import Representation
from erlangen.symmetrize.labels import UNKNOWN
from erlangen.task import Task
from erlangen.train.answers import check_labels

if TYPE_CHECKING:
    from erlangen.groups import Element
    from erlangen.train.examples import Graphs

AS_STORED, RELABELLED, APART = "as stored", "relabelled", "each by its own"
DRAWS = 3  # orders besides the stored one


@dataclass(frozen=True)
class Relabelled:
    """x ↦ π·(h·x): h on the features of every point, then points and edges of every graph in an order of their own.

    On products of domains h moves each factor, in sets of signals every member; with `among` each member by an element
    of its own. Draw 0 leaves the order as it is stored; the same draw gives the same orders of the same graphs.

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
    among: "tuple[Element, ...]" = ()

    def __str__(self) -> str:
        if self.among:
            return f"{APART} {self.draw}"
        if self.moves_alike:
            return str(self.element)
        return f"{RELABELLED} {self.draw}" if self.draw else AS_STORED

    @property
    def moves_alike(self) -> bool:
        """Whether all is moved by one element, and stays in its order."""
        return not self.draw and self.element != self.element.group.identity

    @property
    def exact(self) -> bool:
        """Points are moved to points: always."""
        return True

    def inputs(self, task: Task, held: "Graphs") -> "Graphs":
        """The graphs moved."""
        moved = _moved(task, self._elements(task, held), held)
        return moved.reordered(self._generator)[0] if self.draw else moved

    def labels(self, task: Task, targets: Tensor, held: "Graphs") -> Tensor:
        """Labels as they move: with the classes that h permutes, and with the points where each has one."""
        return self._along(_moved_targets(task, self._elements(task, held), targets, held), held)

    def answers(self, task: Task, scores: Tensor, held: "Graphs") -> Tensor:
        """What a symmetric network answers to the graphs moved, of its answers to them as they are."""
        return self._along(_moved_answers(task, self._elements(task, held), scores, held), held)

    def _elements(self, task: Task, held: "Graphs") -> "Sequence[Element]":
        if not self.among:
            return (self.element,)
        return _drawn(self.among, _count(task.domain, held), self._generator)

    def _along(self, values: Tensor, held: "Graphs") -> Tensor:
        return _gone_along(values, held, held.reordered(self._generator)[1]) if self.draw else values

    @property
    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.draw)


def augmented(
    task: Task, among: "Sequence[Element]", batch: "Graphs", targets: Tensor, generator: torch.Generator
) -> "tuple[Graphs, Tensor]":
    """(x, y) ↦ (π·h·x, π·h·y), each graph in an order of its own, one h for each, or for each member of a set.

    Drawn `among` these elements, or from the whole group. One for all where some change the shape of the arrays.
    """
    count = 1 if len(set(batch.x.shape[2:])) > 1 else _count(task.domain, batch)
    if among:
        gs = _drawn(among, count, generator)
    else:
        gs = task.symmetry.sample(count, int(torch.randint(2**31, (), generator=generator)))
    moved, rows = _moved(task, gs, batch).reordered(generator)
    return moved, _gone_along(_moved_targets(task, gs, targets, batch), batch, rows)


def _gone_along(values: Tensor, held: Any, rows: Tensor) -> Tensor:
    """Rows of points go where the points go, those of members where these go; of wholes they stay."""
    if len(values) == len(held):
        return values
    return values[rows] if len(values) == len(rows) else values[torch.unique_consecutive(_member_of(held)[rows])]


def _drawn(among: "Sequence[Element]", count: int, generator: torch.Generator) -> "list[Element]":
    return [among[i] for i in torch.randint(len(among), (count,), generator=generator).tolist()]


def _count(domain: Domain, held: "Graphs") -> int:
    """How many signals there are that may be moved apart: of sets of signals the members."""
    return int(_signal_of(domain, held)[-1]) + 1


def _signal_of(domain: Domain, held: Any) -> Tensor:
    """Of each row the number of its signal, in sets of signals that of its member."""
    if isinstance(domain, Nest) and not domain.of.packed:
        return torch.arange(len(held.x))
    return _member_of(held)


def _member_of(held: Any) -> Tensor:
    """Of each row the number of its graph, in sets of graphs as well."""
    batch = getattr(held, "batch", None)
    if isinstance(batch, Tensor):
        return batch
    graphs = getattr(held, "members", held)
    return torch.repeat_interleave(torch.arange(len(graphs)), graphs.sizes)


def _moved(task: Task, gs: "Sequence[Element]", held: Any) -> Any:
    """Each signal by the element at its place, or all by one: values, and positions where there are any."""
    domain = task.domain
    if all(g == g.group.identity for g in gs):
        return held
    moved = held.with_values(_by_each(domain, task.input, gs, held.x, _signal_of(domain, held)))
    turns = [_turn(domain, g) for g in gs]
    if turns[0] is None:
        return moved
    return moved.turned(torch.as_tensor(np.stack(turns)).expand(_count(domain, held), -1, -1))


def _turn(domain: Domain, g: "Element") -> Any:
    """How g moves the positions of clouds; None where there are none."""
    if isinstance(domain, Nest):
        return _turn(domain.of, g)
    if isinstance(domain, Product):
        parts = zip(domain.factors, domain.parts(g), strict=True)
        return next((_turn(factor, h) for factor, h in parts if isinstance(factor, Points)), None)
    return np.asarray(domain.cartesian(g)) if isinstance(domain, Points) else None


def _moved_targets(task: Task, gs: "Sequence[Element]", targets: Tensor, held: Any) -> Tensor:
    """Values as answers move; classes as the scores that are 1 at them, which are permuted and never interpolated."""
    if targets.is_floating_point():
        return _moved_answers(task, gs, targets, held)
    check_labels(task)
    known = targets != UNKNOWN
    scores = F.one_hot(targets.where(known, 0), task.target.channels).movedim(-1, 1).float() * known[:, None]
    best, labels = _moved_answers(task, gs, scores, held).max(1)
    return labels.where(best > 0, UNKNOWN)


def _moved_answers(task: Task, gs: "Sequence[Element]", answers: Tensor, held: Any) -> Tensor:
    """g·y, rows by the element of their signal; of whole sets of signals they stay."""
    target, whole = task.target, len(answers) == len(held)
    if (target.rho.is_trivial and not target.domain.axes) or all(g == g.group.identity for g in gs):
        return answers
    if whole and isinstance(task.domain, Nest):
        return answers
    which = _signal_of(task.domain, held)
    which = which if len(answers) == len(which) else torch.arange(len(answers))
    return _by_each(target.domain, target.rho, gs, answers, which)


def _by_each(domain: Domain, rho: Representation, gs: "Sequence[Element]", values: Tensor, which: Tensor) -> Tensor:
    """(g_{which(i)}·x)_i, or all rows by the one element there is; equal elements together."""
    if len(gs) == 1:
        return domain.move(gs[0], values, rho)
    moved = values.clone()
    places: dict[Element, list[int]] = {}
    for number, g in enumerate(gs):
        places.setdefault(g, []).append(number)
    for g, numbers in places.items():
        rows = torch.isin(which, torch.tensor(numbers, device=which.device))
        moved[rows] = domain.move(g, values[rows], rho)
    return moved
