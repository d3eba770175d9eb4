"""Attention along edges: means over the neighbours whose weights are read off both ends."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph
from erlangen.domains._segments import largest, weighted_sum
from erlangen.domains.graph import Edges, at_targets, from_sources, from_targets, require_edges, ways
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space


class GraphAttention(Layer):
    """y_i = A x_i + Σ_{j → i} α_ij V x_j, α_ij = softmax_j(a · LeakyReLU(Q x_i + K x_j + E e_ij)), a head at a time.

    Shapes: `[nodes, c]` and the edges → `[nodes, c′]`, c′ a multiple of `heads`. Scalars alone: a SpaceError for
    channels that a group moves.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), 8 * er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphAttention(space, space, heads=2)])
    >>> net(torch.ones(3, 8), edge_index=torch.tensor([[0, 1], [1, 2]])).shape
    torch.Size([3, 8])

    Brody, Alon, Yahav 2022, arXiv:2105.14491; Veličković et al. 2018, arXiv:1710.10903.
    """

    options = ("heads",)
    because = Reason(
        prior="which neighbours matter is read off the nodes",
        law="f(π·x, π·A) = π·f(x, A)",
        reference="Brody, Alon, Yahav 2022, arXiv:2105.14491",
    )

    def __init__(self, source: Space, target: Space, heads: int = 4):
        domain = scalars_on("GraphAttention", source, target, Graph)
        super().__init__(source, target)
        self.heads = heads_of(heads, target.channels)
        self.own = nn.Linear(source.channels, target.channels)
        self.query = nn.Linear(source.channels, target.channels)
        self.key = nn.Linear(source.channels, target.channels, bias=False)
        self.value = nn.Linear(source.channels, target.channels, bias=False)
        self.edge = nn.Linear(domain.edge_features, target.channels, bias=False) if domain.edge_features else None
        self.score = nn.Parameter(
            torch.randn(self.heads, target.channels // self.heads) * (self.heads / target.channels) ** 0.5
        )

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        edges = require_edges(support, self.source.domain)  # type: ignore[arg-type]
        joined = from_targets(self.query(values), edges) + from_sources(self.key(values), edges)
        if self.edge is not None:
            joined = joined + self.edge(edges.features)
        scores = (nn.functional.leaky_relu(joined, 0.2).unflatten(1, (self.heads, -1)) * self.score).sum(-1)
        if edges.weight is not None:
            scores = scores + edges.weight.abs().clamp(min=1e-12).log()[:, None]
        return self.own(values) + weighted_sum(self.value(values), _shares(scores, edges), ways(edges))

    def footprint(self) -> Footprint:
        return Footprint(None)


def _shares(scores: Tensor, edges: Edges) -> Tensor:
    """exp(s_e) / Σ exp over the edges into the same node, a head at a time."""
    with torch.no_grad():
        top = largest(scores, edges.into)
    risen = (scores - top.index_select(0, edges.target)).exp()
    return risen / from_targets(at_targets(risen, edges), edges)


def scalars_on(who: str, source: Space, target: Space, kind: Any) -> Any:
    """The domain of both spaces, of the kind asked for, where their channels are scalars; else a SpaceError."""
    domain = require_space(who, source).domain
    scalars = source.rho.is_trivial and require_space(who, target).rho.is_trivial
    if not isinstance(domain, kind) or target.domain != domain or not scalars:
        raise SpaceError(
            f"{who} from {source!r} to {target!r}",
            "scalars on one domain on both sides",
            "Channels that a group moves take GraphConv or SetLinear.",
        )
    return domain


def heads_of(heads: int, channels: int) -> int:
    """The number of heads, where channels divide by it; else a SpaceError."""
    whole("heads", heads, SpaceError, mend="4 are usual.")
    if channels % heads:
        raise SpaceError(f"{channels} channels in {heads} heads", f"a multiple of {heads}", "Take fewer heads.")
    return heads
