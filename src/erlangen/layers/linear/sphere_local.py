"""Convolution with kernels of finite radius on the sphere, by way of the coefficients: exact for every rotation."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains.spherical_transform import up_to
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Reason
from erlangen.layers._harmonic import Harmonic, plus_constant, sphere_of
from erlangen.layers.linear._rings_on_sphere import kernel_on_sphere
from erlangen.signal import Space


class SphereLocalConv(Harmonic):
    """(K ⋆ x)(p) = W x(p) + mean_q K(log_p q) g_qp x(q), K(v) = 0 for |v| ≥ radius; g_qp carries fields from q to p.

    K is a sum of `rings` smooth functions of the distance, each with all weights that turns of the tangent plane allow,
    K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, and mirrors where the group has them: between scalars one number a pair of
    channels, from scalars to tangent vectors slopes and, without mirrors, curls. Their number does not depend on the
    resolution, where `SphereConv` has one a degree. By Funk and Hecke it multiplies coefficients: exact for every
    rotation; what it does between points is local up to the degrees that the places hold.

    `radius` is in radians, by default `rings` + 1 times π/(L + 1), L the domain's band, else 16. The group may be any:
    the kernel is that for every rotation, and mirrors if there are some. At initialisation white signals of variance 1
    become such of variance gain².

    Shapes: `[b, source.channels, *size]` → `[b, target.channels, *size]`. Raises RepresentationError for fields other
    than scalars, what changes its sign in mirrors and tangent vectors; SpaceError where the spheres differ.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sphere(), 2 * er.SO(3).trivial)
    >>> conv = er.layers.SphereLocalConv(space, space, rings=2, bias=False)
    >>> conv(torch.randn(1, 2, 17, 34)).shape, conv.free_weights()  # a pair: at the point, and on each ring
    (torch.Size([1, 2, 17, 34]), 12)

    Ocampo, Price, McEwen 2022, arXiv:2209.13603; Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020.
    """

    options = ("rings", "radius", "gain")
    because = Reason(
        prior="symmetry: one filter, moved to every place of the sphere; locality: it looks no further than its radius",
        law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for turns h of the tangent plane",
        solver="closed form: phases of orders l′ ∓ l, and Legendre functions integrated over rings",
        reference="Ocampo, Price, McEwen 2022, arXiv:2209.13603",
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
        domain = sphere_of(source, "SphereLocalConv")
        super().__init__(source, target)
        if target.domain != domain:
            raise SpaceError(f"SphereLocalConv from {source!r} to {target!r}", "one sphere", "Pool or upsample first.")
        domain.check_group(source.group)
        self.rings = whole("rings", rings, InputError, mend="2 looks two places far.")
        self.radius = radius
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        self.band, self.domain = domain.degrees, domain
        self.reach = checked_radius(radius, (self.rings + 1) * np.pi / (self.band + 1))
        rhos = source.rho, target.rho
        self.kernel = kernel_on_sphere(domain, rhos, self.rings, self.reach, self.band, self.gain)
        self.bias = nn.Parameter(torch.zeros(len(self.kernel.even))) if flag("bias", bias, InputError) else None
        known = {f"multipliers_{i}": way.multipliers for i, way in enumerate(self.kernel.ways)}
        self.kernel.hold_also({name: array for name, array in known.items() if array is not None})

    @property
    def sees(self) -> int:
        return self.band

    def through(self, spectrum: Tensor) -> Tensor:
        seen = min(self.band, spectrum.shape[-1] - 1)
        mixed = torch.einsum("loc,bclpm->bolpm", self._by_degree()[: seen + 1], up_to(spectrum, seen))
        if self.bias is not None:
            constant = mixed.new_zeros(mixed.shape[1]).index_copy(0, self.kernel.even, self.bias.to(mixed.dtype))
            mixed = plus_constant(mixed, constant)
        return up_to(mixed, spectrum.shape[-1] - 1)

    def _by_degree(self) -> Tensor:
        """The matrices of all degrees, `[l, out, in]`."""
        like = self.kernel.weights[0]
        found = like.new_zeros(self.band + 1, self.target.channels * self.source.channels)
        for i, way in enumerate(self.kernel.ways):
            numbers = way.source.dim  # of a phase of a scalar the first alone: a slope is a gradient
            each = self.kernel.matrix(i)[..., :numbers]
            made = torch.einsum("oykip,klp->loyip", each, getattr(self.kernel, f"multipliers_{i}"))
            rows, columns = self.kernel.back[way.target], self.kernel.there[way.source]
            places = rows[:, :, None, None] * self.source.channels + columns
            at = torch.as_tensor(places.reshape(-1), device=made.device)
            found = found.index_add(1, at, made.reshape(self.band + 1, -1))
        return found.unflatten(1, (self.target.channels, self.source.channels))

    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def unconstrained_weights(self) -> int:
        coefficients = (self.band + 1) ** 2
        return coefficients**2 * self.source.channels * self.target.channels


def checked_radius(given: float | None, usual: float) -> float:
    """A radius in radians up to a quarter turn, the usual one where none is given."""
    if given is None:
        return min(usual, np.pi / 2)
    radius = number("radius", given, InputError, mend="In radians, such as 0.3.")
    if not 0 < radius <= np.pi / 2:
        raise InputError(f"radius={given!r}", "above 0, up to π/2", "Larger kernels are those of SphereConv.")
    return radius
