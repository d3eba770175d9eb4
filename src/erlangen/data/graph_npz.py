"""The user's own sets, graphs and surfaces: an .npz file of their points and what joins them, one behind the other."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.arrays import numbers, whole_numbers
from erlangen.data.classes import named
from erlangen.data.dataset import PARTS, DataSet
from erlangen.data.graph_pair import GraphPair, hide
from erlangen.data.graph_sets import SetStore
from erlangen.data.graphs import GraphBatch, GraphStore
from erlangen.data.quantity import Quantity
from erlangen.data.split import into_three, own_set
from erlangen.data.tudataset import by_graph
from erlangen.domains._segments import starts
from erlangen.errors import DataError

KEYS = "x [points, channel, …], nodes [graphs] (how many points each has) and y [graphs] or [points]"


def holds_graphs(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether a file's arrays are of sets, graphs or clouds: which point is of which, what is joined, where it is."""
    return bool({"nodes", "edge_index", "pos"} & set(arrays))


def graphs_from(
    arrays: Mapping[str, np.ndarray], path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0
) -> DataSet[GraphPair]:
    """x [points, channel], nodes [graphs] the number of points of each; y [graphs] or [points], labels from 0.

    On products of domains x has the axes of the others besides, [points, channel, …], and y those that are asked about;
    sets of pictures are sets of such points. `sets` [sets] is how many graphs each set of graphs has, and then y may
    have a row for each set, graph or point. Left out, `nodes` means one graph. Graphs have edge_index [2, edges],
    sources then targets, with the points of all graphs numbered through from 0, and perhaps edge_attr [edges, k],
    edge_weight [edges]; sets have none of these. Clouds of points have pos [points, 2 or 3], with x or without, and
    perhaps z [points] (elements), cell [clouds, d, d] and pbc [clouds, d]; surfaces pos and face [3, faces], numbered
    through as edges are, with x or without.
    `classes` are names if wanted. Graphs are split by class; of a single graph the labels at its points are, and −100
    says that one is not known. Floating y, [graphs], [graphs, k] or [points, k], are values, named and measured by
    texts `quantity` and `unit` if wanted, on products [graphs, k, …]; NaN says that one is not known.

    >>> arrays = {"x": np.zeros((24, 2)), "nodes": np.full(12, 2), "y": np.arange(12) % 2}
    >>> found = graphs_from(arrays, Path("mine.npz"))
    >>> found.name, len(found.train), len(found.test), found.channels
    ('mine', 6, 4, 2)
    """
    arrays = _with_values(arrays, path)
    missing = [name for name in ("x", "y") if name not in arrays]
    if missing:
        raise DataError(f"{path} with the keys {', '.join(arrays)}", KEYS, f"Add {' and '.join(missing)}.")
    x, y = arrays["x"], arrays["y"]
    if x.ndim < 2 or x.dtype.kind not in "fiub" or y.dtype.kind not in "iuf":
        given = f"x of shape {x.shape} and dtype {x.dtype}, y of dtype {y.dtype} in {path}"
        raise DataError(given, KEYS, "The points of all graphs stand one behind the other.")
    store = _store(arrays, path)
    if y.dtype.kind == "f":
        _check_named(arrays, y, path)
        values = numbers("y", y, path)
        column = x.ndim == 2 or y.ndim == 1
        pair = GraphPair(store, values.reshape(len(y), math.prod(y.shape[1:])) if column else values)
        quantity = Quantity(str(arrays.get("quantity", "y")), str(arrays.get("unit", "")))
        parts = into_three(pair, validation, test, seed)
        return own_set(parts, (), path, validation, seed, drawn=True, quantity=quantity)
    pair = GraphPair(store, whole_numbers("y", y, path))
    classes = named(arrays, pair.known, path)
    if len(pair) == 1:
        parts = hide(pair.targets, (validation, test), seed, classes)
        ready = dict(zip(PARTS, (GraphPair(pair.inputs, y) for y in parts), strict=True))
        return own_set(ready, classes, path, validation, seed)
    return own_set(into_three(pair, validation, test, seed, classes), classes, path, validation, seed, drawn=True)


def read_graphs(arrays: Mapping[str, np.ndarray], path: Path) -> GraphStore | SetStore:
    """All graphs of a file, in their order, whether they have labels or not.

    >>> len(read_graphs({"x": np.zeros((6, 2)), "nodes": np.array([2, 4])}, Path("mine.npz")))
    2
    """
    arrays = _with_values(arrays, path)
    if "x" not in arrays:
        raise DataError(f"{path} with the keys {', '.join(arrays)}", KEYS, "Add x.")
    return _store(arrays, path)


def _with_values(arrays: Mapping[str, np.ndarray], path: Path) -> Mapping[str, np.ndarray]:
    """Where points are is enough: x is then ones, and of surfaces nothing."""
    if "pos" not in arrays or "x" in arrays:
        return arrays
    channels = 0 if "face" in arrays else 1
    points = len(numbers("pos", arrays["pos"], path))
    return {**arrays, "x": np.ones((points, channels), dtype=np.float32)}


def _store(arrays: Mapping[str, np.ndarray], path: Path) -> GraphStore | SetStore:
    store = GraphStore.of(_batch(arrays, path))
    store = store if store.face is None else GraphStore(list(store))  # each is looked at, what its triangles are
    return store if "sets" not in arrays else SetStore(store, whole_numbers("sets", arrays["sets"], path))


def _check_named(arrays: Mapping[str, np.ndarray], y: np.ndarray, path: Path) -> None:
    """Floating whole numbers may be labels or values: the file has to say which."""
    if "quantity" not in arrays and bool((y[np.isfinite(y)] % 1 == 0).all()):
        given = f"y of dtype {y.dtype} in {path}, all of it whole numbers"
        mend = (
            "Convert labels with y.astype(int); name values by a text quantity, as numpy.savez(…, quantity='energy')."
        )
        raise DataError(given, "labels as whole numbers, or values with a name", mend)


def _batch(arrays: Mapping[str, np.ndarray], path: Path) -> GraphBatch:
    """All of them as one batch; DataError where points and edges do not fit."""
    x = numbers("x", arrays["x"], path, least=2)
    sizes = whole_numbers("nodes", arrays["nodes"], path) if "nodes" in arrays else torch.tensor([len(x)])
    if sizes.ndim != 1 or bool(((sizes < 1) | (sizes > len(x))).any()) or int(sizes.sum()) != len(x):
        given = f"nodes with a sum of {int(sizes.sum())} for {len(x)} points in {path}"
        raise DataError(given, "how many points each graph has, at least one", "Count the rows of x.")
    which = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    batch = GraphBatch(
        x=x, batch=which, ptr=starts(sizes), num_graphs=len(sizes), **_in_space(arrays, len(sizes), path)
    )
    if "face" in arrays:
        batch.face = _index("face", 3, arrays["face"], which, path)
    if "edge_index" in arrays:
        batch.edge_index = _index("edge_index", 2, arrays["edge_index"], which, path)
        for name in ("edge_attr", "edge_weight"):
            if name in arrays:
                setattr(batch, name, _along(arrays[name], batch.edge_index.shape[1], name, path))
    return by_graph(batch)


def _in_space(arrays: Mapping[str, np.ndarray], count: int, path: Path) -> dict[str, Tensor]:
    """Where points are, of which elements, and in which cells, as far as the file says it."""
    found: dict[str, Tensor] = {}
    rows = {"pos": len(arrays["x"]), "z": len(arrays["x"]), "cell": count, "pbc": count}
    for name, wanted in rows.items():
        if name not in arrays:
            continue
        values = (numbers if name in ("pos", "cell") else whole_numbers)(name, arrays[name], path)
        if len(values) != wanted or (name == "pos" and (values.ndim != 2 or values.shape[1] not in (2, 3))):
            given = f"{name} of shape {tuple(values.shape)} in {path}"
            raise DataError(given, f"{wanted} rows, positions in 2 or 3 dimensions", "One row a point, or a cloud.")
        found[name] = values.bool() if name == "pbc" else values
    return found


def _index(name: str, ends: int, given: np.ndarray, which: Tensor, path: Path) -> Tensor:
    index = whole_numbers(name, given, path)
    fits = index.ndim == 2 and len(index) == ends
    inside = fits and bool(((index >= 0) & (index < len(which))).all())
    if not inside or bool((which[index] != which[index[0]]).any()):
        kind = {2: "edges", 3: "faces"}[ends]
        raise DataError(
            f"{name} of shape {given.shape} in {path}",
            f"[{ends}, {kind}] of points of the same graph, numbered 0 … {len(which) - 1} through all graphs",
            "Add to each graph's own numbers how many points stand before it.",
        )
    return index


def _along(values: np.ndarray, edges: int, name: str, path: Path) -> Tensor:
    found = numbers(name, values, path)
    if len(found) != edges:
        raise DataError(f"{len(found)} rows of {name} in {path}", f"{edges}, one an edge", "Or leave it out.")
    return found
