"""Surfaces from the command line: trained on, answered with labels or without, audited by what the task declares."""

import csv
from pathlib import Path

import numpy as np
import pytest

from erlangen.cli import main
from tests.meshes import potato, torus

RUN = """
[task]
domain = "Mesh(eigenfunctions=12)"
output = "{output}"
[data]
source = "{name}.npz"
[network]
width = 8
depth = 1
[train]
seeds = [0]
models = ["derived"]
epochs = 1
batch_size = 4
threads = 1
[report]
moved = 1
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bodies with and without a handle, told apart as a whole and by which half of them is up; and a run on each."""
    place, rng = tmp_path_factory.mktemp("meshes"), np.random.default_rng(0)
    bodies = [make() for _ in range(8) for make in (lambda: potato(1), torus)]
    pos = [points * rng.uniform(0.8, 1.2, 3) for points, _ in bodies]
    starts = np.cumsum([0, *map(len, pos)])
    face = np.concatenate([faces.T + start for (_, faces), start in zip(bodies, starts, strict=False)], axis=1)
    arrays = {"pos": np.concatenate(pos), "face": face, "nodes": np.diff(starts)}
    np.savez(place / "bodies.npz", **arrays)
    np.savez(place / "kinds.npz", y=np.arange(16) % 2, classes=np.array(["potato", "ring"]), **arrays)
    np.savez(place / "halves.npz", y=(arrays["pos"][:, 2] > 0).astype(int), **arrays)
    for name, output in (("kinds", "Invariant(2)"), ("halves", "Equivariant(2)")):
        (place / f"{name}.toml").write_text(RUN.format(name=name, output=output), encoding="utf-8")
        assert main(["train", str(place / f"{name}.toml"), "--out", str(place / name)]) == 0
    return place


@pytest.mark.parametrize(("run", "rows", "last"), [("kinds", 16, "15"), ("halves", 1104, "15:95")])
def test_bodies_without_features_or_labels_are_answered(here: Path, run: str, rows: int, last: str) -> None:
    out = here / f"{run}.csv"
    assert main(["predict", str(here / run), str(here / "bodies.npz"), "--out", str(out)]) == 0
    table = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))[1:]
    assert len(table) == rows and table[0][0] in ("0", "0:0") and table[-1][0] == last


@pytest.mark.parametrize("run", ["kinds", "halves"])
def test_a_run_is_audited_for_what_it_declares(here: Path, run: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["audit", str(here / run), "--inputs", str(here / "bodies.npz"), "--count", "2"]
    assert main(call) == 0
    assert "EXACT" in (said := capsys.readouterr().out) and "Isometries(oriented=False)" in said
    assert main([*call, "--symmetry", "RigidMotions()"]) == 0
    assert "RigidMotions()" in capsys.readouterr().out


def test_what_is_no_surface_is_refused_before_the_work(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = dict(np.load(here / "kinds.npz"))
    np.savez(here / "torn.npz", **{**arrays, "face": np.concatenate([arrays["face"], arrays["face"][:, :1]], axis=1)})
    text = (here / "kinds.toml").read_text(encoding="utf-8")
    (here / "torn.toml").write_text(text.replace("kinds.npz", "torn.npz"), encoding="utf-8")
    assert main(["train", str(here / "torn.toml"), "--out", str(here / "torn")]) == 2
    assert "part of torn: 3 edges" in (said := capsys.readouterr().err) and "in three faces or more" in said
