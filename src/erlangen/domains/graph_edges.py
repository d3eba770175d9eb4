"""The edges of a graph as the points of a domain: where answers about bonds and links live."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.domains._segments import starts
from erlangen.domains.graph import Graph, require_edges
from erlangen.domains.packed import Members, Packed
from erlangen.errors import InputError

_ANY = Graph()


@dataclass(frozen=True)
class GraphEdges(Packed):
    """Ω = the edges j → i of a graph, relabelled with its nodes: f(π·x, π·A) at π(j) → π(i) is f(x, A) at j → i.

    Shapes: values `[edges, channel]`, within a network sorted by targets; a network answers in the order of
    `edge_index` as it was given.

    >>> import erlangen as er
    >>> er.Task(er.Graph(), input=5, output=er.Equivariant(2, edges=True)).target
    X(GraphEdges(), 2 × trivial of Trivial)
    """

    def read(self, data: Any) -> tuple[Tensor, Any]:
        raise InputError("a signal on edges alone", "a graph", "Start from er.Graph(edge_features=…).")

    def members(self, values: Tensor, support: Any) -> Members:
        edges = require_edges(support, _ANY)
        batch = edges.members.batch[edges.target]
        count = torch.bincount(batch, minlength=len(edges.members.ptr) - 1)
        return Members(batch, starts(count), edges.order)

    def order(self, values: Tensor, support: Any) -> Tensor | None:
        return require_edges(support, _ANY).order
