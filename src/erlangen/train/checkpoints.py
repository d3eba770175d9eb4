"""Checkpoints that are there whole or not at all, at the end of an epoch and, where asked for, within one."""

import io
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.fabric.plugins.io import TorchCheckpointIO

from erlangen.files import write_whole


class WholeFiles(TorchCheckpointIO):
    """Lightning writes a draft elsewhere and copies it; here the draft lies beside, so that its move is one step."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """`checkpoint` at `path`, whole."""
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_whole(path, buffer.getvalue())


class Midway(lightning.Callback):
    """A checkpoint after every so many steps within an epoch; the one at its end is not written here."""

    def __init__(self, path: Path, every: int):
        self.path, self.every = path, every

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Written between two steps, when no gradient is held."""
        batches = batch_idx + 1
        step, held = divmod(batches, trainer.accumulate_grad_batches)
        if batches < trainer.num_training_batches and held == 0 and step % self.every == 0:
            trainer.save_checkpoint(self.path)
