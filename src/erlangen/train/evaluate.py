"""A trained network at every element of the group: accuracy, confusion, and agreement with its own upright answers."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.auditing import AuditReport, audit
from erlangen.auditing.naming import words
from erlangen.domains import Lattice
from erlangen.errors import ConfigError
from erlangen.task import Task
from erlangen.train.moving import channels_out, check_labels, elements, inside, move, move_scores

if TYPE_CHECKING:
    from erlangen.groups import Element
    from erlangen.train.examples import Pair

MARGIN = 1e-4
BATCH, POINTS = 512, 1 << 20  # examples at once, and sites of all of them together
AUDITED, LEAST_AUDITED = 64, 16
WORK = 1 << 21  # values of all moved inputs of an audit together, above which fewer inputs are taken


@dataclass(frozen=True)
class AtElement:
    """One network on g·x, y: accuracy, confusion[true][said] in counts, and how many answers agree with g·f(x).

    `tested` is the number of examples, each with one answer or with one at every point; `deviation` that of the share
    right from example to example. Only answers with an upright top-two margin above 1e-4 are `decided`; of these
    `agreeing` must be all for a network that is exactly symmetric. `said` are the answers to the examples shown.
    """

    element: str
    tested: int
    accuracy: float
    deviation: float
    confusion: tuple[tuple[int, ...], ...]
    decided: int
    agreeing: int
    said: tuple[int, ...]


def evaluate(net: nn.Module, task: Task, pair: "Pair", shown: tuple[int, ...] = ()) -> tuple[AtElement, ...]:
    """accuracy(g) = mean [argmax f(g·x) = g·y], for every g of the task's symmetry in its canonical order.

    Shapes: pair.inputs [n, channel, *space], pair.targets [n] or [n, *space]. The network is put in eval mode.
    """
    upright = scores(net, pair.inputs)
    return tuple(_at(net, task, g, pair, upright, shown) for g in elements(task))


def scores(net: nn.Module, inputs: Tensor) -> Tensor:
    """f(x) in batches, without gradients, in eval mode, on the device of the network.

    >>> scores(nn.Flatten(), torch.ones(3, 1, 2, 2)).shape
    torch.Size([3, 4])
    """
    net.eval()
    device = next((p.device for p in net.parameters()), inputs.device)
    with torch.inference_mode():
        return torch.cat([net(batch.to(device)).cpu() for batch in inputs.split(at_once(inputs))])


def at_once(inputs: Tensor) -> int:
    """How many examples go through a network together where nothing is learnt: 512, fewer where they are large.

    >>> at_once(torch.empty(9, 1, 28, 28)), at_once(torch.empty(9, 1, 64, 64, 64))
    (512, 4)
    """
    return max(1, min(BATCH, POINTS // max(1, inputs[0, 0].numel())))


def audited(
    net: nn.Module,
    task: Task,
    inputs: Tensor,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AuditReport:
    """`er.audit` of the network for the task's own symmetry, on 16 to 64 of the inputs, evenly spaced.

    Fewer of large ones and under large groups, so that it stays a matter of seconds. `progress(done, total)` is called
    as it goes, `name` is what the report calls the network.
    """
    if not isinstance(task.domain, Lattice):
        raise ConfigError(f"{task.domain!r}", "a lattice", "Audit networks on other domains by hand.")
    rho = None if task.input.is_trivial else task.input
    n = min(len(inputs), max(LEAST_AUDITED, min(AUDITED, WORK // (inputs[0].numel() * len(elements(task))))))
    chosen = inputs[[i * len(inputs) // n for i in range(n)]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says them too
        return audit(
            net, task.domain, task.symmetry, chosen, check_labels(task), input=rho, progress=progress, name=name
        )


def name_of(task: Task, g: "Element") -> str:
    """The angle of a rotation of the plane, counter-clockwise as seen; "mirror" and an angle; else the motion in words.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import D
    >>> from erlangen.task import Invariant
    >>> task = Task(Grid(2), D(4), 1, Invariant(10))
    >>> [name_of(task, g) for g in D(4).elements[3:6]]
    ['270°', 'mirror', 'mirror + 90°']
    """
    matrix = task.domain.cartesian(g) if isinstance(task.domain, Lattice) and task.domain.dim == 2 else None
    if matrix is None or matrix.shape != (2, 2):
        if g == g.group.identity:
            return "upright"
        return str(words(g, task.domain)) if isinstance(task.domain, Lattice) else str(g)
    degrees = round(float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))) % 360
    if np.linalg.det(matrix) > 0:
        return f"{degrees}°"
    return f"mirror + {degrees}°" if degrees else "mirror"


def _at(net: nn.Module, task: Task, g: "Element", pair: "Pair", upright: Tensor, shown: tuple[int, ...]) -> AtElement:
    inputs, targets = move(task, g, pair.inputs, pair.targets)
    said = scores(net, inputs).argmax(1)
    expected = move_scores(task, g, upright)
    best = expected.topk(2, dim=1).values if expected.shape[1] > 1 else torch.ones(1, 2)
    decided = ((best[:, 0] - best[:, 1]) > MARGIN).expand_as(said)
    points = inside(task, targets)
    true, answers, decided, same = (
        values.reshape(len(inputs), -1) if points is None else values[:, points]
        for values in (targets, said, decided, said == expected.argmax(1))
    )
    right = (answers == true).double()
    k = channels_out(task)
    confusion = torch.bincount((true * k + answers).flatten(), minlength=k * k).reshape(k, k)
    return AtElement(
        element=name_of(task, g),
        tested=len(inputs),
        accuracy=float(right.mean()),
        deviation=float(right.mean(1).std(correction=0)),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        decided=int(decided.sum()),
        agreeing=int((same & decided).sum()),
        said=tuple(int(said[i]) for i in shown) if said.ndim == 1 else (),
    )
