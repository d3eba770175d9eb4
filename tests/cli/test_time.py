"""Sequences from the command line: shown, trained on, audited for warping and compared."""

import json
from pathlib import Path

import numpy as np
import pytest

from erlangen.cli import main
from erlangen.data import SequencePair
from tests.train.small import small_waves, waves

RUN = """
[task]
domain = "Sequence()"
symmetry = "TimeWarp()"
input = 1
output = "Invariant(2)"
[data]
source = "waves.npz"
[network]
layer = "gated"
slowest = 8.0
width = 16
[train]
seeds = [0]
models = ["derived", "plain"]
epochs = 2
batch_size = 16
threads = 1
"""


def saved(place: Path, pair: SequencePair) -> None:
    arrays = {"x": pair.inputs.x.numpy(), "steps": pair.inputs.sizes.numpy(), "y": pair.targets.numpy()}
    np.savez(place, **arrays)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Waves in a file, and a run on them."""
    place = tmp_path_factory.mktemp("time")
    saved(place / "waves.npz", small_waves().train.joined(waves(40, 9)))
    (place / "waves.toml").write_text(RUN)
    assert main(["train", str(place / "waves.toml"), "--out", str(place / "run")]) == 0
    return place


def test_ones_own_sequences_are_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", str(here / "waves.npz")]) == 0
    assert "sequences of 5 to 12 steps, 1 channel" in capsys.readouterr().out


def test_a_run_is_audited_for_warping(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = here / "audit.json"
    assert main(["audit", str(here / "run"), "--inputs", str(here / "waves.npz"), "--json", str(found)]) == 0
    assert "TimeWarp()" in capsys.readouterr().out
    assert json.loads(found.read_text(encoding="utf-8"))["verdict"] == "exact"


def test_signals_of_one_length_are_audited_and_trained_on_too(here: Path, tmp_path: Path) -> None:
    x = waves(48, 3).inputs.batch(range(48)).x[..., :5].numpy()
    np.savez(tmp_path / "waves.npz", x=x, y=np.arange(48) % 2)
    assert main(["audit", str(here / "run"), "--inputs", str(tmp_path / "waves.npz")]) == 0
    (tmp_path / "waves.toml").write_text(RUN)
    assert main(["train", str(tmp_path / "waves.toml"), "--out", str(tmp_path / "run")]) == 0


def test_the_networks_of_a_run_are_compared(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(here / "run"), "--html", str(here / "compared.html")]) == 0
    assert "each step in two, told" in capsys.readouterr().out
    assert "as recorded and at another speed" in (here / "compared.html").read_text(encoding="utf-8")


def test_a_choice_of_another_kind_of_network_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bad.toml").write_text(RUN.replace("slowest", "kernel_size"))
    assert main(["train", str(here / "bad.toml"), "--out", str(here / "none")]) == 2
    assert "kernel_size" in capsys.readouterr().err
    (here / "bad.toml").write_text(RUN.replace('"gated"', '"lstm"'))
    assert main(["train", str(here / "bad.toml"), "--out", str(here / "none")]) == 2
    assert "lstm" in capsys.readouterr().err


def test_sequences_of_several_lengths_are_predicted(here: Path) -> None:
    out = here / "said.csv"
    assert main(["predict", str(here / "run"), str(here / "waves.npz"), "--out", str(out)]) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "input,class,0,1" and len(lines) == 1 + 88


def test_a_convolution_beside_plain_ones_is_refused_before_the_work(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = RUN.replace('symmetry = "TimeWarp()"\n', "").replace('layer = "gated"\nslowest = 8.0\n', "")
    (here / "conv.toml").write_text(text)
    assert main(["train", str(here / "conv.toml"), "--out", str(here / "conv")]) == 2
    assert 'train.models = ["derived"]' in capsys.readouterr().err
    (here / "conv.toml").write_text(text.replace('["derived", "plain"]', '["derived"]'))
    assert main(["train", str(here / "conv.toml"), "--out", str(here / "conv")]) == 0
