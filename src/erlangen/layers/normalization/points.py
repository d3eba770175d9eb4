"""Normalisation at every point by itself: no statistics of a batch, and the same in training and after it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import number
from erlangen.layers._base import Layer, Reason, refuse_aliasing
from erlangen.layers._constants import Constants
from erlangen.layers._fields import kinds_of, require_orthogonal
from erlangen.signal import Space


class PointNorm(Constants, Layer):
    """y = γ x / √(|x|²/c + ε) + β at every point, |x| over all channels, γ one a field, β for permuted fields alone.

    The length of an orthogonal ρ(h) x is that of x. Where all points of all signals are alike, batch statistics have
    no variance and magnify rounding; this does not.

    Shapes: `[b, c, …]` → the same.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Set(), 4 * er.Trivial().trivial)
    >>> float(er.layers.normalize(space, kind="points")(torch.randn(5, 4)).detach().square().mean().round(decimals=3))
    1.0

    Zhang and Sennrich 2019, arXiv:1910.07467.
    """

    kind = "normalization"
    built_from = ("source",)
    options = ("eps",)
    because = Reason(
        prior="keeps unit size through depth, at every point by itself",
        law="|ρ(h) x| = |x|",
        reference="Zhang and Sennrich 2019, arXiv:1910.07467",
    )
    field: Tensor
    shifted: Tensor

    def __init__(self, source: Space, eps: float = 1e-6):
        super().__init__(source, source)
        refuse_aliasing("PointNorm", source, "Take er.layers.normalize(space), which is of the whole sphere.")
        require_orthogonal(source.rho, "normalisation")
        self.eps = number("eps", eps, InputError)
        field, shifted, count = np.empty(source.channels, dtype=np.int64), np.zeros(source.channels), 0
        for kind in kinds_of(source.rho):
            for start, copies in kind.runs:
                channels = slice(start, start + copies * kind.dim)
                field[channels] = count + np.arange(copies).repeat(kind.dim)
                shifted[channels] = kind.permuted
                count += copies
        self.hold({"field": field, "shifted": shifted})
        self.scale, self.shift = nn.Parameter(torch.ones(count)), nn.Parameter(torch.zeros(count))
        if not shifted.any():
            self.shift = None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        wide = values * values.new_ones(1, dtype=torch.float32)  # promotes half, leaves double
        size = (wide.square().mean(dim=1, keepdim=True) + self.eps).rsqrt().type_as(values)
        y = values * size * self._spread(self.scale, values)
        return y if self.shift is None else y + self._spread(self.shift, values) * self._along(self.shifted, values)

    def _spread(self, of_fields: Tensor, like: Tensor) -> Tensor:
        return self._along(of_fields.index_select(0, self.field), like)

    def _along(self, channels: Tensor, like: Tensor) -> Tensor:
        return channels.reshape(-1, *[1] * (like.dim() - 2))

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels
