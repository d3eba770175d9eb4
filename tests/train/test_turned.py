"""Runs whose symmetry the lattice does not keep: exact on the lattice, interpolated between its sites, never mixed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, TensorPair
from erlangen.errors import ConfigError
from erlangen.train import (
    Config,
    NetworkSection,
    ReportSection,
    TaskSection,
    TrainSection,
    findings,
    load_network,
    read_results,
    run,
    write_report,
)
from erlangen.train.baselines import plain_twin
from erlangen.train.comparison import compare
from erlangen.train.headline import headline
from erlangen.train.networks import derived_network, task_of
from erlangen.train.results import Results
from erlangen.train.tables import table
from tests.effort import covering
from tests.train.small import made_results, small_config, small_data, small_masks

ONE_EPOCH = TrainSection(seeds=(0,), epochs=1, batch_size=16, threads=1)


def volumes() -> DataSet:
    """Noise of which one class is the brighter."""
    parts = []
    for seed, n in enumerate((8, 4, 6)):
        y = torch.arange(n) % 2
        noise = torch.rand(n, 1, 6, 6, 6, generator=torch.Generator().manual_seed(seed))
        parts.append(TensorPair(noise + y.view(-1, 1, 1, 1, 1), y))
    return DataSet(*parts, ("dark", "bright"), "volumes", "CC0", "made here")


CASES = {
    "finite": (TaskSection("Grid(2)", "Invariant(3)", "C(8)", 1), 8, small_data, 4, 4),
    "turns": (TaskSection("Grid(2)", "Invariant(3)", "SO(2)", 1), 7, small_data, 4, 12),
    "masks": (TaskSection("Grid(2)", "Equivariant(2)", "O(2)", 1), 10, small_masks, 8, 8),
    "space": (TaskSection("Grid(3)", "Invariant(2)", "SO(3)", 1), 35, volumes, 24, 8),
}


@pytest.fixture(scope="module", params=covering(CASES, ["finite", "masks", "space"]))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Config, Path, Results]:
    task, width, data, _, _ = CASES[request.param]
    network, report = NetworkSection(width=width, depth=1, scales=2), ReportSection(examples=1)
    config = Config(request.param, task, network=network, train=ONE_EPOCH, report=report)
    folder = tmp_path_factory.mktemp("turned") / request.param
    return request.param, config, folder, run(config, data(), folder)


def test_the_derived_network_answers_alike_on_the_lattice(made: tuple[str, Config, Path, Results]) -> None:
    name, _, folder, results = made
    kept, rest = CASES[name][3:]
    kinds = results.kinds()
    assert [len(places) for places in kinds.values()] == [kept, rest]
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert results.agreement("derived", kinds["on the lattice"]) == (agreeing, decided)
    assert results.agreement("derived", kinds["interpolated"])[1] > 0
    assert read_results(folder / "results.json") == results
    written = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert sum(written["exact"]) == kept
    assert set(written["summary"]["plain"]["mean_accuracy_by_kind"]) == {"on the lattice", "interpolated"}


def test_tables_and_findings_tell_the_two_apart(made: tuple[str, Config, Path, Results]) -> None:
    name, _, _, results = made
    kept, rest = CASES[name][3:]
    firsts = [row[0] for row in table(results)[1]]
    shown = sum(name.startswith("≈ ") for name in firsts)
    assert 0 < shown <= rest
    assert f"mean over {kept} on the lattice" in firsts
    assert f"mean over {rest} interpolated (≈)" in firsts
    assert "agreement, on the lattice" in firsts
    assert "agreement, interpolated (≈)" in firsts
    said = findings(results)
    assert f"Of the {kept + rest} elements tested, {kept} on the lattice only move sites to sites" in said[1]
    fall = next(one for one in said if one.startswith("The derived network"))
    lattice, _, between = fall.partition("; interpolated ")
    assert "≈" in between
    assert "≈" not in lattice
    assert "exact" not in fall


def test_the_report_and_its_audits_tell_the_two_apart(made: tuple[str, Config, Path, Results]) -> None:
    name, config, folder, results = made
    page = write_report(config, CASES[name][2](), results, folder).read_text(encoding="utf-8")
    assert "audit of the derived network: on the lattice exact, interpolated " in page
    assert "interpolated exact" not in page
    assert "and at" in page.partition('class="lead"')[2][:200]
    pictures = page.partition("<h2>Examples</h2>")[2].partition("<h2>Who")[0]
    assert "≈ " in pictures or name == "masks"


def test_networks_are_compared_apart_on_the_lattice_and_off_it(tmp_path: Path) -> None:
    config = small_config(task=CASES["finite"][0])
    task = task_of(config.task)
    net = derived_network(task, NetworkSection(width=8, depth=1, scales=2))
    compared = compare({"mine": net}, task, small_data())
    rows = {row[0]: row[1] for row in compared.rows}
    assert [name for name in rows if "°" in name][:3] == ["0°", "≈ 45°", "90°"]
    assert rows["symmetry, on the lattice"] == "exact"
    assert rows["symmetry, interpolated"] not in ("proved", "exact")
    assert "Where a ≈ stands" in compared.to_html(tmp_path / "compare.html").read_text(encoding="utf-8")


def test_fewer_examples_are_tested_moved_where_that_is_asked_for(tmp_path: Path) -> None:
    report = ReportSection(examples=3, moved=5)
    config = small_config(task=CASES["turns"][0], network=NetworkSection(7, 1, 2), train=ONE_EPOCH, report=report)
    results = run(config, small_data(), tmp_path / "run")
    assert [entry.tested for entry in results.outcomes[0].at] == [24] + [5] * 15
    assert {len(entry.said) for entry in results.outcomes[0].at} == {3}
    assert results.tested == 24
    assert results.measured("derived").tested == 5
    assert "Only the first 5 of 24 test examples are tested at moved inputs" in "".join(findings(results))
    page = write_report(config, small_data(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert "the first 5 of them moved by each element" in page


def test_a_saved_network_of_a_continuous_group_is_read_again(made: tuple[str, Config, Path, Results]) -> None:
    name, _, folder, results = made
    test = CASES[name][2]().test
    for outcome in results.outcomes:
        net, task = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        assert repr(task.symmetry) == CASES[name][0].symmetry
        with torch.inference_mode():
            right = float((net(test.inputs).argmax(1) == test.targets).double().mean())
        assert right == pytest.approx(outcome.at[0].accuracy)


def test_the_plain_twin_has_the_filters_of_the_derived_network() -> None:
    task = task_of(CASES["turns"][0])
    net = derived_network(task, NetworkSection(width=14))
    convolutions = [m for m in plain_twin(net, task).modules() if isinstance(m, torch.nn.Conv2d)]
    assert {m.kernel_size for m in convolutions if m.groups == 1} == {(5, 5)}


def mixed(derived: tuple[int, ...], plain: tuple[int, ...]) -> Results:
    """As made_results, but the second of its two elements is interpolated."""
    found = made_results(derived=derived, plain=plain)
    outcomes = tuple(replace(o, at=(o.at[0], replace(o.at[1], exact=False))) for o in found.outcomes)
    return replace(found, outcomes=outcomes)


def test_the_headline_says_what_is_interpolated() -> None:
    found = headline(mixed((97, 98, 99), (97, 98, 99)))
    assert "Mean over the 1 element on the lattice: derived 98.0 %, plain 98.0 %." in found.sentence
    assert "Mean over the 1 element interpolated: derived 98.0 %, plain 60.0 %." in found.sentence
    alone = mixed((90, 92), (90, 92))
    alone = headline(replace(alone, outcomes=alone.of("plain")))
    assert alone.word == "91.0 % at every element on the lattice"
    assert "At interpolated elements at its worst: 60.0 %." in alone.sentence


def test_labels_shared_out_whole_are_refused(tmp_path: Path) -> None:
    config = small_config(train=replace(ONE_EPOCH, label_smoothing=1.0))
    with pytest.raises(ConfigError, match="label_smoothing"):
        run(config, small_data(), tmp_path / "run")
    assert not (tmp_path / "run").exists()
