"""One training: repeatable, resumable, stopped and chosen by validation; nothing left changed behind it."""

from dataclasses import replace
from pathlib import Path

import lightning
import pytest
import torch
from torch import nn

from erlangen.errors import ConfigError, RecipeError
from erlangen.train import TrainSection, fit
from erlangen.train.fit import Fitted, deterministic, seed_everything
from erlangen.train.networks import build_network, task_of
from tests.train.small import small_config, small_data

CONFIG = small_config()
TASK = task_of(CONFIG.task)
SETTINGS = TrainSection(epochs=4, batch_size=16, threads=1, patience=10)


class PowerCut(lightning.Callback):
    """Everything goes dark in the middle of an epoch."""

    def __init__(self, epoch: int, batch: int = 0):
        self.epoch, self.batch = epoch, batch

    def on_train_batch_end(self, trainer: lightning.Trainer, module: object, *rest: object) -> None:
        if (trainer.current_epoch, rest[-1]) == (self.epoch, self.batch):
            raise RuntimeError("power cut")


def fresh(model: str = "derived") -> nn.Module:
    seed_everything(0)
    return build_network(model, TASK, CONFIG.network)


def train(
    folder: Path, model: str = "derived", settings: TrainSection = SETTINGS, **rest: object
) -> tuple[nn.Module, Fitted]:
    net = fresh(model)
    fitted = fit(net, TASK, small_data(), settings, 0, folder, turning=model == "augmented", **rest)  # pyright: ignore[reportArgumentType]
    return net, fitted


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize("model", ["derived", "augmented"])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path, model: str) -> None:
    whole, expected = train(tmp_path / "whole", model)
    with pytest.raises(RuntimeError, match="power cut"):
        train(tmp_path / "cut", model, callbacks=[PowerCut(2)])
    resumed, found = train(tmp_path / "cut", model, resume=True)
    assert found.history == expected.history
    assert same(whole, resumed)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("every", [1, 2])
def test_a_run_cut_within_an_epoch_goes_on_there(tmp_path: Path, accumulate: int, every: int) -> None:
    settings = replace(SETTINGS, epochs=2, batch_size=8, accumulate=accumulate, checkpoint_every=every)
    whole, expected = train(tmp_path / "whole", "augmented", settings)
    begun: list[tuple[int, int]] = []
    watch = lightning.pytorch.callbacks.LambdaCallback(
        on_train_batch_start=lambda trainer, module, x, index: begun.append((trainer.current_epoch, index))
    )
    kept, between = (0, 0), every * accumulate
    for epoch, batch in ((0, 0), (0, 3), (0, 4), (0, 5), (1, 1), (1, 2), (1, 5)):
        begun.clear()
        callbacks = [watch, PowerCut(epoch, batch)]
        with pytest.raises(RuntimeError, match="power cut"):
            train(tmp_path / "cut", "augmented", settings, resume=True, callbacks=callbacks)
        assert begun[0] == kept
        kept = (epoch, min(batch + 1, 5) // between * between)
    resumed, found = train(tmp_path / "cut", "augmented", settings, resume=True)
    assert found.history == expected.history
    assert same(whole, resumed)


def test_batches_that_are_added_up_make_the_step_of_one_large_batch(tmp_path: Path) -> None:
    plain = replace(CONFIG.network, choices={"normalize": False})
    nets = []
    for size, accumulate in ((16, 1), (8, 2)):
        seed_everything(0)
        nets.append(build_network("derived", TASK, plain))
        settings = replace(SETTINGS, epochs=2, batch_size=size, accumulate=accumulate)
        fit(nets[-1], TASK, small_data(), settings, 0, tmp_path / str(size))
    for a, b in zip(*(net.parameters() for net in nets), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)


def test_equal_seeds_give_equal_weights(tmp_path: Path) -> None:
    first, a = train(tmp_path / "a")
    second, b = train(tmp_path / "b")
    assert a.history == b.history
    assert same(first, second)


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    whole, expected = train(tmp_path)
    again, found = train(tmp_path, resume=True, callbacks=[PowerCut(0)])
    assert found == expected
    assert same(whole, again)


def test_validation_stops_and_the_best_weights_are_restored(tmp_path: Path) -> None:
    settings = TrainSection(epochs=30, batch_size=16, threads=1, patience=2, learning_rate=0.3)
    net, fitted = train(tmp_path, settings=settings)
    losses = [row["validation/loss"] for row in fitted.history]
    assert len(losses) == fitted.best_epoch + 2 < 30
    assert losses[fitted.best_epoch - 1] == min(losses)
    data = small_data().validation
    with torch.inference_mode():
        assert float(nn.functional.cross_entropy(net(data.inputs), data.targets)) == pytest.approx(
            min(losses), rel=1e-5
        )


def test_bfloat16_is_for_the_products_of_the_training_alone(tmp_path: Path) -> None:
    whole, _ = train(tmp_path / "whole")
    half, fitted = train(tmp_path / "half", settings=replace(SETTINGS, precision="bfloat16"))
    assert {p.dtype for p in half.parameters()} == {torch.float32}
    assert not same(whole, half)
    assert fitted.validation_accuracy > 0.5
    x = small_data().test.inputs
    with torch.inference_mode():
        turned = half(torch.rot90(x, 2, (-2, -1)))
        torch.testing.assert_close(turned, half(x), atol=1e-5, rtol=1e-4)


def test_torch_is_left_as_it_was_found(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    train(tmp_path, settings=TrainSection(epochs=1, batch_size=16, threads=1))
    assert not torch.are_deterministic_algorithms_enabled()
    with deterministic(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == threads


def test_damaged_and_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"no checkpoint")
    with pytest.raises(RecipeError, match="cannot be read"):
        train(tmp_path, resume=True)
    torch.save({"state_dict": {}}, tmp_path / "last.ckpt")
    with pytest.raises(RecipeError, match="of something else"):
        train(tmp_path, resume=True)


def test_ctrl_c_is_heard_as_such(tmp_path: Path) -> None:
    class CtrlC(lightning.Callback):
        def on_train_batch_end(self, *rest: object) -> None:
            raise KeyboardInterrupt

    import signal

    heard = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, callbacks=[CtrlC()])
    assert signal.getsignal(signal.SIGINT) == heard


def test_a_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="never finite.*learning_rate"):
        train(tmp_path, settings=TrainSection(epochs=2, batch_size=16, threads=1, learning_rate=1e25))


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[tuple[float, str]] = []
    train(tmp_path, tell=lambda fraction, text: said.append((fraction, text)))
    assert [fraction for fraction, _ in said] == [0.25, 0.5, 0.75, 1.0]
    assert said[0][1].startswith("epoch 1/4")
