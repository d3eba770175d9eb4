"""General message passing: what goes along an edge is any function of its ends and its features."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph
from erlangen.domains._segments import segment_max
from erlangen.domains.graph import Edges, at_targets, from_sources, from_targets, require_edges
from erlangen.errors import SpaceError
from erlangen.given import among
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear.attention import scalars_on
from erlangen.signal import Space

AGGREGATES = ("mean", "sum", "max")


class GraphMessages(Layer):
    """y_i = A x_i + U ⊕_{j → i} φ(P x_i + Q x_j + E e_ij), ⊕ the mean, sum or maximum; φ a ReLU between two matrices.

    P x and Q x are computed once a node, not once an edge.

    Shapes: `[nodes, c]` and the edges → `[nodes, c′]`. Weights of edges multiply their messages.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(edge_features=2), 8 * er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphMessages(space, space)])
    >>> net(torch.ones(3, 8), edge_index=torch.tensor([[0, 1], [1, 2]]), edge_attr=torch.ones(2, 2)).shape
    torch.Size([3, 8])

    Gilmer et al. 2017, arXiv:1704.01212.
    """

    options = ("aggregate",)
    because = Reason(
        prior="what a neighbour says may depend on who is asked, and on the edge between",
        law="f(π·x, π·A) = π·f(x, A)",
        reference="Gilmer et al. 2017, arXiv:1704.01212",
    )

    def __init__(self, source: Space, target: Space, aggregate: str = "mean"):
        domain = scalars_on("GraphMessages", source, target, Graph)
        among("aggregate", aggregate, AGGREGATES, SpaceError, "Check the spelling.")
        super().__init__(source, target)
        self.aggregate = aggregate
        self.own = nn.Linear(source.channels, target.channels)
        self.asked = nn.Linear(source.channels, target.channels)
        self.asking = nn.Linear(source.channels, target.channels, bias=False)
        self.edge = nn.Linear(domain.edge_features, target.channels, bias=False) if domain.edge_features else None
        self.told = nn.Linear(target.channels, target.channels, bias=False)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        edges = require_edges(support, self.source.domain)  # type: ignore[arg-type]
        messages = from_targets(self.asked(values), edges) + from_sources(self.asking(values), edges)
        if self.edge is not None:
            messages = messages + self.edge(edges.features)
        messages = torch.relu(messages)
        if edges.weight is not None:
            messages = messages * edges.weight[:, None]
        return self.own(values) + self.told(self._gathered(messages, edges))

    def _gathered(self, messages: Tensor, edges: Edges) -> Tensor:
        if self.aggregate == "max":
            return segment_max(messages, edges.target, len(edges.into) - 1)
        heard = at_targets(messages, edges)
        count = (edges.into[1:] - edges.into[:-1]).clamp(min=1).to(heard.dtype)
        return heard / count[:, None] if self.aggregate == "mean" else heard

    def footprint(self) -> Footprint:
        return Footprint(None)
