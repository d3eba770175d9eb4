"""Circles of latitude: where each sampling of the sphere has them, and how functions of latitude are integrated."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Long = npt.NDArray[np.floating[Any]]  # the longest type there is, where precision matters

SAMPLINGS = ("gauss", "equiangular", "poles")


def highest_degree(sampling: str, latitudes: int) -> int:
    """The highest degree of which so many latitudes hold every harmonic; −1 where they hold none."""
    return latitudes - 2 if sampling == "poles" else latitudes - 1


def colatitudes(sampling: str, latitudes: int) -> Long:
    """θ_t from the north pole down: arccos of Gauss's nodes; (t + ½)π/n; or tπ/(n − 1), both poles among them."""
    if sampling == "gauss":
        return np.arccos(gauss(latitudes)[0])
    steps = np.arange(latitudes, dtype=np.longdouble)
    pi = np.arccos(np.longdouble(-1))
    return steps * pi / (latitudes - 1) if sampling == "poles" else (steps + np.longdouble(0.5)) * pi / latitudes


@lru_cache(maxsize=32)
def gauss(count: int) -> tuple[Long, Long]:
    """Nodes y_t, from 1 down to −1, and weights of ½∫p(y)dy = Σ w_t p(y_t), exact up to degree 2n − 1.

    Newton's method from Tricomi's guess, in the longest floating type there is: beyond n = 100 the nodes of a method in
    float64 are what limits a transform.
    """
    t = np.arange(1, count + 1, dtype=np.longdouble)
    nodes = np.cos(np.arccos(np.longdouble(-1)) * (t - np.longdouble(0.25)) / (count + np.longdouble(0.5)))
    for _ in range(8):
        value, slope = _legendre(count, nodes)
        nodes = nodes - value / slope
    _, slope = _legendre(count, nodes)
    return nodes, 1 / ((1 - nodes * nodes) * slope * slope)


def _legendre(degree: int, y: Long) -> tuple[Long, Long]:
    """P_n and its derivative inside (−1, 1)."""
    previous, value = np.ones_like(y), y.copy()
    for k in range(2, degree + 1):
        previous, value = value, ((2 * k - 1) * y * value - (k - 1) * previous) / k
    return value, degree * (y * value - previous) / (y * y - 1)


def legendre(band: int, heights: Long, radii: Long, over_radius: bool = False) -> Any:
    """P̄_l^m(y) with ½∫P̄² dy = 1, the power s^m of the radius included, for 0 ≤ m ≤ l ≤ band; `[m, l, t]`.

    P̄_m^m = √(2m+1) s^m Π_{k≤m} √((2k−1)/2k), P̄_l^m = a (y P̄_{l−1}^m − b P̄_{l−2}^m), a = √((4l²−1)/(l²−m²)),
    b = √(((l−1)²−m²)/(4(l−1)²−1)): no factorial, and no number that leaves the range of float64. `over_radius` asks for
    P̄_l^m/s, of the longest type, 0 for m = 0.
    """
    table = np.zeros((band + 1, band + 1, len(heights)), dtype=np.longdouble if over_radius else np.float64)
    before, last = (np.zeros((band + 1, len(heights)), dtype=np.longdouble) for _ in range(2))
    sectoral = np.ones_like(heights)
    orders = np.arange(band + 1, dtype=np.longdouble)[:, None]
    for l in range(band + 1):
        if l:
            m = orders[:l]
            a = np.sqrt((4 * l * l - 1) / (l * l - m * m))
            b = np.sqrt(np.maximum((l - 1) ** 2 - m * m, 0) / max(4 * (l - 1) ** 2 - 1, 1))
            last[:l], before[:l] = a * (heights * last[:l] - b * before[:l]), last[:l].copy()
            sectoral = sectoral * np.sqrt(np.longdouble(2 * l - 1) / (2 * l)) * (1 if over_radius and l == 1 else radii)
        if over_radius and l == 0:
            continue
        last[l] = np.sqrt(np.longdouble(2 * l + 1)) * sectoral
        table[: l + 1, l] = last[: l + 1]
    return table


def analysis(sampling: str, latitudes: int, band: int) -> Array:
    """A with c_l = Σ_t A[m, l, t] F_m(θ_t) for F_m = Σ_l c_l P̄_l^m up to the highest degree the latitudes hold.

    Gauss's nodes: A = w P̄. Equal angles: F_m is a sum of cosines for even m and of sines for odd m, found from its
    samples and read at Gauss's nodes. So n circles without poles carry degree n − 1, twice what weights at their own
    places would: McEwen and Wiaux 2011, arXiv:1110.6298.
    """
    nodes, weights = gauss(latitudes)
    table = legendre(band, nodes, np.sqrt(1 - nodes * nodes)) * weights.astype(np.float64)
    if sampling == "gauss":
        return table
    read = interpolations(sampling, latitudes)
    return np.stack([order @ read[m % 2] for m, order in enumerate(table)])


def interpolations(sampling: str, latitudes: int) -> list[Array]:
    """The values at Gauss's nodes of the sum of cosines, and of the sum of sines, through n values at equal angles."""
    theta = colatitudes(sampling, latitudes).astype(np.float64)
    at = np.arccos(gauss(latitudes)[0]).astype(np.float64)
    return [_interpolation(theta, at, parity, sampling == "poles") for parity in (0, 1)]


def _interpolation(theta: Array, at: Array, odd: int, poles: bool) -> Array:
    """The values at other angles of the sum of cosines, or sines, through n values at equal angles; `[at, n]`."""
    n = len(theta)
    wave, steps = (np.sin, np.arange(1, n + 1 - 2 * poles)) if odd else (np.cos, np.arange(n))
    there, here = wave(np.outer(at, steps)), wave(np.outer(steps, theta))
    intervals = n - 1 if poles else n
    share = np.full(len(steps), 2.0 / intervals)
    share[(steps == 0) | (steps == intervals)] /= 2
    ends = np.ones(n)
    if poles:
        ends[[0, -1]] = 0.5
    return (there * share) @ (here * ends)
