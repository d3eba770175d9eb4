"""Batch normalisation on the sphere, where grid points do not count alike."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import number
from erlangen.layers._base import Reason
from erlangen.layers._constants import Constants
from erlangen.layers._fields import require_orthogonal
from erlangen.layers._harmonic import Harmonic, plus_constant, sphere_of
from erlangen.signal import Space


class SphereBatchNorm(Constants, Harmonic):
    """y = γ (x − μ)/√(v + ε) + β, with μ the mean of c_00 over the batch and v that of Σ_{l>0} c_lm² + (c_00 − μ)².

    The two are means over the sphere and no rotation changes them; a mean over grid points would count the poles too
    often. In eval they are the running ones. Of tangent vectors, and of what changes its sign, no mean is subtracted:
    y = γ v/√(mean of |v|²/2 + ε), one statistic a field.

    Shapes: `[b, c, latitude, longitude]` → the same. Raises RepresentationError for what is not orthogonal.

    >>> import torch, erlangen as er
    >>> norm = er.layers.normalize(er.Space(er.Sphere(), er.SO(3).trivial))
    >>> float(er.Sphere().mean(norm(3 + torch.randn(4, 1, 8, 16))).mean().abs() < 1e-5)
    1.0

    Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    kind = "normalization"
    built_from = ("source",)
    options = ("momentum", "eps")
    because = Reason(
        prior="keeps unit variance through depth",
        law="mean and variance over the sphere are invariant",
        reference="Ioffe and Szegedy 2015, arXiv:1502.03167",
    )
    running_mean: Tensor
    running_var: Tensor
    owner: Tensor
    scalar: Tensor
    dims: Tensor

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        sphere_of(source, "SphereBatchNorm", "Others have FieldBatchNorm.")
        super().__init__(source, source)
        require_orthogonal(source.rho, "batch normalisation")
        self.momentum = number("momentum", momentum, InputError, below=1 + 1e-12)
        self.eps = number("eps", eps, InputError)
        fields = [field for field, times in source.rho.fields for _ in range(times)]
        dims = [n for f in fields for n in ([1] * f.dim if f.is_trivial else [f.dim])]  # scalars count one by one
        places = np.flatnonzero([f.is_trivial for f in fields for _ in range(f.dim)])
        owner = np.repeat(np.arange(len(dims)), dims)
        self.hold({"owner": owner, "scalar": places, "dims": np.array(dims, dtype=float)})
        self.scale, self.shift = nn.Parameter(torch.ones(len(dims))), nn.Parameter(torch.zeros(len(places)))
        self.register_buffer("running_mean", torch.zeros(len(places)))
        self.register_buffer("running_var", torch.ones(len(dims)))

    def through(self, spectrum: Tensor) -> Tensor:
        mean, power = self.running_mean, self.running_var
        if self.training:
            mean, power = self._seen(spectrum[:, :, 0, 0, 0], spectrum.square().sum(dim=(2, 3, 4)))
        scale, constant = self._scaled(mean, power)
        return plus_constant(spectrum * scale[:, None, None, None], constant)

    def _scaled(self, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        """By what each channel is multiplied, and what is added to it."""
        scale = (self.scale * (var + self.eps).rsqrt()).index_select(0, self.owner)
        shift = self.shift - mean * scale.index_select(0, self.scalar)
        return scale, scale.new_zeros(len(scale)).index_copy(0, self.scalar, shift)

    def _seen(self, means: Tensor, squares: Tensor) -> tuple[Tensor, Tensor]:
        """The statistics of a batch, from the mean and the mean square of each signal, `[b, c]`."""
        mean = means.mean(0).index_select(0, self.scalar)
        power = squares.mean(0).index_add(0, self.scalar, -mean.square())
        var = power.new_zeros(len(self.scale)).index_add(0, self.owner, power) / self.dims.to(power.dtype)
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean), self.momentum)
            self.running_var.lerp_(var.to(self.running_var), self.momentum)
        return mean, var

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels
