"""Messages between points that carry vectors: filters of the distance, and the direction of who speaks."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.domains.graph import from_sources
from erlangen.domains.points import require_cloud
from erlangen.errors import InputError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._neighbourhood import heard, one_cloud, usual_distance
from erlangen.layers.linear._perceptron import Perceptron, bounded, drawn, matrix
from erlangen.layers.linear._radial import FUNCTIONS, envelope, radial_functions
from erlangen.layers.linear._scalars_vectors import ScalarsVectors, lengths_of
from erlangen.signal import Space

OWN, HEARD, UPDATED = 0.5, 0.25, 0.25  # what part of the second moment each brings to begin with
NEAR = 0.05  # in usual distances: how near points are whose direction fades, so that it is smooth at 0


class PaiNN(Layer):
    """Messages: s_i ← A s_i + Σ_j a_ij, v_i ← B v_i + Σ_j (b_ij ∘ W v_j + d_ij û_ij), (a, b, d)_ij = φ(s_j) ∘ F(r_ij).

    Then at each point s_i ← s_i + α + β ∘ ⟨U v_i, V v_i⟩/|V v_i|, v_i ← v_i + γ ∘ U v_i, (α, β, γ) = ψ(s_i, |V v_i|).
    φ and ψ are networks, F filters of the distance r and of what an edge is told, where the domain says so; û_ij is the
    direction to x_j, and lengths and directions are smooth at 0. φ hears the lengths of v_j too. Unlike in the
    published layer the product is divided by a length and factors b, β, γ are bounded, so that answers grow with the
    input, not as powers of it. With a radius messages fade out towards it, smoothly. Exact for every group that moves
    space, also for the mirrors of O(d) where less is declared: it is blind to handedness.

    Shapes: `[points, c]` and a cloud → `[points, c′]`; channels are `n * G.trivial + m * domain.vectors(G)` in any
    order. `hidden` units of each network; `scale` a usual distance where there is no radius, in the unit of the
    positions. Raises SpaceError for other fields.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Points(3, radius=2.0), 8 * er.O(3).trivial + 8 * er.O(3).standard)
    >>> net = er.Blueprint([er.layers.PaiNN(space, space)]).double()
    >>> x, pos = torch.randn(6, 32, dtype=torch.float64), torch.randn(6, 3, dtype=torch.float64)
    >>> mirrored = torch.cat([x[:, :8], -x[:, 8:]], dim=1)
    >>> y, there = net({"x": x, "pos": pos}), net({"x": mirrored, "pos": 5 - pos})
    >>> torch.allclose(there, torch.cat([y[:, :8], -y[:, 8:]], dim=1), atol=1e-12)
    True

    Schütt, Unke, Gastegger 2021, arXiv:2102.03150.
    """

    keeps_isometries = True
    options = ("hidden", "scale")
    because = Reason(
        prior="what points say to each other is weighed by how far they are apart; vectors carry directions on",
        law="R û_ij is the direction between turned points, lengths and inner products stay, and sums have no order",
        reference="Schütt, Unke, Gastegger 2021, arXiv:2102.03150",
    )

    def __init__(self, source: Space, target: Space, hidden: int = 64, scale: float = 1.0):
        super().__init__(source, target)
        self.domain = one_cloud("PaiNN", source, target)
        self.hidden, self.scale = whole("hidden", hidden, InputError), scale
        self.unit = usual_distance(self.domain, scale)
        self.fields, self.made = ScalarsVectors(source, "PaiNN"), ScalarsVectors(target, "PaiNN")
        self.message = _Message(self.fields, self.made, self.hidden, self.domain, self.unit)
        self.own = _kept(self.fields.scalars, self.made.scalars)
        self.own_vectors = _kept(self.fields.vectors, self.made.vectors)
        self.update = _Update(self.made, self.hidden)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        scalars, vectors = self.fields.split(values)
        direction = cloud.vector / (cloud.length.square() + (NEAR * self.unit) ** 2).sqrt()[:, None]
        told, carried = self.message(scalars, vectors, direction * self.domain.dim**0.5, cloud)
        if self.own is not None:
            told = told + F.linear(scalars, self.own)
        if self.own_vectors is not None:
            carried = carried + torch.matmul(self.own_vectors, vectors)
        return self.made.join(*self.update(told, carried))

    def footprint(self) -> Footprint:
        return Footprint(None)


class _Message(nn.Module):
    """Σ_j a_ij and Σ_j (b_ij ∘ W v_j + d_ij û_ij)."""

    def __init__(self, fields: ScalarsVectors, made: ScalarsVectors, hidden: int, domain: Points, unit: float):
        super().__init__()
        self.domain, self.distances, there = domain, (domain.radius, unit, domain.dim), fields.vectors > 0
        self.sizes = [made.scalars, made.vectors * there, made.vectors]
        alone = OWN + HEARD
        shares = [HEARD if fields.scalars else alone, HEARD / 2, HEARD / 2 if there else alone]
        self.network = Perceptron(fields.scalars + fields.vectors, hidden, sum(self.sizes))
        shares = [share / (1 + (domain.edge_features > 0)) for share in shares]
        self.filters = _filters(FUNCTIONS, self.sizes, shares)
        self.edge = _filters(domain.edge_features, self.sizes, shares) if domain.edge_features else None
        self.carry = matrix(fields.vectors, made.vectors) if self.sizes[1] else None

    def forward(self, scalars: Tensor, vectors: Tensor, direction: Tensor, cloud: Cloud) -> tuple[Tensor, Tensor]:
        """`[n, s]`, `[n, v, d]` and directions `[E, d]` → what each point heard, `[n, s′]` and `[n, v′, d]`."""
        smooth = envelope(cloud.length, self.domain.radius)[:, None]
        said = self.network(torch.cat([scalars, lengths_of(vectors)], dim=1))
        filters = F.linear(radial_functions(cloud.length, *self.distances), self.filters)
        if self.edge is not None:
            filters = filters + F.linear(cloud.edges.features, self.edge)  # type: ignore[arg-type]
        a, b, d = (from_sources(said, cloud.edges) * filters).split_with_sizes(self.sizes, 1)
        sent = d[:, :, None] * direction[:, None]
        if self.carry is not None:
            carried = torch.matmul(self.carry, vectors)
            sent = sent + bounded(b)[:, :, None] * from_sources(carried.flatten(1), cloud.edges).unflatten(
                1, sent.shape[1:]
            )
        told = heard(torch.cat([a, sent.flatten(1)], dim=1), smooth, cloud.edges, self.domain)
        return told[:, : self.sizes[0]], told[:, self.sizes[0] :].unflatten(1, sent.shape[1:])


def _filters(inputs: int, sizes: list[int], shares: list[float]) -> nn.Parameter:
    """Rows of each size, each of its own part of the second moment."""
    return nn.Parameter(torch.cat([drawn(inputs, n, part**0.5).data for n, part in zip(sizes, shares, strict=True)]))


class _Update(nn.Module):
    """s + α + β ∘ Q ⟨U v, V v⟩/|V v|, v + γ ∘ U v, (α, β, γ) = ψ(s, |V v|); Q where there are not as many of both."""

    def __init__(self, made: ScalarsVectors, hidden: int):
        super().__init__()
        s, v = made.scalars, made.vectors
        self.sizes = [s, s * (v > 0), v]
        self.turn, self.measure = (drawn(v, v), drawn(v, v)) if v else (None, None)
        self.mix = drawn(v, s) if s and v and s != v else None
        share = UPDATED / 2 if s and v else UPDATED
        self.network = Perceptron(s + v, hidden, sum(self.sizes), share**0.5)

    def forward(self, scalars: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """`[n, s]` and `[n, v, d]` → the same."""
        if self.turn is None or self.measure is None:
            return scalars + self.network(scalars), vectors
        turned, measured = torch.matmul(self.turn, vectors), torch.matmul(self.measure, vectors)
        lengths = lengths_of(measured)
        told = self.network(torch.cat([scalars, lengths], dim=1))
        alpha, beta, gamma = told.split_with_sizes(self.sizes, 1)
        if self.sizes[0]:
            product = (turned * measured).sum(2) / lengths * turned.shape[2] ** -0.5
            product = product if self.mix is None else F.linear(product, self.mix)
            scalars = scalars + alpha + bounded(beta) * product
        return scalars, vectors + bounded(gamma)[:, :, None] * turned


def _kept(before: int, after: int) -> nn.Parameter | None:
    """What is left of one's own; nothing where there is nothing, before or after."""
    return matrix(before, after, OWN**0.5) if before and after else None
