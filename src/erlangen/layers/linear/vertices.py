"""Convolution with kernels of finite radius at the vertices of a subdivided icosahedron: a sum over neighbours."""

from collections.abc import Iterator
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
from erlangen.layers.linear._local_kernel import LocalKernel, Way
from erlangen.layers.linear.sphere_local import checked_radius
from erlangen.signal import Space
from erlangen.solve.in_tangent_planes import Kind
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
        self.kernel = LocalKernel(domain, (source.rho, target.rho), self.rings, self.reach, limit)
        self.kernel.draw(self.gain)
        self.bias = nn.Parameter(torch.zeros(len(self.kernel.even))) if flag("bias", bias, InputError) else None
        self.kernel.hold_also(self._tables(level))

    # ---- the geometry ----------------------------------------------------------------------------------------------
    def _tables(self, level: int) -> dict[str, np.ndarray]:
        """Whom each vertex hears, and how much of each of its numbers: `[vertex, ring · phase, neighbour · number]`."""
        held = {"index": charts(level, self.reach).index}
        for source in self.kernel.there:
            found = [
                sums(level, self.reach, self.rings, source, way.route) * _column(way)
                for way in self._from(source)
                if way.route is not None
            ]
            if found:
                held[_name(source)] = np.concatenate(found, axis=1)
        return held

    def _from(self, source: Kind) -> list[Way]:
        return [way for way in self.kernel.ways if way.source == source]

    # ---- the map ---------------------------------------------------------------------------------------------------
    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        batch, rows = values.shape[0], values.movedim(-1, 0)  # [vertex, batch, channel]
        sums: dict[Kind, Tensor] = {}
        for source, channels in self.kernel.there.items():
            numbers = rows.index_select(2, self._at(channels, values)).unflatten(2, channels.shape)
            heard = self._heard(source, numbers.permute(0, 3, 1, 2).flatten(2))
            heard = heard.unflatten(2, (batch, len(channels))).transpose(1, 2)  # [vertex, batch, phase, channel]
            for i, way, phases in self._phases(source):
                of_way = numbers.transpose(2, 3) if way.route is None else heard[:, :, phases]
                made = nn.functional.linear(of_way.flatten(2), self._matrix(i).to(values.dtype))
                sums[way.target] = made if way.target not in sums else sums[way.target] + made
        return self._placed(sums, rows).movedim(0, -1)

    def _heard(self, source: Kind, numbers: Tensor) -> Tensor:
        """Sums over neighbours, `[vertex, number, …]` → `[vertex, ring · phase, …]`; some vertices at a time."""
        name = _name(source)
        if name not in self.kernel._constants:
            return numbers[:, :0]
        tables, found = getattr(self.kernel, name).to(numbers.dtype), []
        for index, table in zip(self.kernel.index.split(BLOCK), tables.split(BLOCK), strict=True):
            near = numbers.index_select(0, index.flatten())
            found.append(table @ near.reshape(len(index), -1, numbers.shape[2]))
        return torch.cat(found)

    def _phases(self, source: Kind) -> Iterator[tuple[int, Way, slice]]:
        """The ways from a kind, which they are among all, and where their phases stand among all rings of it."""
        at = 0
        for i, way in enumerate(self.kernel.ways):
            if way.source == source:
                size = 0 if way.route is None else self.rings * way.route.numbers
                yield i, way, slice(at, at + size)
                at += size

    def _matrix(self, i: int) -> Tensor:
        """`[answer's number · out, ring · phase · in]`."""
        return self.kernel.matrix(i).permute(0, 1, 2, 4, 3).flatten(2).flatten(0, 1)

    def _placed(self, sums: dict[Kind, Tensor], rows: Tensor) -> Tensor:
        """The answers of all kinds in the order of their channels, and the bias."""
        made = rows.new_zeros(*rows.shape[:2], self.target.channels)
        for kind, channels in self.kernel.back.items():
            if kind in sums:
                made = made.index_copy(2, self._at(channels, rows), sums[kind].to(made.dtype))
        if self.bias is not None:
            even = torch.tensor(self.kernel.even, dtype=torch.int64, device=rows.device)
            made = made.index_add(2, even, self.bias.to(made.dtype).expand(*rows.shape[:2], -1))
        return made

    def _at(self, channels: np.ndarray, like: Tensor) -> Tensor:
        return torch.tensor(channels.reshape(-1), device=like.device)

    # ---- what it says of itself ------------------------------------------------------------------------------------
    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        sites = self.kernel.index.shape[1] + 1
        return self.source.channels * self.target.channels * sites


def _name(source: Kind) -> str:
    return f"heard_{source.order}_{int(source.twisted)}"


def _column(way: Way) -> np.ndarray:
    """The scale of each ring, for each number of its phase."""
    return np.repeat(way.scales, 0 if way.route is None else way.route.numbers)[:, None]
