"""The command as a whole: what it loads, its help, its exit codes, and bad input in one line."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import erlangen
from erlangen.blueprint.packed_plan import PackedChoices
from erlangen.blueprint.plan import Choices
from erlangen.blueprint.recurrent import RecurrentChoices
from erlangen.cli import main
from erlangen.cli.words import CHOICES, in_words_of

HEAVY = ("torch", "scipy", "sympy", "lightning", "matplotlib", "sklearn", "jinja2")


LIGHT = ([], ["--help"], ["--version"], *([name, "--help"] for name in ("train", "predict", "audit", "data")))


@pytest.mark.parametrize("arguments", LIGHT)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = f"""
import contextlib, io, json, sys
from erlangen.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    code = main({arguments!r})
print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, []]


def test_configuring_loads_neither_lightning_nor_any_data() -> None:
    script = f"""
import json, sys
from erlangen.data import load
from erlangen.train import read_config, run
read_config("rotated-digits")
print(json.dumps([name for name in {HEAVY[3:]!r} if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("command", ["derive", "train", "predict", "audit", "compare", "data"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert "Usage: erlangen" in capsys.readouterr().out


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"erlangen {erlangen.__version__}\n"


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "erlangen", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["erlangen: No such command 'nonsense'. `erlangen --help` shows what it takes."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["derive", "--domin", "Grid(2)"], "No such option: --domin"),
        (["derive"], "--domain and --output"),
        (["derive", "--domain", "Gird(2)", "--output", "Invariant(3)"], "Did you mean 'Grid'"),
        (
            ["derive", "--domain", "Grid(2)", "--symmetry", "SO(3)", "--output", "Invariant(3)", "--input", "1"],
            "subgroup",
        ),
        (["derive", "--domain", "Grid(2)", "--output", "Invariant(3)", "--input", "one"], "'one'"),
        (["derive", "rotated-digits", "--choice", "kernel_siz=3"], "Did you mean 'kernel_size'"),
        (["derive", "rotated-digits", "--choice", "kernel_size"], "kernel_size=5"),
        (["derive", "rotated-digits", "--save", "nowhere/net.safetensors"], "Make the folder first"),
        (
            ["derive", "--domain", "Grid(2)", "--output", "Invariant(3)"],
            "--input, or task.input in a TOML",
        ),
        (
            ["derive", "rotated-digits", "--choice", "pool=mad"],
            "--choice pool=…, or network.pool in a TOML",
        ),
        (
            ["derive", "rotated-digits", "--domain", "Sequence()", "--symmetry", "Trivial()", "--scales", "2"],
            "--scales, or network.scales",
        ),
        (["train"], "rotated-digits"),
        (["train", "nothing.toml"], "neither a file nor a built-in run"),
        (["train", "rotated-digits", "--epochs", "0"], "train.epochs = 0"),
        (["train", "rotated-digits", "--epochs", "many"], "--epochs"),
        (["train", "rotated-digits", "--seeds", "0,x"], "--seeds 0,x"),
        (["audit", "missing.safetensors", "--inputs", "digits"], "does not exist"),
        (["audit", "no.such.module:net", "--inputs", "digits"], "ModuleNotFoundError"),
        (["audit", "os:getcwd", "--inputs", "digits"], "of type str; expected a torch.nn.Module"),
        (["audit", ".", "--inputs", "digits"], "a folder without a run"),
        (["predict", "missing.safetensors", "digits", "--out", "a.csv"], "does not exist"),
        (["predict", ".", "digits", "--out", "a.csv"], "`erlangen train rotated-digits` makes one"),
        (["predict", "torch.nn:Flatten", "digits", "--out", "a.csv"], "a model without a task"),
        (["predict", "missing.safetensors", "digits", "--out", "nowhere/a.csv"], "Make the folder first"),
        (["predict", "missing.safetensors", "digits"], "--out"),
        (["audit", "torch.nn:Flatten", "--inputs", "digits"], "--domain and --symmetry"),
        (["audit", "torch.nn:Flatten"], "--inputs"),
        (["compare", "torch.nn:Flatten"], "--data"),
        (["compare", "torch.nn:Flatten", "--data", "digits"], "--domain, --symmetry and --output"),
        (["compare", "."], "results.json"),
        (["data", "fetch", "cifar"], "digits, mnist, fashion-mnist"),
        (["data", "show", "missing.npz"], "does not exist"),
        (["data", "show", "."], "subfolder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("erlangen: ")
    assert said in captured.err
    assert list(tmp_path.iterdir()) == []


def test_options_stand_beside_the_arguments_of_the_library() -> None:
    known = (Choices, PackedChoices, RecurrentChoices)
    assert set(CHOICES) == {entry.name for kind in known for entry in fields(kind)}
    said = in_words_of("Name it, or pick it with select=…. For pictures: er.Grid(2).", ["select", "domain"], toml=False)
    assert said == "Name it, or pick it with select=…. For pictures: Grid(2). Here that is --select."
    assert in_words_of("Given task.input = 0; expected more.", ["input"], toml=True) == (
        "Given task.input = 0; expected more."
    )
    assert in_words_of("Given scales=0; expected more.", [], toml=False) == "Given scales=0; expected more."


def test_a_missing_extra_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert main(["data", "show", "digits"]) == 2
    assert 'pip install "erlangen[train]"' in capsys.readouterr().err
