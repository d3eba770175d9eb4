"""A trained network at every element of the group: accuracy, confusion, and agreement with its own upright answers."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from erlangen.auditing import AuditReport, audit
from erlangen.auditing.verdict import worst
from erlangen.domains import Mesh, Nest, Points, Product, Sphere
from erlangen.groups import Relabelling, TimeWarp
from erlangen.task import Task
from erlangen.train.elements import INTERPOLATED, ON_LATTICE, ON_SPHERE, by_kind, elements, is_exact, name_of
from erlangen.train.held import Inputs, answered, batches, is_sequences
from erlangen.train.moving import UNKNOWN, channels_out, move, move_inputs, move_scores, seen
from erlangen.train.on_surfaces import declared

if TYPE_CHECKING:
    from erlangen.train.elements import Move
    from erlangen.train.examples import Graphs, Pair, Store

MARGIN = 1e-4
AUDITED, LEAST_AUDITED = 64, 16
VERTICES = 1 << 14  # of all surfaces of an audit together, above which fewer are taken
WORK = 1 << 21  # values of all moved inputs of an audit together, above which fewer inputs are taken


@dataclass(frozen=True)
class AtElement:
    """One network on g·x, y: accuracy, confusion[true][said] in counts, and how many answers agree with g·f(x).

    `tested` is the number of examples, each with one answer or with one at every point; of graphs with labels at their
    nodes the number of those that are known, since each is an example; `deviation` that of the share
    right from example to example. Only answers with an upright top-two margin above 1e-4 are `decided`; of these
    `agreeing` must be all for a network that is exactly symmetric, where g·x is `exact` and not interpolated. `said`
    are the answers to the examples shown.
    """

    element: str
    tested: int
    accuracy: float
    deviation: float
    confusion: tuple[tuple[int, ...], ...]
    decided: int
    agreeing: int
    said: tuple[int, ...]
    exact: bool = True


def evaluate(
    net: nn.Module, task: Task, pair: "Pair", shown: tuple[int, ...] = (), moved: int | None = None
) -> tuple[AtElement, ...]:
    """accuracy(g) = mean [argmax f(g·x) = g·y], for every g of `elements(task)`; the first is the identity.

    `moved` is how many examples are tested at the others, the first ones; left out: all. Shapes: pair.inputs
    [n, channel, *space], pair.targets [n] or [n, *space]; or graphs, [n] or [nodes]. The network is put in eval mode.

    >>> import torch, erlangen as er
    >>> task = er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2))
    >>> pair = er.data.TensorPair(torch.randn(8, 1, 8, 8), torch.arange(8) % 2)
    >>> found = er.train.evaluate(er.derive(task, width=4), task, pair)
    >>> len(found), len({round(at.accuracy, 6) for at in found})
    (4, 1)
    """
    upright = scores(net, pair.inputs)
    some = pair if moved is None or moved >= len(pair) else pair.take(list(range(moved)))
    found = []
    for number, g in enumerate(elements(task)):
        chosen = some if number else pair
        entry = _at(net, task, g, chosen, upright[: len(chosen.targets)], still=not number)
        found.append(replace(entry, said=_said(net, task, g, pair.take(list(shown))) if shown else ()))
    return tuple(found)


def accuracy(net: nn.Module, task: Task, pair: "Pair") -> float:
    """mean [argmax f(x) = y], as it is, over what is labelled."""
    return _at(net, task, elements(task)[0], pair, scores(net, pair.inputs), still=True).accuracy


def scores(net: nn.Module, inputs: Inputs) -> Tensor:
    """f(x) in batches, without gradients, in eval mode, on the device of the network.

    >>> scores(nn.Flatten(), torch.ones(3, 1, 2, 2)).shape
    torch.Size([3, 4])
    """
    net.eval()
    device = next((p.device for p in net.parameters()), torch.device("cpu"))
    with torch.inference_mode():
        return torch.cat([answered(net(batch.to(device)).cpu(), batch) for batch in batches(inputs)])


def audited(
    net: nn.Module,
    task: Task,
    inputs: Inputs,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AuditReport:
    """`er.audit` of the network for the task's own symmetry, on 16 to 64 of the inputs, evenly spaced.

    Fewer of large ones and under large groups, so that it stays a matter of seconds. `progress(done, total)` is called
    as it goes, `name` is what the report calls the network. Of sets and graphs the order is asked about, too.
    """
    rho = None if task.input.is_trivial else task.input
    asked: Any = task.symmetry
    if is_sequences(inputs):
        asked, chosen = TimeWarp() if task.warped else asked, of_one_length(inputs, AUDITED)
    elif isinstance(inputs, Tensor):
        n = min(len(inputs), max(LEAST_AUDITED, min(AUDITED, WORK // (inputs[0].numel() * len(elements(task))))))
        chosen: Any = inputs[[i * len(inputs) // n for i in range(n)]]
    elif isinstance(task.domain, Mesh):
        most = max(2, min(LEAST_AUDITED, VERTICES // int(inputs.sizes.max())))
        asked, rho, chosen = declared(task), None, samples(inputs, most)
    else:
        fixed = task.symmetry.order == 1 if isinstance(task.domain, Product | Nest) else rho is None
        asked = Relabelling() if fixed and not isinstance(task.domain, Points) else asked
        chosen = samples(inputs, AUDITED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says them too
        return audit(net, task.domain, asked, chosen, task.output, input=rho, progress=progress, name=name)


def samples(inputs: "Store", most: int) -> "list[Graphs]":
    """So many of the graphs at most, evenly spaced, one by one; a single one twice, since audits compare several.

    >>> from erlangen.data import GraphStore
    >>> len(samples(GraphStore([torch.zeros(2, 1)]), 64))
    2
    """
    n = min(len(inputs), most)
    found = [inputs[i * len(inputs) // n] for i in range(n)]
    return found if n > 1 else 2 * found


def of_one_length(inputs: Any, most: int) -> Tensor:
    """The beginnings, as long as the median, of so many of those sequences that are as long, evenly spaced.

    >>> from erlangen.data import SequenceStore
    >>> of_one_length(SequenceStore([torch.zeros(1, n) for n in (3, 5, 9)]), 64).shape
    torch.Size([2, 1, 5])
    """
    length = int(inputs.sizes.median())
    places = torch.flatten(torch.nonzero(inputs.sizes >= length)).tolist()
    n = min(len(places), most)
    return inputs.batch([places[i * len(places) // n] for i in range(n)]).x[..., :length]


def by_verdict(report: AuditReport, task: Task) -> dict[str, tuple[str, float]]:
    """(verdict, error) of the group, apart for elements on the lattice and interpolated ones where there are both.

    On the sphere for those that move whole columns, and those that go by way of the harmonics.
    """
    words = ON_SPHERE if isinstance(task.domain, Sphere) else (ON_LATTICE, INTERPOLATED)
    judged = [row for row in report.elements if row.judged]
    found = {}
    for kind, places in by_kind([row.exact for row in judged], *words).items():
        rows = [judged[i] for i in places]
        if rows:
            errors = [row.error for row in rows if not math.isnan(row.error)]
            found[kind] = worst(row.verdict for row in rows), max(errors, default=math.nan)
    return found


def _said(net: nn.Module, task: Task, g: "Move", shown: "Pair") -> tuple[int, ...]:
    """The answers to a few examples, one for the whole of each."""
    if shown.dense:
        return ()
    return tuple(scores(net, move_inputs(task, g, shown.inputs)).argmax(1).tolist())


def _at(net: nn.Module, task: Task, g: "Move", pair: "Pair", upright: Tensor, still: bool) -> AtElement:
    points = seen(task, g, pair.targets)
    inputs, targets = move(task, g, pair.inputs, pair.targets)
    said = (upright if still else scores(net, inputs)).argmax(1)
    expected = move_scores(task, g, upright, pair.inputs)
    best = expected.topk(2, dim=1).values if expected.shape[1] > 1 else torch.ones(1, 2)
    decided = ((best[:, 0] - best[:, 1]) > MARGIN).expand_as(said)
    true, answers, decided, same = (
        values.reshape(len(targets), -1) if points is None else values[:, points]
        for values in (targets, said, decided, said == expected.argmax(1))
    )
    known = (true != UNKNOWN).all(1)  # of nodes alone some have no label
    true, answers, decided, same = (values[known] for values in (true, answers, decided, same))
    right = (answers == true).double()
    k = channels_out(task)
    confusion = torch.bincount((true * k + answers).flatten(), minlength=k * k).reshape(k, k)
    return AtElement(
        element=name_of(task, g),
        tested=len(true),
        accuracy=float(right.mean()),
        deviation=float(right.mean(1).std(correction=0)),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        decided=int(decided.sum()),
        agreeing=int((same & decided).sum()),
        said=(),
        exact=is_exact(task, g),
    )
