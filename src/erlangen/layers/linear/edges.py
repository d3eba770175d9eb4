"""From nodes to edges: where an answer is asked of every bond, road or link."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from erlangen.domains import Graph, GraphEdges
from erlangen.domains._segments import spread
from erlangen.domains.graph import from_sources, from_targets, require_edges
from erlangen.domains.packed import Packed
from erlangen.errors import SpaceError
from erlangen.layers.linear.relational import Relational
from erlangen.signal import Space

RELATIONS = ("source", "target", "everyone")


class GraphToEdges(Relational):
    """y_(j → i) = A x_j + B x_i + C mean_k x_k + D e_ij + b: an edge has a source, a target, and all nodes in common.

    These are the linear maps from nodes to ordered pairs that no relabelling changes, read at the edges; D where edges
    have features, and to scalars alone. `relations=` leaves some out.

    Shapes: `[nodes, c]` and the edges → `[edges, c′]`; a network answers in the order of `edge_index`.

    >>> import torch, erlangen as er
    >>> ends = er.Space(er.domains.GraphEdges(), 2 * er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphToEdges(er.Space(er.Graph(), er.Trivial().trivial), ends)])
    >>> net(torch.ones(3, 1), edge_index=torch.tensor([[0, 1], [1, 2]])).shape
    torch.Size([2, 2])

    Battaglia et al. 2018, arXiv:1806.01261; Maron, Ben-Hamu, Shamir, Lipman 2019, arXiv:1812.09902.
    """

    usual = ("source", "target")
    law = "f(π·x, π·A) = π·f(x, A): edges are relabelled with their ends"
    source_of = "Battaglia et al. 2018, arXiv:1806.01261"

    def __init__(self, source: Space, target: Space, relations: Sequence[str] | None = None, **choices: Any):
        super().__init__(source, target, relations, **choices)
        features = self.domain.edge_features if target.rho.is_trivial else 0  # type: ignore[attr-defined]
        self.edge = nn.Linear(features, target.channels, bias=False) if features else None

    def _between(self, source: Space, target: Space) -> tuple[Packed, tuple[str, ...]]:
        if not isinstance(source.domain, Graph) or not isinstance(target.domain, GraphEdges):
            given = f"GraphToEdges from {source!r} to {target!r}"
            raise SpaceError(given, "from er.Graph() to er.domains.GraphEdges()", "Nodes to nodes: er.layers.linear.")
        return source.domain, RELATIONS

    def _related(self, relation: str, values: Tensor, support: Any) -> Tensor:
        edges = require_edges(support, self.domain)  # type: ignore[arg-type]
        if relation == "source":
            return from_sources(values, edges)
        if relation == "target":
            return from_targets(values, edges)
        return spread(self.domain.pool(values, support, "mean"), edges.members.batch[edges.target])

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        y = super().compute(values, support)
        return y if self.edge is None else y + self.edge(support.features)
