"""Many signals on the sphere, each turned by a rotation of its own: by angles, so that a rotation costs no table."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._latitudes import Array
from erlangen.domains.spherical_transform import rotate, wigner


def rotate_each(coefficients: Tensor, rotations: Array) -> Tensor:
    """c_l ↦ D_l(R_i) c_l for the i-th signal, R orthogonal: D_l = Z(α) K Z(β) Kᵀ Z(γ), (−1)^l for each inversion.

    Z(t) turns about the polar axis, [Z c]_m = cos(mt) c_m − sin(mt) c_{−m}; K takes that axis to x. The same as
    `spherical_transform.rotate` for each; much faster for many. Shapes: `[n, …, (band + 1)²]`, `[n, 3, 3]`.

    >>> R = np.stack([np.eye(3), np.diag([1.0, -1, -1])])
    >>> rotate_each(torch.tensor([[1.0, 0, 2, 3], [1.0, 0, 2, 3]]), R)[:, 1:].round(decimals=3).abs().tolist()
    [[0.0, 2.0, 3.0], [0.0, 2.0, 3.0]]
    """
    band = round(coefficients.shape[-1] ** 0.5) - 1
    inverted = np.linalg.det(rotations) < 0
    alpha, beta, gamma = _angles(np.where(inverted[:, None, None], -rotations, rotations))
    turned = _about_axis(coefficients, gamma, band)
    turned = _by_degree(turned, band, transpose=True)
    turned = _by_degree(_about_axis(turned, beta, band), band, transpose=False)
    turned = _about_axis(turned, alpha, band)
    signs = np.where(inverted[:, None], (-1.0) ** _degrees(band), 1.0)
    return turned * _wide(signs, turned)


def turn_vectors(coefficients: Tensor, rotations: Array) -> Tensor:
    """Coefficients (gradient, curl) `[…, 2, (band + 1)²]` of dR v(R⁻¹u), by one R or, `[n, 3, 3]`, by one for each.

    Every degree of gradients turns as scalars do, that of curls with the handedness of R.
    """
    handed = np.sign(np.linalg.det(rotations))
    signs = torch.as_tensor(np.stack([np.ones_like(handed), handed], -1)).to(coefficients)
    if rotations.ndim == 3:
        signs = signs.reshape(len(rotations), *[1] * (coefficients.dim() - 3), 2)
    return (rotate if rotations.ndim == 2 else rotate_each)(coefficients, rotations) * signs[..., None]


def _angles(rotations: Array) -> tuple[Array, Array, Array]:
    """α, β, γ with R = R_y(α) R_x(β) R_y(γ); γ from what α and β leave, so that all is well at the poles, too."""
    x, y, z = np.moveaxis(rotations[:, :, 1], 1, 0)
    alpha, beta = np.arctan2(x, z), np.arctan2(np.hypot(x, z), y)
    first = np.cos(alpha)[:, None] * rotations[:, 0] - np.sin(alpha)[:, None] * rotations[:, 2]
    return alpha, beta, np.arctan2(first[:, 2], first[:, 0])


def _about_axis(coefficients: Tensor, angles: Array, band: int) -> Tensor:
    orders, partner = _orders(band)
    turns = angles[:, None] * orders
    mirrored = coefficients.index_select(-1, torch.as_tensor(partner, device=coefficients.device))
    return _wide(np.cos(turns), coefficients) * coefficients - _wide(np.sin(turns), coefficients) * mirrored


def _by_degree(coefficients: Tensor, band: int, transpose: bool) -> Tensor:
    parts = []
    for l, matrix in enumerate(_tilts(band)):
        table = torch.as_tensor(matrix, dtype=coefficients.dtype, device=coefficients.device)
        parts.append(coefficients[..., l * l : (l + 1) ** 2] @ (table if transpose else table.T))
    return torch.cat(parts, dim=-1)


def _wide(numbers: Array, like: Tensor) -> Tensor:
    """`[n, (band + 1)²]` beside `[n, …, (band + 1)²]`."""
    made = torch.as_tensor(numbers, dtype=like.dtype, device=like.device)
    return made.reshape(len(made), *[1] * (like.dim() - 2), -1)


def _degrees(band: int) -> np.ndarray:
    return np.repeat(np.arange(band + 1), 2 * np.arange(band + 1) + 1)


@lru_cache(maxsize=16)
def _orders(band: int) -> tuple[np.ndarray, np.ndarray]:
    """The order m of each coefficient, and where that of −m stands."""
    degrees = _degrees(band)
    orders = np.arange(len(degrees)) - degrees * degrees - degrees
    return orders, degrees * degrees + degrees - orders


@lru_cache(maxsize=16)
def _tilts(band: int) -> list[Array]:
    """D_l of the rotation about z that takes the polar axis to x."""
    return wigner(band, np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
