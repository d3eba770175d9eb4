"""Graphs as other libraries hold them: networkx, SciPy's sparse matrices; as what `er.Graph().read` takes."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import InputError


def as_data(data: Any) -> Any:
    """A dictionary of x, edge_index and edge_weight where another library's graph was given, else what was given.

    A networkx graph, whose nodes have "x" (without it a channel of ones) and whose edges may have "weight"; or a pair
    (x, A) of node features and a sparse matrix, A[i, j] the edge from i to j. Edges of undirected graphs go both ways.
    """
    if hasattr(data, "adjacency") and hasattr(data, "nodes"):
        return _from_networkx(data)
    if isinstance(data, tuple) and len(data) == 2 and hasattr(data[1], "tocoo"):
        return _from_scipy(*data)
    if isinstance(data, tuple) and len(data) in (2, 3):
        return dict(zip(("x", "edge_index", "batch"), data, strict=False))
    return data


def _from_networkx(graph: Any) -> dict[str, Tensor]:
    nodes = list(graph.nodes)
    if not nodes:
        raise InputError("a graph without nodes", "at least one node", "Leave it out.")
    place = {node: i for i, node in enumerate(nodes)}
    features = [np.ravel(graph.nodes[node].get("x", 1.0)) for node in nodes]
    if len({len(f) for f in features}) != 1:
        raise InputError('nodes whose "x" have different lengths', "one length", "Fill the missing ones.")
    edges = [(place[a], place[b], data.get("weight")) for a, b, data in graph.edges(data=True)]
    if not graph.is_directed():
        edges += [(b, a, weight) for a, b, weight in edges if a != b]
    index = torch.tensor([[a for a, _, _ in edges], [b for _, b, _ in edges]], dtype=torch.int64).reshape(2, -1)
    made = {"x": torch.as_tensor(np.stack(features), dtype=torch.get_default_dtype()), "edge_index": index}
    if edges and all(weight is not None for _, _, weight in edges):
        made["edge_weight"] = torch.tensor([float(w) for _, _, w in edges], dtype=torch.get_default_dtype())
    return made


def _from_scipy(x: Any, matrix: Any) -> dict[str, Tensor]:
    entries = matrix.tocoo()
    x = torch.as_tensor(x)
    if matrix.shape != (len(x), len(x)):
        raise InputError(f"a matrix {matrix.shape} for {len(x)} nodes", "a row and a column a node", "A[i, j]: i to j.")
    index = torch.as_tensor(np.stack([entries.row, entries.col]).astype(np.int64))
    made = {"x": x, "edge_index": index}
    return made if (entries.data == 1).all() else {**made, "edge_weight": torch.as_tensor(entries.data, dtype=x.dtype)}
