"""The convolution on clouds of points: kernels are harmonics of directions times learnt functions of distances."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.domains.graph import at_targets, from_sources
from erlangen.domains.points import require_cloud
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._edge_product import EdgeProduct
from erlangen.layers.linear._kernel import Kernel, bias_of
from erlangen.layers.linear._radial import RadialWeights, envelope
from erlangen.representations import Representation, intertwiner_basis
from erlangen.signal import Space
from erlangen.solve.angular import harmonics_on
from erlangen.solve.kernels import solve_at_one_site


class PointConv(Layer):
    """y_i = A x_i + M Σ_j f(r_ij) K(x_j − x_i) x_j / √(1 + Σ_j f²) + b, K(v) = Σ_p w_p(|v|) B_p (· ⊗ Y_l(v)).

    The B_p are all of Hom_H(ρ_in ⊗ Y_l, ρ_out), l ≤ `highest`, so K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹: exact for every
    turn and mirror of H, every shift, and every order of the points. Each copy of a field has weights w of its own, a
    small network of the distance, and M mixes copies. With a radius f is a smooth envelope, so that energies and
    forces do not jump when a neighbour comes or goes; else it is 1.

    Shapes: `[points, c]` and a cloud → `[points, c′]`. `highest`: degree of the harmonics, 2 unless said; `hidden`
    units of the network of distances; `scale` a usual distance where there is no radius, in the unit of the positions.

    >>> import torch, erlangen as er
    >>> scalars, vectors = er.O(3).irrep(0, 1), er.O(3).irrep(1, -1)
    >>> space = er.Space(er.Points(3, radius=2.0), 8 * scalars + 4 * vectors)
    >>> net = er.Blueprint([er.layers.PointConv(space, space)]).double()
    >>> x, pos = torch.randn(6, 20, dtype=torch.float64), torch.randn(6, 3, dtype=torch.float64)
    >>> mirrored = torch.cat([x[:, :8], -x[:, 8:]], dim=1)
    >>> y, there = net({"x": x, "pos": pos}), net({"x": mirrored, "pos": 5 - pos})
    >>> torch.allclose(there, torch.cat([y[:, :8], -y[:, 8:]], dim=1), atol=1e-12)
    True

    Thomas et al. 2018, arXiv:1802.08219; Batzner et al. 2022, arXiv:2101.03164.
    """

    options = ("highest", "hidden", "scale", "bias", "gain")

    def __init__(
        self,
        source: Space,
        target: Space,
        highest: int = 2,
        hidden: int = 32,
        scale: float = 1.0,
        bias: bool = True,
        gain: float = 1.0,
    ):
        super().__init__(source, target)
        if not isinstance(source.domain, Points) or target.domain != source.domain:
            given = f"PointConv from {source!r} to {target!r}"
            raise SpaceError(given, "one cloud of points on both sides", "Pool first, or take er.layers.linear.")
        self.domain = source.domain
        self.domain.check_group(source.group)
        self.highest = whole("highest", highest, InputError, least=0, mend="The degree of the harmonics, such as 2.")
        self.hidden = whole("hidden", hidden, InputError)
        self.scale = number("scale", scale, InputError, mend="A usual distance, in the unit of the positions.")
        self.product = EdgeProduct(source.rho, target.rho, self.domain, self.highest)
        told = self.domain.radius, self.scale, self.domain.dim
        self.radial = RadialWeights(self.product.weights, self.hidden, *told)
        here, alone = np.ones(1, dtype=bool), not _are_joined(source.rho, target.rho)
        share = gain if alone else gain * 0.5**0.5
        self.mix = Kernel(self.product.middle, target.rho, solve_at_one_site, here, share, even=True)
        self.own = None if alone else Kernel(source.rho, target.rho, solve_at_one_site, here, share, even=True)
        self.bias_of = bias_of(target.rho, flag("bias", bias, InputError))
        self.bias, self.gain = bias, gain

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        y = torch.nn.functional.linear(self._heard(values, cloud), self.mix().squeeze(-1))
        if self.own is not None:
            y = y + torch.nn.functional.linear(values, self.own().squeeze(-1))
        return y if self.bias_of is None else y + self.bias_of()

    def _heard(self, values: Tensor, cloud: Cloud) -> Tensor:
        """What comes from the neighbours of each point, `[points, middle]`, of about second moment 1."""
        smooth = envelope(cloud.length, self.domain.radius)[:, None]
        angular = harmonics_on(self.domain, self.highest, cloud.vector)
        sent = self.product(from_sources(values, cloud.edges), angular, self.radial(cloud.length))
        weight = at_targets(smooth.square(), cloud.edges)
        return at_targets(sent * smooth, cloud.edges) * (1 + weight).rsqrt()

    def reason(self) -> Reason:
        solver = "Clebsch–Gordan" if self.domain.dim == 3 and self.source.group.order is None else "null spaces"
        return Reason(
            prior="what a neighbour means depends on how far it is and, as the symmetry allows, in which direction",
            law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, shifts leave v as it is, and sums have no order",
            solver=f"Hom(ρ_in ⊗ Y_l, ρ_out) by {solver}, l ≤ {self.highest}",
            reference="Thomas et al. 2018, arXiv:1802.08219",
        )

    def footprint(self) -> Footprint:
        return Footprint(None)


def _are_joined(rho_in: Representation, rho_out: Representation) -> bool:
    """Whether there is a map between them at one point, where no harmonic helps."""
    pairs = ((a, c) for a, _ in rho_in.fields for c, _ in rho_out.fields)
    return any(len(intertwiner_basis(a, c)) for a, c in pairs)
