"""`erlangen audit` of models of every kind, what it writes, and what it says of those that it cannot take."""

import json
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
from torch import nn

from erlangen.cli import main
from tests.auditing.foreign import BREAKS, KEEPS, write_onnx, write_program
from tests.auditing.models import noise

GRID = ["--domain", "grid2", "--symmetry", "D4", "--inputs", "x.npz"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with inputs and a module of one's own."""
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", x=noise(20, 1, 8, 8).numpy())
    (tmp_path / "my_nets.py").write_text(
        "from torch import nn\nclass Peak(nn.Module):\n    def forward(self, x):\n        return x.amax((2, 3))\n"
        "def flat():\n    return nn.Flatten()\nmade = Peak()\n",
        encoding="utf-8",
    )
    monkeypatch.delitem(sys.modules, "my_nets", raising=False)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    return captured.err


def test_classes_functions_and_modules_of_the_current_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "my_nets:Peak", *GRID]) == 0
    assert capsys.readouterr().out.startswith("PROVED: Peak under D(4) on Grid(2)")
    assert main(["audit", "my_nets:made", *GRID, "--no-proof"]) == 0
    assert capsys.readouterr().out.startswith("EXACT")
    assert main(["audit", "my_nets:flat", *GRID]) == 1


def test_exported_programs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_program(here / "keeps.pt2", nn.AdaptiveMaxPool2d(1), torch.zeros(4, 1, 8, 8))
    write_program(here / "breaks.pt2", nn.Flatten(), torch.zeros(4, 1, 8, 8), dynamic=True)
    assert main(["audit", "keeps.pt2", *GRID]) == 0
    assert capsys.readouterr().out.startswith("PROVED: keeps.pt2 under D(4)")
    assert main(["audit", "breaks.pt2", *GRID]) == 1
    (here / "bad.pt2").write_bytes(b"")
    capsys.readouterr()
    assert main(["audit", "bad.pt2", *GRID]) == 2
    assert "bad.pt2, which torch.export.load does not read" in said(capsys)


def test_onnx_files(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    write_onnx(here / "keeps.onnx", KEEPS)
    write_onnx(here / "breaks.onnx", BREAKS, (3, 1, 8, 8))
    assert main(["audit", "keeps.onnx", *GRID]) == 0
    assert capsys.readouterr().out.startswith("EXACT: keeps.onnx under D(4)")
    assert main(["audit", "breaks.onnx", *GRID]) == 1
    capsys.readouterr()
    assert main(["compare", "keeps.onnx", "--data", "x.npz"]) == 2
    assert "`erlangen audit` takes ONNX files" in said(capsys)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(["audit", "keeps.onnx", *GRID]) == 2
    assert 'pip install "erlangen[export]"' in said(capsys)


def test_timm_by_name(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def create_model(name: str, pretrained: bool) -> nn.Module:
        asked.append((name, pretrained))
        if name == "unknown":
            raise RuntimeError("Unknown model (unknown)")
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())

    monkeypatch.setitem(sys.modules, "timm", SimpleNamespace(create_model=create_model))
    assert main(["audit", "timm:resnet18", *GRID]) == 0
    assert main(["audit", "timm:resnet18:untrained", *GRID]) == 0
    assert asked == [("resnet18", True), ("resnet18", False)]
    capsys.readouterr()
    assert main(["audit", "timm:unknown", *GRID]) == 2
    assert "RuntimeError: Unknown model" in said(capsys)
    monkeypatch.setitem(sys.modules, "timm", None)
    assert main(["audit", "timm:resnet18", *GRID]) == 2
    assert "pip install timm" in said(capsys)


@pytest.mark.parametrize(
    ("model", "more", "message"),
    [
        ("none.pt2", [], "none.pt2, which does not exist"),
        ("weights.pth", [], "package.module:function"),
        ("my_nets:none", [], "has no attribute 'none'"),
        ("my_nets:Peak", ["--domain", "Gird(2)"], "Did you mean 'Grid'"),
        ("my_nets:Peak", ["--symmetry", "Q8"], "the name 'Q8'"),
        ("my_nets:Peak", ["--symmetry", "O(3)"], "O(3)"),
        ("my_nets:Peak", ["--output", "Invariant(3)"], "--output"),
        ("my_nets:Peak", ["--select", "score"], "--select"),
        ("my_nets:Peak", ["--tolerance", "-1"], "tolerance"),
        ("my_nets:Peak", ["--inputs", "none.npz"], "none.npz, which does not exist"),
        ("my_nets:Peak", ["--junit", "nowhere/a.xml"], "Make the folder first"),
        ("my_nets:Peak", ["--name", ""], "what the report calls the model"),
    ],
)
def test_what_is_wrong_is_one_line(
    here: Path, model: str, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(here.iterdir())
    assert main(["audit", model, *GRID, *more]) == 2
    assert message in said(capsys)
    assert {path for path in here.iterdir() if path.name != "__pycache__"} == before


def test_dna_has_a_symmetry_of_its_own(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("dna.npz", x=np.eye(4, dtype=np.float32)[np.random.default_rng(0).integers(0, 4, (20, 30))].swapaxes(1, 2))
    assert main(["audit", "my_nets:flat", "--domain", "dna", "--inputs", "dna.npz"]) == 1
    assert "under Mirror() on Dna()" in capsys.readouterr().out
    assert main(["audit", "my_nets:flat", "--domain", "grid2", "--inputs", "x.npz"]) == 2
    assert "--domain and --symmetry" in said(capsys)


def test_reports_are_written_and_the_command_replays_them(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--html", "a.html", "--json", "a.json", "--junit", "a.xml"]
    asked = ["audit", "my_nets:flat", *GRID, "--seed", "3", "--tolerance", "0.05", "--name", "my net", *files]
    assert main(asked) == 1
    replay = capsys.readouterr().out.split("Replay: ")[1].splitlines()[0]
    assert shlex.split(replay) == ["erlangen", *asked]
    first = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert first["settings"]["replay"] == replay
    assert "my_nets:flat --domain grid2" in Path("a.html").read_text(encoding="utf-8")
    suite = ET.parse("a.xml").getroot()[0]
    assert int(suite.get("failures", 0)) > 0
    assert {p.get("name"): p.get("value") for p in suite[0]}["replay"] == replay
    assert main(shlex.split(replay)[1:]) == 1
    assert json.loads(Path("a.json").read_text(encoding="utf-8")) == first


def test_what_is_asked_beside_the_group(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turns = ["--domain", "grid2", "--symmetry", "SO(2)", "--inputs", "x.npz", "--no-proof", "--json", "a.json"]
    more = ["--shifts", "1,0.5,zeros:2,crop:2", "--beside", "light, perspective", "--search", "3", "--infinitesimal"]
    assert main(["audit", "my_nets:Peak", *turns, *more]) == 1
    data = json.loads(Path("a.json").read_text(encoding="utf-8"))
    rows = {row["law"]: row for row in data["verdicts"]}
    beside = [
        "circular roll by 1",
        "circular shift by 0.5, by Fourier",
        "zero-filled shift by 2",
        "crop shifted by 2",
        "illumination(Grid(2), gain=0.2, bias=0.1)",
        "perspective(Grid(2), 0.1)",
    ]
    assert list(rows)[1:] == beside and not any(rows[law]["judged"] for law in beside)
    assert data["verdicts"][-1]["elements"] == "worst found by search, 3 calls"
    assert data["settings"]["search"] == 3
    assert [row["unit"] for row in data["infinitesimal"]] == ["site", "site", "radian"]
    words = capsys.readouterr().out
    assert "Replay: erlangen audit my_nets:Peak" in words and "'1,0.5,zeros:2,crop:2'" not in words
    assert main(["audit", "my_nets:Peak", *turns, "--shifts", "none"]) == 1
    plain = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert all(row["judged"] for row in plain["verdicts"]) and plain["infinitesimal"] is None


def test_dense_answers_follow_a_perspective(here: Path) -> None:
    (here / "dense.py").write_text("from torch import nn\nmade = nn.Identity()\n", encoding="utf-8")
    asked = ["audit", "dense:made", *GRID, "--output", "Equivariant(1)", "--beside", "colour,perspective"]
    assert main([*asked, "--json", "a.json"]) == 0
    *_, colour, view = json.loads(Path("a.json").read_text(encoding="utf-8"))["verdicts"]
    assert colour["law"] == "illumination(Grid(2), gain=0, bias=0, colour=0.2)"
    assert view["law"] == "perspective(Grid(2), 0.1, output=Equivariant(1))"
    assert view["error"] < 1e-6 < 0.01 < colour["error"]


@pytest.mark.parametrize(
    ("option", "text"),
    [
        (["--shifts", "1,two"], "'two' is no shift"),
        (["--shifts", "0"], "the shift 0"),
        (["--shifts", "zeros:0.5"], "whole sites"),
        (["--shifts", "roll:1"], "law='roll'"),
        (["--shifts", "(1, 2, 3)"], "or 2 of them"),
        (["--shifts", ""], "'' is no shift"),
        (["--beside", "light,fog"], "'fog' is none"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(
    here: Path, capsys: pytest.CaptureFixture[str], option: list[str], text: str
) -> None:
    assert main(["audit", "my_nets:Peak", *GRID, *option]) == 2
    assert text in said(capsys)
