"""The pages of a run and of a comparison: one file each, nothing from the network, everything promised in them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from erlangen.data import DataSet, TensorPair
from erlangen.errors import ConfigError
from erlangen.train import (
    DataSection,
    ReportSection,
    TaskSection,
    load_network,
    read_results,
    report,
    run,
    write_report,
)
from erlangen.train.comparison import compare, question
from erlangen.train.evaluate import audited
from erlangen.train.matrices import matrix
from erlangen.train.networks import task_of
from tests.train.small import made_results, small_config, small_data, small_masks
from tests.train.test_experiment import MASKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs") / "small"
    write_report(small_config(), small_data(), run(small_config(), small_data(), place), place)
    return place


def offline(page: str) -> bool:
    return not re.search(r"""(src|href)=["'](https?:)?//|@import|url\((?!["']?data:)""", page)


def test_the_report_shows_what_was_promised(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in (
        "What the numbers say",
        "upright and lying",
        "Confusion of the plain network",
        "180°",
        "CC0",
        "Test example",
    ):
        assert words in page
    assert page.count("<svg") >= 2 + 1
    assert page.count("data:image/png") == 2 * 2
    assert offline(page)


def test_the_pages_beside_it_exist_and_are_linked(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    for name in ("explain.html", "audit-derived.html", "audit-plain.html"):
        assert f'href="{name}"' in page
        assert offline((folder / name).read_text(encoding="utf-8"))
    assert "audit of the derived network: proved" in page
    assert "audit of the plain network: broken" in page


def test_the_commonest_class_stands_beside_the_networks(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "always “upright”" in page
    assert page.count('class="mark"') >= 2 * 2  # a dashed mark on every bar


def test_masks_show_input_target_answer_and_how_much_of_each_class_is_found(tmp_path: Path) -> None:
    hoping = replace(MASKS, report=ReportSection(hope="Mean Dice, 0.1 over the plain network."))
    results = run(hoping, small_masks(), tmp_path / "run")
    page = write_report(hoping, small_masks(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert page.count("Mean Dice, 0.1 over the plain network.") == 2  # above what came, and in the configuration
    promised = ("mirror + 90°", "IoU", "Dice over classes and elements", "recall")
    for words in (*promised, "<b>target</b>", "<b>plain</b>", "of the points right"):
        assert words in page
    assert page.count("data:image/png") == 4 * 2 * (2 + 2)  # examples, upright and moved: input, target, two answers


@pytest.mark.parametrize(
    ("task", "inputs", "found", "drawings"),
    [
        (TaskSection("Grid(1)", "Invariant(2)", "Mirror()", 1), torch.randn(60, 1, 16), "reversal", "<polyline"),
        (
            TaskSection("Dna()", "Invariant(2)"),
            torch.eye(4)[torch.arange(960) % 4].view(60, 16, 4).mT,
            "A</span>",
            "letters",
        ),
        (TaskSection("Grid(1)", "Equivariant(2)", "Mirror()", 1), torch.randn(60, 1, 16), "target", "a class at each"),
        (TaskSection("HexGrid()", "Equivariant(2)", "C(6)", 1), torch.randn(60, 1, 7, 7), "°", '<svg class="mosaic"'),
        (
            TaskSection("Grid(3)", "Invariant(2)", "C(2)", 1),
            torch.randn(60, 1, 6, 6, 6),
            "rotation by",
            "data:image/png",
        ),
    ],
    ids=["line", "dna", "line masks", "hexagon masks", "volume"],
)
def test_every_lattice_shows_its_examples(
    tmp_path: Path, task: TaskSection, inputs: torch.Tensor, found: str, drawings: str
) -> None:
    config = small_config(task=task, report=ReportSection(examples=2))
    inputs = inputs - inputs.mean() * (task.domain != "Dna()")
    targets = (inputs[:, 0] > 0).long() if "Equivariant" in task.output else torch.arange(60) % 2
    parts = [TensorPair(inputs[a:b], targets[a:b]) for a, b in ((0, 20), (20, 30), (30, 60))]
    data = DataSet(*parts, ("no", "yes"), "made", "CC0", "made here")
    page = write_report(config, data, run(config, data, tmp_path), tmp_path).read_text(encoding="utf-8")
    section = page.partition("<h2>Examples</h2>")[2].partition("<h2>Who")[0]
    assert found in section
    assert section.count(drawings) >= 4  # two examples, upright and moved


def test_no_page_says_where_on_this_machine_the_data_lie(tmp_path: Path) -> None:
    data = replace(small_data(), source=str(tmp_path / "strokes.npz"))
    config = small_config(data=DataSection(source=str(tmp_path / "strokes.npz")))
    write_report(config, data, run(config, data, tmp_path / "run"), tmp_path / "run")
    for page in (tmp_path / "run").glob("*.html"):
        assert str(tmp_path) not in page.read_text(encoding="utf-8")
    assert "strokes.npz" in (tmp_path / "run/report.html").read_text(encoding="utf-8")


def test_audits_say_how_far_they_are_and_keep_to_the_threads(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[float, str, bool]] = []
    threads: list[int] = []
    real = report.audited
    monkeypatch.setattr(report, "audited", lambda *given: threads.append(torch.get_num_threads()) or real(*given))
    before = torch.get_num_threads()
    config = small_config(train=replace(small_config().train, threads=before + 1))
    write_report(
        config, small_data(), read_results(folder / "results.json"), folder, tell=lambda *said: heard.append(said)
    )
    assert threads == [before + 1] * 2
    assert torch.get_num_threads() == before
    fractions = [fraction for fraction, _, _ in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [said for _, said, done in heard if done] == [
        "audit of the derived network: proved",
        "audit of the plain network: broken",
    ]


def test_audits_take_fewer_of_large_inputs() -> None:
    task = task_of(small_config().task)
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 3))
    small, large = torch.randn(80, 1, 6, 6), torch.randn(80, 1, 256, 256)
    assert audited(net, task, small).settings["inputs"] == 64
    assert audited(net, task, large).settings["inputs"] == 16


def test_audits_take_inputs_evenly() -> None:
    task = task_of(small_config().task)
    seen: list[torch.Tensor] = []

    class Watching(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if type(x) is torch.Tensor:  # and none of the stand-ins with which the model is traced
                seen.append(x)
            return x.mean((2, 3)).expand(-1, 3)

    audited(Watching(), task, torch.arange(128.0).view(-1, 1, 1, 1) + torch.rand(128, 1, 6, 6))
    assert max(float(x.max()) for x in seen) > 126  # not the first 64, which may be of one class


def test_a_matrix_of_many_points_shows_shares() -> None:
    found = made_results(derived=(90,), plain=(90,))
    assert matrix(found, "derived", 0)["rows"][0]["cells"][0]["written"] == "180"
    many = made_results(derived=(90,), plain=(90,), tested=400_000)
    assert matrix(many, "derived", 0)["rows"][0]["cells"][0]["written"] == "90"
    assert matrix(many, "derived", 0)["unit"] == "per cent of the class"


def test_networks_are_compared_side_by_side(folder: Path, tmp_path: Path) -> None:
    nets = {model: load_network(folder / f"seed-0/{model}/network.safetensors")[0] for model in ("derived", "plain")}
    nets["mine"] = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    task = task_of(small_config().task)
    compared = compare(nets, task, small_data())
    assert compared.columns == ["accuracy at", "derived", "plain", "mine", "always “upright”"]
    assert [row[0] for row in compared.rows] == [
        "0°",
        "180°",
        "symmetry",
        "error",
        f"ms for {min(64, compared.examples)}",
        f"MB for {min(64, compared.examples)}",
        "parameters",
    ]
    assert [net.verdict for net in compared.networks] == ["proved", "broken", "broken"]
    assert compared.rows[0][-1] == compared.rows[1][-1] == "33.3 %"
    page = compared.to_html(tmp_path / "compare.html").read_text(encoding="utf-8")
    assert "mine" in page
    assert offline(page)


def test_networks_that_do_not_fit_are_named() -> None:
    task = task_of(small_config().task)
    with pytest.raises(ConfigError, match="mine on inputs of shape"):
        compare({"mine": nn.Conv2d(3, 3, 3)}, task, small_data())
    with pytest.raises(ConfigError, match=r"mine answering \(2, 4\)"):
        compare({"mine": nn.Sequential(nn.Flatten(), nn.Linear(36, 4))}, task, small_data())
    with pytest.raises(ConfigError, match="3 classes"):
        compare({"mine": nn.Flatten()}, task_of(TaskSection("Grid(2)", "Invariant(5)", "C(2)", 1)), small_data())


def test_the_question_is_the_first_network_s_with_the_options_over_it() -> None:
    own = task_of(small_config().task)
    assert question([None, own], None, None, None) is own
    assert repr(question([own], None, "D(4)", None).symmetry) == "D(4)"
    with pytest.raises(ConfigError, match="--domain, --symmetry and --output"):
        question([None], "Grid(2)", None, None)
