"""What a repair did, measured: the network before, after the projection, after learning, and other ways beside."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.blueprint import Blueprint
from erlangen.data import TensorPair
from erlangen.errors import InputError
from erlangen.pages import number, percent
from erlangen.repairing.matching import Fields
from erlangen.task import Task
from erlangen.train.baselines import parameters
from erlangen.train.evaluate import audited, evaluate
from erlangen.train.values_at import evaluate_values

GIVEN, PROJECTED, REPAIRED = "as given", "projected", "repaired"
AVERAGED, CANONICAL, SCRATCH = "averaged", "canonicalized", "from scratch"


@dataclass(frozen=True)
class Stage:
    """One network on the test examples: the share right as they are, or the mean error where values are asked for; the
    same in the mean over the other elements of the group; the error and verdict of its audit; how many parameters it
    has, how often the network as given is called in it, or one in its place, and the multiply-adds of one example.

    >>> given = Stage("as given", still=0.95, moved=0.6, error=0.4, verdict="broken", parameters=98)
    >>> given.still - given.moved > 0.3, given.calls
    (True, 1)
    """

    name: str
    still: float
    moved: float
    error: float
    verdict: str
    parameters: int
    calls: int = 1
    multiply_adds: int = 0


@dataclass(frozen=True, repr=False)
class Repaired:
    """The repaired network `net`, a Blueprint like any other, and how it came about.

    `stages` are the networks measured, `fields` how the inner channels move, by the steps that make them, `lost` what
    share of each weight was not symmetric, ‖W − K‖/‖W‖, and `mended` what else was changed, in words. `valued` says
    that stages hold mean errors and not shares.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2)), scales=1, depth=1)
    >>> stage = er.repairing.Stage("projected", still=0.95, moved=0.95, error=0.0, verdict="exact", parameters=26)
    >>> mended = Repaired(net, (stage,), {}, lost={"0": 0.25}, mended=())  # as er.repair makes it
    >>> mended, mended["projected"].verdict
    (Repaired(projected), 'exact')
    """

    net: Blueprint
    stages: tuple[Stage, ...]
    fields: dict[str, Fields]
    lost: dict[str, float]
    mended: tuple[str, ...]
    valued: bool = False

    def __getitem__(self, name: str) -> Stage:
        """The stage of this name; InputError for one that is not there."""
        found = {stage.name: stage for stage in self.stages}
        if name not in found:
            raise InputError(f"the stage {name!r}", f"one of {', '.join(found)}", "Without targets nothing is learnt.")
        return found[name]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the weights, as JSON can hold it."""
        fields = {
            name: {
                **{"rho": str(f.rho), "agreement": f.agreement, "found": f.found},
                **{"order": list(f.order), "free": sorted(f.free)},
            }
            for name, f in self.fields.items()
        }
        stages = [asdict(stage) for stage in self.stages]
        return {"stages": stages, "fields": fields, "lost": self.lost, "mended": list(self.mended)}

    def __str__(self) -> str:
        return "\n".join([*self._table(), "", *self.net.notes])

    def __repr__(self) -> str:
        return f"Repaired({', '.join(stage.name for stage in self.stages)})"

    def _table(self) -> list[str]:
        """Aligned columns, one row a stage."""
        figure = number if self.valued else percent
        shown = "error" if self.valued else "right"
        heads = ["", shown, "moved", "audit", "", "parameters", "calls", "multiply-adds"]
        rows = []
        for s in self.stages:
            row = [s.name, figure(s.still), figure(s.moved), number(s.error), s.verdict]
            rows.append([*row, f"{s.parameters:,}", str(s.calls), f"{s.multiply_adds:,}"])
        words = (0, 4)
        widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
        return ["  ".join(_set(row[i], w, i in words) for i, w in enumerate(widths)).rstrip() for row in [heads, *rows]]


def _set(part: str, width: int, left: bool) -> str:
    return part.ljust(width) if left else part.rjust(width)


def measured(
    name: str, net: nn.Module, task: Task, inputs: Tensor, targets: Tensor | None = None, calls: int = 1
) -> Stage:
    """The stage of this network on examples; without targets its audit alone, and NaN for the rest."""
    report = audited(net, task, inputs)
    figures = [math.nan] if targets is None else _figures(net, task, TensorPair(inputs, targets))
    others = figures[1:] or figures
    moved = math.fsum(others) / len(others)
    cost = multiply_adds(net, inputs)
    return Stage(name, figures[0], moved, report.error, report.verdict, parameters(net), calls, cost)


def multiply_adds(net: nn.Module, inputs: Tensor) -> int:
    """What one example more costs, in products of matrices and convolutions: weights are made once for all.

    >>> multiply_adds(nn.Conv2d(2, 3, 5, padding=2, bias=False), torch.zeros(9, 2, 7, 7)) == 2 * 3 * 5**2 * 7**2
    True
    """
    from torch.utils.flop_counter import FlopCounterMode

    def operations(x: Tensor) -> int:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            net(x)
        return counter.get_total_flops()

    one = inputs[:1]
    return (operations(torch.cat([one, one])) - operations(one)) // 2


def _figures(net: nn.Module, task: Task, test: TensorPair) -> list[float]:
    """The share right, or the mean error of values, at every element."""
    if test.valued:
        return [entry.error for entry in evaluate_values(net, task, test, test.targets.double().mean(0))]
    return [entry.accuracy for entry in evaluate(net, task, test)]
