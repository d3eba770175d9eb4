"""Convolution on surfaces: one kernel in every tangent plane, whatever its frame, and transport between them."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Mesh
from erlangen.domains._segments import spread
from erlangen.domains.graph import at_targets, from_sources
from erlangen.domains.mesh import require_surface
from erlangen.domains.surface import Surface
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, instance, number, whole
from erlangen.layers._base import Layer, Reason, require_space
from erlangen.layers._bases import Bases
from erlangen.layers.linear._local_kernel import LocalKernel, Part, Term, Way
from erlangen.signal import Space
from erlangen.solve.in_tangent_planes import Frames, Kind, at_itself, fields_of, routes

MEETING = 6**0.5  # neighbours are about six, so that a mean over them has a sixth of their variance


class MeshConv(Layer):
    """(K ⋆ x)(p) = W x(p) + mean_q K(log_p q) g_qp x(q), the mean by area over the neighbours q of p, g_qp what carries
    fields from q to p along the surface.

    K is a sum of `rings` functions of the distance, each with all weights of K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns
    h of the tangent plane, and mirrors under O(2): of orders l and l′ four numbers a pair of fields and ring, or two
    where one is a scalar, one where both are; with mirrors half as many. So the answer does not depend on the frames,
    nor on the order of vertices, nor, on intrinsic meshes, on how the surface is bent. Fields are sums of irreps.

    Neighbours are those of the domain: the next ones, where distances are taken in units of twice their mean; or all
    within its radius, to which the kernel falls.

    Under C(n) and D(n) frames are known but for n turns, which surfaces have that are flat, or folded or rolled of what
    is flat; each vertex is then given with a `direction`. Kernels of finite groups may turn up to `turns` times on the
    way round, 3 or n unless told, and fields be any.

    Shapes: `[vertices, source.channels]` and a surface → `[vertices, target.channels]`. Raises RepresentationError for
    fields that are no sums of irreps, SpaceError where source and target are not on one mesh.

    >>> import torch, erlangen as er
    >>> G = er.SO(2)
    >>> vectors = er.Space(er.Mesh(eigenfunctions=0), 4 * G.trivial + 2 * G.irrep(1))
    >>> conv = er.layers.MeshConv(vectors, vectors, rings=1)
    >>> x, corner = torch.randn(3, 8), {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> er.Blueprint([conv])({"x": x, **corner}).shape
    torch.Size([3, 8])

    de Haan, Weiler, Cohen, Welling 2020, arXiv:2003.05425; Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020.
    """

    kind = "linear"
    options = ("rings", "gain", "turns")
    because = Reason(
        prior="a surface has no preferred direction at any of its points: one kernel in every tangent plane",
        law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns h of the tangent plane; Levi-Civita transport between them",
        solver="closed form: phases of orders l′ ∓ l of the direction, and of the turn on the way",
        reference="de Haan, Weiler, Cohen, Welling 2020, arXiv:2003.05425",
    )

    def __init__(
        self,
        source: Space,
        target: Space,
        rings: int = 2,
        bias: bool = True,
        gain: float = 1.0,
        turns: int | None = None,
    ):
        domain = instance("MeshConv on", require_space("MeshConv", source).domain, Mesh, SpaceError, "Take er.Mesh().")
        super().__init__(source, target)
        if target.domain != domain:
            raise SpaceError(f"MeshConv from {source!r} to {target!r}", "one mesh", "Pool or upsample first.")
        domain.check_transport("MeshConv")
        domain.check_group(source.group)
        self.domain, self.rings = domain, whole("rings", rings, InputError, mend="2 tells near from far.")
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        self.turns = _most_turns(turns, frames := Frames.of(source.group))
        (there, basis), (back, other) = fields_of(source.rho), fields_of(target.rho)
        ways = partial(_ways, frames=frames, rings=self.rings, highest=self.turns or 0)
        self.kernel = LocalKernel(there, back, ways, self.gain)
        self.bases = Bases(basis, other)
        self.bias = nn.Parameter(torch.zeros(len(self.kernel.even))) if flag("bias", bias, InputError) else None
        routes_of = [way.route for way in self.kernel.ways]
        self.phases = [None if r is None else (r.turns, r.carried, r.conjugate, r.numbers) for r in routes_of]

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        surface = require_surface(support, self.domain, self.source.group)
        shares = self._shares(surface).to(values.dtype)
        angle = torch.atan2(surface.offset[:, 1], surface.offset[:, 0])
        heard = partial(self._heard, surface=surface, shares=shares, angle=angle)
        return self.bases.back(self.kernel.answers(self.bases.there(values)[:, None], heard, self.bias)[:, 0])

    def _shares(self, surface: Surface) -> Tensor:
        """By how much each ring hears each edge, `[E, ring]`; over the edges of a vertex a mean."""
        edges, members = surface.edges, surface.members
        length = surface.offset.square().sum(1).sqrt()
        of = spread(members.batch, edges.target)
        mass = spread(surface.mass, edges.source)
        if self.domain.radius is None:
            total = at_targets(torch.stack([length, torch.ones_like(length)], 1), edges)
            unit = torch.stack([torch.zeros_like(surface.unit)] * 2, 1).index_add(0, members.batch, total)
            u = (length / (2 * unit[:, 0] / unit[:, 1].clamp(min=1)).clamp(min=1e-30)[of]).clamp(max=1.0)
            rings, weight = _between_ends(u, self.rings), mass
        else:
            u = length / (self.domain.radius * surface.unit[of])
            rings, weight = _up_to_end(u, self.rings), mass * (torch.pi / 2 * u.clamp(max=1.0)).cos().square()
        total = at_targets(weight[:, None], edges).clamp(min=1e-30)
        return MEETING * rings * (mass / spread(total, edges.target)[:, 0])[:, None]

    def _heard(self, part: Part, numbers: Tensor, surface: Surface, shares: Tensor, angle: Tensor) -> Tensor:
        """Sums over neighbours, `[vertex, number, 1, copy]` → `[vertex, ring · phase, 1, copy]`."""
        near = from_sources(numbers.flatten(1), surface.edges).unflatten(1, numbers.shape[1:])[:, :, 0]
        table = torch.cat([self._table(t, shares, angle, surface.transport, part.dim) for t in part.terms if t.last], 1)
        if surface.mirrored is not None:
            odd = torch.tensor(list(self.kernel.there)[part.kind].odd, device=table.device)
            table = torch.where((surface.mirrored[:, None] & odd)[:, None], -table, table)
        messages = table.to(near.dtype) @ near
        return at_targets(messages.flatten(1), surface.edges).unflatten(1, messages.shape[1:])[:, :, None]

    def _table(self, term: Term, shares: Tensor, angle: Tensor, transport: Tensor, dim: int) -> Tensor:
        """e^{i·angle} x or x̄ along each edge, for each ring, as matrices `[E, ring · number, number of x]`."""
        phase = self.phases[term.way]
        if phase is None:
            return shares.new_zeros(shares.shape[0], 0, dim)
        turns, carried, conjugate, count = phase
        a = turns * angle + carried * transport
        c, s = a.cos().to(shares.dtype), a.sin().to(shares.dtype)
        sign = -1.0 if conjugate else 1.0
        both = torch.stack([torch.stack([c, -sign * s], 1), torch.stack([s, sign * c], 1)], 1)[:, :count, :dim]
        return (shares[:, :, None, None] * both[:, None]).flatten(1, 2)

    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def unconstrained_weights(self) -> int:
        return self.source.channels * self.target.channels * (6 + 1)


def _most_turns(given: int | None, frames: Frames) -> int | None:
    if frames.turns is None:
        if given is not None:
            raise InputError(
                f"turns={given!r} under all turns", "none", "There the fields say how often a kernel turns."
            )
        return None
    mend = "How often a kernel may turn on the way round, such as 4."
    return max(3, frames.turns) if given is None else whole("turns", given, InputError, least=0, mend=mend)


def _ways(source: Kind, target: Kind, frames: Frames, rings: int, highest: int) -> list[Way]:
    itself, found = at_itself(source, target, frames.mirrors), []
    if len(itself):
        found.append(Way(source, target, None, itself, np.ones(1)))
    return [
        *found,
        *(Way(source, target, r, r.patterns, np.ones(rings)) for r in routes(source, target, frames, highest)),
    ]


def _between_ends(u: Tensor, count: int) -> Tensor:
    """Smooth functions of u from 0 to 1, one beside the other, whose squares have the mean 1, `[E]` → `[E, count]`."""
    if count == 1:
        return torch.ones_like(u)[:, None]
    away = u[:, None] * (count - 1) - torch.arange(count, device=u.device)
    bumps = torch.where(away.abs() < 1, (torch.pi / 2 * away).cos().square(), 0.0)
    return bumps * (count / bumps.square().sum(1, keepdim=True)).sqrt()


def _up_to_end(u: Tensor, count: int) -> Tensor:
    """The same within a radius, to which all of them fall."""
    return _between_ends(u.clamp(max=1.0), count) * (torch.pi / 2 * u.clamp(max=1.0)).cos().square()[:, None]
