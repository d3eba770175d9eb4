"""The augmented network averaged over the group: nothing trained anew, exact, saved and read again; and GC content."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, TensorPair
from erlangen.domains import Dna, Grid
from erlangen.errors import ConfigError
from erlangen.symmetrize.average import Average
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train import NetworkSection, TaskSection, load_network, read_results, run
from erlangen.train.check import check
from erlangen.train.evaluate import scores
from erlangen.train.networks import task_of
from erlangen.train.shortcut import mean_shortcut, shortcut
from tests.train.small import small_config, small_data


def letters(n: int, seed: int, gc: tuple[float, ...] = (0.5,), length: int = 40) -> TensorPair:
    """Random letters, of which class i has the share gc[i] of G and C."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % len(gc)
    share = torch.tensor(gc)[y, None, None]
    weights = torch.cat([1 - share, share, share, 1 - share], dim=2).expand(n, length, 4).reshape(-1, 4)
    drawn = torch.multinomial(weights, 1, generator=generator).reshape(n, length)
    return TensorPair(torch.nn.functional.one_hot(drawn, 4).mT.float(), y)


def dna(gc: tuple[float, ...] = (0.3, 0.7)) -> DataSet:
    parts = (letters(n, seed, gc) for seed, n in enumerate((48, 16, 32)))
    return DataSet(*parts, ("low", "high"), "drawn", "CC0", "made here", drawn=True)


CONFIG = small_config(
    task=TaskSection("Dna()", "Invariant(2)"),
    network=NetworkSection(width=16, depth=1, scales=2),
    train=replace(small_config().train, models=("derived", "plain", "augmented", "averaged")),
    report=replace(small_config().report, pairs=()),
)


def test_the_average_is_of_the_augmented_network_and_is_exact(tmp_path: Path) -> None:
    data = dna()
    results = run(CONFIG, data, tmp_path / "run")
    place = tmp_path / "run" / "seed-0"
    augmented, _ = load_network(place / "augmented" / "network.safetensors")
    averaged, _ = load_network(place / "averaged" / "network.safetensors")
    assert isinstance(averaged, Average) and not isinstance(augmented, Average)
    x = data.test.inputs
    assert torch.allclose(scores(averaged, x), (scores(augmented, x) + scores(augmented, x.flip(1, 2))) / 2, atol=1e-6)
    assert results.agreement("averaged")[0] == results.agreement("averaged")[1] > 0
    assert results.parameters("averaged") == results.parameters("augmented")
    again = run(CONFIG, data, tmp_path / "run", resume=True)
    assert again == results == read_results(tmp_path / "run" / "results.json")


def test_tracks_of_strands_are_moved_back_before_they_are_averaged(tmp_path: Path) -> None:
    task = TaskSection("Dna()", "Equivariant(trivial + regular)")
    whole = dna()
    tracks = {part: TensorPair(p.inputs, p.inputs[:, 1:].argmax(1)) for part, p in whole.parts.items()}
    data = replace(whole, **tracks, classes=("neither", "forward", "reverse"))
    results = run(replace(CONFIG, task=task), data, tmp_path / "run")
    agreeing, decided = results.agreement("averaged")
    assert agreeing == decided > 0
    averaged, _ = load_network(tmp_path / "run" / "seed-0" / "averaged" / "network.safetensors")
    augmented, _ = load_network(tmp_path / "run" / "seed-0" / "augmented" / "network.safetensors")
    x = data.test.inputs
    back = scores(augmented, x.flip(1, 2))[:, [0, 2, 1]].flip(2)
    assert torch.allclose(scores(averaged, x), (scores(augmented, x) + back) / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("models", "task", "said"),
    [
        (("averaged", "augmented"), CONFIG.task, '"averaged" last'),
        (("derived", "averaged"), CONFIG.task, '"augmented" before it'),
        (("augmented", "averaged"), TaskSection("Dna()", "Invariant(2)", "Trivial()"), "finite group"),
    ],
)
def test_what_cannot_be_averaged_is_refused(models: tuple[str, ...], task: TaskSection, said: str) -> None:
    config = replace(CONFIG, task=task, train=replace(CONFIG.train, models=models))
    with pytest.raises(ConfigError, match=said):
        check(config, task_of(task), dna())


def test_averaging_over_a_continuous_group_is_refused() -> None:
    task = TaskSection("Grid(2)", "Invariant(3)", "SO(2)", 1)
    config = small_config(task=task, train=replace(CONFIG.train, models=("augmented", "averaged")))
    with pytest.raises(ConfigError, match="finite group"):
        check(config, task_of(task), small_data())


# ---- what GC content alone says


def test_gc_content_alone_is_found_where_it_says_all_and_not_where_it_says_nothing() -> None:
    task = Task(Dna(), output=Invariant(2))
    telling, silent = shortcut(task, dna((0.2, 0.8))), shortcut(task, dna((0.5, 0.5)))
    assert telling is not None and telling.name == "GC content" and telling.accuracy > 0.95
    assert silent is not None and abs(silent.accuracy - 0.5) < 0.25


def test_at_every_letter_it_is_the_content_around_it() -> None:
    halves = {}
    for part, seed in (("train", 1), ("validation", 2), ("test", 3)):
        low, high = letters(6, seed, (0.2,), 300).inputs, letters(6, seed + 9, (0.8,), 300).inputs
        y = (torch.arange(600) >= 300).long().expand(6, -1)
        halves[part] = TensorPair(torch.cat([low, high], dim=-1), y)
    found = shortcut(
        Task(Dna(), output=Equivariant(2)), DataSet(**halves, classes=("a", "b"), name="", licence="", source="")
    )
    assert found is not None and found.accuracy > 0.9


def test_gc_content_of_the_other_strand_and_of_longer_ends_is_the_same() -> None:
    task, data = Task(Dna(), output=Invariant(2)), dna((0.4, 0.6))
    wider = {p: TensorPair(torch.nn.functional.pad(q.inputs, (3, 4)), q.targets) for p, q in data.parts.items()}
    other = {p: TensorPair(q.inputs.flip(1, 2), q.targets) for p, q in data.parts.items()}
    assert shortcut(task, data) == shortcut(task, replace(data, **wider)) == shortcut(task, replace(data, **other))


def test_elsewhere_there_is_no_such_number() -> None:
    assert shortcut(Task(Grid(2), None, 1, Invariant(3)), small_data()) is None
    numbers = Task(Dna(), None, 4 * Dna().natural_symmetry().trivial, Invariant(2))
    assert shortcut(numbers, dna()) is None  # four numbers at each place that are no letters
    assert mean_shortcut(Task(Dna(), output=Invariant(2)), [dna(), dna((0.2, 0.8))]) is not None
