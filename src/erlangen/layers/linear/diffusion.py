"""Diffusion on surfaces: each channel spreads like heat for a time that is learnt, and slopes are compared."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Mesh
from erlangen.domains.mesh import require_surface
from erlangen.domains.slopes import slopes_of
from erlangen.domains.surface import Surface
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, instance, number, whole
from erlangen.groups import SO
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers.linear._perceptron import SILU, drawn
from erlangen.signal import Space

SHORTEST, LONGEST = 1e-4, 1e-1  # of the times to begin with, at unit area


class DiffusionBlock(Layer):
    """y = S x + φ(x, h, g), h_c = e^{−t_c Δ} x_c, g = tanh Re(z̄ ∘ A z), z = ∇h: φ a network at each vertex.

    Each channel spreads for a time t_c > 0 of its own, by the eigenfunctions of the surface, e^{−tΔ} x =
    Σ_i e^{−λ_i t} φ_i ⟨φ_i, x⟩: from no neighbours at all to the whole surface, whatever the size of its triangles. The
    slopes of what has spread are compared with each other, by complex numbers A: a quarter turn tells left from right.
    Under O(2) A is real. Lengths are in units of the square root of the area. S is 1 where channels agree.

    Nothing depends on the frames, on the order of vertices, on signs and bases of eigenfunctions, nor, on intrinsic
    meshes, on how the surface is bent. Fields are scalars.

    Shapes: `[vertices, c]` and a surface → `[vertices, c′]`; `hidden` units of the network's two layers, `dropout` in
    training. Raises SpaceError for other fields, and for meshes without eigenfunctions.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Mesh(eigenfunctions=3), 8 * er.O(2).trivial)
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> er.Blueprint([er.layers.DiffusionBlock(space, space)])({"x": torch.randn(3, 8), **corner}).shape
    torch.Size([3, 8])

    Sharp, Attaiki, Crane, Ovsjanikov 2020, arXiv:2012.00888.
    """

    kind = "linear"
    options = ("hidden", "dropout", "slopes")
    because = Reason(
        prior="what is near on the surface belongs together, at a distance that is learnt; bending changes no distance",
        law="the Laplacian of a surface is that of every other that it can be bent into",
        solver="eigenfunctions of the Laplacian: L φ = λ M φ",
        reference="Sharp, Attaiki, Crane, Ovsjanikov 2020, arXiv:2012.00888",
    )

    def __init__(
        self, source: Space, target: Space, hidden: int | None = None, dropout: float = 0.0, slopes: bool = True
    ):
        domain = instance(
            "DiffusionBlock on", require_space("DiffusionBlock", source).domain, Mesh, SpaceError, "Take er.Mesh()."
        )
        super().__init__(source, target)
        if target.domain != domain or not domain.eigenfunctions:
            given = f"DiffusionBlock from {source!r} to {target!r}"
            raise SpaceError(given, "one mesh with eigenfunctions", "Such as er.Mesh(eigenfunctions=128).")
        if not source.rho.is_trivial or not target.rho.is_trivial:
            raise SpaceError(
                f"DiffusionBlock from {source!r} to {target!r}", "scalars", "MeshConv takes tangent fields."
            )
        domain.check_group(source.group)
        self.domain, c, out = domain, source.channels, target.channels
        self.hidden = max(c, out) if hidden is None else whole("hidden", hidden, InputError, mend="Units, such as 64.")
        self.dropout = number("dropout", dropout, InputError, below=1.0, mend="A share, such as 0.5.")
        self.slopes = flag("slopes", slopes, InputError)
        self.time = nn.Parameter(torch.linspace(0, 1, c) * torch.tensor(LONGEST / SHORTEST).log())
        handed = isinstance(source.group, SO)
        self.real = nn.Parameter(torch.randn(c, c) * (0.5 / c if handed else 1.0 / c) ** 0.5) if self.slopes else None
        self.imaginary = nn.Parameter(torch.randn(c, c) * (0.5 / c) ** 0.5) if self.slopes and handed else None
        self.first = drawn((2 + self.slopes) * c, self.hidden)
        self.second, self.third = drawn(self.hidden, self.hidden), drawn(self.hidden, out, 0.5)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(n)) for n in (self.hidden, self.hidden, out))
        self.skip = None if c == out else drawn(c, out, 0.5)

    @property
    def times(self) -> Tensor:
        """t_c, at unit area."""
        return SHORTEST * self.time.exp()

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        surface = require_surface(support, self.domain, self.source.group)
        spread_out = diffused(values, surface, self.times.to(values.dtype))
        told = [values, spread_out]
        if self.real is not None:
            told.append(self._compared(slopes_of(spread_out, surface)))
        hidden = F.linear(torch.cat(told, dim=1), self.first, self.biases[0])
        for weight, bias in ((self.second, self.biases[1]), (self.third, self.biases[2])):
            active = F.dropout(F.silu(hidden), self.dropout, self.training)
            hidden = F.linear(active, SILU * weight, bias)  # there the scale costs less than on every vertex
        return hidden + (values if self.skip is None else F.linear(values, self.skip))

    def _compared(self, z: Tensor) -> Tensor:
        """tanh Re(z̄ ∘ A z) of slopes `[n, 2, c]`."""
        assert self.real is not None
        if self.imaginary is None:
            turned = F.linear(z, self.real)
        else:
            rows = (torch.cat([self.real, -self.imaginary], dim=1), torch.cat([self.imaginary, self.real], dim=1))
            turned = F.linear(z.flatten(1), torch.cat(rows)).view_as(z)
        return (z * turned).sum(1).tanh()

    def footprint(self) -> Footprint:
        return Footprint(None)


def diffused(values: Tensor, surface: Surface, times: Tensor) -> Tensor:
    """e^{−t_c Δ} x_c, t at unit area, by the eigenfunctions that there are, `[n, c]` → `[n, c]`."""
    rates = surface.values * surface.unit.square()[:, None]
    ends, made = surface.members.ptr.tolist(), []
    for b, (start, end) in enumerate(pairwise(ends)):
        functions = surface.functions[start:end].to(values.dtype)
        decay = torch.exp(-rates[b, :, None].to(values.dtype) * times)
        weighed = functions * surface.mass[start:end, None].to(values.dtype)
        made.append(functions @ (decay * (weighed.T @ values[start:end])))
    return torch.cat(made) if len(made) > 1 else made[0]
