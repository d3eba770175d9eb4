"""A trained network of real values at every element: its errors, and how far its answers do not move along."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from erlangen.task import Forces, Task
from erlangen.train.elements import elements, is_exact, name_of
from erlangen.train.evaluate import scores
from erlangen.train.moving import move, move_scores
from erlangen.train.values import judged, known, lengths, over_points, unlooked

if TYPE_CHECKING:
    from erlangen.train.elements import Move
    from erlangen.train.examples import Examples, Pair

MOST_PAIRS = 300  # of true and said values that are kept for a picture


@dataclass(frozen=True)
class ValuesAt:
    """One network on g·x, y, in the unit of the values: |f − y| is the length of a field of the answer.

    `error` is its mean, `deviation` how it varies from one of the `tested` examples to another, `square` √(mean |f −
    y|²). `unlooked` is the mean error of an answer that does not look: the mean of the training values, no vector, or
    where points are. `changed` is √(mean |f(g·x) − g·f(x)|² / (Var f(g·x) + Var g·f(x))), as audits measure it: 0 for a
    network that keeps the symmetry, 1 for one whose answers to g·x have nothing to do with those to x. `pairs` are some
    values, true and said, channel by channel. Of forces with energies all this is of the forces; `energy` is the mean
    error of the energy's share of a point, E/n.
    """

    element: str
    tested: int
    error: float
    deviation: float
    square: float
    unlooked: float
    changed: float
    pairs: tuple[tuple[float, float], ...] = ()
    exact: bool = True
    energy: float | None = None


@dataclass(frozen=True)
class Reference:
    """What is answered to the test part without a network, by its name: its mean |f − y|, and √(mean |f − y|²)."""

    name: str
    error: float
    square: float


def references_of(task: Task, examples: "Examples") -> tuple[Reference, ...]:
    """The errors of the references that the examples bring along; moved along with inputs they stay the same."""
    found = []
    for name, answers in examples.references.items():
        off = lengths(task, (answers - examples.test.targets).double())
        error, square = over_points(task, off).mean(), over_points(task, off.square()).mean().sqrt()
        found.append(Reference(name, float(error), float(square)))
    return tuple(found)


def evaluate_values(
    net: nn.Module, task: Task, pair: "Pair", middle: Tensor, moved: int | None = None
) -> tuple[ValuesAt, ...]:
    """error(g) = mean |f(g·x) − g·y|, for every g of `elements(task)`; the first is the identity.

    `middle` is what is answered without looking, `moved` how many examples are tested at the others, the first ones;
    left out: all. Shapes: pair.targets [n, k], [n, k, *space] or [points, k]. The network is put in eval mode.

    >>> import torch, erlangen as er
    >>> task = er.Task(er.Points(3, radius=2.0), input=1, output=er.Invariant(1))
    >>> clouds = er.data.GraphStore([{"x": torch.ones(4, 1), "pos": torch.randn(4, 3)} for _ in range(6)])
    >>> pair = er.data.GraphPair(clouds, torch.randn(6, 1))
    >>> found = er.train.evaluate_values(er.derive(task, width=8), task, pair, torch.zeros(1))
    >>> found[0].tested, max(at.changed for at in found) < 1e-3
    (6, True)
    """
    upright = scores(net, pair.inputs)
    some = pair if moved is None or moved >= len(pair) else pair.take(list(range(moved)))
    found = []
    for number, g in enumerate(elements(task)):
        chosen = some if number else pair
        found.append(_at(net, task, g, chosen, upright[: len(chosen.targets)], middle, still=not number))
    return tuple(found)


def mean_error(net: nn.Module, task: Task, pair: "Pair") -> float:
    """mean |f(x) − y| as the examples are."""
    there = known(pair.targets)
    return float(over_points(task, judged(task, (scores(net, pair.inputs) - pair.targets)[there])).mean())


def _at(net: nn.Module, task: Task, g: "Move", pair: "Pair", upright: Tensor, middle: Tensor, still: bool) -> ValuesAt:
    inputs, targets = move(task, g, pair.inputs, pair.targets)
    there = known(targets)
    said = upright if still else scores(net, inputs)
    expected = move_scores(task, g, upright, pair.inputs)
    missing = (said - targets)[there].double()
    off, blind = (
        judged(task, residual)
        for residual in (missing, (unlooked(task, inputs, targets, middle) - targets)[there].double())
    )
    each = over_points(task, off)
    return ValuesAt(
        element=name_of(task, g),
        tested=int(there.sum()),
        error=float(each.mean()),
        deviation=float(each.mean(1).std(correction=0)),
        square=float(over_points(task, off.square()).mean().sqrt()),
        unlooked=float(over_points(task, blind).mean()),
        changed=0.0 if still else _changed(said.double(), expected.double()),
        pairs=_pairs(targets[there], said[there]),
        exact=is_exact(task, g),
        energy=float(missing[:, 0].abs().mean()) if isinstance(task.output, Forces) else None,
    )


def _changed(said: Tensor, expected: Tensor) -> float:
    """As audits measure it: √(mean |a − b|² / (Var a + Var b)), the channels together."""
    spread = sum(float((values - values.mean(0)).square().sum(1).mean()) for values in (said, expected))
    off = float((said - expected).square().sum(1).mean())
    return math.sqrt(off / spread) if spread else 0.0


def _pairs(true: Tensor, said: Tensor) -> tuple[tuple[float, float], ...]:
    """Evenly spaced among the answers and their points, all of their channels."""
    true, said = (values.movedim(1, -1).reshape(-1, values.shape[1]) for values in (true, said))
    n = max(1, min(len(true), MOST_PAIRS // max(1, true.shape[1])))
    rows: Sequence[int] = [i * len(true) // n for i in range(n)]
    both = torch.stack([true[rows].flatten(), said[rows].flatten()], dim=1)
    return tuple((round_(a), round_(b)) for a, b in both.tolist())


def round_(value: float) -> float:
    """To six digits, as a picture needs no more.

    >>> round_(0.123456789)
    0.123457
    """
    return float(f"{value:.6g}")
