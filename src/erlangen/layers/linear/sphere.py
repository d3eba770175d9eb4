"""Convolution on the sphere: each degree of the harmonics by a matrix of its own over channels."""

import torch
from torch import Tensor, nn

from erlangen.domains import Sphere
from erlangen.domains.spherical_transform import up_to
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Reason, require_space
from erlangen.layers._harmonic import Harmonic, plus_constant
from erlangen.signal import Space


class SphereConv(Harmonic):
    """c_lm ↦ W_l c_lm for l ≤ band: (K ⋆ x)(u) = mean_v K(u·v) x(v) with K(t) = Σ_l W_l (2l+1) P_l(t).

    All linear maps between scalar signals of that band that commute with every rotation, by Schur's lemma: one matrix
    over channels a degree. They are free of one another, `[band + 1, out, in]`, and not samples of a smooth function
    of l: no smoothness follows from the symmetry, and a low band costs few weights; a filter that is to stay small is
    for the task to say. `band` is by default that of the domain, else 16. Degrees beyond it are left out, those that
    a coarse grid lacks are not asked: one layer is right for every grid. For a group of fewer rotations these are
    exact and not all.

    At initialisation the mean of y² over the sphere is gain² times that of x² up to the band, whatever the spectrum.
    The bias is a constant, degree 0 alone.

    Shapes: `[b, source.channels, latitude, longitude]` → `[b, target.channels, latitude, longitude]`.
    Raises SpaceError for fields that are no scalars, and where source and target are not on one sphere.

    >>> import torch, erlangen as er
    >>> scalars = er.Space(er.Sphere(), 2 * er.SO(3).trivial)
    >>> conv = er.layers.SphereConv(scalars, scalars, band=5, bias=False)
    >>> conv(torch.randn(1, 2, 12, 24)).shape, conv.free_weights()
    (torch.Size([1, 2, 12, 24]), 24)

    Esteves et al. 2018, arXiv:1711.06721; Cohen, Geiger, Köhler, Welling 2018, arXiv:1801.10130.
    """

    options = ("band", "gain")
    because = Reason(
        prior="symmetry: one filter, moved to every place of the sphere; it looks alike in all directions",
        law="W c_l(g·x) = D_l(g) W c_l(x)",
        solver="closed form: each degree is irreducible, so the maps are one number a degree and pair of channels",
        reference="Esteves et al. 2018, arXiv:1711.06721",
    )

    def __init__(self, source: Space, target: Space, band: int | None = None, bias: bool = True, gain: float = 1.0):
        domain = require_space("SphereConv", source).domain
        super().__init__(source, target)
        scalars = source.rho.is_trivial and target.rho.is_trivial
        if not isinstance(domain, Sphere) or target.domain != domain or not scalars:
            raise SpaceError(
                f"SphereConv from {source!r} to {target!r}",
                "scalar channels on one sphere",
                "Tangent vectors and other fields have no linear layer on the sphere yet: take n * G.trivial.",
            )
        self.domain = domain
        self.band = domain.degrees if band is None else whole("band", band, InputError, least=0)
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        deviation = gain / source.channels**0.5
        self.weight = nn.Parameter(deviation * torch.randn(self.band + 1, target.channels, source.channels))
        self.bias = nn.Parameter(torch.zeros(target.channels)) if flag("bias", bias, InputError) else None

    @property
    def sees(self) -> int:
        return self.band

    def through(self, spectrum: Tensor) -> Tensor:
        seen = min(self.band, spectrum.shape[-1] - 1)
        mixed = torch.einsum("loc,bclpm->bolpm", self.weight[: seen + 1], up_to(spectrum, seen))
        return up_to(mixed if self.bias is None else plus_constant(mixed, self.bias), spectrum.shape[-1] - 1)

    # ---- what it says of itself ------------------------------------------------------------------------------------
    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def unconstrained_weights(self) -> int:
        degrees = (self.band + 1) ** 2
        biases = 0 if self.bias is None else self.target.channels * degrees
        return self.source.channels * self.target.channels * degrees**2 + biases
