"""Positions of nodes, read off the edges: features that say where in the graph a node is, and name no coordinates.

Eigenvectors of the Laplacian would be coordinates, but each has an arbitrary sign, and those with one eigenvalue an
arbitrary basis: features made of them change with the order in which nodes are stored. What is taken here does not.
"""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph
from erlangen.domains.graph import Edges, require_edges
from erlangen.domains.packed import place_in
from erlangen.domains.spectrum import heat, kernels, laplacian_spectrum
from erlangen.domains.walks import returns, walks
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space

POSITIONS = ("walk", "heat")


class _ReadOffEdges(Layer):
    """What is told of nodes by the edges alone: from a space on graphs, seeing the whole of each."""

    built_from = ("source",)

    def __init__(self, source: Space, added: int, name: str, count: int):
        if not isinstance(require_space(type(self).__name__, source).domain, Graph):
            raise SpaceError(
                f"{type(self).__name__} on {source!r}", "a space on er.Graph()", "Sets have no edges to read."
            )
        whole(name, count, SpaceError, mend="8 are usual.")
        wider = Space(source.domain, source.rho + added * source.group.trivial) if added else source
        super().__init__(source, wider)

    def edges_of(self, support: Any) -> Edges:
        """The edges that a signal came with."""
        return require_edges(support, self.source.domain)  # type: ignore[arg-type]

    def footprint(self) -> Footprint:
        return Footprint(None)


class GraphPositions(_ReadOffEdges):
    """y_i = (x_i, p_i), p_i what comes back to node i: of a walker after 1 … count steps, or of heat after some times.

    `kind="walk"`: p_ik = (M^k)_ii, M the mean over neighbours. `kind="heat"`: p_ik = Σ_l e^(−t_k λ_l) v_l(i)², t_k = ½,
    1, 2, …, of the eigenvalues and eigenvectors of the normalised Laplacian; it is the same for every choice of these.

    Shapes: `[nodes, c]` and the edges → `[nodes, c + count]`. Of the edges' weights it takes absolute values. Graphs do
    not change while a network learns: features may be made once, `net([GraphPositions(space)])(data)`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphPositions(space, "walk", 2)])
    >>> net(torch.ones(3, 1), edge_index=torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])).tolist()
    [[1.0, 0.0, 0.5], [1.0, 0.0, 1.0], [1.0, 0.0, 0.5]]

    Dwivedi, Luu, Laurent, Bengio, Bresson 2022, arXiv:2110.07875; Sun, Ovsjanikov, Guibas 2009.
    """

    options = ("positions", "count")
    because = Reason(
        prior="nodes with equal neighbours differ by where in the graph they are",
        law="p(π·A) = π·p(A): it is read off the edges, and no eigenvector is chosen",
        reference="Dwivedi et al. 2022, arXiv:2110.07875",
    )

    def __init__(self, source: Space, positions: str = "walk", count: int = 8):
        if positions not in POSITIONS:
            mend = '"laplacian" is er.layers.SpectralPositions.'
            raise SpaceError(f"positions={positions!r}", f"one of {', '.join(POSITIONS)}", mend)
        super().__init__(source, count, "count", count)
        self.positions, self.count = positions, count

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        edges = self.edges_of(support)
        if self.positions == "walk":
            found = returns(edges, self.count, values)
        else:
            found = heat(edges, 2.0 ** (torch.arange(self.count, device=values.device) - 1.0), values)
        return torch.cat([values, found], dim=1)


class SpectralPositions(_ReadOffEdges):
    """y_i = (x_i, W [ψ(P_ii), mean_j ψ(P_ij)]), P_ij = Σ_l φ(λ_l) v_l(i) v_l(j), φ and ψ learnt: a function of the
    Laplacian's eigenvectors that sees no sign and no basis, since eigenvectors enter by their projections.

    All eigenvalues take part, so that none of several equal ones is cut off; φ is smooth, so that near ones are alike.

    Shapes: `[nodes, c]` and the edges → `[nodes, c + count]`; n² `count` numbers a graph in between.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.SpectralPositions(space, 4)])
    >>> net(torch.ones(3, 1), edge_index=torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])).shape
    torch.Size([3, 5])

    Huang, Lu, Robinson, Yang, Zhang, Jegelka, Li 2023, arXiv:2310.02579; Lim et al. 2022, arXiv:2202.13013.
    """

    options = ("count",)
    because = Reason(
        prior="nodes with equal neighbours differ by where in the graph they are",
        law="V φ(λ) Vᵀ is the same for every choice of eigenvectors, and is relabelled with the nodes",
        reference="Huang et al. 2023, arXiv:2310.02579",
    )

    def __init__(self, source: Space, count: int = 8):
        super().__init__(source, count, "count", count)
        self.count = count
        self.of_eigenvalue = nn.Sequential(nn.Linear(1, 4 * count), nn.Tanh(), nn.Linear(4 * count, count))
        self.of_pair = nn.Sequential(nn.Linear(count, count), nn.GELU(), nn.Linear(count, count))
        self.joined = nn.Linear(2 * count, count)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        edges = self.edges_of(support)
        spectrum, members = laplacian_spectrum(edges), edges.members
        pairs = kernels(spectrum, self.of_eigenvalue(spectrum.values[..., None].to(values.dtype)))
        told = self.of_pair(pairs) * spectrum.rows[:, None, :, None]
        seen = told.sum(2) / spectrum.rows.sum(1)[:, None, None]
        found = torch.cat([told.diagonal(dim1=1, dim2=2).mT, seen], dim=-1)
        return torch.cat([values, self.joined(found[members.batch, place_in(members)])], dim=1)


class GraphWalks(_ReadOffEdges):
    """x ↦ x, with (M^k)_ij for k = 1 … steps computed once for all attention layers behind it; nothing is learnt.

    Shapes: `[nodes, c]` → the same. `SetAttention(…, structure=steps)` reads them, and computes them where they miss.

    >>> import erlangen as er
    >>> space = er.Task(er.Graph(), input=5, output=er.Invariant(1)).source
    >>> er.layers.GraphWalks(space, steps=4).target == space
    True
    """

    options = ("steps",)
    because = Reason(
        prior="attention over all nodes sees the edges by how often a walker comes from one node to another",
        law="M(π·A) = π M(A) π⁻¹",
        reference="Ma et al. 2023, arXiv:2305.17589",
    )

    def __init__(self, source: Space, steps: int = 8):
        super().__init__(source, 0, "steps", steps)
        self.steps = steps

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        edges = self.edges_of(support)
        return values, edges._replace(walks=walks(edges, self.steps, values))
