"""What the chapters train: the network that a task derives, and its plain twins of as many parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from erlangen.auditing import audit
from erlangen.blueprint import derive
from erlangen.chance import fixed_seed
from erlangen.data import DataSet
from erlangen.domains import Domain
from erlangen.task import Task
from erlangen.tour.chapter import Tell
from erlangen.train import TrainSection, fit, plain_twin

T = TypeVar("T")
LICENCE = ("CC0", "drawn in this run")


@dataclass(frozen=True)
class Effort:
    """How much is done: 1 is the whole tour, less is for a first look at whether it runs; and what chapters share.

    >>> Effort(0.1).of(30), Effort(0.1).of(30, least=5)
    (3, 5)
    """

    share: float = 1.0
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def of(self, whole: int, least: int = 2) -> int:
        """So much of a number of epochs or examples."""
        return max(least, round(self.share * whole))

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` makes, made once for all chapters that ask for it by this name."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


def from_seed(make: Callable[[], Any], seed: int = 0) -> Any:
    """What `make` makes, with the weights that the seed gives; torch's own stream of numbers goes on as if nothing was.

    >>> torch.equal(from_seed(lambda: torch.rand(2)), from_seed(lambda: torch.rand(2)))
    True
    """
    with fixed_seed(seed):
        return make()


def looked_at(make: Callable[[], Any]) -> Any:
    """A network with the weights of seed 0, only to be looked at."""
    return from_seed(make).eval().requires_grad_(False)


def learnt(
    net: nn.Module, task: Task, data: DataSet[Any], epochs: int, rate: float, batch: int, turning: bool, tell: Tell
) -> nn.Module:
    """The network, trained by Lightning in a folder that is not kept; the same weights for the same call."""
    settings = TrainSection(seeds=(0,), epochs=epochs, patience=epochs, learning_rate=rate, batch_size=batch, threads=1)
    with TemporaryDirectory() as folder:
        fit(net, task, data, settings, 0, Path(folder), turning=turning, tell=tell)
    return net.eval().requires_grad_(False)


def compared(
    task: Task,
    data: DataSet[Any],
    network: Mapping[str, Any],
    tell: Tell,
    *,
    epochs: int,
    models: tuple[str, ...] = ("derived", "plain", "augmented"),
    rate: float = 0.02,
    batch: int = 32,
    points: int | None = None,
) -> dict[str, nn.Module]:
    """By name: the derived network, the plain one of as many parameters, and that one trained on moved examples."""
    choices = {"depth": 1, "scales": None, **network}
    found = {}
    for place, name in enumerate(models):

        def told(fraction: float, text: str, done: int = place, model: str = name) -> None:
            tell((done + fraction) / len(models), f"{model}: {text}")

        net = from_seed(lambda: derive(task, **choices))
        net = net if name == "derived" else _plain(net, task, points, **choices)
        found[name] = learnt(net, task, data, epochs, rate, batch, name == "augmented", told)
    return found


def _plain(derived: nn.Module, task: Task, points: int | None, width: int, **choices: Any) -> nn.Module:
    return from_seed(lambda: plain_twin(derived, task, points=points, **choices))


def error_of(net: nn.Module, domain: Domain, symmetry: Any, inputs: Any, output: Any = None) -> float:
    """√(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))), the largest over g: what an audit measures, unproved."""
    return audit(net, domain, symmetry, inputs, output, proof=False, bootstrap=100).error


def size(net: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(p.numel() for p in net.parameters())


def right(net: nn.Module, inputs: Any, labels: Tensor) -> float:
    """The share of answers that are right."""
    with torch.inference_mode():
        return float((net(inputs).argmax(1) == labels).double().mean())


def drawn(parts: tuple[Any, Any, Any], classes: tuple[str, ...], name: str) -> DataSet[Any]:
    """Training, validation and test part as one data set."""
    return DataSet(*parts, classes, name, *LICENCE)
