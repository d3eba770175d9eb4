"""Harmonic transforms on the vertices of a subdivided icosahedron: a matrix product each way, and exact weights."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._icosphere import icosphere, vertex_weights
from erlangen.domains._known import known
from erlangen.domains._latitudes import Array
from erlangen.domains.spherical_rotation import turn_vectors
from erlangen.domains.spherical_transform import by_orders, harmonics, in_full, in_order
from erlangen.domains.vector_transform import vector_harmonics

TABLES = 8  # one of level 5 and band 50 takes 213 megabytes in float64


@dataclass(frozen=True)
class IcosahedralTransform:
    """c_lm = Σ_p w_p f(p) Y_lm(p), f(p) = Σ c_lm Y_lm(p), l ≤ band, for values `[…, vertex]`.

    The weights integrate products of two harmonics of the band exactly, so that a round trip changes a signal of the
    band by rounding alone. Coefficients are those of `SphericalTransform`.

    >>> made = IcosahedralTransform(1, 4)
    >>> [abs(round(float(c), 5)) for c in made.forward(torch.ones(42))[:4]]
    [1.0, 0.0, 0.0, 0.0]
    """

    level: int
    band: int

    def forward(self, values: Tensor) -> Tensor:
        """`[…, vertex]` → `[…, (band + 1)²]`."""
        return in_order(self.spectrum(values))

    def inverse(self, coefficients: Tensor) -> Tensor:
        """`[…, (band + 1)²]` → `[…, vertex]`."""
        return self.values(by_orders(coefficients))

    @in_full
    def spectrum(self, values: Tensor) -> Tensor:
        """`[…, vertex]` → `[…, l, part, m]`."""
        wide = values.to(torch.promote_types(values.dtype, torch.float32))
        return by_orders(wide @ _table(0, 0, self, wide)).to(values.dtype)

    @in_full
    def values(self, spectrum: Tensor) -> Tensor:
        """`[…, l, part, m]` → `[…, vertex]`."""
        wide = spectrum.to(torch.promote_types(spectrum.dtype, torch.float32))
        return (in_order(wide) @ _table(0, 1, self, wide)).to(spectrum.dtype)


@dataclass(frozen=True)
class IcosahedralVectorTransform:
    """v = Σ a_lm ∇Y_lm/√(l(l+1)) + b_lm n × ∇Y_lm/√(l(l+1)), a and b weighted sums of v against these.

    Values are (east, north), `[…, 2, vertex]`, coefficients (gradient, curl), `[…, 2, l, part, m]`, those of
    `VectorTransform`. East at a pole is that of longitude 0.
    """

    level: int
    band: int

    @in_full
    def spectrum(self, values: Tensor) -> Tensor:
        """`[…, 2, vertex]` → `[…, 2, l, part, m]`."""
        wide = values.to(torch.promote_types(values.dtype, torch.float32))
        east, north = wide.unbind(-2)
        table = _table(1, 0, self, wide)  # n × turns (east, north) into (−north, east)
        gradient, curl = torch.cat([east, north], -1) @ table, torch.cat([north, -east], -1) @ table
        return by_orders(torch.stack([gradient, curl], dim=-2)).to(values.dtype)

    @in_full
    def values(self, spectrum: Tensor) -> Tensor:
        """`[…, 2, l, part, m]` → `[…, 2, vertex]`."""
        wide = spectrum.to(torch.promote_types(spectrum.dtype, torch.float32))
        along = in_order(wide) @ _table(1, 1, self, wide)
        (ge, gn), (ce, cn) = (part.chunk(2, dim=-1) for part in along.unbind(-2))
        return torch.stack([ge - cn, gn + ce], dim=-2).to(spectrum.dtype)

    def moved(self, values: Tensor, rotations: Array) -> Tensor:
        """dR v(R⁻¹u), by one R or, `[n, 3, 3]`, by one for each."""
        return self.values(by_orders(turn_vectors(in_order(self.spectrum(values)), rotations)))


Either = IcosahedralTransform | IcosahedralVectorTransform


def _table(kind: int, way: int, made: Either, like: Tensor) -> Tensor:
    dtype = "float64" if like.dtype == torch.float64 else "float32"
    return _kept(kind, way, made.level, made.band, dtype).to(device=like.device, dtype=like.dtype)


@known
def _kept(kind: int, way: int, level: int, band: int, dtype: str) -> Tensor:
    """Of scalars (0) or vectors (1) what coefficients are made with (0), `[vertex, coefficient]`, or values (1)."""
    return torch.as_tensor(_tables(kind, level, band, dtype)[way])


@lru_cache(maxsize=TABLES)
def _tables(kind: int, level: int, band: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    points, weights = icosphere(level)[0], vertex_weights(level)
    if kind == 0:
        back = harmonics(band, points).T
    else:
        back = vector_harmonics(band, points).transpose(2, 1, 0).reshape((band + 1) ** 2, -1)
        weights = np.tile(weights, 2)
    return np.ascontiguousarray((back * weights).T, dtype=dtype), np.ascontiguousarray(back, dtype=dtype)
