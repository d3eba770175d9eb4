"""Clouds of points and surfaces turned: positions by R, features and answers by their representations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Mesh, Points
from erlangen.groups import Element, Group
from erlangen.representations import Representation
from erlangen.task import Task
from erlangen.train.on_surfaces import answers_in_space, in_space
from erlangen.train.paced import AS_RECORDED

if TYPE_CHECKING:
    from erlangen.train.examples import Graphs

TURNED = "turned"


@dataclass(frozen=True)
class Turned:
    """x ↦ h·x for every cloud: h on positions and cells as it moves space, on features by their representation.

    Surfaces are turned as wholes: what is on them stays there.

    Draw 0 is the identity; `mirrored` says that h has the determinant −1.

    >>> from erlangen.groups import O
    >>> str(Turned(0, O(2).identity)), str(Turned(2, O(2).element(1.0)))
    ('as recorded', 'turned 2')
    """

    draw: int
    element: Element
    mirrored: bool = False

    def __str__(self) -> str:
        return f"{TURNED}{' and mirrored' * self.mirrored} {self.draw}" if self.draw else AS_RECORDED

    @property
    def exact(self) -> bool:
        """Positions are turned to within rounding: always."""
        return True

    def inputs(self, task: Task, held: "Graphs") -> "Graphs":
        """The clouds turned."""
        return turned(task, [self.element], held) if self.draw else held

    def labels(self, task: Task, targets: Tensor, held: "Graphs") -> Tensor:
        """Classes and values as the answer moves."""
        return moved_targets(task, [self.element], targets) if self.draw else targets

    def answers(self, task: Task, scores: Tensor, held: "Graphs") -> Tensor:
        """What a symmetric network answers to the clouds turned, of its answers to them as they are."""
        return moved_rows(_answers(task), [self.element], scores) if self.draw else scores


def turned(task: Task, gs: Sequence[Element], held: Any) -> Any:
    """Each cloud by the element at its place, or all by one."""
    matrices = torch.as_tensor(np.stack([_matrix(task, g) for g in gs])).expand(len(held), -1, -1)
    moved = held.turned(matrices)
    if isinstance(task.domain, Mesh):
        return moved
    return moved.with_values(moved_rows(task.input, gs, moved.x, _place(held)))


def augmented_clouds(
    task: Task, among: Sequence[Element], held: Any, targets: Tensor, generator: torch.Generator
) -> tuple[Any, Tensor]:
    """(xᵢ, yᵢ) ↦ (gᵢ·xᵢ, gᵢ·yᵢ) with each gᵢ drawn at random, `among` these elements or from the whole group."""
    if among:
        picks = torch.randint(len(among), (len(held),), generator=generator).tolist()
        gs: Sequence[Element] = [among[pick] for pick in picks]
    else:
        gs = turns(task).sample(len(held), int(torch.randint(2**31, (), generator=generator)))
    at = _place(held) if len(targets) != len(held) else torch.arange(len(held))
    return turned(task, gs, held), moved_targets(task, gs, targets, at)


def drawn_turns(task: Task, among: Sequence[Element]) -> tuple[Turned, ...]:
    """These elements, the identity first, as what clouds and surfaces are tested at."""
    return tuple(Turned(draw, g, bool(np.linalg.det(_matrix(task, g)) < 0)) for draw, g in enumerate(among))


def turns(task: Task) -> Group:
    """The group that turns clouds, that of the task; surfaces are turned in space."""
    return in_space(task) if isinstance(task.domain, Mesh) else task.symmetry


def _matrix(task: Task, g: Element) -> np.ndarray:
    """By which space is moved."""
    domain = task.domain
    assert isinstance(domain, Points | Mesh)
    return np.asarray(domain.cartesian(g) if isinstance(domain, Points) else g.group.matrix(g))


def _answers(task: Task) -> Representation:
    """How answers move as space is turned."""
    return answers_in_space(task) if isinstance(task.domain, Mesh) else task.target.rho


def moved_targets(task: Task, gs: Sequence[Element], targets: Tensor, at: Tensor | None = None) -> Tensor:
    """Values by the representation of the answer; classes, which it permutes, likewise. What is not known stays so."""
    rho = _answers(task)
    if rho.is_trivial or targets.is_floating_point():
        return moved_rows(rho, gs, targets, at)
    tables = torch.stack([torch.as_tensor(rho.permutation(g)) for g in gs])
    tables = tables[0].expand(len(targets), -1) if at is None else tables[at]
    return torch.where(targets >= 0, tables.gather(1, targets.clamp(min=0)[:, None])[:, 0], targets)


def moved_rows(rho: Representation, gs: Sequence[Element], rows: Tensor, at: Tensor | None = None) -> Tensor:
    """ρ(g) y for every row: by the one element there is, or by the element at `at` of each row."""
    if rho.is_trivial:
        return rows
    matrices = torch.as_tensor(np.stack([rho(g) for g in gs])).to(rows)
    if len(gs) == 1 or at is None:
        return rows @ matrices[0].T
    return (matrices[at] @ rows[:, :, None])[:, :, 0]


def _place(held: Any) -> Tensor:
    """The number of the cloud of each point: of a batch, or of a store, whose clouds have sizes alone."""
    batch = getattr(held, "batch", None)
    return batch if isinstance(batch, Tensor) else torch.repeat_interleave(torch.arange(len(held)), held.sizes)
