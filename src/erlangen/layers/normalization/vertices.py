"""Batch normalisation at the vertices of a subdivided icosahedron: the statistics of the sphere, taken from values."""

from typing import Any

from torch import Tensor

from erlangen.layers._vertices import subdivided
from erlangen.layers.normalization.sphere import SphereBatchNorm
from erlangen.signal import Space


class VertexBatchNorm(SphereBatchNorm):
    """y = γ (x − μ)/√(v + ε) + β, μ = Σ_p w_p x(p) and v = Σ_p w_p x(p)² − μ² over the batch, w_p the share of each.

    `SphereBatchNorm` without the way through coefficients, so that nothing beyond their degrees is lost.

    Shapes: `[b, c, vertex]` → the same.

    >>> import torch, erlangen as er
    >>> norm = er.layers.VertexBatchNorm(er.Space(er.Sphere("icosahedral", subdivisions=1), er.SO(3).trivial))
    >>> bool(norm.source.domain.mean(norm(3 + torch.randn(4, 1, 42))).mean().abs() < 1e-5)
    True
    """

    harmonic = False

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        subdivided(source, "VertexBatchNorm")
        super().__init__(source, momentum, eps)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        mean, power = self.running_mean, self.running_var
        if self.training:
            over = self.source.domain.mean
            mean, power = self._seen(over(values), over(values.square()))
        scale, constant = self._scaled(mean, power)
        return values * scale[:, None] + constant[:, None]
