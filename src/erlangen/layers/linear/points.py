"""The convolution on clouds of points: kernels are harmonics of directions times learnt functions of distances."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.domains.graph import at_targets
from erlangen.domains.points import require_cloud
from erlangen.errors import InputError, SpaceError
from erlangen.given import bounded, flag, number, whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._fields import Kinds, kinds_of
from erlangen.layers.linear._copies import FromChannels, ToChannels
from erlangen.layers.linear._edge_product import DepthwiseProduct, MixingProduct
from erlangen.layers.linear._kernel import Kernel, bias_of
from erlangen.layers.linear._radial import RadialFeatures, envelope
from erlangen.representations import Representation, intertwiner_basis
from erlangen.signal import Space
from erlangen.solve.kernels import solve_at_one_site

MOST_DEGREE, MOST_HIDDEN = 20, 1 << 16  # products along edges take minutes to make above


class PointConv(Layer):
    """y_i = A x_i + U Σ_j f(r_ij) K(x_j − x_i) V x_j / √(1 + Σ_j f²) + b, K(v) = Σ_p w_p(|v|) B_p (· ⊗ Y_l(v)).

    The B_p are all of Hom_H(ρ_in ⊗ Y_l, ρ_out), l ≤ `highest`, so K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹: exact for every
    turn and mirror of H, every shift, and every order of the points. V mixes the copies of each field to `channels` of
    them, each with weights w of its own, a small network of the distance (and of the features of an edge, where the
    domain has any); U mixes them again. With `mixing` they are
    scaled by such networks, and mixed along every edge: w_p = W_p diag(s(|v|)). With a radius f is a smooth envelope,
    so that energies and forces do not jump when a neighbour comes or goes; else it is 1.

    Shapes: `[points, c]` and a cloud → `[points, c′]`. `highest`: degree of the harmonics, 2 unless said; `hidden`
    units of the network of distances; `scale` a usual distance where there is no radius, in the unit of the positions;
    `channels`, if left out, as many copies of each kind of field as would make as many channels on the wider side;
    `way` is "frame" (for irreps of SO(3) and O(3)), "direct" or "cuequivariance" (by that package): one function, in
    the way of less work if left out; the last by itself on a GPU alone, where its kernels are installed.

    >>> import torch, erlangen as er
    >>> scalars, vectors = er.O(3).irrep(0, 1), er.O(3).irrep(1, -1)
    >>> space = er.Space(er.Points(3, radius=2.0), 8 * scalars + 4 * vectors)
    >>> net = er.Blueprint([er.layers.PointConv(space, space)]).double()
    >>> x, pos = torch.randn(6, 20, dtype=torch.float64), torch.randn(6, 3, dtype=torch.float64)
    >>> mirrored = torch.cat([x[:, :8], -x[:, 8:]], dim=1)
    >>> y, there = net({"x": x, "pos": pos}), net({"x": mirrored, "pos": 5 - pos})
    >>> torch.allclose(there, torch.cat([y[:, :8], -y[:, 8:]], dim=1), atol=1e-12)
    True

    Thomas et al. 2018, arXiv:1802.08219; Batzner et al. 2022, arXiv:2101.03164; in frames of edges Passaro and Zitnick
    2023, arXiv:2302.03655.
    """

    options = ("highest", "hidden", "scale", "bias", "gain", "channels", "mixing", "way")

    def __init__(
        self,
        source: Space,
        target: Space,
        highest: int = 2,
        hidden: int = 32,
        scale: float = 1.0,
        bias: bool = True,
        gain: float = 1.0,
        channels: int | None = None,
        mixing: bool = False,
        way: str | None = None,
    ):
        super().__init__(source, target)
        if not isinstance(source.domain, Points) or target.domain != source.domain:
            given = f"PointConv from {source!r} to {target!r}"
            raise SpaceError(given, "one cloud of points on both sides", "Pool first, or take er.layers.linear.")
        self.domain = source.domain
        self.domain.check_group(source.group)
        bounded("highest", highest, MOST_DEGREE, InputError)
        bounded("hidden", hidden, MOST_HIDDEN, InputError)
        self.highest = whole("highest", highest, InputError, least=0, mend="The degree of the harmonics, such as 2.")
        self.hidden = whole("hidden", hidden, InputError)
        self.scale = number("scale", scale, InputError, mend="A usual distance, in the unit of the positions.")
        self.gain = gain
        self.channels, self.way, self.mixing = channels, way, flag("mixing", mixing, InputError)
        self._build()
        self.bias_of = bias_of(target.rho, flag("bias", bias, InputError))
        self.bias = bias

    def _build(self) -> None:
        kinds = kinds_of(self.source.rho), kinds_of(self.target.rho)
        wide = max(_even_copies(side) for side in kinds)
        wide = wide if self.channels is None else whole("channels", self.channels, InputError, mend="Such as 32.")
        fields = tuple(kind.field for kind in kinds[0]), tuple(kind.field for kind in kinds[1])
        domain = self.domain
        self.radial = RadialFeatures(self.hidden, domain.radius, self.scale, domain.dim, domain.edge_features)
        product = MixingProduct if self.mixing else DepthwiseProduct
        self.product = product(fields, wide, self.domain, self.highest, self.hidden, self.way)
        alone = not _are_joined(self.source.rho, self.target.rho)
        share = self.gain if alone else self.gain * 0.5**0.5
        self.there = ToChannels(kinds[0], self.product.heard, wide)
        self.back = FromChannels(kinds[1], self.product.reached, wide, share)
        here, between = np.ones(1, dtype=bool), (self.source.rho, self.target.rho)
        self.own = None if alone else Kernel(*between, solve_at_one_site, here, share, even=True)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        y = self.back(self._heard(self.there(values), cloud))
        if self.own is not None:
            y = y + torch.nn.functional.linear(values, self.own().squeeze(-1))
        return y if self.bias_of is None else y + self.bias_of()

    def _heard(self, values: Tensor, cloud: Cloud) -> Tensor:
        """What comes from the neighbours of each point, `[points, Σ d, channels]`, of about second moment 1."""
        smooth = envelope(cloud.length, self.domain.radius)[:, None]
        weight = at_targets(smooth.square(), cloud.edges)
        told = self.radial(cloud.length, cloud.edges.features) * smooth
        return self.product(values, told, cloud) * (1 + weight).rsqrt()[:, None]

    @property
    def is_linear(self) -> bool:
        return self.bias_of is None

    def reason(self) -> Reason:
        solver = "Clebsch–Gordan" if self.domain.dim == 3 and self.source.group.order is None else "null spaces"
        return Reason(
            prior="what a neighbour means depends on how far it is and, as the symmetry allows, in which direction",
            law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, shifts leave v as it is, and sums have no order",
            solver=f"Hom(ρ_in ⊗ Y_l, ρ_out) by {solver}, l ≤ {self.highest}",
            reference="Thomas et al. 2018, arXiv:1802.08219",
            way=self.product.why,
        )

    def footprint(self) -> Footprint:
        return Footprint(None)


def _even_copies(kinds: Kinds) -> int:
    """How many copies of each kind would make as many channels."""
    return round(sum(kind.channels for kind in kinds) / sum(kind.dim for kind in kinds))


def _are_joined(rho_in: Representation, rho_out: Representation) -> bool:
    """Whether there is a map between them at one point, where no harmonic helps."""
    pairs = ((a, c) for a, _ in rho_in.fields for c, _ in rho_out.fields)
    return any(len(intertwiner_basis(a, c)) for a, c in pairs)
