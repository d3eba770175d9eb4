"""Graphs in the text files of TU Dortmund's collection: one line an edge, a node, a graph."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import JOINING, GraphBatch, GraphStore
from erlangen.domains._segments import starts
from erlangen.errors import DataError

FILES = ("A", "graph_indicator", "graph_labels", "node_labels", "edge_labels")
MOST_LABELS = 1 << 12  # a channel each


def read_tudataset(folder: Path, name: str) -> GraphPair:
    """NAME_A.txt (edges), _graph_indicator.txt (the graph of each node), _graph_labels, _node_labels, _edge_labels.

    Shapes: x one-hot of the node labels, edge_attr one-hot of the edge labels, targets the ranks of the graph labels.
    Nodes and graphs are numbered from 1 in the files. Files that do not fit one another: DataError.

    >>> import tempfile; from pathlib import Path
    >>> lines = {"A": "1, 2\\n2, 1\\n", "graph_indicator": "1\\n1\\n2\\n", "graph_labels": "-1\\n1\\n"}
    >>> with tempfile.TemporaryDirectory() as d:
    ...     for key, text in {**lines, "node_labels": "0\\n1\\n0\\n", "edge_labels": "0\\n0\\n"}.items():
    ...         _ = (Path(d) / f"T_{key}.txt").write_text(text)
    ...     pair = read_tudataset(Path(d), "T")
    >>> pair.inputs.x.tolist(), pair.targets.tolist()
    ([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1])
    """
    edges, *others = (_numbers(folder / f"{name}_{kind}.txt", 2 if kind == "A" else 1) for kind in FILES)
    graph, labels, nodes, bonds = (column[:, 0] for column in others)
    edges, of = edges - 1, graph - 1
    fits = len(nodes) == len(of) and len(bonds) == len(edges) and (np.diff(of) >= 0).all() and of[0] == 0
    if not fits or int(of[-1]) + 1 != len(labels) or edges.min() < 0 or edges.max() >= len(of):
        given = f"{folder} with {len(of)} nodes, {len(edges)} edges and {len(labels)} graphs that do not fit together"
        raise DataError(given, "whole files of one collection", "Fetch the data again.")
    batch = torch.from_numpy(of)
    store = GraphBatch(
        x=one_hot(nodes),
        edge_index=torch.from_numpy(edges.T.copy()),
        edge_attr=one_hot(bonds),
        batch=batch,
        ptr=starts(torch.bincount(batch, minlength=len(labels))),
        num_graphs=len(labels),
    )
    ranks = np.unique(labels, return_inverse=True)[1]
    return GraphPair(GraphStore.of(by_graph(store)), torch.from_numpy(ranks.astype(np.int64)))


def by_graph(batch: GraphBatch) -> GraphBatch:
    """The same with the edges, and the faces, in the order of their graphs, as a store has them."""
    held = dict(vars(batch))
    for joining, (_, beside) in JOINING.items():
        if held.get(joining) is not None:
            order = torch.argsort(batch.batch[held[joining][0]], stable=True)
            held[joining] = held[joining][:, order]
            held |= {name: held[name][order] for name in beside if held.get(name) is not None}
    return GraphBatch(**held)


def one_hot(labels: np.ndarray) -> Tensor:
    """A channel for each of 0 … max; DataError for others than 0 … 4095.

    >>> one_hot(np.array([1, 0])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= MOST_LABELS:
        raise DataError(f"labels from {low} to {high}", f"labels from 0 to below {MOST_LABELS}", "Number them anew.")
    return torch.nn.functional.one_hot(torch.from_numpy(labels), high + 1).float()


def _numbers(path: Path, columns: int) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of a file without a number, which is refused here
            found = np.loadtxt(path, dtype=np.int64, delimiter=",", ndmin=2)
        if not len(found) or found.shape[1] != columns:
            raise ValueError(f"{len(found)} rows of {found.shape[1]} numbers")
    except (OSError, ValueError, OverflowError) as error:
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, f"{columns} whole number{'s' * (columns > 1)} a line", "Fetch the data again.") from None
    return found
