"""Runs in time: sequences of several lengths, at other speeds, told of it or not, beside torch's own recurrent nets."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import DataSet, SequencePair, SequenceStore, TensorPair, in_time, load
from erlangen.domains import Sequence
from erlangen.errors import ConfigError, DataError, TaskError
from erlangen.groups import TimeWarp
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train import NetworkSection, TaskSection, evaluate, load_network, plain_twin, run, write_report
from erlangen.train.baselines import parameters
from erlangen.train.check import check
from erlangen.train.elements import elements
from erlangen.train.evaluate import scores
from erlangen.train.moving import UNKNOWN, augment, move
from erlangen.train.networks import derived_network, task_of
from erlangen.train.paced import SPEEDS
from erlangen.train.plain_recurrent import PlainRecurrent
from erlangen.train.results import Results
from tests.train.small import AT_STEPS, IN_TIME, small_config, small_waves, waves

CONFIG, STEPS = small_config(**IN_TIME), small_config(**AT_STEPS)
TASK = task_of(CONFIG.task)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("runs") / "waves"
    return folder, run(CONFIG, small_waves(), folder)


def test_a_run_is_tested_as_recorded_and_at_other_speeds(finished: tuple[Path, Results]) -> None:
    _, results = finished
    assert results.elements == tuple(map(str, SPEEDS)) and results.elements[0] == "as recorded"
    assert results.exact == (True, True, False, False, False, False)
    agreeing, decided = results.agreement("derived", [1])
    assert agreeing == decided == 32  # a step recorded in two, and told, is the same step
    assert abs(results.parameters("plain") / results.parameters("derived") - 1) <= 0.05
    assert set(results.kinds()) == {"step by step", "interpolated"}


def test_networks_are_saved_as_they_answered(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    for outcome in results.outcomes:
        net, task = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        assert evaluate(net, task, small_waves().test)[0].accuracy == outcome.at[0].accuracy


def test_the_page_speaks_of_speeds(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    page = write_report(CONFIG, small_waves(), results, folder).read_text(encoding="utf-8")
    assert "Accuracy at every speed" in page and "As recorded" in page and "5 to 12 steps" in page
    assert not any(word in page for word in ("pright the", "CNN", "of the group", "At the other elements"))
    assert "audit of the derived network: exact" in page and "audit of the plain network:" in page


def test_answers_at_every_step_are_trained_for_and_moved_with_the_steps(tmp_path: Path) -> None:
    data = small_waves(dense=True)
    results = run(STEPS, data, tmp_path / "steps")
    assert results.tested == len(data.test.targets) == int(data.test.inputs.sizes.sum())
    agreeing, decided = results.agreement("derived", [1])
    assert decided == 2 * results.tested and agreeing <= decided
    assert results.accuracy("derived", 0).middle > 0.6
    assert "points right" in write_report(STEPS, data, results, tmp_path / "steps").read_text(encoding="utf-8")


# ---- what is moved


def test_labels_at_steps_go_where_the_steps_go() -> None:
    pair = waves(3, 0, dense=True)
    task = task_of(STEPS.task)
    for speed in elements(task):
        inputs, targets = move(task, speed, pair.inputs, pair.targets)
        assert len(inputs.x) == len(targets)
    doubled, targets = move(task, SPEEDS[1], pair.inputs, pair.targets)
    assert doubled.x[::2].equal(pair.inputs.x) and doubled.x[1::2].equal(pair.inputs.x)
    assert targets.equal(pair.targets.repeat_interleave(2)) and doubled.dt.eq(0.5).all()


def test_a_wave_that_is_slower_is_the_same_wave() -> None:
    store = SequenceStore([torch.linspace(0, 1, 9)[None]])
    slow, fast = (move(TASK, SPEEDS[i], store, torch.zeros(1).long())[0] for i in (2, 3))
    assert slow.sizes.tolist() == [18] and fast.sizes.tolist() == [4]
    assert slow.dt.sum() == fast.dt.sum() == 9  # told: as long as it was
    middle = slow.x[:, 0].diff()[1:-1]
    assert torch.allclose(middle, torch.full_like(middle, 1 / 16), atol=1e-6)


def test_augmentation_draws_a_speed_for_each_and_keeps_its_labels() -> None:
    pair = waves(6, 1, dense=True)
    batch, targets = pair.batch(range(6))
    task = task_of(STEPS.task)
    moved, labels = augment(task, (), batch, targets, torch.Generator().manual_seed(0))
    again, same = augment(task, (), batch, targets, torch.Generator().manual_seed(0))
    assert torch.equal(moved.x, again.x) and torch.equal(labels, same)
    ratio = moved.lengths / batch.lengths
    assert ratio.min() >= 0.4 and ratio.max() <= 2.1 and len(set(ratio.tolist())) > 3
    assert labels.shape == (6, moved.x.shape[-1]) and torch.equal((labels != UNKNOWN).sum(1), moved.lengths)


# ---- plain networks


@pytest.mark.parametrize("layer", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("output", [Invariant(3), Equivariant(3)])
def test_the_plain_network_is_torchs_and_of_equal_size(layer: str, output: Invariant | Equivariant) -> None:
    task = Task(Sequence(), None, 2, output)
    net = derived_network(task, NetworkSection(width=16, choices={"layer": layer}))
    plain = plain_twin(net, task, layer=layer)
    assert isinstance(plain, PlainRecurrent) and type(plain.states[0]).__name__ == layer.upper()
    assert abs(parameters(plain) / parameters(net) - 1) <= 0.05


@pytest.mark.parametrize("mean", [False, True])
def test_a_plain_network_answers_each_sequence_as_if_it_were_alone(mean: bool) -> None:
    torch.manual_seed(0)
    store = waves(5, 3).inputs
    net = PlainRecurrent(TASK, "lstm", (8, 6), mean=mean)
    together = scores(net, store)
    alone = torch.cat([scores(net, store.take([i])) for i in range(5)])
    assert torch.allclose(together, alone, atol=1e-6) and together.std(0).min() > 1e-3


def test_a_width_that_does_not_fit_is_refused() -> None:
    task = Task(Sequence(), TimeWarp(), 1, Invariant(2))
    net = derived_network(task, NetworkSection(width=1, depth=1))
    with pytest.raises(TaskError, match="nearest plain one"):
        plain_twin(net, task, 1)


# ---- what does not fit


def test_signals_of_one_length_become_sequences() -> None:
    pair = TensorPair(torch.randn(4, 1, 6), torch.arange(4) % 2)
    data = DataSet(pair, pair, pair, ("slow", "fast"), "mine", "", "")
    with pytest.raises(ConfigError, match="in_time"):
        check(CONFIG, TASK, data)
    check(CONFIG, TASK, in_time(data))
    assert torch.equal(in_time(data).test.inputs.batch(range(4)).x, pair.inputs)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (TaskSection("Grid(1)", "Invariant(2)", None, 1), "sequences"),
        (TaskSection("Sequence()", "Invariant(2)", "TimeWarp()", 3), "1 numbers a step"),
        (TaskSection("Sequence()", "Equivariant(2)", "TimeWarp()", 1), "Invariant"),
    ],
)
def test_tasks_that_do_not_fit_are_refused(task: TaskSection, said: str) -> None:
    config = replace(CONFIG, task=task)
    with pytest.raises(ConfigError, match=said):
        check(config, task_of(task), small_waves())


def test_averaging_over_speeds_is_refused() -> None:
    config = replace(CONFIG, train=replace(CONFIG.train, models=("augmented", "averaged")))
    with pytest.raises(ConfigError, match="finite group"):
        check(config, TASK, small_waves())


def test_ones_own_sequences_come_from_arrays(tmp_path: Path) -> None:
    steps = np.arange(20) % 3 + 2
    arrays = {"x": np.random.default_rng(0).normal(size=(steps.sum(), 2)), "steps": steps, "y": np.arange(20) % 2}
    np.savez(tmp_path / "mine.npz", **arrays, dt=np.ones(steps.sum()))
    data = load(tmp_path / "mine.npz", dim=1, channels=2)
    assert isinstance(data.train, SequencePair) and data.channels == 2 and data.train.inputs.dt is not None
    assert sum(len(pair) for pair in data.parts.values()) == 20 and data.counts()["test"][0] > 0
    np.savez(tmp_path / "bad.npz", **{**arrays, "steps": steps + 1})
    with pytest.raises(DataError, match="steps of all sequences"):
        load(tmp_path / "bad.npz")
    folds = [data.fold(i, 4, 0.2, 0).test for i in range(4)]
    assert sum(map(len, folds)) == 20
