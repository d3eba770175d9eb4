"""Clouds of points from the command line: shown, derived for, trained on, audited, compared, answered."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from erlangen.cli import main
from tests.train.small import charges

RUN = """
[task]
domain = "Points(3)"
input = 1
output = "Equivariant(irrep(1, -1), pooled=True)"
[data]
source = "charges.npz"
[network]
width = 16
depth = 1
degree = 1
[train]
seeds = [0]
models = ["derived", "plain"]
epochs = 2
batch_size = 16
threads = 1
loss = "absolute"
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Charges and their dipoles in a file, and a run on them."""
    place, pair = tmp_path_factory.mktemp("points"), charges(120, 0)
    arrays = {"x": pair.inputs.x.numpy(), "pos": pair.inputs.pos.numpy(), "nodes": pair.inputs.sizes.numpy()}
    np.savez(place / "charges.npz", y=pair.targets.numpy(), quantity="dipole moment", unit="e Å", **arrays)
    (place / "charges.toml").write_text(RUN, encoding="utf-8")
    assert main(["train", str(place / "charges.toml"), "--out", str(place / "run")]) == 0
    return place


def test_the_table_of_a_run_is_of_errors(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(here / "charges.toml"), "--out", str(here / "run"), "--resume"]) == 0
    said = capsys.readouterr().out
    assert "mean error, e Å" in said and "without looking" in said and "turned 1" in said


def test_ones_own_clouds_are_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", str(here / "charges.npz")]) == 0
    said = capsys.readouterr().out
    assert "clouds of 3 to 6 points" in said and "Asked: dipole moment, e Å, 3 numbers for each." in said


def test_choices_on_points_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    task = ["--domain", "points", "--input", "2", "--output", "Positions()"]
    assert main(["derive", *task, "--choice", "degree=2", "--width", "16"]) == 0
    assert "PointConv" in capsys.readouterr().out
    assert main(["derive", *task, "--choice", "heads=2"]) == 2
    assert "heads" in capsys.readouterr().err


def test_networks_on_points_are_audited(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(here / "run"), "--inputs", str(here / "charges.npz"), "--count", "16"]) == 0
    assert "exact" in capsys.readouterr().out
    plain = str(here / "run" / "seed-0" / "plain")
    assert main(["audit", plain, "--inputs", str(here / "charges.npz"), "--count", "16"]) == 1


def test_networks_on_points_are_compared(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = [str(here / name) for name in ("side.html", "side.json")]
    assert main(["compare", str(here / "run"), "--html", out[0], "--json", out[1]]) == 0
    said, page = capsys.readouterr().out, Path(out[0]).read_text(encoding="utf-8")
    assert "mean error, e Å" in said and "without looking" in said
    assert "Mean error" in page and not any(word in page for word in ("Accuracy", "commonest", "per cent"))
    derived, plain = json.loads(Path(out[1]).read_text(encoding="utf-8"))["networks"]
    assert derived["at"][1]["changed"] < 1e-5 < plain["at"][1]["changed"]


def test_networks_on_points_answer(here: Path) -> None:
    assert main(["predict", str(here / "run"), str(here / "charges.npz"), "--out", str(here / "said.csv")]) == 0
    with (here / "said.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["input", *(f"dipole moment in e Å, {i}" for i in range(3))] and rows[1][0] == "0"
    assert len(rows[1]) == 4 and all(np.isfinite(float(value)) for value in rows[1][1:])


def test_molecules_of_ones_own_are_answered_by_the_elements_that_were_learnt(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ase = pytest.importorskip("ase")
    from ase.io import write

    draw = np.random.default_rng(0)
    frames = [ase.Atoms("OH2C", draw.normal(size=(4, 3))) for _ in range(30)]
    for atoms in frames:
        atoms.info["level"] = float(draw.normal())
    write(tmp_path / "learnt.extxyz", frames)
    write(tmp_path / "asked.xyz", [ase.Atoms("OH2", draw.normal(size=(3, 3)))], format="extxyz")
    text = RUN.replace("charges.npz", "learnt.extxyz").replace("input = 1", "input = 3")
    text = text.replace("Equivariant(irrep(1, -1), pooled=True)", "Invariant(1)")
    text = text.replace("[data]", '[data]\ntarget = "level"')
    (tmp_path / "learnt.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["train", "learnt.toml", "--out", "run"]) == 0
    assert main(["predict", "run", "asked.xyz", "--out", "said.csv"]) == 0
    assert Path("said.csv").read_text(encoding="utf-8").splitlines()[0] == "input,level"
