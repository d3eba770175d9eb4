"""The cells on a small stand-in of their file: one graph, its labels in three parts; without h5py a plain refusal."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import cells, load
from erlangen.data.cache import sha256
from erlangen.errors import DataError

N = 40


def write_h5ad(path: Path) -> np.ndarray:
    """A ring of cells of two types, in the layout of 2018."""
    h5py = pytest.importorskip("h5py")
    labels = np.arange(N) % 2
    with h5py.File(path, "w") as file:
        rows = np.zeros(N, dtype=[("X_pca", "<f4", (3,)), ("X_umap", "<f8", (2,))])
        rows["X_pca"] = np.random.default_rng(0).normal(size=(N, 3))
        file["obsm"] = rows
        observed = np.zeros(N, dtype=[("index", "S16"), ("bulk_labels", "i1")])
        observed["bulk_labels"] = labels
        file["obs"] = observed
        file["uns/bulk_labels_categories"] = np.array([b"B", b"T"])
        matrix = file.create_group("uns/neighbors/connectivities")
        matrix["data"], matrix["indices"] = np.linspace(0.1, 1, N), (np.arange(N) + 1) % N
        matrix["indptr"] = np.arange(N + 1)
    return labels


def test_the_parts_are_one_graph_with_labels_at_disjoint_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    (tmp_path / "cells").mkdir()
    labels = torch.from_numpy(write_h5ad(tmp_path / "cells" / cells.FILE))
    monkeypatch.setattr(cells, "DIGESTS", {cells.FILE: sha256(tmp_path / "cells" / cells.FILE)})
    data = load("cells")
    assert data.classes == ("B", "T") and data.counts() == {"train": [6, 6], "validation": [4, 4], "test": [10, 10]}
    assert data.train.inputs is data.test.inputs and data.train.dense and data.channels == 3
    together = torch.stack([pair.targets for pair in data.parts.values()]).amax(0)
    assert torch.equal(together, labels.to(together.dtype))
    store = data.train.inputs
    assert store.edge_index is not None and store.edge_weight is not None
    assert store.edge_index[:, 0].tolist() == [1, 0]  # row 0 holds what comes to cell 0
    assert float(store.edge_weight[-1]) == 1 and float(store.x[:, 0].std(correction=0)) == pytest.approx(1)
    with pytest.raises(DataError, match="a test part of their own"):
        data.fold(0, 3, 0.1, 0)


def test_without_h5py_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(DataError, match=r"without h5py.*erlangen\[graphs\]"):
        cells.read_h5ad(tmp_path / "some.h5ad")


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    (tmp_path / "some.h5ad").write_text("no HDF5")
    with pytest.raises(DataError, match="cannot be read"):
        cells.read_h5ad(tmp_path / "some.h5ad")
