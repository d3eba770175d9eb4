"""Many graphs, sets, clouds or meshes in one packed store, from which batches are cut by index operations alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.data.rows import cut, starts
from erlangen.domains import Graph, Points, Set
from erlangen.domains._segments import starts as starts_of
from erlangen.domains.graph_formats import as_data
from erlangen.domains.mesh_formats import as_mesh
from erlangen.domains.mesh_parts import parts_of
from erlangen.domains.packed import attribute
from erlangen.domains.point_formats import as_points, is_atoms
from erlangen.domains.surfaces.checks import joined
from erlangen.errors import DataError, InputError
from erlangen.given import instance, shortened

ALONG_EDGES = ("edge_attr", "edge_weight", "cell_offsets")
ALONG_POINTS = ("pos", "z")  # beside x
OF_WHOLES = ("cell", "pbc")
JOINING = {"edge_index": ("edges", ALONG_EDGES), "face": ("faces", ())}  # where they begin, and what stands beside
NEAR = 1e-6  # within which neighbours are looked for where the form of a cloud alone is asked about
BESIDE = (*ALONG_EDGES, *ALONG_POINTS, *OF_WHOLES)


class GraphBatch(SimpleNamespace):
    """Some graphs one behind the other: x, batch, ptr, num_graphs; edge_index, edge_attr, edge_weight, y if there are,
    and of clouds of points pos, z, cell and pbc, of meshes pos and face.

    >>> batch = GraphStore([{"x": torch.ones(2, 1)}] * 3).batch([0, 1])
    >>> len(batch), batch.to("cpu").x.shape
    (2, torch.Size([4, 1]))
    """

    x: Tensor
    batch: Tensor
    ptr: Tensor

    def __len__(self) -> int:
        return int(self.num_graphs)

    def to(self, device: Any, **how: Any) -> "GraphBatch":
        """The same on another device."""
        held = vars(self).items()
        return type(self)(**{name: v.to(device, **how) if isinstance(v, Tensor) else v for name, v in held})

    def with_values(self, x: Tensor) -> "GraphBatch":
        """The same points and edges with other values at the points."""
        return type(self)(**{**vars(self), "x": x})

    def turned(self, matrices: Tensor) -> "GraphBatch":
        """x ↦ R x for the positions of every cloud, and for its cell: matrices `[clouds, d, d]`, one for each.

        Faces stay counter-clockwise as seen from outside.

        >>> store = GraphStore([{"pos": torch.tensor([[1.0, 0.0]])}] * 2)
        >>> store.batch([0, 1]).turned(torch.tensor([[[0.0, -1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])).pos.tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        """
        matrices = matrices.to(self.pos)
        moved = {"pos": (matrices[self.batch] @ self.pos[:, :, None])[:, :, 0]}
        if getattr(self, "cell", None) is not None:
            moved["cell"] = self.cell @ matrices.mT
        if getattr(self, "face", None) is not None:
            mirrored = torch.linalg.det(matrices)[self.batch[self.face[0]]] < 0
            moved["face"] = torch.where(mirrored, self.face[[1, 0, 2]], self.face)
        return type(self)(**{**vars(self), **moved})

    def reordered(self, generator: torch.Generator) -> "tuple[GraphBatch, Tensor]":
        """π·x, the points of each graph in a random order and so its edges; and which row stands at each place.

        >>> path = {"x": torch.tensor([[1.0], [2.0]]), "edge_index": torch.tensor([[0], [1]])}
        >>> moved, rows = GraphStore([path]).batch([0]).reordered(torch.Generator().manual_seed(1))
        >>> moved.x[moved.edge_index[0]].item(), moved.x[moved.edge_index[1]].item()
        (1.0, 2.0)
        """
        rows = shuffled(self.batch, generator)
        made: dict[str, Any] = {**vars(self), "x": self.x[rows]}
        made |= {name: made[name][rows] for name in ALONG_POINTS if made.get(name) is not None}
        place = torch.empty_like(rows)
        place[rows] = torch.arange(len(rows), device=rows.device)
        for joining, (_, beside) in JOINING.items():
            index = getattr(self, joining, None)
            if index is not None:
                order = shuffled(self.batch[index[0]], generator)
                made[joining] = place[index[:, order]]
                made |= {name: made[name][order] for name in beside if made.get(name) is not None}
        return GraphBatch(**made), rows


class GraphStore:
    """All graphs one behind the other: x, edge_index, edge_attr, edge_weight, y and where each graph begins.

    `graphs` are what `er.Graph().read` takes, or without edge_index in any of them what `er.Set().read` takes, or with
    positions what `er.Points(d).read` takes, atoms of ASE among it: then pos `[points, d]`, and perhaps z, cell and
    pbc, stand beside x; or with face `[3, faces]` as well what `er.Mesh().read` takes, where x of no channels is as
    good as none. On products of domains x has further axes, `[points, channel, …]`, as many of all graphs; sets of
    pictures are sets of such points. `targets` one row a graph, or None where each has its own `y`, or none.
    `store[i]` is one graph, `store.batch(indices)` several with `batch` and `ptr`: what a DataLoader of indices makes
    with `collate_fn=store.batch`; `store.take(indices)` is a smaller store. Raises DataError for an empty list, and for
    what is no graph.

    >>> import torch
    >>> one = {"x": torch.ones(2, 1), "edge_index": torch.tensor([[0], [1]])}
    >>> batch = GraphStore([one, one, one]).batch([0, 2])
    >>> batch.edge_index.tolist(), batch.ptr.tolist()
    ([[0, 2], [1, 3]], [0, 2, 4])
    """

    def __init__(self, graphs: Sequence[Any], targets: Tensor | None = None):
        read = [_checked(graph, i) for i, graph in enumerate(_several(graphs))]
        if targets is not None:
            instance("targets", targets, Tensor, DataError, "Convert with torch.as_tensor(targets).")
        if not read:
            raise DataError("no graphs", "at least one", "Check the file that they come from.")
        self.edge_index, self.edges = _joining(read, "edge_index", "edges", "Give it an edge_index [2, 0].")
        self.face, self.faces = _joining(read, "face", "faces", "Give it its triangles.")
        self.x = torch.cat([graph["x"] for graph in read])
        self.edge_attr, self.edge_weight, self.cell_offsets = (_joined(read, name) for name in ALONG_EDGES)
        self.pos, self.z = (_joined(read, name) for name in ALONG_POINTS)
        self.cell, self.pbc = (_joined(read, name) for name in OF_WHOLES)
        self.y = targets if targets is not None else _joined(read, "y")
        if self.y is not None and (self.y.dim() < 1 or len(self.y) != len(read)):
            raise DataError(
                f"targets of shape {tuple(self.y.shape)} for {len(read)} graphs",
                "one row a graph",
                "Stack them by graphs.",
            )
        self.nodes = starts([len(graph["x"]) for graph in read])

    def __len__(self) -> int:
        return len(self.nodes) - 1

    def __getitem__(self, index: int) -> GraphBatch:
        return self.batch([index])

    def __iter__(self) -> Iterator[GraphBatch]:
        return (self[i] for i in range(len(self)))

    @property
    def sizes(self) -> Tensor:
        """How many points each has."""
        return self.nodes.diff()

    def batch(self, indices: "Sequence[int] | Tensor") -> GraphBatch:
        """The graphs at these indices one behind the other."""
        picked = torch.as_tensor(indices, dtype=torch.int64)
        rows, batch, ptr = cut(self.nodes, picked)
        made: dict[str, Any] = {
            "x": self.x.index_select(0, rows),
            "batch": batch,
            "ptr": ptr,
            "num_graphs": len(picked),
        }
        for joining, (first, beside) in JOINING.items():
            index = getattr(self, joining)
            if index is not None:
                edges, of, _ = cut(getattr(self, first), picked)
                made[joining] = index.index_select(1, edges) + ptr[of]
                along = {name: getattr(self, name) for name in beside}
                made |= {name: value.index_select(0, edges) for name, value in along.items() if value is not None}
        at = {**dict.fromkeys(ALONG_POINTS, rows), **dict.fromkeys(OF_WHOLES, picked), "y": picked}
        known = {name: value for name in at if (value := getattr(self, name)) is not None}
        made |= {name: value.index_select(0, at[name]) for name, value in known.items()}
        return GraphBatch(**made)

    def take(self, indices: "Sequence[int] | Tensor") -> "GraphStore":
        """A store of the graphs at these indices, in this order."""
        return GraphStore.of(self.batch(indices))

    def rows(self, indices: "Sequence[int] | Tensor") -> Tensor:
        """The rows of x that belong to the graphs at these indices."""
        return cut(self.nodes, torch.as_tensor(indices, dtype=torch.int64))[0]

    def with_values(self, x: Tensor) -> "GraphStore":
        """The same points and edges with other values at the points."""
        return GraphStore.of(self._whole().with_values(x))

    def turned(self, matrices: Tensor) -> "GraphStore":
        """Every cloud turned by a matrix of its own, `[clouds, d, d]`."""
        return GraphStore.of(self._whole().turned(matrices))

    def reordered(self, generator: torch.Generator) -> "tuple[GraphStore, Tensor]":
        """Each graph with its points and edges in a random order; and which row of x stands at each place."""
        moved, rows = self._whole().reordered(generator)
        return GraphStore.of(moved), rows

    def joined(self, *others: "GraphStore") -> "GraphStore":
        """The graphs of this store, then those of the others."""
        return GraphStore([graph for store in (self, *others) for graph in store])

    def _whole(self) -> GraphBatch:
        return self.batch(torch.arange(len(self)))

    @staticmethod
    def of(batch: GraphBatch) -> "GraphStore":
        """The store that has this batch as the whole of it; edges stand in it graph by graph.

        >>> store = GraphStore([{"x": torch.ones(n, 1), "edge_index": torch.tensor([[0], [1]])} for n in (2, 3)])
        >>> GraphStore.of(store.batch([1, 0])).edge_index.tolist()
        [[0, 0], [1, 1]]
        """
        store = object.__new__(GraphStore)
        store.x, store.nodes, store.y = batch.x, batch.ptr, getattr(batch, "y", None)
        for name in BESIDE:
            setattr(store, name, getattr(batch, name, None))
        for joining, (first, _) in JOINING.items():
            index = getattr(batch, joining, None)
            of = batch.batch if index is None else batch.batch[index[0]]
            ends = None if index is None else torch.bincount(of, minlength=len(batch.ptr) - 1)
            held = torch.zeros_like(batch.ptr) if ends is None else starts_of(ends)
            setattr(store, joining, None if index is None else index - batch.ptr[of])
            setattr(store, first, held)
        return store


def shuffled(groups: Tensor, generator: torch.Generator) -> Tensor:
    """Places in a random order within each run of equal numbers, the runs in their own order; sorts what is not.

    >>> order = shuffled(torch.tensor([0, 0, 1, 1]), torch.Generator().manual_seed(0)).tolist()
    >>> sorted(order[:2]), sorted(order[2:])
    ([0, 1], [2, 3])
    """
    order = torch.randperm(len(groups), generator=generator).to(groups.device)
    return order[torch.argsort(groups[order], stable=True)]


def _several(graphs: Any) -> Iterable[Any]:
    if isinstance(graphs, str | bytes | Mapping | Tensor | np.ndarray) or not isinstance(graphs, Iterable | Sequence):
        raise DataError(f"graphs={shortened(graphs)}", "a list of graphs", "Of one: [graph].")
    return graphs


def _checked(graph: Any, which: int) -> dict[str, Tensor]:
    data = as_points(graph) if is_atoms(graph) else as_data(graph)
    names = ("x", *JOINING, *BESIDE, "y")
    found = {"x": data} if isinstance(data, Tensor) else {name: attribute(data, name) for name in names}
    found = {name: value for name, value in found.items() if value is not None}
    try:
        if "face" in found:
            return _mesh(found, data)
        _domain(found, data).read(_flat(found))
    except InputError as refusal:
        raise DataError(f"graph {which}: {refusal.given}", refusal.expected, refusal.mend) from None
    if "pos" in found:
        found.setdefault("x", found["pos"].new_ones(len(found["pos"]), 1))
        found |= {name: torch.as_tensor(found[name])[None] for name in OF_WHOLES if _is_of_one(found, name)}
    return found


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """What stands at each point as one row of numbers: on products of domains it has further axes."""
    x = found.get("x")
    return {**found, "x": x.flatten(1)} if isinstance(x, Tensor) and x.dim() > 2 else found


def _mesh(found: dict[str, Any], data: Any) -> dict[str, Tensor]:
    """Vertices and faces `[3, m]`, InputError for what is none, whether or not it is a surface, which a domain asks;
    features, if only of no channels."""
    position, face, x = parts_of(as_mesh(data))
    joined(position.detach().cpu().numpy(), face.cpu().numpy())
    known = {name: found[name] for name in ("y", "z") if name in found}
    return {**known, "pos": position, "face": face.T, "x": position.new_zeros(len(position), 0) if x is None else x}


def _domain(found: dict[str, Any], data: Any) -> Points | Graph | Set:
    """Where such values live."""
    position = found.get("pos")
    if isinstance(position, Tensor):
        return Points(2 if position.shape[-1] == 2 else 3, radius=NEAR)
    return Set() if "edge_index" not in found and not _says_edges(data) else Graph()


def _is_of_one(found: dict[str, Any], name: str) -> bool:
    """Whether a cell or its directions come without an axis for several clouds."""
    return name in found and torch.as_tensor(found[name]).dim() == (2 if name == "cell" else 1)


def _says_edges(data: Any) -> bool:
    """Whether something of edges is there, so that a missing edge_index is no set but a mistake."""
    held: Mapping[str, Any] = data if isinstance(data, dict) else getattr(data, "__dict__", {})
    return any(name.startswith("edge_") and value is not None for name, value in held.items())


def _joining(graphs: list[dict[str, Tensor]], name: str, what: str, mend: str) -> tuple[Tensor | None, Tensor]:
    """What joins the points of all graphs, and where that of each begins; all have it, or none."""
    known = [name in graph for graph in graphs]
    if any(known) and not all(known):
        given = f"graph {known.index(False)} without {name}"
        raise DataError(given, f"{what} in all graphs, or in none of them", mend)
    held = starts([graph[name].shape[1] if name in graph else 0 for graph in graphs])
    return torch.cat([graph[name] for graph in graphs], dim=1) if all(known) else None, held


def _joined(graphs: list[dict[str, Tensor]], name: str) -> Tensor | None:
    """What all graphs have of this name, else None."""
    if not all(name in graph for graph in graphs):
        return None
    parts = [torch.as_tensor(graph[name]) for graph in graphs]
    return torch.cat([part.reshape(1) if part.dim() == 0 else part for part in parts])
