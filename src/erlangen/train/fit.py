"""One network, one seed: trained by Lightning, resumed where it was interrupted, its best checkpoint restored."""

import logging
import math
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from erlangen.errors import ConfigError, RecipeError
from erlangen.train.config import TrainSection

if TYPE_CHECKING:
    import lightning

    from erlangen.task import Task
    from erlangen.train.examples import Examples
    from erlangen.train.module import History

PRECISION: dict[str, Any] = {"float32": "32-true", "bfloat16": "bf16-mixed"}  # as Lightning calls them
LOGGERS = ("lightning.pytorch", "lightning.fabric")
NOISE = (
    ".*does not have many workers.*",
    ".*Checkpoint directory .* exists and is not empty.*",
    ".*isinstance.treespec, LeafSpec.*",
    ".*number of training batches .* smaller than the logging interval.*",
    ".*GPU available but not used.*",
)


@dataclass(frozen=True)
class Fitted:
    """How a training went: a row of losses an epoch, the epoch (from 1) of the best validation loss, the seconds."""

    history: tuple[dict[str, float], ...]
    best_epoch: int
    seconds: float

    @property
    def validation_accuracy(self) -> float:
        """At the best epoch."""
        return self.history[self.best_epoch - 1]["validation/accuracy"]

    @property
    def validation_error(self) -> float:
        """At the best epoch, of values."""
        return self.history[self.best_epoch - 1]["validation/error"]


def fit(
    net: nn.Module,
    task: "Task",
    examples: "Examples",
    settings: TrainSection,
    seed: int,
    folder: Path,
    *,
    turning: bool = False,
    resume: bool = False,
    tell: Callable[[float, str], None] | None = None,
    callbacks: "Sequence[lightning.Callback]" = (),
) -> Fitted:
    """net ← its weights of least validation loss: trained in place, checkpoints in `folder`.

    Classes are learnt by cross-entropy, real values by their squared or absolute errors, in their own spread.

    `turning` moves every example by a random element of the symmetry. `resume` continues from `folder`/last.ckpt, if it
    is there, and gives what an uninterrupted run would have given. Equal seeds give equal weights on one machine. Of
    several processes the first alone has the restored weights.
    """
    from erlangen.train.judging import judge_of
    from erlangen.train.module import ExamplesModule, History, Learner
    from erlangen.train.processes import is_first

    last = folder / "last.ckpt"
    state = _read(last) if resume and last.exists() else None
    history = History(settings.epochs, tell)
    if state is not None:
        history.load_state_dict(_history(state, last))
    if not history.finished:
        history = History(settings.epochs, tell)
        with quiet(), deterministic(settings.threads):
            trainer = _trainer(settings, folder, history, callbacks)
            judge = judge_of(task, examples, settings)
            learner = Learner(net, task, settings, seed, turning, judge, len(examples.train))
            data = ExamplesModule(examples, settings, seed)
            _run(trainer, learner, data, str(last) if state is not None else None)
    best = _best([row["validation/loss"] for row in history.rows])
    if is_first():
        _restore(net, folder / "best.ckpt")
    return Fitted(tuple(history.rows), best + 1, history.seconds)


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch, silently."""
    import lightning

    with quiet():
        lightning.seed_everything(seed, verbose=False)


def _trainer(
    settings: TrainSection, folder: Path, history: "History", callbacks: "Sequence[lightning.Callback]"
) -> "lightning.Trainer":
    import lightning
    from lightning.fabric.plugins.environments.lightning import LightningEnvironment
    from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
    from lightning.pytorch.strategies import DDPStrategy

    from erlangen.train.checkpoints import Midway, WholeFiles
    from erlangen.train.processes import PATIENCE, world

    stop = EarlyStopping("validation/loss", patience=settings.patience, check_on_train_epoch_end=True)
    keep = ModelCheckpoint(
        dirpath=folder.resolve(),
        filename="best",
        monitor="validation/loss",
        save_last=True,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    every = settings.checkpoint_every
    midway = [] if every is None else [Midway(folder.resolve() / "last.ckpt", every)]
    alone = [LightningEnvironment()] if world() == 1 else []  # a shell within a job of SLURM is no part of it
    accelerator = "cpu" if settings.device == "cpu" else "cuda" if torch.cuda.is_available() else settings.device
    accelerator = "cpu" if accelerator == "auto" else accelerator
    return lightning.Trainer(
        accelerator=accelerator,
        devices=settings.devices,
        num_nodes=settings.nodes,
        strategy=DDPStrategy(timeout=PATIENCE) if world() > 1 else "auto",
        use_distributed_sampler=False,
        accumulate_grad_batches=settings.accumulate,
        precision=PRECISION[settings.precision],
        max_epochs=settings.epochs,
        callbacks=[stop, history, *midway, *callbacks, keep],
        plugins=[WholeFiles(), *alone],
        default_root_dir=folder,
        deterministic=True if accelerator == "cpu" else "warn",  # some of CUDA's kernels have no such form
        num_sanity_val_steps=0,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _run(trainer: "lightning.Trainer", learner: Any, data: Any, checkpoint: str | None) -> None:
    """Lightning turns Ctrl-C into an exit and deafens the process to the next one; here it is Ctrl-C again."""
    heard = signal.getsignal(signal.SIGINT)
    try:
        trainer.fit(learner, data, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:
        signal.signal(signal.SIGINT, heard)
        raise KeyboardInterrupt from None


def _best(losses: list[float]) -> int:
    finite = [loss for loss in losses if math.isfinite(loss)]
    if not finite:
        mend = "Lower train.learning_rate, or scale the inputs to about 1."
        raise ConfigError("a training whose validation loss was never finite", "one that converges", mend)
    return losses.index(min(finite))


def _read(path: Path) -> dict[str, Any]:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        kind = type(error).__name__
        raise RecipeError(
            f"{path}, which cannot be read ({kind})", "a whole checkpoint", "Delete it and start again."
        ) from None


def _history(state: dict[str, Any], path: Path) -> dict[str, Any]:
    try:
        return state["callbacks"]["History"]
    except (KeyError, TypeError):
        raise RecipeError(
            f"{path}, a checkpoint of something else", "one of this run", "Choose another folder."
        ) from None


def _restore(net: nn.Module, path: Path) -> None:
    held = _read(path)["state_dict"].items()
    weights = {key.removeprefix("net."): value for key, value in held if key.startswith("net.")}
    net.load_state_dict(weights)
    net.eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's advice about workers, loggers and clouds; everything else is still heard."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for message in NOISE:
            warnings.filterwarnings("ignore", message=message)
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextmanager
def deterministic(threads: int = 0) -> Iterator[None]:
    """Deterministic algorithms and so many threads inside; outside both are as they were found."""
    before, warn_only = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    try:
        with bound(threads):
            yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn_only)


@contextmanager
def bound(threads: int) -> Iterator[None]:
    """So many threads inside, 0 for as many as there were; outside as before.

    >>> with bound(1):
    ...     torch.get_num_threads()
    1
    """
    found = torch.get_num_threads()
    try:
        torch.set_num_threads(threads or found)
        yield
    finally:
        torch.set_num_threads(found)
