"""The spherical harmonic transform: values on a grid ↔ coefficients, exact for what the grid can hold."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._known import known
from erlangen.domains._latitudes import Array, analysis, colatitudes, highest_degree, legendre

TABLES = 16  # grids whose tables are kept; one of 128 degrees takes 17 megabytes in float64


def in_full(method: Callable[[Any, Tensor], Tensor]) -> Callable[[Any, Tensor], Tensor]:
    """A transform outside autocast, whose halves have no Fourier transform: what comes in is widened by it."""

    @wraps(method)
    def run(self: Any, given: Tensor) -> Tensor:
        with torch.autocast(given.device.type, enabled=False):
            return method(self, given)

    return run


@dataclass(frozen=True)
class SphericalTransform:
    """c_lm = mean of f Y_lm over the sphere, f = Σ c_lm Y_lm, l ≤ band, for values `[…, latitude, longitude]`.

    One real Fourier transform along the longitudes, then one product a degree and order with normalised Legendre
    functions. Coefficients are those of `representations.harmonics.spherical_harmonics`, degree by degree, m = −l … l,
    at l² + l + m of `[…, (band + 1)²]`: the mean of f² is Σ c². Tables are built in the longest floating type and cast
    once: round trips at band 128 lose at most 2e-13 in float64, and in float32 3e-6, 4e-7 in the root mean square.

    `spectrum` and `values` speak of the same numbers as `[…, l, part, m]`, m = 0 … band, part 0 for m, part 1 for −m,
    zeros where m > l, which linear layers take as they are.

    >>> grid = SphericalTransform("gauss", 3, 5, 2)
    >>> [abs(round(float(c), 5)) for c in grid.forward(torch.ones(3, 5))[:4]]
    [1.0, 0.0, 0.0, 0.0]

    Driscoll and Healy 1994, doi:10.1006/aama.1994.1008; Schaeffer 2013, arXiv:1202.6522.
    """

    sampling: str
    latitudes: int
    longitudes: int
    band: int

    def forward(self, values: Tensor) -> Tensor:
        """`[…, latitude, longitude]` → `[…, (band + 1)²]`."""
        return in_order(self.spectrum(values))

    def inverse(self, coefficients: Tensor) -> Tensor:
        """`[…, (band + 1)²]` → `[…, latitude, longitude]`."""
        return self.values(by_orders(coefficients))

    @in_full
    def spectrum(self, values: Tensor) -> Tensor:
        """`[…, latitude, longitude]` → `[…, l, part, m]`."""
        parts, wide = parts_of(values, self.band)
        return torch.einsum("mlt,...tpm->...lpm", self._table(0, wide), parts).to(values.dtype)

    @in_full
    def values(self, spectrum: Tensor) -> Tensor:
        """`[…, l, part, m]` → `[…, latitude, longitude]`."""
        wide = spectrum.to(torch.promote_types(spectrum.dtype, torch.float32))
        parts = torch.einsum("mlt,...lpm->...tpm", self._table(1, wide), wide)
        return values_of(parts, self.longitudes).to(spectrum.dtype)

    def _table(self, which: int, like: Tensor) -> Tensor:
        dtype = "float64" if like.dtype == torch.float64 else "float32"
        made = _kept(which, self.sampling, self.latitudes, self.band, dtype)
        return made.to(device=like.device, dtype=like.dtype)


def parts_of(values: Tensor, band: int) -> tuple[Tensor, Tensor]:
    """Of each row its cosines and sines up to an order, halved but for the first, `[…, latitude, part, m]`; and the
    values in float32 at least."""
    wide = values.to(torch.promote_types(values.dtype, torch.float32))
    if not wide.numel():  # some libraries have no Fourier transform of an empty batch
        return wide.new_zeros(*wide.shape[:-1], 2, band + 1), wide
    waves = torch.fft.rfft(wide, norm="forward")[..., : band + 1]
    return torch.stack([waves.real, -waves.imag], dim=-2), wide


def values_of(parts: Tensor, longitudes: int) -> Tensor:
    """The way back: `[…, latitude, part, m]` → `[…, latitude, longitude]`."""
    if not parts.numel():
        return parts.new_zeros(*parts.shape[:-2], longitudes)
    waves = torch.complex(parts[..., 0, :].contiguous(), -parts[..., 1, :].contiguous())
    return torch.fft.irfft(waves, n=longitudes, norm="forward")


def band_limit(sampling: str, latitudes: int, longitudes: int) -> int:
    """The largest degree up to which the grid tells all harmonics apart; −1 where it holds not even a constant."""
    return min(highest_degree(sampling, latitudes), (longitudes - 1) // 2)


@lru_cache(maxsize=4 * TABLES)
def row_weights(sampling: str, latitudes: int) -> Array:
    """w_t, `[latitude]`, with Σ_t w_t (mean of row t) = the mean over the sphere; Gauss, Fejér, Clenshaw–Curtis."""
    return analysis(sampling, latitudes, 0)[0, 0]


@known
def shares(sampling: str, latitudes: int) -> Tensor:
    """The same, which a compiled network holds."""
    return torch.as_tensor(row_weights(sampling, latitudes))


def harmonics(band: int, points: Array) -> Array:
    """Y_lm of unit vectors (x, y, z), all degrees side by side; `[n, 3]` → `[n, (band + 1)²]`.

    As `spherical_harmonics` of one degree, by recursions that never leave the range of float64.
    """
    x, y, z = np.asarray(points, dtype=np.longdouble).T
    radii = np.hypot(x, z)
    polar = legendre(band, y, radii)
    polar[1:] *= np.sqrt(2.0)
    longitude = np.arctan2(x, z)
    turns = np.arange(band + 1)[:, None] * longitude
    waves = np.stack([np.cos(turns), np.sin(turns)]).astype(np.float64)
    padded = np.concatenate([np.einsum("mln,pmn->nlpm", polar, waves).reshape(len(x), -1), np.zeros((len(x), 1))], 1)
    return padded[:, _places(band)[0]]


def rotate(coefficients: Tensor, rotation: Array) -> Tensor:
    """The coefficients of u ↦ f(R⁻¹u): c_l ↦ D_l(R) c_l, for every orthogonal R, mirrors included."""
    band = round(coefficients.shape[-1] ** 0.5) - 1
    parts = []
    for l, matrix in enumerate(wigner(band, rotation)):
        turn = torch.as_tensor(matrix, dtype=coefficients.dtype, device=coefficients.device)
        parts.append(coefficients[..., l * l : (l + 1) ** 2] @ turn.T)
    return torch.cat(parts, dim=-1)


def wigner(band: int, rotation: Array) -> list[Array]:
    """D_l(R) for all l ≤ band: D_l Y_l(u) = Y_l(R u) solved at scattered points u, of which there are twice enough.

    Polynomial in R, so without the poles of Euler angles; `representations.harmonics.wigner_d` for many degrees at
    once, orthogonal to 1e-12 at band 128.
    """
    points, solve = _scattered(band)
    there = harmonics(band, points @ rotation.T)
    return [(solve[l] @ there[:, l * l : (l + 1) ** 2]).T for l in range(band + 1)]


def in_order(spectrum: Tensor) -> Tensor:
    """`[…, l, part, m]` → `[…, (band + 1)²]`."""
    index = _place(0, spectrum.shape[-1] - 1).to(spectrum.device)
    return spectrum.flatten(-3).index_select(-1, index)


def by_orders(coefficients: Tensor) -> Tensor:
    """`[…, (band + 1)²]` → `[…, l, part, m]`."""
    band = round(coefficients.shape[-1] ** 0.5) - 1
    index = _place(1, band).to(coefficients.device)
    padded = torch.nn.functional.pad(coefficients, (0, 1))
    return padded.index_select(-1, index).unflatten(-1, (band + 1, 2, band + 1))


def up_to(spectrum: Tensor, band: int) -> Tensor:
    """The same with the degrees up to `band`: those beyond it left out, those that are missing nought."""
    more = band + 1 - spectrum.shape[-1]
    if more <= 0:
        return spectrum[..., : band + 1, :, : band + 1]
    return torch.nn.functional.pad(spectrum, (0, more, 0, 0, 0, more))


def places_of_orders(band: int) -> np.ndarray:
    """Where each of (band + 1)² coefficients stands among those of `[l, part, m]`."""
    return _places(band)[0]


@lru_cache(maxsize=4 * TABLES)
def _places(band: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each coefficient stands among `[l, part, m]`, and the other way about; behind the last, for a zero."""
    degree = np.concatenate([np.full(2 * l + 1, l) for l in range(band + 1)])
    order = np.arange(len(degree)) - degree * degree - degree
    there = (degree * 2 + (order < 0)) * (band + 1) + np.abs(order)
    back = np.full(2 * (band + 1) ** 2, len(degree))
    back[there] = np.arange(len(degree))
    return there, back


@known
def _kept(which: int, sampling: str, latitudes: int, band: int, dtype: str) -> Tensor:
    """The table of the way there (0) or back (1); NumPy keeps both dtypes, so that nothing is cast at a call."""
    return torch.as_tensor(_tables(sampling, latitudes, band, dtype)[which])


@known
def _place(which: int, band: int) -> Tensor:
    return torch.as_tensor(_places(band)[which])


@lru_cache(maxsize=TABLES)
def _tables(sampling: str, latitudes: int, band: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """What coefficients are made with, and values: `[m, l, t]` each."""
    theta = colatitudes(sampling, latitudes)
    radii = np.sin(theta)
    if sampling == "poles":
        radii[[0, -1]] = 0
    back = legendre(band, np.cos(theta), radii)
    there = analysis(sampling, latitudes, band)
    back[1:] /= np.sqrt(2.0)
    there[1:] *= np.sqrt(2.0)
    return there.astype(dtype), back.astype(dtype)


@lru_cache(maxsize=4)
def _scattered(band: int) -> tuple[Array, list[Array]]:
    """Scattered points, and for each degree the pseudo-inverse of Y_l there, well conditioned."""
    points = np.random.default_rng(0).standard_normal((4 * band + 4, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    there = harmonics(band, points)
    degrees = [there[:, l * l : (l + 1) ** 2] for l in range(band + 1)]
    return points, [np.asarray(np.linalg.pinv(waves), dtype=np.float64) for waves in degrees]
