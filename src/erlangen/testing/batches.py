"""Batches of sets, graphs, points and meshes as dicts: drawn, stored in another order, moved, taken apart."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains import Graph, GraphEdges, Mesh, Points
from erlangen.domains._icosphere import icosphere
from erlangen.domains.packed import Packed
from erlangen.groups import Element
from erlangen.signal import Space

Data = dict[str, Tensor]
AT_POINTS, AT_EDGES = ("x", "pos"), ("edge_attr", "edge_weight")


def drawn(space: Space, seed: int, signals: int = 3, dtype: torch.dtype = torch.float64, weights: bool = False) -> Data:
    """Signals of 1 … 12 points: graphs with isolated nodes, self-loops, multiple edges, several parts. On meshes bumpy
    balls of 42 vertices, every other one with a hole."""
    generator = torch.Generator().manual_seed(seed)
    if isinstance(space.domain, Mesh):
        return _balls(space, generator, signals, dtype)
    sizes = torch.randint(1, 13, (signals,), generator=generator)
    sizes[int(torch.randint(signals, (), generator=generator))] = 1
    batch = torch.repeat_interleave(torch.arange(signals), sizes)
    data = {"x": _normal(generator, dtype, len(batch), space.channels), "batch": batch}
    if isinstance(space.domain, Points):
        data["pos"] = _normal(generator, dtype, len(batch), space.domain.dim)
    features = getattr(space.domain, "edge_features", 0)
    if not isinstance(space.domain, Graph) and not features:
        return data
    first = sizes.cumsum(0) - sizes
    edges = [
        at + torch.randint(n, (2, 2 * n), generator=generator) for at, n in zip(first, sizes.tolist(), strict=True)
    ]
    data["edge_index"] = torch.cat(edges, dim=1)
    count = data["edge_index"].shape[1]
    if features:
        data["edge_attr"] = _normal(generator, dtype, count, features)
    if weights:
        data["edge_weight"] = (0.1 + torch.rand(count, generator=generator, dtype=torch.float64)).to(dtype)
    return data


class Order(NamedTuple):
    """How a batch was stored anew: x′[images] = x, and edge k is now edge order[k] of before."""

    images: Tensor
    order: Tensor

    def carry(self, y: Tensor, domain: Any) -> Tensor:
        """The answer to what is stored anew, of the answer y: along with points or edges, or as it is."""
        if isinstance(domain, GraphEdges):
            return y[self.order]
        return _carried(y, self.images) if isinstance(domain, Packed) else y


def relabelled(data: Data, seed: int) -> tuple[Data, Order]:
    """The same signals with points and edges stored in another order, those of all signals mixed."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randperm(len(data["x"]), generator=generator)
    moved = {name: _carried(data[name], images) for name in (*AT_POINTS, "batch") if name in data}
    order = torch.empty(0, dtype=torch.int64)
    if "face" in data:
        order = torch.randperm(data["face"].shape[1], generator=generator)
        moved["face"] = images[data["face"]][:, order].roll(1, 0)
    if "edge_index" in data:
        order = torch.randperm(data["edge_index"].shape[1], generator=generator)
        moved["edge_index"] = images[data["edge_index"]][:, order]
        moved |= {name: data[name][order] for name in AT_EDGES if name in data}
    return moved, Order(images, order)


def moved_by(g: Element, space: Space, data: Data) -> Data:
    """g·x: features by the representation of the space, positions by the matrix of g; surfaces stay where they are."""
    moved = {**data, "x": space.act(g, data["x"])}
    if "pos" in data and "face" not in data:
        moved["pos"] = data["pos"] @ torch.as_tensor(space.domain.cartesian(g)).to(data["pos"]).T
    return moved


def rows_of(data: Data, which: int, domain: Any) -> Tensor:
    """Which rows of an answer on this domain belong to one signal of a batch."""
    if isinstance(domain, GraphEdges):
        return data["batch"][data["edge_index"][0]] == which
    return data["batch"] == which if isinstance(domain, Packed) else torch.arange(int(data["batch"].max()) + 1) == which


def one_of(data: Data, which: int) -> Data:
    """One signal of a batch by itself."""
    rows = (data["batch"] == which).nonzero()[:, 0]
    alone = {name: data[name][rows] for name in AT_POINTS if name in data}
    if "face" in data:
        alone["face"] = data["face"][:, data["batch"][data["face"][0]] == which] - rows[0]
    if "edge_index" in data:
        kept = data["batch"][data["edge_index"][0]] == which
        alone["edge_index"] = data["edge_index"][:, kept] - rows[0]
        alone |= {name: data[name][kept] for name in AT_EDGES if name in data}
    return alone


def _balls(space: Space, generator: torch.Generator, signals: int, dtype: torch.dtype) -> Data:
    points, faces = (torch.as_tensor(part.copy()) for part in icosphere(1))
    n = len(points)
    shapes = [points + 0.1 * _normal(generator, torch.float64, n, 3) for _ in range(signals)]
    told = [faces.T[:, i % 2 :] + i * n for i in range(signals)]
    return {
        "x": _normal(generator, dtype, signals * n, space.channels),
        "pos": torch.cat(shapes).to(dtype),
        "face": torch.cat(told, dim=1),
        "batch": torch.arange(signals).repeat_interleave(n),
    }


def _normal(generator: torch.Generator, dtype: torch.dtype, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


def _carried(values: Tensor, images: Tensor) -> Tensor:
    """y with y[π(i)] = x[i]."""
    return torch.empty_like(values).index_copy(0, images, values)
