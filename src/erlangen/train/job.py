"""One network of a run: made from its seed, and trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from erlangen.task import Task
from erlangen.train.config import Config
from erlangen.train.examples import Examples
from erlangen.train.fit import Fitted, fit, seed_everything
from erlangen.train.held import most_points
from erlangen.train.networks import build_network, in_units
from erlangen.train.values import spread_of

if TYPE_CHECKING:
    import lightning


@dataclass(frozen=True)
class Job:
    """The model of this name from this seed, of the run that `config` tells, trained in a folder of its own.

    `examples` are those of the seed: with data.folds its fold.
    """

    config: Config
    task: Task
    examples: Examples
    folder: Path
    seed: int
    model: str


def fitted(
    job: Job,
    *,
    resume: bool = False,
    tell: Callable[[float, str], None] | None = None,
    callbacks: "Sequence[lightning.Callback]" = (),
) -> tuple[nn.Module, Fitted]:
    """The network of a job, trained, and how that went. `tell(fraction, text)` is called as it goes."""
    seed_everything(job.seed)
    task, examples = job.task, job.examples
    net = build_network(job.model, task, job.config.network, most_points(examples))
    if examples.quantity is not None:
        net = in_units(net, task, *spread_of(task, examples.train))
    settings, turning = job.config.train.of(job.model), job.model == "augmented"
    return net, fit(
        net,
        task,
        examples,
        settings,
        job.seed,
        job.folder,
        turning=turning,
        resume=resume,
        tell=tell,
        callbacks=callbacks,
    )
