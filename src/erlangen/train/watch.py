"""A trial of a sweep while it trains: Optuna is told of each epoch, and may give the trial up."""

import lightning
import optuna

HELD = "validation/loss"


class Watch(lightning.Callback):
    """Tells Optuna the validation loss of each epoch of the first seed, and stops where it gives the trial up."""

    def __init__(self, trial: optuna.Trial, before: float | None):
        self.trial, self.before = trial, before

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """The first seed decides: the others are there to tell how far that is luck."""
        epoch = trainer.current_epoch
        if self.before is None:
            self.trial.set_user_attr("epochs", epoch + 1)
            self.trial.report(float(trainer.callback_metrics[HELD]), epoch)
            if self.trial.should_prune():
                raise optuna.TrialPruned
