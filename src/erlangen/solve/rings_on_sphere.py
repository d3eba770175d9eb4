"""Kernels of finite radius on the sphere: rings, and what each multiplies the coefficients of a degree by."""

import numpy as np

from erlangen.solve.in_tangent_planes import Kind, Route

Array = np.ndarray
SCALAR, TANGENT = 0, 1  # orders of the fields that have coefficients


def rings(distance: Array, radius: float, count: int) -> Array:
    """b_k(r) = cos²(π/2 (r/h − k)) for |r/h − k| < 1, k = 1 … count, h = radius/(count + 1): `[…]` → `[k, …]`.

    Within rings they sum to 1; each and its slope end at 0.

    >>> rings(np.array([0.0, 1.0, 1.5, 3.0]), 3.0, 2).round(3).tolist()
    [[0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.5, 0.0]]
    """
    k = np.arange(1, count + 1).reshape(-1, *[1] * np.ndim(distance))
    away = distance * (count + 1) / radius - k
    return np.where(np.abs(away) < 1, np.cos(np.pi / 2 * away) ** 2, 0.0)


def multipliers(source: Kind, target: Kind, route: Route, radius: float, count: int, band: int) -> Array:
    """By what a ring multiplies the coefficients of degree l, `[ring, l, number]`, for each number of a field.

    Scalars are read off P_l, vectors off gradients: with the direction e at p and ê at q away from each other,
    ∇_p∇_q P_l(cos r) = −P_l″ e ê + (P_l′/sin r) t t. Numbers of a vector are (gradient, curl).
    """
    r, weights = quadrature(radius, band)
    shares = weights * rings(r, radius, count)
    p, slope = _legendre(band, np.cos(r))
    l = np.arange(band + 1)[:, None]
    root = np.sqrt(np.maximum(l * (l + 1), 1))
    if source.order == target.order == SCALAR:
        waves = [p]
    elif source.order == SCALAR:
        waves = [np.sin(r) * slope / root]
    elif target.order == SCALAR:
        waves = [-np.sin(r) * slope / root] * 2
    elif route.conjugate:
        difference = p - (1 + np.cos(r)) * slope / root**2
        waves = [difference, -difference]
    else:
        waves = [p + (1 - np.cos(r)) * slope / root**2] * 2
    found = np.einsum("kr,nlr->kln", shares, np.stack(waves))
    if TANGENT in (source.order, target.order):
        found[:, 0] = 0
    return found


def quadrature(radius: float, band: int) -> tuple[Array, Array]:
    """Distances r up to a radius, and weights of means over the sphere of functions of them times waves of a band."""
    nodes, weights = np.polynomial.legendre.leggauss(64 + 2 * int(band * radius))
    r = (nodes + 1) * radius / 2
    return r, weights * radius / 4 * np.sin(r)


def _legendre(band: int, x: Array) -> tuple[Array, Array]:
    """P_l(x) and P_l′(x) for l = 0 … band, `[l, …]`."""
    p, slope = np.ones((band + 1, *x.shape)), np.zeros((band + 1, *x.shape))
    for l in range(1, band + 1):
        before = (p[l - 2], slope[l - 2]) if l > 1 else (0.0 * x, 0.0 * x)
        p[l] = ((2 * l - 1) * x * p[l - 1] - (l - 1) * before[0]) / l
        slope[l] = before[1] + (2 * l - 1) * p[l - 1]
    return p, slope
