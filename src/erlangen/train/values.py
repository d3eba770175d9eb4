"""Real values as answers: how widely they spread, how far an answer is off, and what is answered without looking."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains.packed import attribute
from erlangen.layers.linear.rescale import field_places
from erlangen.task import Forces, Positions, Task
from erlangen.train.examples import Pair

LEAST = 1e-12  # of a spread, below which values are all alike


def spread_of(task: Task, pair: Pair) -> tuple[Tensor, Tensor]:
    """(μ, σ) `[channels]` of the known targets: of scalars mean and deviation; of other fields 0 and √(mean |y|²/dim).

    Of positions y is how far the points go. Where nothing spreads σ is 1.
    """
    values = (pair.targets - _still(task, pair.inputs, pair.targets)).double()
    values = values[known(values)]
    middle, spread = torch.zeros(values.shape[1]), torch.ones(values.shape[1])
    for at, is_scalar in fields_of(task):
        held = values[:, at]
        centre = over_points(task, held).mean() if is_scalar else held.new_zeros(())
        found = over_points(task, (held - centre).square()).mean().sqrt()
        middle[at] = centre.float()
        spread[at] = found.float() if float(found) > LEAST else 1.0
    return middle, spread


def known(values: Tensor) -> Tensor:
    """Which rows, or signals, have no NaN: those that are asked for.

    >>> known(torch.tensor([[1.0, 2.0], [0.0, torch.nan]])).tolist()
    [True, False]
    """
    return values.isfinite().flatten(1).all(1)


def over_points(task: Task, values: Tensor) -> Tensor:
    """The mean over the points of each signal, as its domain measures: `[n, c, *space]` → `[n, c]`; rows as they are.

    >>> from erlangen.domains import Sphere
    >>> from erlangen.task import Equivariant
    >>> rows = torch.tensor([0.0, 1.0, 0.0])[:, None].expand(1, 1, 3, 4)  # the poles are two points of many
    >>> round(float(over_points(Task(Sphere("poles"), None, 1, Equivariant(1)), rows)), 3)
    0.667
    """
    return values if values.dim() <= 2 else task.target.domain.mean(values)


def unlooked(task: Task, inputs: Any, like: Tensor, middle: Tensor) -> Tensor:
    """What is answered without looking, `[rows, channels, …]` like the targets `like`: μ; of positions those of now."""
    return _still(task, inputs, like) + middle.to(like).reshape(-1, *[1] * (like.dim() - 2))


def lengths(task: Task, residual: Tensor) -> Tensor:
    """|r| of each field of each answer, `[rows, fields, …]`: of a scalar its size, of a vector its length.

    >>> from erlangen.domains import Points
    >>> from erlangen.groups import O
    >>> from erlangen.task import Equivariant
    >>> task = Task(Points(3), None, 1, Equivariant(O(3).trivial + O(3).standard, pooled=True))
    >>> lengths(task, torch.tensor([[-2.0, 3.0, 0.0, 4.0]])).tolist()
    [[2.0, 5.0]]
    """
    return torch.stack([residual[:, at].norm(dim=1) for at, _ in fields_of(task)], dim=1)


def judged(task: Task, residual: Tensor) -> Tensor:
    """|r| of the fields that errors are told of: of all; of forces with energies of the forces alone."""
    found = lengths(task, residual)
    return found[:, 1:] if isinstance(task.output, Forces) else found


def fields_of(task: Task) -> list[tuple[slice, bool]]:
    """Which channels each field of the answer takes, and whether it is a scalar; forces are vectors in any group."""
    if isinstance(task.output, Forces):
        return [(slice(0, 1), True), (slice(1, task.target.channels), False)]
    return field_places(task.target.rho)


def _still(task: Task, inputs: Any, like: Tensor) -> Tensor:
    """Where the points are, if positions are asked for; else nought."""
    return attribute(inputs, "pos").to(like) if isinstance(task.output, Positions) else torch.zeros_like(like)
