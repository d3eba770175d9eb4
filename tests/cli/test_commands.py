"""Each command does on small data what it promises."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from erlangen.cli import main
from erlangen.domains import to_hexagons
from tests.train.small import files_in, small_data

TOML = """
[task]
domain = "Grid(2)"
symmetry = "C(2)"
input = 1
output = "Invariant(3)"
[data]
source = "strokes.npz"
[network]
width = 8
depth = 1
scales = 2
[train]
seeds = [0]
models = ["derived", "plain"]
epochs = 2
batch_size = 16
threads = 1
[report]
pairs = [["0", "1"]]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with data, a TOML file and a module of one's own."""
    monkeypatch.chdir(tmp_path)
    save_data(tmp_path / "strokes.npz")
    (tmp_path / "strokes.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def save_data(path: Path) -> None:
    data = small_data()
    x, y = (torch.cat([getattr(pair, kind) for pair in data.parts.values()]) for kind in ("inputs", "targets"))
    np.savez(path, x=x.numpy(), y=y.numpy())


def flat() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 3))


class Pair(nn.Module):
    """Answers with two tensors, of which the second does not change when the picture is turned."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.flatten(1), x.amax((2, 3)).repeat(1, 3) + x.mean((2, 3))


def broken() -> nn.Module:
    raise RuntimeError("no weights\nhere")


def test_derive_explains_saves_and_writes_a_page(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = ["--domain", "Grid(2)", "--symmetry", "C(4)", "--input", "1", "--output", "Invariant(10)"]
    files = ["--save", "net.safetensors", "--html", "why.html"]
    assert main(["derive", *task, "--width", "16", "--choice", "kernel_size=5", *files]) == 0
    said = capsys.readouterr().out
    assert "4 × regular of C4" in said
    assert "Saved to net.safetensors" in said
    assert {"net.safetensors", "why.html"} <= files_in(here)


def test_derive_takes_a_file_and_options_over_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "strokes.toml", "--symmetry", "D(4)"]) == 0
    assert "D(4)" in capsys.readouterr().out


def test_a_narrow_terminal_is_not_overrun(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["derive", "strokes.toml", "--save", "net.safetensors"]) == 0
    assert main(["audit", "net.safetensors", "--inputs", "strokes.npz"]) == 0
    assert main(["data", "list"]) == 0
    assert main(["data", "show", "digits"]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    for part in ("LatticeConv", "unconstrained", "solved by", "PROVED", "(border", "top-1", "fashion-mnist"):
        assert part in said
    monkeypatch.delenv("COLUMNS")
    assert main(["audit", "net.safetensors", "--inputs", "strokes.npz"]) == 0
    assert "95 % interval    " in capsys.readouterr().out


def test_train_resume_compare_and_audit(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "strokes.toml"]) == 0
    said = capsys.readouterr()
    assert "180°" in said.out
    assert "Report: runs/strokes/report.html" in said.out
    assert "seed 0, plain" in said.err
    assert main(["train", "strokes.toml", "--resume"]) == 0
    assert "runs/strokes/report.html" in capsys.readouterr().out
    assert main(["train", "strokes.toml", "--epochs", "1"]) == 0
    assert "runs/strokes-2/report.html" in capsys.readouterr().out

    assert (
        main(["compare", "runs/strokes", "tests.cli.test_commands:flat", "--html", "c.html", "--json", "c.json"]) == 0
    )
    networks = json.loads((here / "c.json").read_text())["networks"]
    assert [net["verdict"] for net in networks] == ["proved", "broken", "broken"]
    main(["compare", "runs/strokes", "average:runs/strokes", "canonicalize:runs/strokes", "--json", "ways.json"])
    found = json.loads((here / "ways.json").read_text())["networks"]
    ways = {net["name"]: net for net in found}
    assert list(ways) == ["derived", "plain", "average:plain", "canonicalize:plain"]
    for name in ("average:plain", "canonicalize:plain"):
        assert ways[name]["verdict"] in ("proved", "exact") and ways[name]["megabytes"] > 0
    assert ways["average:plain"]["parameters"] == ways["plain"]["parameters"]
    assert (here / "c.html").exists()

    derived, plain = (f"runs/strokes/seed-0/{model}/network.safetensors" for model in ("derived", "plain"))
    assert main(["audit", derived, "--inputs", "strokes.npz", "--html", "a.html", "--json", "a.json"]) == 0
    assert json.loads((here / "a.json").read_text())["verdict"] == "proved"
    assert main(["audit", plain, "--inputs", "strokes.npz"]) == 1
    assert main(["audit", derived, "--inputs", "strokes.npz", "--symmetry", "D(4)"]) == 1


def test_compare_trains_a_file_that_has_no_finished_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "strokes.toml"]) == 0
    assert (here / "runs/strokes/report.html").exists()
    before = files_in(here / "runs")
    assert main(["compare", "strokes.toml"]) == 0
    assert files_in(here / "runs") == before


def test_audit_takes_any_torch_model(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = ["--domain", "Grid(2)", "--symmetry", "C(4)", "--inputs", "strokes.npz"]
    assert main(["audit", "tests.cli.test_commands:flat", *question]) == 1
    assert capsys.readouterr().out.startswith("BROKEN")
    assert main(["audit", "tests.cli.test_commands:broken", *question]) == 2
    assert "RuntimeError: no weights here" in capsys.readouterr().err


def test_audit_measures_stability_where_it_is_asked_to(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = ["--domain", "Grid(2)", "--symmetry", "C(4)", "--inputs", "strokes.npz"]
    asked = ["audit", "tests.cli.test_commands:flat", *question, "--stability", "--json", "a.json"]
    assert main(asked) == 1  # by the verdict alone
    assert "Stability to deformations: change ≈ C·ε" in " ".join(capsys.readouterr().out.split())
    assert json.loads(Path("a.json").read_text())["stability"]["constant"] > 0


def test_audit_takes_one_of_several_answers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["audit", "tests.cli.test_commands:Pair", "--domain", "Grid(2)", "--symmetry", "C(4)"]
    assert main([*pair, "--inputs", "strokes.npz"]) == 2
    assert "Here that is --select" in capsys.readouterr().err
    assert main([*pair, "--inputs", "strokes.npz", "--select", "0"]) == 1
    assert main([*pair, "--inputs", "strokes.npz", "--select", "1"]) == 0


def test_channels_that_come_last_are_noticed_by_every_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(here / "strokes.npz", x=np.ones((30, 8, 8, 3)), y=np.arange(30) % 3)
    question = ["--domain", "Grid(2)", "--symmetry", "C(4)"]
    for command in (
        ["train", "strokes.toml"],
        ["data", "show", "strokes.npz"],
        ["audit", "tests.cli.test_commands:flat", *question, "--inputs", "strokes.npz"],
        ["compare", "tests.cli.test_commands:flat", *question, "--output", "Invariant(3)", "--data", "strokes.npz"],
    ):
        assert main(command) == 2
        assert "x.transpose(0, 3, 1, 2)" in capsys.readouterr().err
    assert not (here / "runs").exists()


@pytest.mark.parametrize("key", ["epoch = 3", "epochs = -1"])
def test_a_bad_key_leaves_nothing_behind(here: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "strokes.toml").write_text(TOML.replace("epochs = 2", key), encoding="utf-8")
    assert main(["train", "strokes.toml"]) == 2
    assert "strokes.toml" in capsys.readouterr().err
    assert not (here / "runs").exists()


def test_data_that_are_not_finite_leave_nothing_behind(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.zeros((30, 6, 6))
    x[4, 1, 2] = np.nan
    np.savez(here / "strokes.npz", x=x, y=np.arange(30) % 3)
    assert main(["train", "strokes.toml"]) == 2
    assert "nan at index (4, 0, 1, 2)" in capsys.readouterr().err
    assert (
        main(
            [
                "audit",
                "tests.cli.test_commands:flat",
                "--domain",
                "Grid(2)",
                "--symmetry",
                "C(4)",
                "--inputs",
                "strokes.npz",
            ]
        )
        == 2
    )
    assert not (here / "runs").exists()


def test_a_damaged_cache_is_noticed(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERLANGEN_CACHE", str(here / "cache"))
    (here / "cache" / "mnist").mkdir(parents=True)
    (here / "cache" / "mnist" / "train-images-idx3-ubyte").write_bytes(b"damage")
    assert main(["data", "show", "mnist"]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_data_are_listed_and_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    assert "fashion-mnist" in capsys.readouterr().out
    assert main(["data", "show", "strokes.npz"]) == 0
    said = capsys.readouterr().out
    assert "1 channel of 6 × 6, values 2.39e-05 … 2.3\n" in said
    assert "█" in said
    assert main(["data", "fetch", "nbody"]) == 0
    capsys.readouterr()
    assert main(["data", "show", "nbody"]) == 0
    said = capsys.readouterr().out
    assert "clouds of 5 points, 4 numbers at each" in said and "Asked: position, 3 numbers at every point." in said
    assert "deviation" in said and said.split("train")[1].split()[:2] == ["3,000", "15,000"]


def test_the_defaults_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--defaults"]) == 0
    assert "\nlearning_rate = 0.01 " in capsys.readouterr().out


HEXAGONS = TOML.replace("Grid(2)", "HexGrid()").replace("C(2)", "C(6)").replace("width = 8", "width = 24")
ONCE = "Pictures of 6 × 6 square pixels, resampled to 61 hexagonal ones, radius 4.\n"


def test_pictures_are_resampled_wherever_the_task_is_on_hexagons(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "hexagons.toml").write_text(HEXAGONS, encoding="utf-8")
    assert main(["train", "hexagons.toml"]) == 0
    said = capsys.readouterr().out
    assert said.count(ONCE) == 1
    assert "300°" in said
    assert '<svg class="mosaic"' in (here / "runs/hexagons/report.html").read_text(encoding="utf-8")
    for command in (
        ["audit", "runs/hexagons", "--inputs", "strokes.npz"],
        ["predict", "runs/hexagons/seed-0/plain", "strokes.npz", "--out", "a.csv"],
        ["compare", "runs/hexagons", "--data", "strokes.npz"],
    ):
        assert main(command) == 0
        assert capsys.readouterr().out.count(ONCE) == 1


def test_how_fine_the_hexagons_are_is_the_runs_own(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finer = HEXAGONS.replace('"strokes.npz"', '"strokes.npz"\nradius = 5\nspacing = 0.8')
    (here / "finer.toml").write_text(finer, encoding="utf-8")
    assert main(["train", "finer.toml"]) == 0
    assert main(["audit", "runs/finer", "--inputs", "strokes.npz"]) == 0
    assert capsys.readouterr().out.count("to 91 hexagonal ones, radius 5") == 2
    (here / "squares.toml").write_text(finer.replace("HexGrid()", "Grid(2)").replace("C(6)", "C(2)"), encoding="utf-8")
    assert main(["train", "squares.toml"]) == 2
    assert "data.radius" in capsys.readouterr().err


def test_what_are_hexagons_already_stays_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(here / "strokes.npz") as squares:
        x = to_hexagons(torch.from_numpy(squares["x"]), 2)
        np.savez(here / "strokes.npz", x=x.numpy(), y=squares["y"])
    (here / "hexagons.toml").write_text(HEXAGONS, encoding="utf-8")
    assert main(["train", "hexagons.toml"]) == 0
    assert "hexagonal ones" not in capsys.readouterr().out
    assert "1 channel of 5 × 5" in (here / "runs/hexagons/report.html").read_text(encoding="utf-8")
