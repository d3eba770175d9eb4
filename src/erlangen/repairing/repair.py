"""`er.repair`: an ordinary network that was trained becomes its nearest symmetric one, and learns on from there."""

import copy
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing import AuditReport
from erlangen.blueprint import Blueprint, build
from erlangen.chance import reseed
from erlangen.data import DataSet, Quantity, TensorPair
from erlangen.errors import InputError, TaskError
from erlangen.given import instance
from erlangen.repairing.project import MEND, projected
from erlangen.repairing.stages import (
    AVERAGED,
    CANONICAL,
    GIVEN,
    PROJECTED,
    REPAIRED,
    SCRATCH,
    Repaired,
    Stage,
    measured,
)
from erlangen.symmetrize import average, canonicalize
from erlangen.task import Task
from erlangen.train.config import TrainSection
from erlangen.train.fit import fit, seed_everything

HELD_OUT = 10  # one of so many examples decides which epoch is kept


def repair(
    model: nn.Module,
    asked: Task | AuditReport,
    inputs: Tensor,
    targets: Tensor | None = None,
    *,
    width: int = 1,
    test: tuple[Tensor, Tensor] | None = None,
    compare: bool | Collection[str] = True,
    settings: TrainSection | None = None,
    seed: int = 0,
    tell: Callable[[str], None] | None = None,
) -> Repaired:
    """K = argmin ‖K − W‖ over K in Hom_G, layer by layer: the nearest symmetric network to a trained one.

    `model` is an ordinary network of convolutions, linear layers, batch norms, pointwise functions, pools, sums and
    concatenations (ResNets, U-Nets, MLPs behind them); it stays as it is. `asked` is the task, or the audit that found
    the symmetry broken. From `inputs` `[n, c, …]` alone it is read how G moves the inner channels: by permutations
    where they move so already, else they are put together to regular fields whose channels answer most alike. Every
    weight is projected onto the maps between these fields; borders, strides and flattens that break the symmetry are
    replaced by what keeps it; where weights were lost, layers follow what they answered to the examples, and batch
    norms count anew. A network that is symmetric already comes out as the same function.

    With `width` w, a divisor of |G|, every |G| channels that do not move as fields already become w fields, in which
    |G|/w of them stand and the other places are free. So less is lost: w = √|G| has about as many free weights as the
    model and w times its channels; w = |G| loses nothing before the answer, as averaging would, and has |G| times them.

    With `targets`, classes `[n]` or `[n, *space]`, or real values, the network then learns on from there, one in ten
    examples choosing the epoch (`settings`: 40 epochs, learning rate 0.01); `test`, inputs and targets, is what all is
    measured on, by default the examples held out. `compare` sets beside it what else could be done with the same data:
    the model "averaged" over the group, "canonicalized" by a small network that learns with it, and the repaired
    network's own layers trained "from scratch"; True for all three, or those that are named.

    Returns a `Repaired`, whose `net` is a Blueprint: it explains itself, saves, exports. Raises TaskError where the
    group is infinite or no inner action can be found: the step that stands in the way is named.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1))
    >>> task = er.Task(er.Grid(2), er.C(4), input=1, output=er.Equivariant(2))
    >>> mended = er.repair(plain.double(), task, torch.randn(16, 1, 8, 8, dtype=torch.float64))
    >>> mended["as given"].verdict, mended["projected"].error < 1e-10
    ('broken', True)

    Finzi, Welling, Wilson 2021, arXiv:2104.09459 (the projection); Basu et al. 2023, arXiv:2210.06475 (averaging).
    """
    instance("model", model, nn.Module, TaskError, "A torch network that was trained.")
    task = asked if isinstance(asked, Task) else _task_of(asked, inputs)
    beside = _beside(compare)
    pooled = isinstance(asked, AuditReport) and any("flatten" in cause.name for cause in asked.causes)
    instance("inputs", inputs, Tensor, TaskError, "Convert with torch.as_tensor(inputs).")
    given = copy.deepcopy(model).eval()
    made = projected(given, task, inputs, pooled, width)
    found = {"fields": made.fields, "lost": made.lost, "mended": made.mended}
    if targets is None:
        stages = [measured(name, net, task, inputs) for name, net in ((GIVEN, given), (PROJECTED, made.net))]
        return Repaired(made.net, tuple(stages), **found)
    examples = _examples(inputs, targets, test, task)
    settings = settings or TrainSection(patience=40, batch_size=min(64, len(inputs)))

    def measure(name: str, net: nn.Module, calls: int = 1) -> Stage:
        return measured(name, net, task, examples.test.inputs, examples.test.targets, calls)

    def learn(name: str, net: nn.Module) -> Stage:
        if tell is not None:
            tell(name)
        seed_everything(seed)
        with tempfile.TemporaryDirectory() as folder:
            fit(net.train(), task, examples, settings, seed, Path(folder))
        return measure(name, net.eval())

    net = copy.deepcopy(made.net)
    stages = [measure(GIVEN, given), measure(PROJECTED, made.net), learn(REPAIRED, net)]
    how: dict[str, Any] = {"output": task.output, "input": task.input}
    if AVERAGED in beside:
        stages.append(measure(AVERAGED, average(given, task.domain, task.symmetry, **how), task.symmetry.order or 1))
    if CANONICAL in beside:
        stages.append(learn(CANONICAL, canonicalize(copy.deepcopy(given), task.domain, task.symmetry, **how)))
    if SCRATCH in beside:
        reseed(seed)
        stages.append(learn(SCRATCH, _fresh(net)))
    return Repaired(net, tuple(stages), **found, valued=targets.is_floating_point())


def _beside(compare: bool | Collection[str]) -> frozenset[str]:
    """The names of the networks that are set beside the repaired one."""
    known = (AVERAGED, CANONICAL, SCRATCH)
    if isinstance(compare, bool):
        return frozenset(known if compare else ())
    if isinstance(compare, str) or not set(compare) <= set(known):
        raise TaskError(f"compare={compare!r}", f"True, False, or some of {', '.join(known)}", "In a list.")
    return frozenset(compare)


def _fresh(net: Blueprint) -> Blueprint:
    """The same layers with weights of their own."""
    example = next(net.parameters())
    return build(net.recipe).to(example)


def _task_of(report: AuditReport, inputs: Tensor) -> Task:
    """The task that an audit asked about."""
    instance("asked", report, AuditReport, TaskError, "An er.Task, or what er.audit gave.")
    if report.group is None:
        raise TaskError(f"an audit of {report.symmetry} on {report.domain!r}", "one of a group of motions", MEND)
    rho = inputs.shape[1] if report.input is None else report.input
    output: Any = report.output
    return Task(report.domain, report.group, rho, output)


def _examples(inputs: Tensor, targets: Tensor, test: tuple[Tensor, Tensor] | None, task: Task) -> DataSet[TensorPair]:
    """Every tenth example chooses the epoch; the test part is what is given, else these."""
    whole = TensorPair(inputs, targets)
    if len(whole) < HELD_OUT:
        raise InputError(f"{len(whole)} examples to learn from", f"{HELD_OUT} or more", "Or none: leave targets out.")
    places = torch.arange(len(whole))
    held = whole.take(places[places % HELD_OUT == HELD_OUT - 1])
    learnt = whole.take(places[places % HELD_OUT != HELD_OUT - 1])
    tested = held if test is None else TensorPair(*test)
    told = (learnt, held, tested)
    classes = () if whole.valued else tuple(map(str, range(task.target.channels)))
    quantity = Quantity("the values") if whole.valued else None
    return DataSet(*told, classes, "the given examples", "as given", "as given", quantity=quantity)
