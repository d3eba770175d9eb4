"""Messages between points that hear how far they are apart, and move them along the lines between."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains.cloud import Cloud, length_of
from erlangen.domains.graph import from_sources, from_targets
from erlangen.domains.points import require_cloud
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._neighbourhood import averaged, heard, offset_gain, one_cloud, usual_distance
from erlangen.layers.linear._perceptron import Perceptron, bounded, drawn, matrix, silu
from erlangen.layers.linear._radial import FUNCTIONS, envelope, radial_functions
from erlangen.layers.linear._scalars_vectors import ScalarsVectors, lengths_of
from erlangen.signal import Space

STEP = 0.1  # how far points move to begin with, in usual distances
HALF = 0.5**0.5


class EGNN(Layer):
    """h_i ← A h_i + φ_h(h_i, mean_j m_ij), v_i ← φ_v(h_i) B v_i + Σ_j (X_i − X_j) φ_x(m_ij).

    Messages m_ij = φ_e(h_i, h_j, |X_i − X_j|, e_ij) go between points X = x with scalars h and vectors v; e_ij is what
    edges are told, where the domain says so. With `moved` the first vector of the source is how far the point has gone,
    u, and X = x + u; with `moves` the first one of the target is u_i ← u_i + τ v_i, v the first velocity and τ learnt.
    Two vectors (u, v) with both are the published layer with velocities, u alone the one without. Besides, the networks
    hear the lengths of v, and φ_h how many neighbours there are; Σ_j is divided by √(1 + Σ_j f_ij²), and a mean where
    all points are joined. Edges are those of x; with a radius messages fade out towards it, by f. Only distances and
    differences enter, so it is exact for every group that moves space, and for the mirrors of O(d) too where fewer are
    declared: it is blind to handedness.

    Shapes: `[points, c]` and a cloud → `[points, c′]`; channels are `n * G.trivial + m * domain.vectors(G)` in any
    order. `hidden` units of each network; `scale` a usual distance where there is no radius, in the unit of the
    positions. Raises SpaceError for other fields.

    >>> import torch, erlangen as er
    >>> domain, G = er.Points(3), er.O(3)
    >>> start = er.Space(domain, 2 * G.trivial + G.standard)  # a charge, a speed and a velocity
    >>> state = er.Space(domain, 16 * G.trivial + 2 * G.standard)  # features, displacement, velocity
    >>> end = er.Space(domain, G.standard)
    >>> first, last = er.layers.EGNN(start, state, moves=True), er.layers.EGNN(state, end, moved=True, moves=True)
    >>> net = er.Blueprint([first, last, er.layers.Displacement(end)]).double()
    >>> x, pos = torch.randn(5, 5, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    >>> mirrored = torch.cat([x[:, :2], -x[:, 2:]], dim=1)
    >>> torch.allclose(net({"x": mirrored, "pos": 4 - pos}), 4 - net({"x": x, "pos": pos}), atol=1e-12)
    True

    Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844.
    """

    keeps_isometries = True
    options = ("hidden", "scale", "moved", "moves")
    because = Reason(
        prior="what points say to each other depends on how far they are apart, and pulls along the line between",
        law="|R x_i − R x_j| = |x_i − x_j|, R x_i − R x_j = R (x_i − x_j), shifts leave both as they are",
        reference="Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844",
    )

    def __init__(
        self,
        source: Space,
        target: Space,
        hidden: int = 64,
        scale: float = 1.0,
        moved: bool = False,
        moves: bool = False,
    ):
        super().__init__(source, target)
        self.domain = one_cloud("EGNN", source, target)
        self.hidden, self.scale = whole("hidden", hidden, InputError), scale
        self.unit = usual_distance(self.domain, scale)
        self.fields, self.made = ScalarsVectors(source, "EGNN"), ScalarsVectors(target, "EGNN")
        self.moved, self.moves = _carries("moved", moved, self.fields), _carries("moves", moves, self.made)
        velocities = self.fields.vectors - self.moved
        told = self.fields.scalars + velocities
        known = None if moved else self.domain.radius, self.unit, self.domain.dim
        self.message = _Message(told, self.domain.edge_features, self.hidden, known)
        self.features = (
            _Features(self.fields.scalars, told, self.hidden, self.made.scalars) if self.made.scalars else None
        )
        out = max(1, self.made.vectors - self.moves) if self.made.vectors else 0
        gain = offset_gain(self.domain.dim, self.domain.radius is not None)
        self.velocities = _Velocities(velocities, told, self.hidden, out, gain) if out else None
        self.step = nn.Parameter(torch.tensor(STEP * self.unit)) if moves else None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        scalars, vectors = self.fields.split(values)
        gone, velocities = (vectors[:, 0], vectors[:, 1:]) if self.moved else (None, vectors)
        apart = _between(cloud, gone)
        smooth = envelope(cloud.length, self.domain.radius)[:, None]
        told = torch.cat([scalars, lengths_of(velocities)], dim=1)
        message = self.message(told, length_of(apart), cloud)
        features = None
        if self.features is not None:
            features = self.features(scalars, told, *averaged(message, smooth, cloud.edges))
        if self.velocities is None:
            return self.made.join(features, None)
        pulls = self.velocities.pulls(message, apart / -self.unit)
        pulled = heard(pulls.flatten(1), smooth, cloud.edges, self.domain).unflatten(1, pulls.shape[1:])
        velocities = self.velocities(velocities, told, pulled)
        return self.made.join(features, self._go(gone, velocities))

    def _go(self, gone: Tensor | None, velocities: Tensor) -> Tensor:
        """The vectors of the target: how far the points are now, if they move, and the velocities that it has."""
        if self.step is None:
            return velocities
        step = self.step * velocities[:, :1]
        now = step if gone is None else gone[:, None] + step
        return torch.cat([now, velocities], dim=1) if self.made.vectors > 1 else now

    def footprint(self) -> Footprint:
        return Footprint(None)


class _Message(nn.Module):
    """φ_e, two layers: P t_i + Q t_j + R(|X_i − X_j|) + E e_ij, where the products are computed once a point."""

    def __init__(self, told: int, features: int, hidden: int, distances: tuple[float | None, float, int]):
        super().__init__()
        gain = (1 + 2 * (told > 0) + (features > 0)) ** -0.5
        self.edge = drawn(features, hidden, gain) if features else None
        self.asked, self.asking = (drawn(told, hidden, gain) for _ in range(2)) if told else (None, None)
        self.radial = drawn(FUNCTIONS, hidden, gain)
        self.shift, self.again = nn.Parameter(torch.zeros(hidden)), drawn(hidden, hidden)
        self.last = nn.Parameter(torch.zeros(hidden))
        self.distances = distances

    def forward(self, told: Tensor, length: Tensor, cloud: Cloud) -> Tensor:
        """`[n, told]` and `[E]` → `[E, hidden]`."""
        first = F.linear(radial_functions(length, *self.distances), self.radial, self.shift)
        if self.asked is not None and self.asking is not None:
            first = first + from_targets(F.linear(told, self.asked), cloud.edges)
            first = first + from_sources(F.linear(told, self.asking), cloud.edges)
        if self.edge is not None:
            first = first + F.linear(cloud.edges.features, self.edge)  # type: ignore[arg-type]
        return silu(F.linear(silu(first), self.again, self.last))


class _Features(nn.Module):
    """A h_i + φ_h(t_i, mean_j m_ij, how many)."""

    def __init__(self, scalars: int, told: int, hidden: int, made: int):
        super().__init__()
        self.own = matrix(scalars, made, HALF) if scalars else None
        self.network = Perceptron(told + hidden + 1, hidden, made, HALF if scalars else 1.0)

    def forward(self, scalars: Tensor, told: Tensor, mean: Tensor, count: Tensor) -> Tensor:
        """`[n, scalars]` and what was heard → `[n, made]`."""
        y = self.network(torch.cat([told, mean, count], dim=1))
        return y if self.own is None else y + F.linear(scalars, self.own)


class _Velocities(nn.Module):
    """φ_v(t_i) B v_i + Σ_j (X_i − X_j) φ_x(m_ij): φ_v is bounded and about 1 to begin with, and φ_x has no bias."""

    def __init__(self, velocities: int, told: int, hidden: int, made: int, gain: float):
        super().__init__()
        share = HALF if velocities else 1.0
        self.pull = Perceptron(hidden, hidden, made, gain * share, bias=False)
        self.own = matrix(velocities, made, share) if velocities else None
        self.keep = Perceptron(told, hidden, made, STEP, 1.0) if velocities else None

    def pulls(self, message: Tensor, apart: Tensor) -> Tensor:
        """`[E, hidden]` and `[E, d]` → `[E, made, d]`."""
        return self.pull(message)[:, :, None] * apart[:, None]

    def forward(self, velocities: Tensor, told: Tensor, pulled: Tensor) -> Tensor:
        """`[n, velocities, d]` and what pulls, `[n, made, d]` → `[n, made, d]`."""
        if self.own is None or self.keep is None:
            return pulled
        return pulled + bounded(self.keep(told))[:, :, None] * torch.matmul(self.own, velocities)


def _carries(name: str, given: Any, fields: ScalarsVectors) -> bool:
    """Whether the first vector of a space is a displacement; refused where it has none."""
    if flag(name, given, InputError) and not fields.vectors:
        raise SpaceError(f"{name}=True of an EGNN without vectors", "a vector for the displacement", "Add one, first.")
    return given


def _between(cloud: Cloud, gone: Tensor | None) -> Tensor:
    """X_j − X_i of each edge, `[E, d]`."""
    if gone is None:
        return cloud.vector
    return cloud.vector + from_sources(gone, cloud.edges) - from_targets(gone, cloud.edges)
