"""Forces as the slopes of an energy: a composite layer that differentiates what inner layers say of each point."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.domains._segments import segment_sum, spread
from erlangen.domains.cloud import Cloud, length_of
from erlangen.domains.graph import at_targets
from erlangen.domains.points import require_cloud
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._chain import Chain
from erlangen.layers._slopes import value_and_slopes
from erlangen.signal import Space


class Conservative(Layer):
    """y_i = (E/n, F_i), E = Σ_i f_i(x), F_i = −∂E/∂x_i: of a cloud of n points the energy's share and the slopes.

    E(R x + t) = E(x) gives F(R x + t) = R F(x), and work round a closed path is zero. `inner` is a layer on points, or
    a list of them, that says one invariant number at each. By the vectors along edges, F_i = Σ_{j → i}
    ∂E/∂r_ji − Σ_{i → j} ∂E/∂r_ij, so that forces add up to zero to rounding; layers that move points add their share.

    Shapes: `[points, c]` and a cloud → `[points, 1 + d]`. Where gradients are recorded forces can be differentiated
    again, also where torch.compile or torch.export.export (with strict=False, its default) made them. Of a saved or
    derived one `er.Potential` takes the energy, and gives stress too.

    >>> import torch, erlangen as er
    >>> net = er.derive(er.Task(er.Points(3, radius=4.0), input=1, output=er.Forces()), width=8)
    >>> y = net({"x": torch.ones(3, 1), "pos": torch.tensor([[0.0, 0, 0], [1.0, 0, 0], [0, 2.0, 0]])})
    >>> y.shape, bool(y[:, 1:].sum(0).abs().max() < 1e-5)
    (torch.Size([3, 4]), True)

    Chmiela et al. 2017, arXiv:1611.04678.
    """

    kind = "composite"
    inner: Layer
    because = Reason(
        prior="energy is conserved: forces are the slopes of one number, which is a sum over points",
        law="E(R x + t) = E(x) ⟹ −∇E(R x + t) = R (−∇E(x))",
        reference="Chmiela et al. 2017, arXiv:1611.04678",
    )

    def __init__(self, inner: Layer | Sequence[Layer]):
        inner = inner if isinstance(inner, Layer) else Chain(inner)
        source, said = inner.source, inner.target
        domain = source.domain
        if not isinstance(domain, Points) or said != Space(domain, source.group.trivial):
            given = f"Conservative of layers from {source!r} to {said!r}"
            raise SpaceError(given, "one invariant number at each point of er.Points(d)", "End them with such a layer.")
        super().__init__(source, Space(domain, source.group.trivial + domain.vectors(source.group)))
        self.inner, self.domain = inner, domain

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        cloud = require_cloud(support, self.domain)
        nowhere = torch.zeros_like(cloud.vector), torch.zeros_like(cloud.position)
        said, (along, at) = value_and_slopes(self._said, nowhere, (values, cloud))
        return torch.cat([_shares(said, cloud), _pulled(along, cloud) - at], dim=1)

    def _said(self, by: tuple[Tensor, ...], signal: tuple[Tensor, Cloud]) -> Tensor:
        """f_i of each point, `[n, 1]`, with vectors along edges and positions moved, each by itself."""
        (along, at), (values, cloud) = by, signal
        vector = cloud.vector + along
        near = cloud._replace(vector=vector, length=length_of(vector), position=cloud.position + at)
        return self.inner.flow(values, near)[0]

    def footprint(self) -> Footprint:
        return self.inner.footprint()

    def unconstrained_weights(self) -> int:
        return self.inner.unconstrained_weights()


def _shares(said: Tensor, cloud: Cloud) -> Tensor:
    """E/n at each point."""
    batch, ptr, _ = cloud.members
    energy = segment_sum(said, batch, ptr.shape[0])  # and a row of none: programs exported for many clouds take one too
    count = spread(ptr, batch + 1) - spread(ptr, batch)
    return spread(energy, batch) / count[:, None].to(said)


def _pulled(slope: Tensor, cloud: Cloud) -> Tensor:
    """Σ of the slopes of the edges that come in, less those of the edges that go out."""
    return at_targets(slope, cloud.edges) - _at_sources(slope, cloud)


def _at_sources(slope: Tensor, cloud: Cloud) -> Tensor:
    return segment_sum(slope, cloud.source, cloud.position.shape[0])
