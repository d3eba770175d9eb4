"""Many graphs in one packed store, from which batches are cut by index operations alone."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Graph
from erlangen.domains._segments import starts as starts_of
from erlangen.domains.graph_formats import as_data
from erlangen.domains.packed import attribute
from erlangen.errors import DataError, InputError


class GraphStore:
    """All graphs one behind the other: x, edge_index, edge_attr, y and where each graph begins.

    `graphs` are what `er.Graph().read` takes; `targets` one row a graph, or None where each has its own `y`, or none.
    `store[i]` is one graph, `store.batch(indices)` several with `batch` and `ptr`: what a DataLoader of indices makes
    with `collate_fn=store.batch`. Raises DataError for an empty list, and for what is no graph.

    >>> import torch
    >>> one = {"x": torch.ones(2, 1), "edge_index": torch.tensor([[0], [1]])}
    >>> batch = GraphStore([one, one, one]).batch([0, 2])
    >>> batch.edge_index.tolist(), batch.ptr.tolist()
    ([[0, 2], [1, 3]], [0, 2, 4])
    """

    def __init__(self, graphs: Sequence[Any], targets: Tensor | None = None):
        read = [_checked(graph, i) for i, graph in enumerate(graphs)]
        if not read:
            raise DataError("no graphs", "at least one", "Check the file that they come from.")
        self.x = torch.cat([graph["x"] for graph in read])
        self.edge_index = torch.cat([graph["edge_index"] for graph in read], dim=1)
        self.edge_attr = _joined(read, "edge_attr")
        self.y = targets if targets is not None else _joined(read, "y")
        if self.y is not None and len(self.y) != len(read):
            raise DataError(f"{len(self.y)} targets for {len(read)} graphs", "one row a graph", "Stack them by graphs.")
        self.nodes = _starts([len(graph["x"]) for graph in read])
        self.edges = _starts([graph["edge_index"].shape[1] for graph in read])

    def __len__(self) -> int:
        return len(self.nodes) - 1

    def __getitem__(self, index: int) -> SimpleNamespace:
        return self.batch([index])

    def batch(self, indices: "Sequence[int] | Tensor") -> SimpleNamespace:
        """The graphs at these indices one behind the other."""
        picked = torch.as_tensor(indices, dtype=torch.int64)
        rows, batch, ptr = _cut(self.nodes, picked)
        edges, of, _ = _cut(self.edges, picked)
        made: dict[str, Any] = {
            "x": self.x.index_select(0, rows),
            "edge_index": self.edge_index.index_select(1, edges) + ptr[of],
            "batch": batch,
            "ptr": ptr,
            "num_graphs": len(picked),
        }
        if self.edge_attr is not None:
            made["edge_attr"] = self.edge_attr.index_select(0, edges)
        if self.y is not None:
            made["y"] = self.y.index_select(0, picked)
        return SimpleNamespace(**made)


def _cut(starts: Tensor, picked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The rows of the picked segments, which of the picked each belongs to, and where each now begins."""
    first, sizes = starts[picked], starts[picked + 1] - starts[picked]
    ptr = starts_of(sizes)
    which = torch.repeat_interleave(torch.arange(len(picked)), sizes, output_size=int(ptr[-1]))
    return torch.arange(int(ptr[-1])) + (first - ptr[:-1])[which], which, ptr


def _checked(graph: Any, which: int) -> dict[str, Tensor]:
    data = as_data(graph)
    try:
        Graph().read(data)
    except InputError as refusal:
        raise DataError(f"graph {which}: {refusal.given}", refusal.expected, refusal.mend) from None
    found = {name: attribute(data, name) for name in ("x", "edge_index", "edge_attr", "y")}
    return {name: value for name, value in found.items() if value is not None}


def _joined(graphs: list[dict[str, Tensor]], name: str) -> Tensor | None:
    """What all graphs have of this name, else None."""
    if not all(name in graph for graph in graphs):
        return None
    parts = [torch.as_tensor(graph[name]) for graph in graphs]
    return torch.cat([part.reshape(1) if part.dim() == 0 else part for part in parts])


def _starts(sizes: list[int]) -> Tensor:
    return starts_of(torch.tensor(sizes))
