"""A run: everything checked before anything is written, whole files, resumable, and blind to test labels."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, TensorPair
from erlangen.errors import ConfigError, RecipeError, SymmetryError
from erlangen.train import (
    Config,
    NetworkSection,
    ReportSection,
    TaskSection,
    experiment,
    load_network,
    read_results,
    run,
)
from erlangen.train.experiment import read_run, shown_examples
from erlangen.train.results import Results
from tests.train.small import files_in, small_config, small_data, small_masks

MASKS = small_config(task=TaskSection("Grid(2)", "Equivariant(2)", "D(4)", 1), report=ReportSection())


def rated(**rates: float) -> Config:
    return replace(small_config(), train=replace(small_config().train, rates=rates))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("runs") / "small"
    return folder, run(small_config(), small_data(), folder)


def test_a_run_leaves_whole_files_and_nothing_else(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    each = {"best.ckpt", "last.ckpt", "network.safetensors", "result.json"}
    models = {f"seed-0/{model}/{name}" for model in ("derived", "plain") for name in each}
    assert files_in(folder) == models | {"config.json", "results.json"}
    assert read_results(folder / "results.json") == results
    assert read_run(folder) == small_config()


def test_the_derived_network_answers_alike_at_every_element(finished: tuple[Path, Results]) -> None:
    results = finished[1]
    assert results.elements == ("0°", "180°")
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert results.accuracy("derived", 0) == results.accuracy("derived", 1)
    assert abs(results.parameters("plain") / results.parameters("derived") - 1) <= 0.05
    assert sum(map(sum, results.confusion("plain", 1))) == len(small_data().test)


def test_networks_are_saved_as_they_answered(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    test = small_data().test
    for outcome in results.outcomes:
        net, task = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        assert repr(task.symmetry) == "C(2)"
        with torch.inference_mode():
            assert float((net(test.inputs).argmax(1) == test.targets).double().mean()) == outcome.at[0].accuracy


def test_an_interrupted_run_is_continued_and_finished_parts_are_kept(
    finished: tuple[Path, Results], tmp_path: Path
) -> None:
    stopped = tmp_path / "run"

    def stop_after_first(fraction: float, text: str, done: bool) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(small_config(), small_data(), stopped, tell=stop_after_first)
    assert "results.json" not in files_in(stopped)
    first = (stopped / "seed-0/derived/best.ckpt").stat().st_mtime_ns
    results = run(small_config(), small_data(), stopped, resume=True)
    assert (stopped / "seed-0/derived/best.ckpt").stat().st_mtime_ns == first
    assert [outcome.at for outcome in results.outcomes] == [outcome.at for outcome in finished[1].outcomes]


def test_a_rate_of_its_own_changes_how_that_model_learns_and_no_other(
    finished: tuple[Path, Results], tmp_path: Path
) -> None:
    run(rated(plain=1e-9), small_data(), tmp_path / "run")

    def losses(folder: Path, model: str) -> list[float]:
        history = json.loads((folder / "seed-0" / model / "result.json").read_text(encoding="utf-8"))["history"]
        return [row["validation/loss"] for row in history]

    assert losses(tmp_path / "run", "derived") == losses(finished[0], "derived")
    slow, quick = (losses(folder, "plain") for folder in (tmp_path / "run", finished[0]))
    assert slow[-1] > quick[-1] + 0.01  # it has hardly learnt at all


def test_a_finished_run_is_known_as_such(finished: tuple[Path, Results], tmp_path: Path) -> None:
    folder, results = finished
    assert experiment.finished(small_config(), folder) is None  # there is no report yet
    (folder / "report.html").write_text("<p>", encoding="utf-8")
    try:
        assert experiment.finished(small_config(), folder) == results
        assert experiment.finished(small_config(network=NetworkSection(width=4)), folder) is None
    finally:
        (folder / "report.html").unlink()
    assert experiment.finished(small_config(), tmp_path) is None


def test_testing_keeps_to_the_threads_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    real = experiment.evaluate
    monkeypatch.setattr(experiment, "evaluate", lambda *given: threads.append(torch.get_num_threads()) or real(*given))
    before = torch.get_num_threads()
    settings = replace(small_config().train, threads=before + 1, models=("derived",), epochs=1)
    run(small_config(train=settings), small_data(), tmp_path / "run")
    assert threads == [before + 1]
    assert torch.get_num_threads() == before


def test_test_labels_choose_nothing(finished: tuple[Path, Results], tmp_path: Path) -> None:
    data = small_data()
    other = replace(data, test=TensorPair(data.test.inputs, (data.test.targets + 1) % 3))
    run(small_config(), other, tmp_path / "run")
    for model in ("derived", "plain"):
        nets = [
            load_network(folder / f"seed-0/{model}/network.safetensors")[0]
            for folder in (finished[0], tmp_path / "run")
        ]
        weights = [list(net.state_dict().values()) for net in nets]
        assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))


def test_a_folder_in_use_is_not_written_over(finished: tuple[Path, Results], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="in use.*--resume"):
        run(small_config(), small_data(), finished[0])
    with pytest.raises(ConfigError, match="another configuration"):
        run(small_config(network=NetworkSection(width=4)), small_data(), finished[0], resume=True)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="in use"):
        run(small_config(), small_data(), tmp_path, resume=True)
    assert files_in(tmp_path) == {"notes.txt"}


def test_masks_are_learnt_and_turn_with_the_picture(tmp_path: Path) -> None:
    results = run(MASKS, small_masks(), tmp_path / "run")
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert len(results.elements) == 8
    assert results.accuracy("derived", 0).median == pytest.approx(results.accuracy("derived", 5).median)


@pytest.mark.parametrize(
    ("config", "data", "message"),
    [
        (small_config(task=TaskSection("Grid(2)", "Invariant(4)", "C(2)", 1)), small_data(), "Write 3 in task.output"),
        (small_config(task=TaskSection("Grid(2)", "Invariant(3)", "C(2)", 3)), small_data(), "Set task.input = 1"),
        (small_config(task=TaskSection("Grid(1)", "Invariant(3)", None, 1)), small_data(), "another task.domain"),
        (small_config(task=TaskSection("Grid(2)", "Equivariant(3)", "C(2)", 1)), small_data(), "Invariant"),
        (replace(MASKS, task=TaskSection("Grid(2)", "Invariant(2)", "C(2)", 1)), small_masks(), "Equivariant"),
        (
            small_config(task=TaskSection("Grid(2, spacing=(1.0, 2.0))", "Invariant(3)", "C(4)", 1)),
            small_data(),
            "largest subgroup",
        ),
        (small_config(report=ReportSection(pairs=(("upright", "6"),))), small_data(), "'6'"),
        (small_config(network=NetworkSection(width=8, scales=5)), small_data(), "scales"),
        (rated(distances=0.1), small_data(), "rates with 'distances'"),
        (small_config(network=NetworkSection(width=8, depth=2, scales=1)), small_data(), "nearest plain one"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, config: Config, data: DataSet, message: str
) -> None:
    with pytest.raises(SymmetryError, match=message):
        run(config, data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_shown_examples_are_the_first_of_their_classes() -> None:
    labels = small_data().test.targets
    shown = shown_examples(small_config(report=ReportSection(pairs=(("cross", "upright"),), examples=3)), small_data())
    assert [int(labels[i]) for i in shown] == [2, 0, 1]


def test_damaged_files_of_a_run_are_refused(tmp_path: Path) -> None:
    for text in ("", "{}", '{"outcomes": [1]}', '{"outcomes": [{"model": "x", "at": []}]}', "[1]"):
        (tmp_path / "results.json").write_text(text)
        with pytest.raises(RecipeError):
            read_results(tmp_path / "results.json")
    for text in ("", "{}", "[1]", json.dumps({"name": "x", "task": {"domain": 3}})):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(RecipeError):
            read_run(tmp_path)


def test_damaged_networks_are_refused(finished: tuple[Path, Results], tmp_path: Path) -> None:
    for model in ("derived", "plain"):
        content = (finished[0] / f"seed-0/{model}/network.safetensors").read_bytes()
        (tmp_path / "net.safetensors").write_bytes(content[: len(content) // 2])
        with pytest.raises(RecipeError):
            load_network(tmp_path / "net.safetensors")
    with pytest.raises(RecipeError, match="does not exist"):
        load_network(tmp_path / "missing.safetensors")
