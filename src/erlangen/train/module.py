"""The Lightning parts: how a network learns, where its batches come from, and what is remembered of it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lightning
import torch
from torch import Tensor, nn

from erlangen.train.batches import loader, seeded
from erlangen.train.config import TrainSection
from erlangen.train.held import at_once
from erlangen.train.moving import augment, drawn_from

if TYPE_CHECKING:
    from erlangen.task import Task
    from erlangen.train.examples import Examples
    from erlangen.train.judging import Judge

WARM_UP = 0.2


class Learner(lightning.LightningModule):
    """θ ← θ − η ∇ loss(f_θ(x), y), as `judge` says: AdamW with a one-cycle η; with `turning` each (x, y) is moved at
    random. A network that has a `prior()`, −log p of its weights, pays it once for all its `examples`.

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

    def on_train_epoch_start(self) -> None:
        """Draws inside the network (dropout, if any) depend on seed and epoch alone, so that resuming repeats them."""
        torch.manual_seed(seeded(self.seed, self.current_epoch).initial_seed())

    def training_step(self, batch: tuple[Any, Tensor], index: int) -> Tensor:
        """The loss of one batch, moved first where augmentation is asked for."""
        inputs, targets = batch
        if self.turning:
            inputs, targets = augment(
                self.task, self.among, inputs, targets, seeded(self.seed, self.current_epoch, index)
            )
        loss, _ = self.judge(self.net(inputs), targets, learning=True)
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(targets))
        return loss if self.prior is None else loss + self.prior() / self.examples

    def validation_step(self, batch: tuple[Any, Tensor], index: int) -> None:
        """Loss, and accuracy or error; where augmentation is asked for, moved by the same elements in every epoch."""
        inputs, targets = batch
        if self.turning:
            inputs, targets = augment(self.task, self.among, inputs, targets, seeded(self.seed, index))
        loss, told = self.judge(self.net(inputs), targets, learning=False)
        self.log("validation/loss", loss, batch_size=len(targets))
        self.log(f"validation/{self.judge.told}", told, batch_size=len(targets))

    def configure_optimizers(self) -> Any:
        """AdamW; η rises over the first fifth of all steps and then falls to nought."""
        rate, decay = self.settings.learning_rate, self.settings.weight_decay
        optimizer = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=decay)
        steps = max(2, int(self.trainer.estimated_stepping_batches))
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=WARM_UP)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class ExamplesModule(lightning.LightningDataModule):
    """Training batches shuffled by (seed, epoch), validation batches in order. The test part is not here."""

    def __init__(self, examples: "Examples", batch_size: int, seed: int):
        super().__init__()
        self.examples, self.batch_size, self.seed = examples, batch_size, seed

    def train_dataloader(self) -> Any:
        """What is learnt from."""
        return loader(self.examples.train, self.batch_size, self.seed)

    def val_dataloader(self) -> Any:
        """What decides on stopping and on the best checkpoint."""
        held_out = self.examples.validation
        return loader(held_out, at_once(held_out.inputs))


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
