"""Runs on products of domains: films that go to the left or to the right, and frames of which each is asked about."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.auditing.laid_out import laid_out
from erlangen.data import DataSet, TensorPair
from erlangen.domains import Grid, HexGrid, Sequence
from erlangen.errors import SymmetryError
from erlangen.train import Config, NetworkSection, ReportSection, TaskSection, TrainSection, run, write_report
from erlangen.train.baselines import parameters
from erlangen.train.elements import elements, name_of
from erlangen.train.moving import drawn_from, move, move_scores
from erlangen.train.networks import build_network, task_of
from erlangen.train.toml import config_from

TASK = TaskSection("Grid(2) * Sequence()", "Invariant(2)", "C(4)", 1)
CONFIG = Config(
    "films",
    TASK,
    network=NetworkSection(width=16, depth=1, scales=1),
    train=TrainSection(seeds=(0,), models=("derived", "plain"), epochs=6, batch_size=16, threads=1, learning_rate=0.02),
    report=ReportSection(examples=2),
)


def films(n: int, seed: int) -> TensorPair:
    """A spot that moves, or stays and grows dark."""
    draw = torch.Generator().manual_seed(seed)
    x = 0.2 * torch.randn(n, 1, 7, 7, 3, generator=draw)
    labels = torch.arange(n) % 2
    for film, label in zip(x, labels.tolist(), strict=True):
        for t in range(3):
            at = 1 + 2 * t if label else 3
            film[0, 2:5, at : at + 2, t] += 2 if label else 3 - t
    return TensorPair(x, labels)


def data() -> DataSet:
    parts = (films(n, seed) for seed, n in enumerate((48, 12, 24)))
    return DataSet(*parts, classes=("fades", "moves"), name="films", licence="CC0", source="made here")


def test_a_run_on_films_is_audited_compared_and_drawn(tmp_path: Path):
    results = run(CONFIG, data(), tmp_path / "run")
    assert results.labels == ("0°", "90°", "180°", "270°")
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided and results.accuracy("derived", 0).median > 0.6
    page = write_report(CONFIG, data(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert "Grid(2) * Sequence()" in page and "central slice" not in page


def test_the_plain_network_has_as_many_parameters_and_is_ordinary():
    task = task_of(TASK)
    derived, plain = (build_network(name, task, CONFIG.network) for name in ("derived", "plain"))
    assert abs(parameters(plain) / parameters(derived) - 1) < 0.05
    assert not any(type(module).__module__.startswith("erlangen") for module in plain.modules())
    assert plain(torch.randn(2, 1, 7, 7, 3)).shape == (2, 2)
    assert [name_of(task, g) for g in elements(task)] == ["0°", "90°", "180°", "270°"]


def test_choices_of_products_are_read_and_others_refused():
    table = {"task": {"domain": TASK.domain, "output": TASK.output, "symmetry": "C(4)", "input": 1}}
    made = config_from({**table, "network": {"way": "sum", "fibre": "mean"}}, "here", "mine")
    assert made.network.choices == {"way": "sum", "fibre": "mean"}
    with pytest.raises(SymmetryError, match="dilated"):
        config_from({**table, "network": {"dilated": True}}, "here", "mine")


def test_what_is_drawn_of_a_product():
    film = torch.arange(8 * 9 * 6.0).reshape(1, 8, 9, 6)
    factor, shown = laid_out(Grid(2) * Sequence(), film)
    assert factor == Grid(2) and shown.shape == (1, 8, 4 * 9 + 3)
    gaps = shown.isnan().all(1)[0]
    assert gaps.nonzero().flatten().tolist() == [9, 19, 29]
    assert torch.equal(shown[..., ~gaps], torch.cat([film[..., t] for t in (0, 2, 3, 5)], dim=-1))
    factor, shown = laid_out(Sequence() * HexGrid(), film.movedim(-1, 1))
    assert factor == HexGrid() and torch.equal(shown, film[..., 3])


def test_films_are_no_sets_of_pictures(tmp_path: Path):
    config = replace(CONFIG, task=replace(TASK, domain="Set(Grid(2))"))
    with pytest.raises(SymmetryError, match="Set"):
        run(config, data(), tmp_path / "run")


def test_only_what_the_grid_keeps_of_a_larger_group_is_tested_and_drawn():
    task = task_of(replace(TASK, symmetry="O(2)"))
    assert [name_of(task, g) for g in elements(task)[:4]] == ["0°", "90°", "180°", "270°"] and len(elements(task)) == 8
    assert drawn_from(task) == elements(task)


@pytest.mark.parametrize("pooled", ["", ", pooled=Sequence()", ", pooled=Grid(2)"])
def test_labels_of_films_turn_with_the_places_they_are_of(pooled: str):
    task = task_of(replace(TASK, output=f"Equivariant(3{pooled})"))
    shape = {"": (4, 7, 7, 3), ", pooled=Sequence()": (4, 7, 7), ", pooled=Grid(2)": (4, 3)}[pooled]
    labels = torch.randint(3, shape, generator=torch.Generator().manual_seed(0))
    g, film = elements(task)[1], films(4, 0).inputs
    turned = torch.rot90(labels, 1, (1, 2)) if labels.ndim > 2 else labels
    x, y = move(task, g, film, labels)
    assert torch.equal(x, torch.rot90(film, 1, (2, 3))) and torch.equal(y, turned)
    scores = torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).float()
    assert torch.equal(move_scores(task, g, scores).argmax(1), turned)
