"""Graphs and sets of one's own from an .npz file, and files whose arrays do not fit."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import load
from erlangen.domains.surfaces.checks import checked
from erlangen.errors import DataError
from tests.meshes import potato


def rings(count: int = 20, n: int = 4) -> dict[str, np.ndarray]:
    """Rings, their edges numbered through all graphs and stored in no order."""
    at = np.arange(count * n)
    index = np.stack([at, at // n * n + (at + 1) % n])
    order = np.random.default_rng(0).permutation(count * n)
    x = np.random.default_rng(1).normal(size=(count * n, 3))
    return {
        "x": x,
        "nodes": np.full(count, n),
        "edge_index": index[:, order],
        "edge_attr": np.stack([index[0], index[1]], 1)[order].astype(float),
        "y": np.arange(count) % 2,
    }


def save(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]
    return path


def test_graphs_are_split_by_class_and_keep_their_edges(tmp_path: Path) -> None:
    data = load(save(tmp_path / "rings.npz", **rings(), classes=np.array(["odd", "even"])))
    assert [len(pair) for pair in data.parts.values()] == [12, 4, 4] and data.classes == ("odd", "even")
    assert data.drawn and data.train.edge_features == 2 and data.size == ()
    for graph in data.test.inputs:
        source, target = graph.edge_index
        assert torch.equal((source + 1) % 4, target)
        assert torch.equal(graph.edge_attr[:, 0] % 4, source.float())


def test_without_edges_they_are_sets(tmp_path: Path) -> None:
    arrays = rings()
    data = load(save(tmp_path / "sets.npz", x=arrays["x"], nodes=arrays["nodes"], y=arrays["y"]))
    assert data.train.inputs.edge_index is None and len(data.train) == 12


def test_of_one_graph_the_labels_are_split(tmp_path: Path) -> None:
    arrays = rings(1, 40)
    y = np.arange(40) % 2
    y[0] = -100
    data = load(save(tmp_path / "ring.npz", x=arrays["x"], edge_index=arrays["edge_index"], y=y))
    assert data.train.dense and data.train.inputs is data.test.inputs
    assert [pair.asked for pair in data.parts.values()] == [23, 6, 10]


def bodies(count: int = 12) -> dict[str, np.ndarray]:
    """Surfaces, their faces numbered through all of them and stored in no order."""
    points, faces = potato(1)
    n, rng = len(points), np.random.default_rng(0)
    stretched = [points * (1 + 0.2 * rng.standard_normal(3)) for _ in range(count)]
    face = np.concatenate([faces + i * n for i in range(count)])
    labels = np.concatenate([body[:, 2] > 0 for body in stretched]).astype(int)
    return {
        "pos": np.concatenate(stretched),
        "nodes": np.full(count, n),
        "face": face[rng.permutation(len(face))].T,
        "y": labels,
    }


def test_surfaces_have_faces_and_perhaps_features(tmp_path: Path) -> None:
    arrays = bodies()
    data = load(save(tmp_path / "bodies.npz", **arrays))
    assert data.train.dense and data.train.channels == 0 and data.train.inputs.face is not None
    assert [len(pair) for pair in data.parts.values()] == [7, 2, 3]
    for body, labels in zip(data.test.inputs, data.test.targets.split(42), strict=True):
        checked(body.pos.numpy(), body.face.T.numpy())
        assert torch.equal(labels, (body.pos[:, 2] > 0).long())
    assert load(save(tmp_path / "more.npz", **arrays, x=np.ones((len(arrays["pos"]), 2)))).channels == 2
    lost = {**arrays, "face": arrays["face"][:, (arrays["face"] != 50).all(0)]}
    with pytest.raises(DataError, match="graph [0-9]+: vertex [0-9]+ in no face"):
        load(save(tmp_path / "lost.npz", **lost))
    across = {**arrays, "face": np.array([[0], [1], [50]])}
    with pytest.raises(DataError, match=r"face of shape \(3, 1\).*\[3, faces\]"):
        load(save(tmp_path / "across.npz", **across))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"nodes": np.full(20, 3)}, "sum of 60 for 80 points"),
        ({"edge_index": np.array([[0], [9]])}, "same graph"),
        ({"edge_index": np.array([[0], [99]])}, "same graph"),
        ({"edge_attr": np.zeros((3, 2))}, "3 rows of edge_attr"),
        ({"y": np.zeros(7, int)}, "targets of shape"),
        ({"y": np.zeros(20)}, "y of dtype float64"),
        ({"x": np.zeros(80)}, "x of shape"),
        ({"x": np.zeros((20, 4, 3))}, "sum of 80 for 20 points"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(DataError, match=said):
        load(save(tmp_path / "bad.npz", **{**rings(), **changes}))
