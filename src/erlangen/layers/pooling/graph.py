"""Coarse-graining of graphs: clusters that overlap, soft ones, a partition; and the way back."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from erlangen.domains import Graph
from erlangen.domains._segments import lengths
from erlangen.domains.coarser import (
    cluster_maxima,
    cluster_means,
    gather_into,
    gather_softly,
    partition,
    spread_back,
    within,
)
from erlangen.domains.colours import colours
from erlangen.domains.graph import Edges, require_edges
from erlangen.domains.ties import better
from erlangen.errors import SpaceError
from erlangen.given import number, whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._fields import require_permutation
from erlangen.layers.pooling._invariants import LinearInvariants
from erlangen.signal import Space

METHODS = ("mean", "max")
SHARP = 2.0  # of scores before the softmax: clusters that all nodes share alike are no clusters, and learn slowly


class _Coarsening(Layer, ABC):
    """What the pools share: from a graph to the clusters of its nodes, `method` of the members' values."""

    kind = "pooling"
    built_from = ("source",)
    method: str

    def __init__(self, source: Space, method: str):
        domain = require_space(type(self).__name__, source).domain
        if not isinstance(domain, Graph) or method not in METHODS:
            given = f"{type(self).__name__}({source!r}, method={method!r})"
            raise SpaceError(given, f"a graph, and one of {', '.join(METHODS)}", "On grids: er.layers.LatticePool.")
        if method == "max":
            require_permutation(source.rho, "the maximum over a cluster", 'Take method="mean".')
        super().__init__(source, Space(domain.coarser, source.rho))
        self.method = method

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        return self.coarsen(values, require_edges(support, self.source.domain))  # type: ignore[arg-type]

    @abstractmethod
    def coarsen(self, values: Tensor, edges: Edges) -> tuple[Tensor, Edges]:
        """The values of the clusters, and the graph that these are."""

    def gathered(self, values: Tensor, coarse: Edges) -> Tensor:
        """Mean or maximum over each cluster."""
        return (cluster_means if self.method == "mean" else cluster_maxima)(values, coarse)

    def footprint(self) -> Footprint:
        return Footprint(None)


class GraphPool(_Coarsening):
    """Every node is the centre of a cluster, itself and its neighbours; the ⌈ratio · n⌉ best clusters of a graph stay.

    y_c = 2σ(s_c) mean_{u in c} x_u, or the maximum, with the learnt score s_c = p·mean_{u in c} x_u / ‖p‖, p fixed by
    the group. Clusters whose scores are tied are kept or dropped together, so more than ⌈ratio · n⌉ may stay; on a
    graph whose nodes are all alike they all do. Those that overlap, or that an edge joins, are joined, with weights.

    Shapes: `[nodes, c]` and the edges → `[clusters, c]` and theirs. No gradient reaches the coarse edges' weights.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), er.Trivial().trivial)
    >>> star = torch.tensor([[0, 0, 0, 1, 2, 3], [1, 2, 3, 0, 0, 0]])
    >>> kept = er.Blueprint([er.layers.GraphPool(space)])(torch.tensor([[1.0], [0.0], [0.0], [0.0]]), star)
    >>> len(kept) in (3, 4)  # the three outer nodes are alike: two of them are not kept without the third
    True

    Ranjan, Sanyal, Talukdar 2020, arXiv:1911.07979 (without its choice among ties); Gao and Ji 2019, arXiv:1905.05178.
    """

    options = ("ratio", "method")
    because = Reason(
        prior="scale separation: a neighbourhood is described as one, and the most telling ones are kept",
        law="clusters, scores and ties are relabelled with the nodes",
        reference="Ranjan, Sanyal, Talukdar 2020, arXiv:1911.07979",
    )

    def __init__(self, source: Space, ratio: float = 0.5, method: str = "mean"):
        super().__init__(source, method)
        if not 0 < number("ratio", ratio, SpaceError, mend="Half of the nodes: 0.5.") <= 1:
            raise SpaceError(f"ratio={ratio}", "a share above 0, up to 1", "Half of the nodes: 0.5.")
        self.ratio = float(ratio)
        self.score = LinearInvariants(source.rho, 1)

    def coarsen(self, values: Tensor, edges: Edges) -> tuple[Tensor, Edges]:
        domain: Graph = self.source.domain  # type: ignore[assignment]
        means = domain.relate("neighbourhood", values, edges)
        direction = self.score()[0]
        score = means @ (direction / direction.norm())
        wanted = (self.ratio * lengths(edges.members.ptr)).ceil()[edges.members.batch]
        kept = better(score, edges.members, means.norm(dim=1)) < wanted
        coarse = self._around(kept, edges, values)
        return self.gathered(values, coarse) * (2 * score[kept].sigmoid())[:, None], coarse

    def _around(self, kept: Tensor, edges: Edges, like: Tensor) -> Edges:
        """The clusters about the nodes that are kept: each with those that send to it."""
        number, centres, into = kept.cumsum(0) - 1, kept.nonzero()[:, 0], kept[edges.target]
        weight = like.new_ones(len(edges.source)) if edges.weight is None else edges.weight.abs().to(like.dtype)
        node = torch.cat([edges.source[into], centres])
        cluster = number[torch.cat([edges.target[into], centres])]
        belongs = torch.cat([weight[into], like.new_ones(len(centres))]).detach()
        return gather_into(edges, node, cluster, within(edges.members, kept), belongs)


class GraphClusters(_Coarsening):
    """Soft clusters: every node belongs to m of them, by S = softmax(K x_i + K′ mean_{j → i} x_j), learnt.

    y_k = Σ_u S_uk x_u / Σ_u S_uk, and W_kl = Σ_uv S_uk A_uv S_vl / Σ_u S_uk. Which cluster is which is a matter of
    channels, so no node order enters.

    Shapes: `[nodes, c]` and the edges → `[graphs · clusters, c]`, whose edges join all clusters of a graph.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphClusters(space, 2)])
    >>> net(torch.randn(5, 1), torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])).shape
    torch.Size([2, 1])

    Ying et al. 2018, arXiv:1806.08804.
    """

    options = ("clusters",)
    because = Reason(
        prior="scale separation: which nodes belong together is learnt, and need not be yes or no",
        law="(π·S)ᵀ (π·x) = Sᵀ x",
        reference="Ying et al. 2018, arXiv:1806.08804",
    )

    def __init__(self, source: Space, clusters: int = 8):
        whole("clusters", clusters, SpaceError, mend="8 are usual.")
        super().__init__(source, "mean")
        self.clusters = clusters
        self.own, self.near = (LinearInvariants(source.rho, clusters, SHARP) for _ in range(2))

    def coarsen(self, values: Tensor, edges: Edges) -> tuple[Tensor, Edges]:
        near = self.source.domain.relate("neighbours", values, edges)  # type: ignore[attr-defined]
        belongs = (values @ self.own().T + near @ self.near().T).softmax(dim=1)
        coarse = gather_softly(edges, belongs)
        return self.gathered(values, coarse), coarse


class GraphPartition(_Coarsening):
    """Disjoint clusters, a node and those of its neighbours that are still free, one after another; nothing is learnt.

    Nodes take turns by the size of their features and what their surroundings are (the colours of Weisfeiler and
    Leman). Where these leave nodes alike, the first stored comes first: on a graph whose relabellings carry every
    partition to another, no rule can choose one, and an audit calls the answer `undefined` there.

    Shapes: `[nodes, c]` and the edges → `[clusters, c]` and theirs.

    >>> import torch, erlangen as er
    >>> layer = er.layers.GraphPartition(er.Task(er.Graph(), input=1, output=er.Invariant(1)).source)
    >>> path = {"x": torch.arange(1.0, 5.0)[:, None], "edge_index": torch.tensor([[0, 1, 2], [1, 2, 3]])}
    >>> values, edges = layer.source.domain.read(path)
    >>> layer(er.Signal(values, layer.source, edges)).values.shape
    torch.Size([2, 1])

    Dhillon, Guan, Kulis 2007; Defferrard, Bresson, Vandergheynst 2016, arXiv:1606.09375.
    """

    options = ("method",)
    because = Reason(
        prior="scale separation: each node belongs to one cluster",
        law="a partition is relabelled with the nodes where these are all told apart; elsewhere it is arbitrary",
        reference="Defferrard, Bresson, Vandergheynst 2016, arXiv:1606.09375",
    )
    arbitrary: ClassVar[str] = "a partition of nodes that are alike"

    def __init__(self, source: Space, method: str = "mean"):
        super().__init__(source, method)

    def coarsen(self, values: Tensor, edges: Edges) -> tuple[Tensor, Edges]:
        size = values.norm(dim=1)
        worse = better(-size, edges.members, size)
        cluster, members = partition(edges, colours(edges, worse))
        node = torch.arange(len(values), device=values.device)
        coarse = gather_into(edges, node, cluster, members, torch.ones_like(size))
        return self.gathered(values, coarse), coarse


class GraphUpsample(Layer):
    """x_u = Σ_c S_uc y_c / Σ_c S_uc over the clusters that hold node u: the way back from a pool; 0 where none does.

    Shapes: `[clusters, c]` → `[nodes, c]`, to the level of `like`.

    >>> import erlangen as er
    >>> space = er.Task(er.Graph(), input=5, output=er.Invariant(1)).source
    >>> pool = er.layers.GraphClusters(space, clusters=3)
    >>> er.layers.GraphUpsample(pool.target, space).target == space
    True
    """

    kind = "pooling"
    because = Reason(
        prior="an answer at every node is brought back to the nodes it is asked at",
        law="shares are relabelled with the nodes",
        reference="Gao and Ji 2019, arXiv:1905.05178",
    )

    def __init__(self, source: Space, like: Space):
        coarse, fine = source.domain, require_space("GraphUpsample", like).domain
        if not isinstance(coarse, Graph) or not isinstance(fine, Graph) or fine.level > coarse.level:
            raise SpaceError(f"upsampling {source!r} to {like!r}", "a graph and a finer one", "Pool it first.")
        super().__init__(source, Space(fine, source.rho))
        self.levels = coarse.level - fine.level

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        edges = require_edges(support, self.source.domain)  # type: ignore[arg-type]
        for _ in range(self.levels):
            values, edges = spread_back(values, edges)
        return values, edges

    def footprint(self) -> Footprint:
        return Footprint(None)
