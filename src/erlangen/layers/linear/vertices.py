"""Convolution with kernels of finite radius at the vertices of a subdivided icosahedron: a sum over neighbours."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Sphere
from erlangen.domains._icosphere_charts import charts, spacing
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._vertices import subdivided
from erlangen.layers.linear._local_kernel import Part
from erlangen.layers.linear._rings_on_sphere import kernel_on_sphere
from erlangen.layers.linear.sphere_local import checked_radius
from erlangen.signal import Space
from erlangen.solve.sums_on_sphere import sums

BLOCK = 512  # vertices whose neighbours are gathered at a time


class VertexConv(Layer):
    """(K ⋆ x)(p) = W x(p) + Σ_q w_q K(log_p q) g_qp x(q) over the vertices q within a radius, w_q the share of each.

    The function of `SphereLocalConv`, and its weights, with sums for integrals: exact for the isometries of the
    icosahedron, for other rotations up to how smooth signals are between vertices; and by far cheaper on many vertices,
    since each hears its neighbours alone, about 18 with one ring and 36 with two.

    `radius` is in radians, by default `rings` + 1 times the distance of neighbours.

    Shapes: `[b, source.channels, vertex]` → `[b, target.channels, vertex]`. Raises RepresentationError for fields other
    than scalars, what changes its sign in mirrors and tangent vectors; SpaceError for other domains than
    `er.Sphere("icosahedral", subdivisions=k)`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sphere("icosahedral", subdivisions=2), 2 * er.SO(3).trivial)
    >>> conv = er.layers.VertexConv(space, space, rings=1)
    >>> conv(torch.randn(1, 2, 162)).shape, conv.free_weights()
    (torch.Size([1, 2, 162]), 10)

    Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020; Cohen, Weiler, Kicanaoglu, Welling 2019, arXiv:1902.04615.
    """

    kind = "linear"
    options = ("rings", "radius", "gain")
    because = Reason(
        prior="symmetry: one filter, moved to every place of the sphere; locality: it looks no further than its radius",
        law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns h of the tangent plane",
        solver="closed form: phases of orders l′ ∓ l of the direction, summed over neighbours",
        reference="Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020",
    )

    def __init__(
        self,
        source: Space,
        target: Space,
        rings: int = 2,
        radius: float | None = None,
        bias: bool = True,
        gain: float = 1.0,
    ):
        level = subdivided(source, "VertexConv")
        super().__init__(source, target)
        if target.domain != source.domain:
            raise SpaceError(f"VertexConv from {source!r} to {target!r}", "one sphere", "Pool or upsample first.")
        domain = source.domain
        assert isinstance(domain, Sphere)
        domain.check_group(source.group)
        self.rings = whole("rings", rings, InputError, mend="2 looks two places far.")
        self.radius = radius
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        self.reach = checked_radius(radius, (self.rings + 1) * spacing(level))
        limit = domain.band_limit(domain.size(0))
        rhos = source.rho, target.rho
        self.kernel = kernel_on_sphere(domain, rhos, self.rings, self.reach, limit, self.gain)
        self.bias = nn.Parameter(torch.zeros(len(self.kernel.even))) if flag("bias", bias, InputError) else None
        self.kernel.hold_also(self._tables(level))

    # ---- the geometry ----------------------------------------------------------------------------------------------
    def _tables(self, level: int) -> dict[str, np.ndarray]:
        """Whom each vertex hears, and how much of each of its numbers: `[vertex, ring · phase, neighbour · number]`."""
        held = {"index": charts(level, self.reach).index}
        for j, source in enumerate(self.kernel.there):
            found = [
                sums(level, self.reach, self.rings, source, way.route)
                * np.repeat(way.scales, way.route.numbers)[:, None]
                for way in self.kernel.ways
                if way.source == source and way.route is not None
            ]
            if found:
                held[f"heard_{j}"] = np.concatenate(found, axis=1)
        return held

    # ---- the map ---------------------------------------------------------------------------------------------------
    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.kernel.answers(values.movedim(-1, 0), self._heard, self.bias).movedim(0, -1)

    def _heard(self, part: Part, numbers: Tensor) -> Tensor:
        """Sums over neighbours, some vertices at a time."""
        flat, tables, found = numbers.flatten(2), getattr(self.kernel, f"heard_{part.kind}").to(numbers.dtype), []
        for index, table in zip(self.kernel.get_buffer("index").split(BLOCK), tables.split(BLOCK), strict=True):
            near = flat.index_select(0, index.flatten())
            found.append(table @ near.reshape(index.shape[0], table.shape[2], flat.shape[2]))
        return torch.cat(found).unflatten(2, numbers.shape[2:])

    # ---- what it says of itself ------------------------------------------------------------------------------------
    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        sites = self.kernel.get_buffer("index").shape[1] + 1
        return self.source.channels * self.target.channels * sites
