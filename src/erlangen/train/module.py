"""The Lightning parts: how a network learns, where its batches come from, and what is remembered of it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lightning
import torch
from torch import Tensor, nn

from erlangen.chance import reseed
from erlangen.train.batches import Batches, Share, loader, seeded
from erlangen.train.config import TrainSection
from erlangen.train.held import at_once
from erlangen.train.means import Mean
from erlangen.train.moving import augment, drawn_from
from erlangen.train.processes import is_first, rank, world

if TYPE_CHECKING:
    from erlangen.task import Task
    from erlangen.train.examples import Examples
    from erlangen.train.judging import Judge

WARM_UP = 0.2


class Learner(lightning.LightningModule):
    """θ ← θ − η ∇ loss(f_θ(x), y), as `judge` says: AdamW with a one-cycle η; with `turning` each (x, y) is moved at
    random. A network that has a `prior()`, −log p of its weights, pays it once for all its `examples`. Processes that
    share a batch have the gradient of the mean over all of it, however unequal their shares are.

    Shapes: inputs [batch, channel, *space], labels [batch] or [batch, *space]; of graphs a batch, [graphs] or [nodes];
    values have an axis of channels besides.
    Loshchilov, Hutter 2019, arXiv:1711.05101; Smith, Topin 2019, arXiv:1708.07120.
    """

    def __init__(
        self,
        net: nn.Module,
        task: "Task",
        settings: TrainSection,
        seed: int,
        turning: bool,
        judge: "Judge",
        examples: int = 1,
    ):
        super().__init__()
        self.examples = examples
        self.judge = judge
        self.net, self.task, self.settings, self.seed, self.turning = net, task, settings, seed, turning
        self.among = drawn_from(task)
        self.prior: Any = found if callable(found := getattr(net, "prior", None)) else None
        self.learnt, self.held, self.told = Mean(), Mean(), Mean()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Draws inside the network (dropout, if any) depend on seed, epoch and step, so that resuming repeats them."""
        reseed(self._drawn(self.current_epoch, batch_idx).initial_seed())
        if batch_idx == 0:  # the checkpoint of an epoch's end has its mean still
            self.learnt.reset()

    def training_step(self, batch: tuple[Any, Tensor], index: int) -> Tensor:
        """The loss of one batch, moved first where augmentation is asked for."""
        inputs, targets = batch
        if self.turning:
            inputs, targets = augment(self.task, self.among, inputs, targets, self._drawn(self.current_epoch, index))
        loss, _ = self.judge(self.net(inputs), targets, learning=True)
        there = self.judge.counted(targets)
        self.learnt.update(loss.detach(), there)
        self.log("train/loss", self.learnt, on_step=False, on_epoch=True)
        loss = loss * self._weight(there)
        return loss if self.prior is None else loss + self.prior() / self.examples

    def validation_step(self, batch: tuple[Any, Tensor], index: int) -> None:
        """Loss, and accuracy or error; where augmentation is asked for, moved by the same elements in every epoch."""
        inputs, targets = batch
        if self.turning:
            inputs, targets = augment(self.task, self.among, inputs, targets, self._drawn(index))
        loss, told = self.judge(self.net(inputs), targets, learning=False)
        for name, mean, value in (("loss", self.held, loss), (self.judge.told, self.told, told)):
            mean.update(value, self.judge.counted(targets))
            self.log(f"validation/{name}", mean, on_step=False, on_epoch=True)

    def configure_optimizers(self) -> Any:
        """AdamW; η rises over the first fifth of all steps and then falls to nought."""
        settings = self.settings
        rate, decay = settings.learning_rate, settings.weight_decay
        optimizer = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=decay)
        # Lightning's own count would ask for the data before it knows where within an epoch a checkpoint was.
        batches = len(Batches(self.examples, settings.batch_size, share=Share(of=world())))
        steps = max(2, settings.epochs * -(-batches // settings.accumulate))
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=WARM_UP)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _drawn(self, *place: int) -> torch.Generator:
        """What is drawn here: of several processes each draws its own."""
        return seeded(self.seed, *place, *(() if is_first() else (rank(),)))

    def _weight(self, there: Tensor) -> float | Tensor:
        """n_here · processes / n of n labels in all: torch takes the plain mean of the gradients of all processes."""
        if world() == 1:
            return 1.0
        return there / self.trainer.strategy.reduce(there.float(), reduce_op="mean")


class ExamplesModule(lightning.LightningDataModule):
    """Training batches shuffled by (seed, epoch), validation batches in order. The test part is not here."""

    def __init__(self, examples: "Examples", settings: TrainSection, seed: int):
        super().__init__()
        self.examples, self.settings, self.seed = examples, settings, seed

    @property
    def share(self) -> Share:
        """Of each batch, where several processes share it."""
        return Share(rank(), world())

    def train_dataloader(self) -> Any:
        """What is learnt from."""
        settings = self.settings
        return loader(self.examples.train, settings.batch_size, self.seed, self.share, settings.workers)

    def val_dataloader(self) -> Any:
        """What decides on stopping and on the best checkpoint."""
        held_out = self.examples.validation
        return loader(held_out, at_once(held_out.inputs), None, self.share, self.settings.workers)


class History(lightning.Callback):
    """Losses, validation accuracy or error, seconds of each epoch; in the checkpoint, so that resuming continues it."""

    def __init__(self, epochs: int, tell: Callable[[float, str], None] | None = None):
        self.epochs, self.tell = epochs, tell
        self.rows: list[dict[str, float]] = []
        self.seconds, self.finished, self._since = 0.0, False, time.perf_counter()

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Start the clock."""
        self._since = time.perf_counter()

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Add a row, and tell whoever shows the progress."""
        self.seconds += time.perf_counter() - self._since
        self._since = time.perf_counter()
        self.rows.append({name: float(value) for name, value in trainer.callback_metrics.items()})
        self.finished = trainer.should_stop or len(self.rows) >= self.epochs
        if self.tell is not None:
            right, off = (self.rows[-1].get(f"validation/{told}") for told in ("accuracy", "error"))
            figure = f"error {off:.4g}" if off is not None else "–" if right is None else f"{right:.1%}"
            self.tell(len(self.rows) / self.epochs, f"epoch {len(self.rows)}/{self.epochs}, validation {figure}")

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint keeps."""
        return {"rows": self.rows, "seconds": self.seconds, "finished": self.finished}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """What a resumed run starts from."""
        self.rows, self.seconds = list(state_dict["rows"]), state_dict["seconds"]
        self.finished = state_dict["finished"]
