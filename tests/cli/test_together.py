"""`erlangen train --devices N`: one command that starts N, and what is refused before it does."""

import subprocess
import sys
from pathlib import Path

import pytest

from erlangen.cli import main

SMALL = """
[task]
domain = "Grid(2)"
symmetry = "C(4)"
output = "Invariant(10)"
input = 1
[data]
limit = 40
[network]
width = 8
depth = 1
scales = 2
[train]
seeds = [0]
models = ["derived"]
epochs = 1
threads = 1
"""


class Started:
    """A process that ends at once, and what it was started with."""

    calls: list[list[str]] = []  # noqa: RUF012
    code = 0

    def __init__(self, command: list[str], env: dict[str, str]):
        Started.calls.append(command)
        assert int(env["OMP_NUM_THREADS"]) >= 1

    def wait(self) -> int:
        return Started.code


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr(Started, "calls", [])
    (tmp_path / "mine.toml").write_text(SMALL)
    return "mine.toml"


def test_one_command_starts_as_many_as_asked_for(toml: str) -> None:
    assert main(["train", toml, "--devices", "3", "--epochs", "2", "--resume"]) == 0
    (command,) = Started.calls
    assert command[:3] == [sys.executable, "-m", "torch.distributed.run"]
    assert command[command.index("--nproc-per-node") + 1] == "3"
    at = command.index("erlangen")
    assert command[at:] == [
        *("erlangen", "train", toml, "--out", str(Path("runs/mine")), "--epochs", "2", "--devices", "3", "--resume"),
    ]


def test_how_they_ended_is_how_it_ends(toml: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Started, "code", 1)
    assert main(["train", toml, "--devices", "2"]) == 1


def test_what_does_not_fit_is_refused_before_any_starts(toml: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(toml).write_text(SMALL.replace("Invariant(10)", "Invariant(7)"))
    assert main(["train", toml, "--devices", "2"]) == 2
    assert "10 classes" in capsys.readouterr().err
    assert Started.calls == []


def test_several_machines_are_started_by_others(toml: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", toml, "--devices", "2", "--nodes", "2"]) == 2
    assert "torchrun --nnodes 2 --nproc-per-node 2" in capsys.readouterr().err


def test_processes_that_others_started_are_told_where_to_write(
    toml: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    assert main(["train", toml, "--devices", "2"]) == 2
    assert "--out" in capsys.readouterr().err
    assert main(["train", toml, "--out", "runs/mine"]) == 2
    assert "2 processes" in capsys.readouterr().err
