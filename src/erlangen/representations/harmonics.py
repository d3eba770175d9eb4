"""Real spherical harmonics and the matrices by which rotations mix them (Wigner D), float64."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from erlangen.errors import RepresentationError
from erlangen.given import bounded, whole
from erlangen.groups.arguments import as_array, shorten
from erlangen.representations.base import Matrix

MOST_DEGREE = 80  # above it the factorials of the normalisation are beyond float64


def spherical_harmonics(degree: int, points: Matrix) -> Matrix:
    """Y_l of points (x, y, z): component-normalised, Σ_m Y_lm² = 2l + 1 on the unit sphere, Y_1 = √3 (x, y, z).

    Y_{l,±m} = √(2 (2l+1) (l−m)!/(l+m)!) Q_l^m(y) {Re for +m, Im for −m} (z + ix)^m, with the polar axis y.
    Shapes: points [n, 3], an array, a list or a tensor → array [n, 2l + 1], m = −l … l. RepresentationError for others.

    >>> spherical_harmonics(1, np.eye(3)).round(3).tolist()
    [[1.732, 0.0, 0.0], [0.0, 1.732, 0.0], [0.0, 0.0, 1.732]]

    e3nn's values and order: Geiger, Smidt 2022, arXiv:2207.09453."""
    points = _numbers(points, 2, "points [n, 3]")
    _check_degree(degree)
    x, y, z = points.T
    radius_squared = x * x + y * y + z * z
    result = np.empty((len(points), 2 * degree + 1))
    power: npt.NDArray[np.complex128] = np.ones(len(points), dtype=np.complex128)
    sectoral = 1.0
    for m in range(degree + 1):
        previous, polar = np.zeros_like(y), np.full_like(y, sectoral)
        for step in range(m + 1, degree + 1):
            following = ((2 * step - 1) * y * polar - (step + m - 1) * radius_squared * previous) / (step - m)
            previous, polar = polar, following
        both = 1 if m == 0 else 2
        scale = math.sqrt(both * (2 * degree + 1) * math.factorial(degree - m) / math.factorial(degree + m))
        result[:, degree - m] = scale * polar * power.imag
        result[:, degree + m] = scale * polar * power.real
        power, sectoral = power * (z + 1j * x), sectoral * (2 * m + 1)
    return result


def wigner_d(degree: int, rotation: Matrix) -> Matrix:
    """D_l(R) with Y_l(R u) = D_l(R) Y_l(u): the mean of Y_l(R u) Y_l(u)ᵀ over the sphere, exact by quadrature.

    Polynomial in R, hence without the poles of Euler angles, and right for improper R: D_l(−R) = (−1)^l D_l(R).
    Shapes: [3, 3] → [2l + 1, 2l + 1]; D_1(R) = R.

    >>> wigner_d(2, np.eye(3)).round(12).tolist() == np.eye(5).tolist()
    True"""
    rotation = _numbers(rotation, 2, "a matrix [3, 3]", rows=3)
    _check_degree(degree)
    if degree == 0:
        return np.ones((1, 1))
    if degree == 1:
        return rotation.copy()
    points, weighted = _quadrature(degree)
    return spherical_harmonics(degree, points @ rotation.T).T @ weighted


def _check_degree(degree: Any) -> None:
    bounded("degree", degree, MOST_DEGREE, RepresentationError)
    whole("degree", degree, RepresentationError, least=0, mend="Write 2, for example.")


def _numbers(given: Any, axes: int, expected: str, rows: int | None = None) -> Matrix:
    """As float64 with 3 columns, whatever holds them: an array, a list, a tensor."""
    array = as_array(given)
    if array is None or array.ndim != axes or array.shape[1] != 3 or rows not in (None, len(array)):
        raise RepresentationError(f"{shorten(given)}", expected, "Pass numbers with x, y, z along the last axis.")
    return array


@lru_cache(maxsize=64)
def _quadrature(degree: int) -> tuple[Matrix, Matrix]:
    """Points u and w(u) Y_l(u) with Σ_u w(u) p(u) the mean of every polynomial p of degree ≤ 2l: Gauss–Legendre."""
    heights, weights = np.polynomial.legendre.leggauss(degree + 1)
    longitudes = 2 * np.pi * np.arange(2 * degree + 1) / (2 * degree + 1)
    radii = np.sqrt(1 - heights**2)
    x, z = np.outer(radii, np.sin(longitudes)), np.outer(radii, np.cos(longitudes))
    points = np.stack([x, np.broadcast_to(heights[:, None], x.shape), z], axis=-1).reshape(-1, 3)
    share = np.repeat(weights / 2, len(longitudes)) / len(longitudes)
    return points, share[:, None] * spherical_harmonics(degree, points)
