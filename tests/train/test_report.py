"""The pages of a run and of a comparison: one file each, nothing from the network, everything promised in them."""

import re
from pathlib import Path

import pytest
from torch import nn

from erlangen.errors import ConfigError
from erlangen.train import TaskSection, load_network, run, write_report
from erlangen.train.comparison import compare, question
from erlangen.train.networks import task_of
from tests.train.small import small_config, small_data, small_masks
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
    assert "audit of the derived network: exact" in page
    assert "audit of the plain network: broken" in page


def test_masks_have_a_report_too(tmp_path: Path) -> None:
    results = run(MASKS, small_masks(), tmp_path / "run")
    page = write_report(MASKS, small_masks(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert "mirror + 90°" in page


def test_networks_are_compared_side_by_side(folder: Path, tmp_path: Path) -> None:
    nets = {model: load_network(folder / f"seed-0/{model}/network.safetensors")[0] for model in ("derived", "plain")}
    nets["mine"] = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    task = task_of(small_config().task)
    compared = compare(nets, task, small_data())
    assert compared.columns == ["accuracy at", "derived", "plain", "mine"]
    assert [row[0] for row in compared.rows] == ["0°", "180°", "symmetry", "error", "ms for 64", "parameters"]
    assert [net.verdict for net in compared.networks] == ["exact", "broken", "broken"]
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
