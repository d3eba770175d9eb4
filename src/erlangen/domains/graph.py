"""Graphs: points and which of them are joined. The edges are part of the signal, and are relabelled with the points."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import (
    Way,
    collect,
    gather_sum,
    lengths,
    segment_sum,
    take,
    way_between,
    weighted_sum,
)
from erlangen.domains._stored import stored
from erlangen.domains.graph_formats import as_data
from erlangen.domains.packed import Members, Packed, attribute, members_of, values_of
from erlangen.errors import DomainError, InputError
from erlangen.given import whole


@stored
class Edges(NamedTuple):
    """The edges j → i, sorted by target: `source` j and `target` i of each, segment `into` of each target.

    `back` is the target of each edge sorted by source, `out_of` its segments, `turned` the place of each of these in
    the order by target. `order` sorted the edges that were given. `weight` `[E]` and `features` `[E, d]` where there
    are any; `walks` where they were computed, and of a coarser graph the `clusters` that it was made by.
    """

    members: Members
    source: Tensor
    target: Tensor
    into: Tensor
    back: Tensor
    out_of: Tensor
    turned: Tensor
    order: Tensor
    weight: Tensor | None = None
    features: Tensor | None = None
    walks: Tensor | None = None
    clusters: "Clusters | None" = None


@stored
class Clusters(NamedTuple):
    """Of a coarser graph: node u of the `fine` one belongs to cluster c by the share S_uc, along a `way` to clusters.

    Shares of a cluster add up to one; `share` is `[memberships, 1]`.
    """

    fine: Edges
    way: Way
    share: Tensor


@dataclass(frozen=True, repr=False)
class Graph(Packed):
    """Ω = the nodes, with S_n acting on them and on the edges at once: f(π·x, π·A) = π·f(x, A).

    Shapes: values `[nodes, channel]`, the graphs of a batch one behind the other; what users hold is anything with `x`,
    `edge_index` `[2, E]` (sources, targets), and perhaps `edge_attr`, `edge_weight`, `batch`, `ptr`. `edge_features`
    says how many channels `edge_attr` has; without it they are not read. `level` counts how often it was coarsened.

    >>> import torch
    >>> path = {"x": torch.tensor([[1.0], [2.0], [4.0]]), "edge_index": torch.tensor([[0, 1], [1, 2]])}
    >>> x, edges = Graph().read(path)
    >>> Graph().relate("neighbours", x, edges).flatten().tolist()
    [0.0, 1.0, 2.0]

    Gilmer, Schoenholz, Riley, Vinyals, Dahl 2017, arXiv:1704.01212.
    """

    edge_features: int = 0
    level: int = 0
    relations: ClassVar[tuple[str, ...]] = ("itself", "neighbours", "followers", "neighbourhood", "everyone")

    def __repr__(self) -> str:
        said = {"edge_features": self.edge_features, "level": self.level}
        return f"Graph({', '.join(f'{name}={value}' for name, value in said.items() if value)})"

    @property
    def coarser(self) -> "Graph":
        """The domain of the clusters of these nodes; their edges have weights, and no features."""
        return Graph(level=self.level + 1)

    def __post_init__(self) -> None:
        whole("edge_features", self.edge_features, DomainError, least=0, mend="The number of channels of edge_attr.")
        whole("level", self.level, DomainError, least=0, mend="A graph as it is given is of level 0.")

    def read(self, data: Any) -> tuple[Tensor, Any]:
        data = as_data(data)
        x, index = values_of(data), attribute(data, "edge_index")
        self.check_values(x)
        members = members_of(len(x), attribute(data, "batch"), attribute(data, "ptr"), x)
        source, target = edge_ends(index, members, len(x))
        edges = sorted_edges(source, target, members)
        weight = _along(attribute(data, "edge_weight"), edges, 1)
        features = features_of(attribute(data, "edge_attr"), edges, self.edge_features, self)
        return (x if members.order is None else x[members.order]), edges._replace(weight=weight, features=features)

    def members(self, values: Tensor, support: Any) -> Members:
        return require_edges(support, self).members

    def relate(self, relation: str, values: Tensor, support: Any) -> Tensor:
        """Neighbours send to a node, followers are what it sends to, its neighbourhood are the neighbours and itself.

        Means over them, by the weights of edges.
        """
        if relation not in ("neighbours", "followers", "neighbourhood"):
            return super().relate(relation, values, support)
        edges, reverse = require_edges(support, self), relation == "followers"
        summed, count = add_along(values, edges, reverse), degrees(edges, values, reverse)
        if relation == "neighbourhood":
            return (summed + values) / (count + 1)[:, None]
        return summed / count.clamp(min=1e-12)[:, None]


def edge_ends(index: Any, members: Members, count: int) -> tuple[Tensor, Tensor]:
    """Sources and targets in the order of sorted rows; refused where they are no nodes, or of two graphs."""
    if not isinstance(index, Tensor) or index.dim() != 2 or len(index) != 2 or index.dtype != torch.int64:
        raise InputError(
            f"edge_index={_said(index)}", "int64 [2, edges]: sources, then targets", "As PyTorch Geometric has it."
        )
    if index.numel() and (int(index.min()) < 0 or int(index.max()) >= count):
        raise InputError(f"edges to node {int(index.max())}", f"nodes 0 … {count - 1}", "Numbers start at 0.")
    if members.order is not None:
        place = torch.empty_like(members.order)
        place[members.order] = torch.arange(count, device=place.device)
        index = place[index]
    source, target = index
    if bool((members.batch[source] != members.batch[target]).any()):
        raise InputError("edges from one graph to another", "edges within each graph", "Check batch and edge_index.")
    return source, target


def features_of(given: Any, edges: Edges, count: int, domain: Packed) -> Tensor | None:
    """What edges are told, `[E, count]` in their order by target; None where none was declared, or the InputError."""
    features = _along(given, edges, 2) if count else None
    if count and (features is None or features.shape[1] != count):
        raise InputError(
            f"edge_attr={_said(given)}",
            f"[edges, {count}], as {domain!r} says",
            "Declare as many edge_features as there are.",
        )
    return features


def sorted_edges(source: Tensor, target: Tensor, members: Members) -> Edges:
    """Sorted once by their targets, and once by their sources for the way back."""
    count = len(members.batch)
    way, order = way_between(source, target, count, count)
    return Edges(members, way.rows, way.at, way.ptr, way.back, way.back_ptr, way.turned, order)


def add_along(values: Tensor, edges: Edges, reverse: bool = False) -> Tensor:
    """y_i = Σ_{j → i} w_ij x_j, or over the edges that leave i; w = 1 where edges have no weights."""
    there, into = (edges.back, edges.out_of) if reverse else (edges.source, edges.into)
    here, out_of = (edges.source, edges.into) if reverse else (edges.back, edges.out_of)
    if edges.weight is None:
        return gather_sum(values, there, into, here, out_of)
    way, weight = ways(edges), edges.weight[:, None].to(values.dtype)
    return weighted_sum(values, weight, way) if not reverse else weighted_sum(values, *_turned(way, weight))


def ways(edges: Edges) -> Way:
    """The edges as sums along them take them."""
    return Way(edges.source, edges.into, edges.target, edges.back, edges.out_of, edges.turned)


def _turned(way: Way, weight: Tensor) -> tuple[Tensor, Way]:
    other, turned = way.reversed(weight)
    return turned, other


def from_sources(values: Tensor, edges: Edges) -> Tensor:
    """What the source of each edge holds, `[n, c]` → `[E, c]`."""
    return take(values, edges.source, edges.turned, edges.out_of)


def from_targets(values: Tensor, edges: Edges) -> Tensor:
    """What the target of each edge holds, `[n, c]` → `[E, c]`."""
    return take(values, edges.target, _in_order(edges), edges.into)


def at_targets(values: Tensor, edges: Edges) -> Tensor:
    """Σ over the edges that come in, `[E, c]` → `[n, c]`."""
    return collect(values, edges.target, _in_order(edges), edges.into)


def _in_order(edges: Edges) -> Tensor:
    return torch.arange(edges.source.shape[0], device=edges.source.device)


def degrees(edges: Edges, like: Tensor, reverse: bool = False) -> Tensor:
    """Σ_{j → i} |w_ij| of each node, `[n]`."""
    if edges.weight is None:
        return lengths(edges.out_of if reverse else edges.into).to(like.dtype)
    at = edges.source if reverse else edges.target
    return segment_sum(edges.weight.abs().to(like.dtype), at, edges.into.shape[0] - 1)


def require_edges(support: Any, domain: Graph) -> Edges:
    """The edges of a signal; refused where it came without."""
    if not isinstance(support, Edges):
        raise InputError(
            f"a signal on {domain!r} without edges",
            "x and edge_index",
            "Call the network on data, or pass edge_index=…; er.Set() has no edges.",
        )
    return support


def _along(given: Any, edges: Edges, dim: int) -> Tensor | None:
    """What belongs to the edges, in their order by target; `[E]` or `[E, d]`."""
    if given is None:
        return None
    if not isinstance(given, Tensor) or len(given) != len(edges.order) or given.dim() not in (1, 2):
        raise InputError(f"{_said(given)} for {len(edges.order)} edges", "one row an edge", "Or leave it out.")
    if dim == 1:
        return given.reshape(len(given))[edges.order]
    return (given[:, None] if given.dim() == 1 else given)[edges.order]


def _said(given: Any) -> str:
    return f"a tensor {tuple(given.shape)} of {given.dtype}" if isinstance(given, Tensor) else repr(given)
