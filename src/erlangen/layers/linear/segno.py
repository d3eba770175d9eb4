"""Points that fly: one learnt law of forces, applied again and again while positions and velocities change."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains.cloud import Cloud, length_of
from erlangen.domains.graph import Edges, at_targets, from_sources, from_targets
from erlangen.domains.points import require_cloud
from erlangen.errors import InputError, SpaceError
from erlangen.given import number, whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._neighbourhood import one_cloud, usual_distance
from erlangen.layers.linear._perceptron import Perceptron, drawn, silu
from erlangen.layers.linear._radial import FUNCTIONS, envelope, radial_functions
from erlangen.layers.linear._scalars_vectors import ScalarsVectors, lengths_of
from erlangen.signal import Space

NEAR = 0.05  # in usual distances: how near points are whose direction fades, so that it is smooth at 0
WEAK = 0.3  # of forces to begin with: points fly nearly straight
SEEN = 4  # what is told of the motion of both ends
QUARTER = 0.25  # of the second moment of what is heard: sums and products of features; the other half is what is seen


class SEGNO(Layer):
    """ẍ_i = Σ_j f_ij (a_ij û_ij + b_ij (v_j − v_i)), ḣ_i = ψ(h_i, Σ_j m_ij), in `steps` steps with the same weights.

    m_ij = φ(h_i, h_j, |x_j − x_i|, velocities along and across û_ij), û_ij the direction from x_i to x_j, (a, b)_ij
    linear in m_ij; a step of length τ = `time`/`steps` goes x ← x + τ/2 v, v ← v + τ ẍ, x ← x + τ/2 v, which is of
    second order. φ is symmetric, so m_ij = m_ji: where neighbours are so both ways, forces are equal and opposite, and
    momentum is kept. Sums are weighed by f_ij (1 + F_i)^−¼ (1 + F_j)^−¼, F_i = Σ_j f_ij²; f is 1, or with a radius
    fades out towards it; edges are those at the start.

    The source's scalars and the lengths of its vectors begin `channels` features h; v begins as a learnt sum of its
    vectors, the first one to begin with. The target's scalars are read off h; its vectors are sums of how far a point
    has gone, u, and of v: the first one is u to begin with, the second v. Exact for every group that moves space, also
    for the mirrors of O(d) where less is declared: it is blind to handedness.

    Shapes: `[points, c]` and a cloud → `[points, c′]`; channels are `n * G.trivial + m * domain.vectors(G)` in any
    order. `hidden` channels of messages; `scale` a usual distance where there is no radius, in the unit of the
    positions, `time` in that of the velocities. Raises SpaceError for other fields.

    >>> import torch, erlangen as er
    >>> domain, G = er.Points(3), er.O(3)
    >>> charged = er.Space(domain, G.trivial + G.standard)  # a charge and a velocity
    >>> end = er.Space(domain, G.standard)
    >>> flight = er.layers.SEGNO(charged, end, steps=4, time=2.0)
    >>> net = er.Blueprint([flight, er.layers.Displacement(end)]).double()
    >>> x, pos = torch.randn(5, 4, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    >>> mirrored = torch.cat([x[:, :1], -x[:, 1:]], dim=1)
    >>> there = net({"x": x, "pos": pos})
    >>> torch.allclose(net({"x": mirrored, "pos": 4 - pos}), 4 - there, atol=1e-12)
    True
    >>> torch.allclose(there.mean(0), (pos + 2.0 * x[:, 1:]).mean(0), atol=1e-12)  # the centre flies straight
    True

    Liu, Cheng, Zhang, Zhao, Tang 2023, arXiv:2308.13212; Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844.
    """

    keeps_isometries = True
    options = ("channels", "hidden", "steps", "scale", "time")
    because = Reason(
        prior="points move by inertia and by forces between them, by one law at all times; action equals reaction",
        law="R ẍ = ẍ(R x, R v): distances and inner products stay, directions turn along, shifts cancel",
        reference="Liu et al. 2023, arXiv:2308.13212",
        way="position Verlet",
    )

    def __init__(
        self,
        source: Space,
        target: Space,
        channels: int = 32,
        hidden: int = 64,
        steps: int = 8,
        scale: float = 1.0,
        time: float = 1.0,
    ):
        super().__init__(source, target)
        self.domain = one_cloud("SEGNO", source, target)
        if self.domain.edge_features:
            raise SpaceError(
                f"SEGNO on {self.domain!r}",
                "edges without features of edges, which its law does not hear",
                "Use EGNN, PaiNN or PointConv, or leave edge_features out.",
            )
        self.channels, self.hidden = whole("channels", channels, InputError), whole("hidden", hidden, InputError)
        self.steps = whole("steps", steps, InputError, least=2)
        self.scale, self.time = scale, number("time", time, InputError, mend="How much time passes, such as 1.0.")
        self.unit = usual_distance(self.domain, scale)
        self.fields, self.made = ScalarsVectors(source, "SEGNO"), ScalarsVectors(target, "SEGNO")
        told = self.fields.scalars + self.fields.vectors
        self.begin = Perceptron(told, hidden, channels)
        self.velocity = nn.Parameter(first_one(1, self.fields.vectors)) if self.fields.vectors else None
        self.law = _Law(channels, hidden, self.domain.dim)
        self.scalars = drawn(channels, self.made.scalars) if self.made.scalars else None
        self.vectors = nn.Parameter(first_one(self.made.vectors, 2)) if self.made.vectors else None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        state, apart, share = self._start(values), cloud.vector / self.unit, self._shares(cloud)
        for _ in range(self.steps):
            state = self.law(state, apart, share, cloud.edges, 1 / self.steps)
        scalars = None if self.scalars is None else F.linear(state.features, self.scalars)
        if self.vectors is None:
            return self.made.join(scalars, None)
        moved = torch.stack([state.gone * self.unit, state.velocity * (self.unit / self.time)], dim=1)
        return self.made.join(scalars, _mixed(self.vectors, moved))

    def _start(self, values: Tensor) -> "_State":
        """Where the scale is the unit of length and the time that passes that of time."""
        scalars, vectors = self.fields.split(values)
        vectors = vectors * (self.time / self.unit)
        features = self.begin(torch.cat([scalars, lengths_of(vectors)], dim=1))
        still = values.new_zeros(values.shape[0], self.domain.dim)
        velocity = still if self.velocity is None else _mixed(self.velocity, vectors)[:, 0]
        return _State(features, still, velocity)

    def _shares(self, cloud: Cloud) -> Tensor:
        """f_ij (1 + F_i)^−¼ (1 + F_j)^−¼, `[E, 1]`: sums keep second moments, and both ways are alike."""
        smooth = envelope(cloud.length, self.domain.radius)[:, None]
        share = (1 + at_targets(smooth.square(), cloud.edges)) ** -0.25
        return smooth * from_targets(share, cloud.edges) * from_sources(share, cloud.edges)

    def footprint(self) -> Footprint:
        return Footprint(None)


class _State(NamedTuple):
    """Features `[n, c]`, how far each point has gone and how fast it is, `[n, d]`."""

    features: Tensor
    gone: Tensor
    velocity: Tensor


class _Law(nn.Module):
    """One step of time: drift, the forces where points are then, kick, drift; and features hear what was said."""

    def __init__(self, channels: int, hidden: int, dim: int):
        super().__init__()
        self.sum, self.product = drawn(channels, hidden, QUARTER**0.5 / 2**0.5), drawn(channels, hidden, QUARTER**0.25)
        self.seen = drawn(FUNCTIONS + SEEN, hidden, (2 * QUARTER) ** 0.5)
        self.shift, self.again = nn.Parameter(torch.zeros(hidden)), drawn(hidden, hidden)
        self.last = nn.Parameter(torch.zeros(hidden))
        self.force = drawn(hidden, 2, WEAK)
        self.hear = Perceptron(channels + hidden, hidden, channels, WEAK)
        self.dim = dim

    def forward(self, state: _State, apart: Tensor, share: Tensor, edges: Edges, step: float) -> _State:
        """The state a `step` later; points were `apart` `[E, d]` at first, `share` `[E, 1]` weighs the edges."""
        features, gone, velocity = state
        gone = gone + step / 2 * velocity
        known = features * (1 + features.square().mean(1, keepdim=True)).rsqrt()  # bounded, so that products are
        held = torch.cat([gone, velocity, F.linear(known, self.sum), F.linear(known, self.product)], dim=1)
        sizes = [self.dim, self.dim, len(self.sum), len(self.product)]
        gone_j, v_j, sum_j, product_j = from_sources(held, edges).split_with_sizes(sizes, 1)
        gone_i, v_i, sum_i, product_i = from_targets(held, edges).split_with_sizes(sizes, 1)
        apart = apart + gone_j - gone_i
        length = length_of(apart)
        direction = apart / (length.square() + NEAR**2).sqrt()[:, None]
        seen = torch.cat([radial_functions(length, None, 1.0, self.dim), _seen(direction, v_i, v_j)], dim=1)
        heard = silu(F.linear(seen, self.seen, self.shift) + sum_i + sum_j + product_i * product_j)
        message = silu(F.linear(heard, self.again, self.last)) * share
        pull, drag = F.linear(message, self.force).split_with_sizes([1, 1], 1)
        sent = torch.cat([pull * direction + drag * (v_j - v_i), message], dim=1)
        force, told = at_targets(sent, edges).split_with_sizes([self.dim, message.shape[1]], 1)
        velocity = velocity + step * force
        features = features + self.hear(torch.cat([known, told], dim=1))
        return _State(features, gone + step / 2 * velocity, velocity)


def _seen(direction: Tensor, v_i: Tensor, v_j: Tensor) -> Tensor:
    """What both ends see alike of their motion, `[E, 4]`: how fast they part, either way; the angle; how fast they are.

    It grows as a logarithm at most, so that fast points are not pushed ever harder.
    """
    parting = ((v_j - v_i) * direction).sum(1)
    fast_i, fast_j = v_i.square().sum(1), v_j.square().sum(1)
    angle = (v_i * v_j).sum(1) * ((1 + fast_i) * (1 + fast_j)).rsqrt()
    return torch.stack([parting.asinh(), parting.square().log1p(), angle, (fast_i + fast_j).log1p()], dim=1)


def _mixed(matrix: Tensor, vectors: Tensor) -> Tensor:
    """Σ_b M_ab v_b, `[a, b]` and `[n, b, d]` → `[n, a, d]`; not a product of matrices, which autocast would round."""
    return (matrix[:, :, None] * vectors[:, None]).sum(2)


def first_one(made: int, given: int) -> Tensor:
    """A matrix `[made, given]` with 1 on its diagonal, and further rows drawn at random.

    >>> first_one(1, 3).tolist()
    [[1.0, 0.0, 0.0]]
    """
    start = torch.eye(made, given)
    start[given:] = torch.randn(max(0, made - given), given) * given**-0.5
    return start
