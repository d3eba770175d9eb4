"""Attention: means over the others whose weights are read off the points themselves."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph, Set
from erlangen.domains._segments import segment_max, weighted_sum
from erlangen.domains.graph import Edges, at_targets, from_sources, from_targets, require_edges, ways
from erlangen.domains.packed import Members
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
        self.heads = _heads(heads, target.channels)
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
        top = segment_max(scores, edges.target, len(edges.into) - 1)
    risen = (scores - top.index_select(0, edges.target)).exp()
    return risen / from_targets(at_targets(risen, edges), edges)


class SetAttention(Layer):
    """y_i = A x_i + Σ_j α_ij V x_j, α_ij = softmax_j(Q x_i · K x_j / √d) over the points of a set: complete graphs.

    With `induced` points the set is read by so many learnt queries, and these by the points: n·m products, not n².

    Shapes: `[points, c]` → `[points, c′]`, c′ a multiple of `heads`. On graphs it sees every node of the same graph.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Set(), 8 * er.Trivial().trivial)
    >>> er.layers.SetAttention(space, space, heads=2, induced=4)(torch.randn(5, 8)).shape
    torch.Size([5, 8])

    Vaswani et al. 2017, arXiv:1706.03762; Lee et al. 2019, arXiv:1810.00825.
    """

    options = ("heads", "induced")
    because = Reason(
        prior="which points matter is read off the points: a transformer is this on a complete graph",
        law="f(π·x) = π·f(x)",
        reference="Lee et al. 2019, arXiv:1810.00825",
    )

    def __init__(self, source: Space, target: Space, heads: int = 4, induced: int | None = None):
        scalars_on("SetAttention", source, target, Set | Graph)
        super().__init__(source, target)
        self.heads, self.induced = _heads(heads, target.channels), induced
        self.own = nn.Linear(source.channels, target.channels)
        self.query = nn.Linear(source.channels, target.channels, bias=False)
        self.key = nn.Linear(source.channels, target.channels, bias=False)
        self.value = nn.Linear(source.channels, target.channels, bias=False)
        if induced is not None:
            whole("induced", induced, SpaceError, mend="So many learnt points; 16 are usual.")
            self.points = nn.Parameter(torch.randn(induced, target.channels))
            self.again_key = nn.Linear(target.channels, target.channels, bias=False)
            self.again_value = nn.Linear(target.channels, target.channels, bias=False)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        if support is None:  # one set: nothing to fill
            return self.own(values) + self._seen(values[None], None)[0]
        members: Members = self.source.domain.members(values, support)  # type: ignore[attr-defined]
        filled, mask = padded(values, members)
        return self.own(values) + unpadded(self._seen(filled, mask), members)

    def _seen(self, filled: Tensor, mask: Tensor | None) -> Tensor:
        """What each point sees of the others, `[b, longest, c]` → `[b, longest, c′]`."""
        keys, found = self._split(self.key(filled)), self._split(self.value(filled))
        queries = self._split(self.query(filled))
        if self.induced is None:
            seen = _attend(queries, keys, found, mask)
        else:
            learnt = self._split(self.points.expand(len(filled), -1, -1))
            summary = _joined(_attend(learnt, keys, found, mask))
            seen = _attend(queries, self._split(self.again_key(summary)), self._split(self.again_value(summary)), None)
        return _joined(seen)

    def _split(self, values: Tensor) -> Tensor:
        """`[b, n, c]` → `[b, heads, n, c / heads]`."""
        return values.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def footprint(self) -> Footprint:
        return Footprint(None)


def padded(values: Tensor, members: Members) -> tuple[Tensor, Tensor]:
    """Signals side by side, `[b, longest, c]`, and where there are points, `[b, longest]`."""
    sizes = members.ptr[1:] - members.ptr[:-1]
    place = torch.arange(len(values), device=values.device) - members.ptr[members.batch]
    longest = int(sizes.max())
    filled = values.new_zeros(len(sizes), longest, values.shape[1])
    mask = torch.arange(longest, device=values.device) < sizes[:, None]
    return filled.index_put((members.batch, place), values), mask


def unpadded(filled: Tensor, members: Members) -> Tensor:
    """The way back, `[n, c]`."""
    place = torch.arange(len(members.batch), device=filled.device) - members.ptr[members.batch]
    return filled[members.batch, place]


def _attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    allowed = None if mask is None else mask[:, None, None, :]
    return nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=allowed)


def _joined(heads: Tensor) -> Tensor:
    return heads.transpose(1, 2).flatten(2)


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


def _heads(heads: int, channels: int) -> int:
    whole("heads", heads, SpaceError, mend="4 are usual.")
    if channels % heads:
        raise SpaceError(f"{channels} channels in {heads} heads", f"a multiple of {heads}", "Take fewer heads.")
    return heads
