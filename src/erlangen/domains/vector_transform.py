"""The vector harmonic transform: winds on a grid ↔ coefficients of gradients and of curls, exact up to its band."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._known import known
from erlangen.domains._latitudes import Array, Long, colatitudes, gauss, interpolations, legendre
from erlangen.domains.spherical_rotation import turn_vectors
from erlangen.domains.spherical_transform import (
    TABLES,
    by_orders,
    in_full,
    in_order,
    parts_of,
    places_of_orders,
    values_of,
)


@dataclass(frozen=True)
class VectorTransform:
    """v = Σ a_lm ∇Y_lm/√(l(l+1)) + b_lm n × ∇Y_lm/√(l(l+1)), 1 ≤ l ≤ band; a and b are means of v against these.

    Values are (east, north), `[…, 2, latitude, longitude]`, coefficients (gradient, curl), `[…, 2, l, part, m]`, as
    `SphericalTransform.spectrum` has those of scalars: the mean of |v|² is Σ a² + b². u + i w, of an east wind u and a
    north wind w, has spin 1; near the poles it turns with the longitude, and so has components of order 1 there, where
    a smooth scalar has none: nothing is divided by the distance from the axis.

    >>> import torch
    >>> grid = VectorTransform("gauss", 4, 7, 2)
    >>> heights = torch.as_tensor(grid.heights, dtype=torch.float32)
    >>> solid = torch.stack([(1 - heights**2).sqrt(), 0 * heights])[..., None].expand(2, 4, 7)  # a globe that turns
    >>> [round(abs(float(c)), 4) for c in grid.spectrum(solid)[1, :, 0, 0]]  # curls of degrees 0, 1, 2
    [0.0, 0.8165, 0.0]

    Swarztrauber 1993, doi:10.1137/0730045.
    """

    sampling: str
    latitudes: int
    longitudes: int
    band: int

    @property
    def heights(self) -> Array:
        """cos θ of every row."""
        return np.cos(colatitudes(self.sampling, self.latitudes)).astype(np.float64)

    @in_full
    def spectrum(self, values: Tensor) -> Tensor:
        """`[…, 2, latitude, longitude]` → `[…, 2, l, part, m]`."""
        parts, wide = parts_of(values, self.band)
        east, north = parts.unbind(-4)
        across, along = self._tables(0, wide)
        gradient = _sum(across, -_quarter(east)) - _sum(along, north)
        curl = _sum(along, east) + _sum(across, -_quarter(north))
        return torch.stack([gradient, curl], dim=-4).to(values.dtype)

    @in_full
    def values(self, spectrum: Tensor) -> Tensor:
        """`[…, 2, l, part, m]` → `[…, 2, latitude, longitude]`."""
        wide = spectrum.to(torch.promote_types(spectrum.dtype, torch.float32))
        gradient, curl = wide.unbind(-4)
        across, along = self._tables(1, wide)
        east = _back(across, _quarter(gradient)) + _back(along, curl)
        north = _back(across, _quarter(curl)) - _back(along, gradient)
        return values_of(torch.stack([east, north], dim=-4), self.longitudes).to(spectrum.dtype)

    def moved(self, values: Tensor, rotations: Array) -> Tensor:
        """dR v(R⁻¹u), by one R or, `[n, 3, 3]`, by one for each."""
        return self.values(by_orders(turn_vectors(in_order(self.spectrum(values)), rotations)))

    def _tables(self, which: int, like: Tensor) -> list[Tensor]:
        dtype = "float64" if like.dtype == torch.float64 else "float32"
        grid = self.sampling, self.latitudes, self.band, dtype
        return [_kept(which, part, *grid).to(device=like.device, dtype=like.dtype) for part in (0, 1)]


def _sum(table: Tensor, parts: Tensor) -> Tensor:
    return torch.einsum("mlt,...tpm->...lpm", table, parts)


def _back(table: Tensor, spectrum: Tensor) -> Tensor:
    return torch.einsum("mlt,...lpm->...tpm", table, spectrum)


def _quarter(parts: Tensor) -> Tensor:
    """∂/∂φ of cos mφ and sin mφ, but for the factor m: (p, q) ↦ (q, −p)."""
    cosine, sine = parts.unbind(-2)
    return torch.stack([sine, -cosine], dim=-2)


@known
def _kept(which: int, part: int, sampling: str, latitudes: int, band: int, dtype: str) -> Tensor:
    return torch.as_tensor(_vector_tables(sampling, latitudes, band, dtype)[which][part])


@lru_cache(maxsize=TABLES)
def _vector_tables(
    sampling: str, latitudes: int, band: int, dtype: str
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """What coefficients are made with, and values: for m P̄/sin θ and for dP̄/dθ, over √(l(l+1)), `[m, l, t]` each."""
    theta = colatitudes(sampling, latitudes)
    radii = np.sin(theta)
    if sampling == "poles":
        radii[[0, -1]] = 0
    back = _slopes(band, np.cos(theta), radii)
    nodes, weights = gauss(latitudes)
    there = _slopes(band, nodes, np.sqrt(1 - nodes * nodes))
    for table, other in zip(back, there, strict=True):
        table[1:] /= np.sqrt(2.0)
        other[1:] *= np.sqrt(2.0)
    made = [table * weights for table in there]
    if sampling != "gauss":  # a sine series where a scalar has one of cosines: components turn with the longitude
        even, odd = interpolations(sampling, latitudes)
        made = [
            np.stack([row @ (odd, even)[m % 2] for m, row in enumerate(table.astype(np.float64))]) for table in made
        ]
    return tuple(t.astype(dtype) for t in made), tuple(t.astype(dtype) for t in back)


def vector_harmonics(band: int, points: Array) -> Array:
    """∇Y_lm/√(l(l+1)) at unit vectors (x, y, z), its components (east, north): `[n, 3]` → `[n, 2, (band + 1)²]`.

    A quarter turn to the left, n ×, makes curls of them. At a pole east is that of longitude 0.
    """
    x, y, z = np.asarray(points, dtype=np.longdouble).T
    across, along = (np.asarray(table, dtype=np.float64) for table in _slopes(band, y, np.hypot(x, z)))
    scale = np.where(np.arange(band + 1) > 0, np.sqrt(2.0), 1.0)[:, None]
    turns = (np.arange(band + 1)[:, None] * np.arctan2(x, z)).astype(np.float64)
    cosine, sine = scale * np.cos(turns), scale * np.sin(turns)
    east = np.einsum("mln,pmn->nlpm", across, np.stack([-sine, cosine]))
    north = np.einsum("mln,pmn->nlpm", -along, np.stack([cosine, sine]))
    both = np.stack([east, north], axis=1).reshape(len(points), 2, -1)
    return both[:, :, places_of_orders(band)]


def _slopes(band: int, heights: Long, radii: Long) -> tuple[Array, Array]:
    """m P̄_l^m/sin θ and dP̄_l^m/dθ over √(l(l+1)): sin θ ∂P̄_l = l cos θ P̄_l − √((l²−m²)(2l+1)/(2l−1)) P̄_{l−1}.

    Both are read off P̄/sin θ, which is a polynomial for m ≥ 1; ∂P̄_l^0 = −√(l(l+1)) P̄_l^1.
    """
    over = legendre(band, heights, radii, over_radius=True)
    m, l = np.arange(band + 1, dtype=np.longdouble)[:, None, None], np.arange(band + 1, dtype=np.longdouble)[:, None]
    factor = np.sqrt(np.maximum(l * l - m * m, 0) * (2 * l + 1) / np.maximum(2 * l - 1, 1))
    before = np.concatenate([np.zeros_like(over[:, :1]), over[:, :-1]], axis=1)
    along = l * heights * over - factor * before
    root = np.sqrt(np.maximum(l * (l + 1), 1))
    along[0] = -root * over[1] * radii if band else 0
    return m * over / root, along / root
