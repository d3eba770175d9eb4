"""Saved networks answer to inputs of the user's own: arrays, pictures and named sets, in .csv and .npz."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from erlangen.blueprint import derive, save
from erlangen.cli import main
from erlangen.cli.predict import _check
from erlangen.errors import ConfigError
from erlangen.train import TaskSection, load_network, run
from erlangen.train.networks import task_of
from tests.train.small import files_in, small_config, small_data


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    run(small_config(), small_data(), folder)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def inputs() -> Tensor:
    return small_data().test.inputs


def expected(folder: Path, model: str) -> Tensor:
    with torch.inference_mode():
        return load_network(folder / f"seed-0/{model}/network.safetensors")[0](inputs())


def test_a_run_answers_by_its_derived_network(finished: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("mine.npz", x=inputs().numpy())
    assert main(["predict", str(finished), "mine.npz", "--out", "said.csv"]) == 0
    assert capsys.readouterr().out == "24 answers in said.csv.\n"
    head, *rows = csv.reader((here / "said.csv").read_text(encoding="utf-8").splitlines())
    assert head == ["input", "class", "upright", "lying", "cross"]
    scores = expected(finished, "derived")
    assert [row[0] for row in rows] == [str(i) for i in range(24)]
    assert [row[1] for row in rows] == [head[2 + int(label)] for label in scores.argmax(1)]
    assert np.allclose([[float(score) for score in row[2:]] for row in rows], scores, atol=1e-5)
    assert files_in(here) == {"mine.npz", "said.csv"}


@pytest.mark.parametrize("ending", ["", "/network.safetensors"])
def test_one_network_of_a_run_answers_to_arrays(finished: Path, here: Path, ending: str) -> None:
    np.savez("mine.npz", x=inputs().numpy())
    assert main(["predict", f"{finished}/seed-0/plain{ending}", "mine.npz", "--out", "said.npz"]) == 0
    said = np.load("said.npz")
    scores = expected(finished, "plain")
    assert np.allclose(said["scores"], scores, atol=1e-6)
    assert said["label"].tolist() == scores.argmax(1).tolist()
    assert said["classes"].tolist() == ["upright", "lying", "cross"]


def test_pictures_are_answered_by_their_names(finished: Path, here: Path) -> None:
    (here / "pictures" / "more").mkdir(parents=True)
    pixels = (inputs()[:3, 0].clamp(max=1) * 255).to(torch.uint8).numpy()
    for name, x in zip(("b.png", "a.png", "more/c.png"), pixels, strict=True):
        Image.fromarray(x).save(here / "pictures" / name)
    assert main(["predict", str(finished), "pictures", "--out", "said.csv"]) == 0
    assert [line.split(",")[0] for line in Path("said.csv").read_text().splitlines()[1:]] == [
        "a.png",
        "b.png",
        "more/c.png",
    ]
    assert main(["predict", str(finished), "pictures/more/c.png", "--out", "one.npz"]) == 0
    net, _ = load_network(finished / "seed-0/derived/network.safetensors")
    scaled = torch.from_numpy(pixels[2] / np.float32(255))
    with torch.inference_mode():
        assert np.allclose(np.load("one.npz")["scores"], net(scaled[None, None]), atol=1e-6)


def saved(path: Path, output: str, input: int = 1) -> Path:
    save(derive(task_of(TaskSection("Grid(2)", output, "C(4)", input)), width=8, depth=1, scales=2), path)
    return path


def test_an_answer_at_every_point_needs_axes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved(here / "net.safetensors", "Equivariant(2)")
    np.savez("mine.npz", x=inputs().numpy())
    assert main(["predict", "net.safetensors", "mine.npz", "--out", "said.csv"]) == 2
    assert "--out said.npz" in capsys.readouterr().err
    assert main(["predict", "net.safetensors", "mine.npz", "--out", "said.npz"]) == 0
    said = np.load("said.npz")
    assert (said["scores"].shape, said["label"].shape) == ((24, 2, 6, 6), (24, 6, 6))
    assert said["classes"].tolist() == ["0", "1"]


def test_a_vector_has_no_class_and_grey_pictures_serve_a_network_for_colours(here: Path) -> None:
    saved(here / "net.safetensors", "Equivariant(standard, pooled=True)", 3)
    Image.fromarray(np.eye(6, dtype=np.uint8) * 255).save(here / "grey.png")
    assert main(["predict", "net.safetensors", "grey.png", "--out", "said.csv"]) == 0
    assert Path("said.csv").read_text().splitlines()[0] == "input,0,1"


@pytest.mark.parametrize(
    ("shape", "out", "said"),
    [
        ((4, 3, 6, 6), "a.csv", "mine.npz with 3 channels; expected 1 channel"),
        ((4, 9, 9, 3), "a.csv", "x.transpose(0, 3, 1, 2)"),
        ((4, 1, 2, 2), "a.csv", "expected at least 3 sites"),
        ((4, 6, 6), "a.txt", "ends in .csv or .npz"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    finished: Path, here: Path, shape: tuple[int, ...], out: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez("mine.npz", x=np.ones(shape))
    assert main(["predict", str(finished), "mine.npz", "--out", out]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and len(captured.err.splitlines()) == 1
    assert files_in(here) == {"mine.npz"}


def test_what_a_plain_network_says_of_an_input_is_passed_on() -> None:
    task = task_of(TaskSection("Grid(2)", "Invariant(3)", "C(4)", 1))
    with pytest.raises(ConfigError, match="mine.npz of shape.*raises RuntimeError"):
        _check(nn.Linear(3, 3), task, torch.ones(2, 1, 6, 6), "mine.npz")


def test_a_run_that_is_not_finished_says_how_to_finish_it(
    finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "begun").mkdir()
    (here / "begun" / "config.json").write_text((finished / "config.json").read_text())
    assert main(["predict", "begun", "digits", "--out", "a.csv"]) == 2
    assert "--resume --out begun" in capsys.readouterr().err


def test_a_folder_of_runs_names_a_network_in_it(finished: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(finished.parent), "--inputs", "digits"]) == 2
    assert "small/seed-0/derived/network.safetensors" in capsys.readouterr().err


def test_a_run_is_audited_by_its_derived_network(
    finished: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez("mine.npz", x=inputs().numpy())
    assert main(["audit", str(finished), "--inputs", "mine.npz"]) == 0
    assert capsys.readouterr().out.startswith("PROVED")
