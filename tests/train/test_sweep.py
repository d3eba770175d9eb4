"""A sweep: what is tried, what is given up, that nothing is tested, and that it goes on where it was cut."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from erlangen.cli import main
from erlangen.errors import ConfigError
from erlangen.train import Choice, Span, read_config, read_space, sweep
from erlangen.train.toml import builtin, to_toml
from tests.train.small import files_in, small_config, small_data

SMALL = small_config()
CONFIG = replace(SMALL, train=replace(SMALL.train, epochs=2))
SPACE = {"train.learning_rate": Span(1e-5, 0.1, True), "network.width": Choice((4, 8))}


@pytest.mark.parametrize("name", builtin())
def test_a_configuration_is_written_as_it_is_read(name: str, tmp_path: Path) -> None:
    config = read_config(name)
    (tmp_path / "again.toml").write_text(to_toml(config))
    assert read_config(tmp_path / "again.toml") == config


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.learning_rate=log:0.001..0.1", Span(0.001, 0.1, True)),
        ("network.depth = 1 .. 4", Span(1, 4)),
        ("network.width=16,32", Choice((16, 32))),
        ("network.normalize=true,false", Choice((True, False))),
        ("network.function=relu,gelu", Choice(("relu", "gelu"))),
    ],
)
def test_what_is_tried_is_read_from_one_line(text: str, expected: Span | Choice) -> None:
    assert list(read_space([text]).values()) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        *("width=1..2", "data.limit=1..2", "train.seeds=1,2", "network.width", "network.width=8", "network.width=9..8"),
        *("train.learning_rate=log:0..1", "network.function=a..b", "network.width=8,", "network.width=8,8", "="),
    ],
)
def test_what_cannot_be_tried_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="For example"):
        read_space([text])
    with pytest.raises(ConfigError, match="over nothing"):
        read_space([])


def test_the_least_validation_loss_wins_and_nothing_is_tested(tmp_path: Path) -> None:
    data = small_data()
    data.test.inputs.fill_(float("nan"))  # whoever looks at it is found out
    told: list[str] = []
    found = sweep(CONFIG, data, SPACE, tmp_path, trials=7, tell=lambda share, text, done: told.append(text))
    finished = [t for t in found.tried if t.ended == "finished"]
    assert len(found.tried) == len(told) == 7
    assert len(finished) >= 5
    assert found.winner.loss == min(t.loss for t in finished if t.loss is not None)
    assert {t.values["network.width"] for t in found.tried} == {4, 8}
    assert found.best.train.learning_rate == found.winner.values["train.learning_rate"]
    assert found.best.network.width == found.winner.values["network.width"]
    assert read_config(tmp_path / "best.toml") == found.best
    assert files_in(tmp_path) >= {"sweep.log", "sweep.json", "best.toml"}
    assert not any("seed" in name or name.endswith("ckpt") for name in files_in(tmp_path))
    page = found.to_html(tmp_path / "sweep.html").read_text()
    assert page.count("<title>trial") == 2 * len(finished)
    again = sweep(CONFIG, small_data(), SPACE, tmp_path, trials=8, resume=True)
    assert again.tried[:7] == found.tried
    assert len(again.tried) == 8
    with pytest.raises(ConfigError, match="in use"):
        sweep(CONFIG, small_data(), SPACE, tmp_path)
    with pytest.raises(ConfigError, match="another sweep"):
        sweep(CONFIG, small_data(), {"network.width": Choice((4, 8))}, tmp_path, resume=True)


def test_settings_that_do_not_fit_are_told_and_passed_over(tmp_path: Path) -> None:
    space = {"network.kernel_size": Choice((3, 4))}
    found = sweep(CONFIG, small_data(), space, tmp_path / "some", trials=6)
    assert {t.ended == "finished" for t in found.tried if t.values["network.kernel_size"] == 3} == {True}
    refused = [t for t in found.tried if t.values["network.kernel_size"] == 4]
    assert refused
    assert all("odd" in t.ended for t in refused)
    with pytest.raises(ConfigError, match="no trial finished"):
        sweep(CONFIG, small_data(), {"network.kernel_size": Choice((2, 4))}, tmp_path / "none", trials=2)
    with pytest.raises(ConfigError, match="that is trained"):
        sweep(CONFIG, small_data(), space, tmp_path / "averaged", model="averaged")


def test_the_command_writes_a_run_of_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    over = ["--over", "train.learning_rate=log:0.001..0.1", "--over", "network.width=8,16"]
    assert main(["sweep", "rotated-digits", *over, "--trials", "2", "--epochs", "1"]) == 0
    folder = Path("runs/rotated-digits-sweep")
    assert f"erlangen train {folder / 'best.toml'}" in capsys.readouterr().out
    assert tomllib.loads((folder / "best.toml").read_text())["train"]["seeds"] == [0]
    assert json.loads((folder / "sweep.json").read_text())["model"] == "derived"
    assert (folder / "sweep.html").exists()
    assert main(["sweep", "rotated-digits", "--over", "width=3"]) == 2
