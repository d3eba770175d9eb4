"""Sets of graphs from a file, on the command line: shown, trained on, audited, and answered member by member."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.cli import main
from tests.data.molecules_of import mixtures

RUN = """
[task]
domain = "Set(Graph())"
input = 2
output = "Equivariant(2, pooled=Graph())"
[data]
source = "mixtures.npz"
[network]
width = 8
depth = 1
[train]
seeds = [0]
models = ["derived", "plain"]
epochs = 1
batch_size = 4
threads = 1
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of sets of graphs with a label for each graph, and a run on it."""
    place, store = tmp_path_factory.mktemp("sets"), mixtures(24)
    whole = store.batch(range(24))
    arrays = {"x": whole.x, "nodes": whole.ptr.diff(), "edge_index": whole.edge_index, "sets": store.counts}
    y = torch.arange(len(store.members)) % 2
    np.savez(place / "mixtures.npz", **{name: value.numpy() for name, value in arrays.items()}, y=y.numpy())
    (place / "mixtures.toml").write_text(RUN, encoding="utf-8")
    assert main(["train", str(place / "mixtures.toml"), "--out", str(place / "run")]) == 0
    return place


def test_the_report_speaks_of_orders(here: Path):
    page = (here / "run" / "report.html").read_text(encoding="utf-8")
    assert "Accuracy in every order" in page and "audit of the derived network: exact" in page


def test_every_member_is_answered_by_its_set_and_its_place(here: Path):
    out = here / "answers.csv"
    assert main(["predict", str(here / "run"), str(here / "mixtures.npz"), "--out", str(out)]) == 0
    rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))[1:]
    assert [row[0] for row in rows[:6]] == ["0:0", "1:0", "1:1", "2:0", "2:1", "2:2"]
    assert len(rows) == len(mixtures(24).members)


@pytest.mark.parametrize(("model", "code"), [("derived", 0), ("plain", 1)])
def test_an_audit_puts_members_in_other_orders(here: Path, model: str, code: int, capsys: pytest.CaptureFixture[str]):
    network = str(here / "run" / "seed-0" / model / "network.safetensors")
    assert main(["audit", network, "--inputs", str(here / "mixtures.npz")]) == code
    assert "members reordered" in capsys.readouterr().out
