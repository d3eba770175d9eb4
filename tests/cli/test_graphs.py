"""Graphs from the command line: shown, derived for, trained on, audited and compared; and what is not for them."""

import json
from pathlib import Path

import numpy as np
import pytest

from erlangen.cli import main
from erlangen.data import catalogue
from tests.train.small import small_graphs

RUN = """
[task]
domain = "Graph(edge_features=1)"
input = 2
output = "Invariant(2)"
[data]
source = "rings.npz"
folds = 3
[network]
layer = "messages"
width = 16
depth = 1
[train]
seeds = [0, 1]
models = ["derived", "plain"]
epochs = 3
batch_size = 16
threads = 1
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rings and paths in a file, and a run on them."""
    place = tmp_path_factory.mktemp("graphs")
    pool = small_graphs().train.inputs
    whole = pool.batch(range(len(pool)))
    arrays = {name: getattr(whole, name).numpy() for name in ("x", "edge_index", "edge_attr")}
    np.savez(place / "rings.npz", nodes=pool.sizes.numpy(), y=small_graphs().train.targets.numpy(), **arrays)
    (place / "rings.toml").write_text(RUN)
    assert main(["train", str(place / "rings.toml"), "--out", str(place / "run")]) == 0
    return place


def test_the_new_sets_are_listed_and_ones_own_are_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {"mutag", "solubility", "cells"} <= set(catalogue())
    assert main(["data", "list"]) == 0
    assert main(["data", "show", str(here / "rings.npz")]) == 0
    shown = capsys.readouterr().out
    assert "mutagenic" in shown and "graphs of 4 to 7 points, 2 numbers at each, 1 number at each edge" in shown


def test_a_network_on_graphs_is_derived_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    task = ["--domain", "Graph(edge_features=4)", "--input", "7", "--output", "Invariant(2)"]
    assert main(["derive", *task, "--choice", "layer=messages", "--width", "16"]) == 0
    assert "GraphMessages" in capsys.readouterr().out
    assert main(["derive", *task, "--choice", "layer=pictures"]) == 2
    assert "layer" in capsys.readouterr().err


def test_networks_of_a_run_are_audited(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = ["--inputs", str(here / "rings.npz")]
    assert main(["audit", str(here / "run"), *inputs, "--json", str(tmp_path / "a.json")]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["verdict"] == "exact"
    assert main(["audit", str(here / "run/seed-0/plain"), *inputs]) == 1
    assert "points relabelled" in capsys.readouterr().out
    assert main(["audit", str(here / "run"), "--inputs", "digits"]) == 2
    assert "which holds no graphs" in capsys.readouterr().err


def test_networks_of_a_run_are_compared_on_the_fold_of_the_first(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(here / "run"), "--json", str(tmp_path / "a.json")]) == 0
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["examples"] == 16 and [net["verdict"] for net in found["networks"]] == ["exact", "broken"]
    results = json.loads((here / "run/results.json").read_text())
    assert found["networks"][0]["at"][0]["accuracy"] == results["outcomes"][0]["at"][0]["accuracy"]
    assert "relabelled 3" in capsys.readouterr().out
    assert main(["compare", str(here / "run"), "--data", "digits"]) == 2
    assert "which holds signals on 2 axes" in capsys.readouterr().err
    assert main(["compare", f"average:{here / 'run'}"]) == 2
    assert "Orders are too many to average over" in capsys.readouterr().err


def test_networks_on_graphs_answer(here: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    assert main(["predict", str(here / "run"), str(here / "rings.npz"), "--out", str(out)]) == 0
    head, *rows = out.read_text(encoding="utf-8").splitlines()
    assert head == "input,class,0,1" and len(rows) == 48 and rows[0].startswith("0,")


def test_what_is_not_for_graphs_says_so(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = RUN.replace("folds = 3", "folds = 3\nlimit = 9").replace("rings.npz", str(here / "rings.npz"))
    (tmp_path / "limited.toml").write_text(text)
    assert main(["train", str(tmp_path / "limited.toml"), "--out", str(tmp_path / "run")]) == 2
    assert "data.limit beside data.folds" in capsys.readouterr().err
    text = text.replace("limit = 9", "").replace('layer = "messages"', 'layer = "messages"\nkernel_size = 3')
    (tmp_path / "kernel.toml").write_text(text)
    assert main(["train", str(tmp_path / "kernel.toml"), "--out", str(tmp_path / "run")]) == 2
    assert "network.kernel_size" in capsys.readouterr().err
