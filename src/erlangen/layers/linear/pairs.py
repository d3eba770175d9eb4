"""Layers of order two on graphs: signals on pairs of nodes, all linear maps between them, and products of matrices."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph, GraphEdges, Pairs, Point
from erlangen.domains._segments import segment_mean, segment_sum
from erlangen.domains.graph import require_edges
from erlangen.domains.packed import POOLS
from erlangen.domains.pairs import PairIndex, edge_rows, pairs_of, require_pairs
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space

PAIRS = Pairs()


class _OrderTwo(Layer):
    """What the layers here share: scalars between a graph, the pairs of its nodes, and one point."""

    because = Reason(
        prior="who is joined to whom is a signal on pairs of nodes, and is relabelled as pairs are",
        law="f(π·X) = π·f(X), (π·X)[π(i), π(j)] = X[i, j]",
        solver="orbits: S_n has 15 on pairs of pairs, 5 on pairs and points, 2 on pairs",
        reference="Maron, Ben-Hamu, Shamir, Lipman 2019, arXiv:1812.09902",
    )

    def __init__(self, source: Space, target: Space, *kinds: type):
        for space, kind in zip((source, target), kinds, strict=True):
            if not isinstance(require_space(type(self).__name__, space).domain, kind) or not space.rho.is_trivial:
                raise SpaceError(
                    f"{type(self).__name__} from {source!r} to {target!r}",
                    f"scalars, from {kinds[0].__name__} to {kinds[1].__name__}",
                    "GraphToPairs, PairLinear and PairProduct, PairsToGraph or PairPool follow each other.",
                )
        super().__init__(source, target)

    def footprint(self) -> Footprint:
        return Footprint(None)


class GraphToPairs(_OrderTwo):
    """X = (A, E, diag x): the weights of edges, their features, and the nodes' features where i = j; no weights learnt.

    Shapes: `[nodes, c]` and the edges → `[pairs, 1 + edge_features + c]`, row (source, target); several edges add up.

    >>> import erlangen as er
    >>> space = er.Task(er.Graph(edge_features=2), input=5, output=er.Invariant(1)).source
    >>> er.layers.GraphToPairs(space).target.channels
    8
    """

    built_from = ("source",)

    def __init__(self, source: Space):
        domain = require_space("GraphToPairs", source).domain
        channels = 1 + source.channels + (domain.edge_features if isinstance(domain, Graph) else 0)
        super().__init__(source, Space(PAIRS, channels * source.group.trivial), Graph, Pairs)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        edges = require_edges(support, self.source.domain)  # type: ignore[arg-type]
        pairs = pairs_of(edges)
        weight = values.new_ones(len(edges.source)) if edges.weight is None else edges.weight.to(values.dtype)
        along = weight[:, None] if edges.features is None else torch.cat([weight[:, None], edges.features], dim=1)
        joined = segment_sum(along, edge_rows(pairs), len(pairs.row))
        own = values.new_zeros(len(pairs.row), values.shape[1]).index_copy(0, pairs.diagonal, values)
        return torch.cat([joined, own], dim=1), pairs


class PairLinear(_OrderTwo):
    """All 15 linear maps of signals on pairs that commute with relabelling, and both biases, without their n⁴ table.

    With d the diagonal, r and c the means of rows and columns, s and t those of all and of the diagonal:
    Y = A₁X + A₂Xᵀ + rows(R[d, r, c]) + columns(K[d, r, c]) + diag(D[d, r, c]) + G[s, t]·1 + H[s, t]·I + b·1 + b′·I.

    Shapes: `[pairs, c]` → `[pairs, c′]`.

    >>> import erlangen as er
    >>> space = er.Space(er.domains.Pairs(), er.Trivial().trivial)
    >>> er.layers.PairLinear(space, space).free_weights()
    17
    """

    def __init__(self, source: Space, target: Space):
        super().__init__(source, target, Pairs, Pairs)
        c, out = source.channels, target.channels
        self.pair, self.row, self.column, self.diagonal = (_linear(n * c, out, c) for n in (2, 3, 3, 3))
        self.all, self.own = (_linear(2 * c, out, c) for _ in range(2))
        self.bias, self.own_bias = (nn.Parameter(torch.zeros(out)) for _ in range(2))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        pairs = require_pairs(support)
        nodes, graphs = summaries(values, pairs)
        y = self.pair(torch.cat([values, values[pairs.turned]], dim=1))
        y = y + self.row(nodes)[pairs.row] + self.column(nodes)[pairs.column]
        y = y + (self.all(graphs) + self.bias)[pairs.members.batch]
        own = self.diagonal(nodes) + (self.own(graphs) + self.own_bias)[pairs.nodes.batch]
        return y.index_add(0, pairs.diagonal, own)


class PairProduct(_OrderTwo):
    """Y = A[X, P Q/√n], P and Q made of X pair by pair and multiplied as n × n matrices, a channel at a time.

    It is the product that tells apart what 15 maps and message passing do not: paths of two steps are counted.

    Shapes: `[pairs, c]` → `[pairs, c′]`.

    >>> import erlangen as er
    >>> pairs = er.layers.GraphToPairs(er.Task(er.Graph(), input=5, output=er.Invariant(1)).source).target
    >>> er.layers.PairProduct(pairs, er.Space(pairs.domain, 8 * pairs.group.trivial)).target.channels
    8

    Maron, Ben-Hamu, Serviansky, Lipman 2019, arXiv:1905.11136.
    """

    because = Reason(
        prior="what two nodes are to each other is seen by way of every third",
        law="(π·P)(π·Q) = π·(P Q)",
        reference="Maron, Ben-Hamu, Serviansky, Lipman 2019, arXiv:1905.11136",
    )

    def __init__(self, source: Space, target: Space):
        super().__init__(source, target, Pairs, Pairs)
        c, out = source.channels, target.channels
        self.left, self.right = (nn.Sequential(nn.Linear(c, out), nn.ReLU(), nn.Linear(out, out)) for _ in range(2))
        self.joined = nn.Linear(c + out, out)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        pairs = require_pairs(support)
        left, right = (_matrices(side(values), pairs) for side in (self.left, self.right))
        sizes = (pairs.nodes.ptr[1:] - pairs.nodes.ptr[:-1]).to(values.dtype)
        product = torch.matmul(left, right) / sizes.sqrt()[:, None, None, None]
        return self.joined(torch.cat([values, _rows(product, pairs)], dim=1))


class PairsToGraph(_OrderTwo):
    """y_i = W[d_i, r_i, c_i, s, t] + b: all five linear maps from pairs to nodes.

    Shapes: `[pairs, c]` → `[nodes, c′]`; the graph is again the one that the pairs came from.

    >>> import erlangen as er
    >>> task = er.Task(er.Graph(), input=5, output=er.Equivariant(2))
    >>> pairs = er.layers.GraphToPairs(task.source).target
    >>> er.layers.PairsToGraph(pairs, task.target).read.in_features == 5 * pairs.channels
    True
    """

    def __init__(self, source: Space, target: Space):
        super().__init__(source, target, Pairs, Graph)
        self.read = nn.Linear(5 * source.channels, target.channels)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        pairs = require_pairs(support)
        nodes, graphs = summaries(values, pairs)
        return self.read(torch.cat([nodes, graphs[pairs.nodes.batch]], dim=1)), pairs.edges


class PairsToEdges(_OrderTwo):
    """y_(j → i) = W[X_ji, X_ij] + b: what is known of the two ends of each edge, both ways.

    Shapes: `[pairs, c]` → `[edges, c′]`; the graph is again the one that the pairs came from.

    >>> import erlangen as er
    >>> task = er.Task(er.Graph(), input=5, output=er.Equivariant(2, edges=True))
    >>> pairs = er.layers.GraphToPairs(task.source).target
    >>> er.layers.PairsToEdges(pairs, task.target).target == task.target
    True
    """

    def __init__(self, source: Space, target: Space):
        super().__init__(source, target, Pairs, GraphEdges)
        self.read = nn.Linear(2 * source.channels, target.channels)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        pairs = require_pairs(support)
        rows = edge_rows(pairs)
        return self.read(torch.cat([values[rows], values[pairs.turned[rows]]], dim=1)), pairs.edges


class PairPool(_OrderTwo):
    """y = (t, s): the mean of the diagonal beside that of all pairs; or their maxima, or sums, as "mean+max".

    Shapes: `[pairs, c]` → `[graphs, 2 c · methods]`.

    >>> import erlangen as er
    >>> pairs = er.layers.GraphToPairs(er.Task(er.Graph(), input=5, output=er.Invariant(1)).source).target
    >>> pairs.channels, er.layers.PairPool(pairs, "mean+max").target.channels
    (6, 24)
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)

    def __init__(self, source: Space, method: str = "mean"):
        methods = method.split("+") if isinstance(method, str) else []
        if not methods or not set(methods) <= set(POOLS):
            raise SpaceError(f"method={method!r}", f"{', '.join(POOLS)}, or several joined by +", 'Such as "mean+max".')
        channels = 2 * len(methods) * require_space("PairPool", source).channels
        super().__init__(source, Space(Point(), channels * source.group.trivial), Pairs, Point)
        self.method, self.methods = method, methods

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        pairs = require_pairs(support)
        own, nodes = values[pairs.diagonal], Graph()
        found = [(nodes.pool(own, pairs.edges, m), PAIRS.pool(values, pairs, m)) for m in self.methods]
        return torch.cat([part for both in found for part in both], dim=1), None


def summaries(values: Tensor, pairs: PairIndex) -> tuple[Tensor, Tensor]:
    """(d, r, c) of every node, `[nodes, 3 c]`, and (s, t) of every graph, `[graphs, 2 c]`."""
    nodes = pairs.nodes
    sizes = (nodes.ptr[1:] - nodes.ptr[:-1])[nodes.batch].to(values.dtype)[:, None]
    own = values[pairs.diagonal]
    rows, columns = (segment_sum(values, at, len(own)) / sizes for at in (pairs.row, pairs.column))
    whole, trace = (segment_mean(part, nodes.batch, nodes.ptr) for part in (rows, own))
    return torch.cat([own, rows, columns], dim=1), torch.cat([whole, trace], dim=1)


def _matrices(values: Tensor, pairs: PairIndex) -> Tensor:
    """Signals as matrices side by side, zeros beyond smaller graphs: `[graphs, c, longest, longest]`."""
    longest = int((pairs.nodes.ptr[1:] - pairs.nodes.ptr[:-1]).max())
    first = pairs.nodes.ptr[pairs.members.batch]
    place = (pairs.members.batch, pairs.row - first, pairs.column - first)
    shape = (len(pairs.members.ptr) - 1, longest, longest, values.shape[1])
    return values.new_zeros(shape).index_put(place, values).permute(0, 3, 1, 2)


def _rows(matrices: Tensor, pairs: PairIndex) -> Tensor:
    """The way back, `[pairs, c]`."""
    first = pairs.nodes.ptr[pairs.members.batch]
    return matrices.permute(0, 2, 3, 1)[pairs.members.batch, pairs.row - first, pairs.column - first]


def _linear(inputs: int, out: int, channels: int) -> nn.Linear:
    """Without a bias; four maps, X, Xᵀ and the diagonal along rows and columns, carry nearly all of the variance."""
    made = nn.Linear(inputs, out, bias=False)
    nn.init.normal_(made.weight, std=(4 * channels) ** -0.5)
    return made
