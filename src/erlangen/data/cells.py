"""Blood cells by what their genes say, and which are alike: one graph, a label at each node."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair, hide
from erlangen.data.graphs import GraphStore
from erlangen.errors import DataError

WHEEL, KEPT = "scanpy==1.11.5", "cells"
WHEEL_ARCHIVE = "fcd383ddcf7acbf7c0ca232c25ad51b00aec9f8d2f7c8954b8c6ee0962257166"
FILE = "10x_pbmc68k_reduced.h5ad"
DIGESTS = {FILE: "e71d41e737c941559b7c57c9243bdb3d2c889c2adfdf00e3422ac6b46783676f"}
HELD_OUT, TESTED = 0.2, 0.5  # of the labels of each type
LARGEST = 1e15  # of a coordinate: squares of others are beyond float32


def cells(seed: int = 0) -> DataSet[GraphPair]:
    """700 blood cells of 10 types; x: 50 principal components of 765 genes; edges: which cells are among the nearest.

    One graph: the parts are the same cells and edges, with the labels of 30 % of each type to learn from, of 20 % to
    choose by, of 50 % to test on. So features and edges of the test cells are seen in training, and their labels are
    not (transductive): components and neighbours were computed on all cells together, without labels. Components are
    divided by the spread of the first; edge_weight is the package's connectivity, from 0 to 1. The types were assigned
    by likeness to sorted cells, not by hand. Needs h5py, which reads the file: pip install "erlangen[graphs]".

    G. Zheng et al. 2017, doi:10.1038/ncomms14049; F. Wolf, P. Angerer, F. Theis 2018, doi:10.1186/s13059-017-1382-0.
    """
    graph, labels, classes = read_h5ad(cached("cells", DIGESTS) / FILE)
    store = GraphStore([graph])
    parts = [GraphPair(store, some) for some in hide(labels, (HELD_OUT, TESTED), seed, classes)]
    train, held_out, tested = parts
    return DataSet(
        train,
        held_out,
        tested,
        classes,
        "cells",
        "BSD-3-Clause (the package); none is stated for the cells",
        f"PyPI {WHEEL}, scanpy/datasets",
        "G. Zheng et al., Nature Communications 8, 2017, doi:10.1038/ncomms14049; F. Wolf, P. Angerer, F. Theis, "
        "Genome Biology 19, 2018, doi:10.1186/s13059-017-1382-0",
        "principal components, the first of spread 1",
    )


def fetch_cells() -> Path:
    """Fetch scanpy's example cells into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {FILE} of the wheel {WHEEL} (scanpy/datasets) in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_wheel(WHEEL, (), WHEEL_ARCHIVE, scratch, instead) / "scanpy/datasets")
    return folder


def read_h5ad(path: Path) -> tuple[dict[str, Tensor], Tensor, tuple[str, ...]]:
    """(x, edge_index, edge_weight), labels and their names, from the layout of anndata that the file has (2018).

    obsm X_pca, uns neighbors/connectivities (compressed rows), obs bulk_labels (codes into uns bulk_labels_categories).
    """
    try:
        with _h5py().File(path) as file:
            x = np.asarray(file["obsm"]["X_pca"], dtype=np.float32)
            matrix = {name: file[f"uns/neighbors/connectivities/{name}"][:] for name in ("data", "indices", "indptr")}
            labels, names = file["obs"]["bulk_labels"], file["uns/bulk_labels_categories"][:]
    except (OSError, KeyError, ValueError, TypeError) as error:
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, "an .h5ad file with neighbours and bulk_labels", "Fetch the data again.") from None
    ends, sources = matrix["indptr"], matrix["indices"]
    fits = x.ndim == 2 and np.shape(ends) == (len(x) + 1,) and (np.diff(ends) >= 0).all() and ends[-1] == len(sources)
    finite = np.isfinite(x).all() and np.isfinite(matrix["data"]).all() and np.abs(x).max(initial=0) < LARGEST
    if not fits or not finite or len(labels) != len(x) or ((sources < 0) | (sources >= len(x))).any():
        given = f"{path}, whose tables do not fit one another"
        raise DataError(given, "neighbours, labels and finite numbers of the same cells", "Fetch the data again.")
    target = np.repeat(np.arange(len(x)), np.diff(ends))
    graph = {
        "x": torch.from_numpy(x / x[:, 0].std()),
        "edge_index": torch.from_numpy(np.stack([matrix["indices"], target]).astype(np.int64)),
        "edge_weight": torch.from_numpy(matrix["data"].astype(np.float32)),
    }
    return graph, torch.from_numpy(np.asarray(labels).astype(np.int64)), tuple(name.decode() for name in names)


def _h5py() -> Any:
    try:
        return importlib.import_module("h5py")
    except ModuleNotFoundError:
        expected = "h5py, which reads HDF5 files"
        raise DataError("an installation without h5py", expected, 'pip install "erlangen[graphs]".') from None
