"""Samples on a lattice as one smooth function: cubic B-splines on squares, a quartic box spline on hexagons.

A function c₁φ(u − u₁) + c₂φ(u − u₂) + … is read anywhere; its coefficients are those with which it runs through the
samples. Beyond the border they go on linearly (on a line this is the natural spline), so that linear functions are
kept up to it. Both have the symmetry of their lattice and miss a smooth function by O(h⁴).
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import product

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

NEIGHBOURS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


# ---- squares ----------------------------------------------------------------------------------------------------
def square_coefficients(values: Tensor) -> Tensor:
    """c with (c[i−1] + 4c[i] + c[i+1])/6 = x[i] along both axes, and one site more on every side.

    Shapes: `[b, c, n, m]` → `[b, c, n + 2, m + 2]`.
    """
    for axis in (-2, -1):
        values = _solved(partial(_three, weight=1 / 6, axis=axis), values, least=1 / 3)
        values = _lengthened(values, axis)
    return values


def square_blur(values: Tensor, variance: float) -> Tensor:
    """A low-pass of this variance an axis, by [w, 1 − 2w, w] as often as it takes with w ≤ ¼."""
    times = int(np.ceil(2 * variance))
    for axis in (-2, -1):
        for _ in range(times):
            values = _three(values, variance / (2 * times), axis)
    return values


def square_weights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 16 sites (row, column) `[m, 16, 2]` that a point `[m, 2]` is read from, and what each weighs `[m, 16]`."""
    sites = _sixteen(points)
    distance = np.abs(points[:, None] - sites)
    near, far = 2 / 3 - distance**2 + distance**3 / 2, (2 - distance).clip(0) ** 3 / 6
    return sites, np.where(distance < 1, near, far).prod(-1)


def _three(values: Tensor, weight: float, axis: int) -> Tensor:
    wide, n = _lengthened(values, axis), values.shape[axis]
    sides = wide.narrow(axis, 0, n) + wide.narrow(axis, 2, n)
    return (1 - 2 * weight) * values + weight * sides


def _lengthened(values: Tensor, axis: int) -> Tensor:
    """One site more at both ends, where the last two point to."""
    n = values.shape[axis]
    first, second, before, last = (values.narrow(axis, i, 1) for i in (0, 1, n - 2, n - 1))
    return torch.cat([2 * first - second, values, 2 * last - before], dim=axis)


# ---- hexagons ---------------------------------------------------------------------------------------------------
def hexagon_coefficients(values: Tensor) -> Tensor:
    """c with c/2 + (the sum of the six neighbours' c)/12 = x, and one ring more.

    Shapes: `[b, c, 2R + 1, 2R + 1]` → `[b, c, 2R + 3, 2R + 3]`, axial.
    """
    return _widened(_solved(partial(_seven, weight=1 / 12), values, least=1 / 4))


def hexagon_blur(values: Tensor, variance: float) -> Tensor:
    """A low-pass of this variance an axis, by 1 − 6w for a site and w for its neighbours, w ≤ 1/12, repeated."""
    times = int(np.ceil(4 * variance))
    for _ in range(times):
        values = _seven(values, variance / (3 * times))
    return values


def hexagon_weights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 16 sites (q, r) `[m, 16, 2]` that an axial point `[m, 2]` is read from, and what each weighs `[m, 16]`."""
    sites = _sixteen(points)
    return sites, box_spline(points[:, None] - sites)


def box_spline(points: np.ndarray) -> np.ndarray:
    """M(q, r), the hat function of the triangular mesh convolved with itself: quartic, C², ½ at 0, 1/12 around it.

    A sum of cones m³(2M − m)/12, m and M the lesser and the greater of two coordinates, of which four reach a point
    of the sector |q + r| ≤ |r| ≤ |q| < 2; every other is brought there by the twelve symmetries of the hexagon.
    de Boor, Höllig, Riemenschneider 1993, Box Splines; Condat, Van De Ville 2006, doi:10.1109/LSP.2006.871852.

    >>> [round(float(box_spline(np.array(site))), 6) for site in ([0, 0], [1, -1], [1, 1])]
    [0.5, 0.083333, 0.0]
    """
    _, second, first = np.sort(np.abs([*np.moveaxis(points, -1, 0), points.sum(-1)]), axis=0)
    u, v = 2 - first, 2 - second
    return _cone(u, v) - 2 * _cone(u - 1, v) - 2 * _cone(u, v - 1) + 2 * _cone(u - 1, v - 1)


def _cone(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    least = np.minimum(u, v).clip(0)
    return least**3 * (2 * np.maximum(u, v) - least) / 12


def _seven(values: Tensor, weight: float) -> Tensor:
    kernel = values.new_tensor([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) * weight
    kernel[1, 1] = 1 - 6 * weight
    flat = F.conv2d(_widened(values).flatten(0, 1).unsqueeze(1), kernel[None, None])
    within = torch.as_tensor(_norm(values.shape[-1] // 2) <= values.shape[-1] // 2, device=values.device)
    return flat.squeeze(1).unflatten(0, values.shape[:2]).masked_fill(~within, 0.0)


def _widened(values: Tensor) -> Tensor:
    """One ring more, each site of it the mean of where the last two sites of every line through it point to."""
    side = values.shape[-1] + 2
    flat = F.pad(values, (1, 1, 1, 1)).flatten(-2)
    ring, near, far, share = (torch.as_tensor(a, device=values.device) for a in _ring(side // 2))
    beyond = ((2 * flat[..., near] - flat[..., far]) * share.to(values.dtype)).sum(-1)
    return flat.index_copy(-1, ring, beyond).unflatten(-1, (side, side))


@lru_cache(maxsize=64)
def _ring(radius: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The sites of the outermost ring in the flat array, and for each the next and next but one on up to three lines.

    Shapes: `[6R]`, `[6R, 3]`, `[6R, 3]`, and `[6R, 3]` the share of each line.
    """
    side, norm = 2 * radius + 1, _norm(radius)
    places, near, far, share = [], [], [], []
    for q, r in np.argwhere(norm == radius):
        lines = [(a, b) for a, b in NEIGHBOURS if _hexagonal(q + 2 * a - radius, r + 2 * b - radius) < radius]
        filled = [*lines, *[(0, 0)] * (3 - len(lines))]
        places.append(q * side + r)
        near.append([(q + a) * side + r + b for a, b in filled])
        far.append([(q + 2 * a) * side + r + 2 * b for a, b in filled])
        share.append([1 / len(lines)] * len(lines) + [0.0] * (3 - len(lines)))
    return np.array(places), np.array(near), np.array(far), np.array(share)


def _norm(radius: int) -> np.ndarray:
    """How many steps every site of the axial array is away from the centre."""
    q, r = np.meshgrid(*(np.arange(2 * radius + 1) - radius,) * 2, indexing="ij")
    return _hexagonal(q, r)


def _hexagonal(q: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.maximum(np.maximum(np.abs(q), np.abs(r)), np.abs(q + r))


# ---- both -------------------------------------------------------------------------------------------------------
def _solved(average: Callable[[Tensor], Tensor], values: Tensor, least: float) -> Tensor:
    """c with average(c) = values, where the eigenvalues of `average` are real and from `least` to 1: Chebyshev's way.

    Golub, Varga 1961, doi:10.1007/BF01386013.
    """
    middle, half = (1 + least) / 2, (1 - least) / 2
    found, left = values, values - average(values)
    share = half / middle
    step = left / middle
    for _ in range(math.ceil(-math.log(torch.finfo(values.dtype).eps, 3))):  # the error falls threefold a step
        found, left = found + step, left - average(step)
        following = 1 / (2 * middle / half - share)
        step = following * share * step + 2 * following / half * left
        share = following
    return found


def _sixteen(points: np.ndarray) -> np.ndarray:
    offsets = np.array(list(product((-1, 0, 1, 2), repeat=2)))
    return np.floor(points)[:, None] + offsets
