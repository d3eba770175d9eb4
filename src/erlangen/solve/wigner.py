"""The matrices by which rotations move harmonics (Wigner D), for many rotations at once, with gradients to any order.

By no angles, so without their poles: each degree follows from the one before, a polynomial in the entries of the
rotation. For edges alone there is a form by two angles. It was measured to be less than twice as fast, and has no
gradients on edges along ±y, so it is not here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from erlangen.solve.spherical import Rows, components_first, constant, direction, in_full, products, raise_degree


def wigner_d(highest: int, rotations: Tensor) -> list[Tensor]:
    """D_l(R) for l = 0 … highest, with Y_l(R u) = D_l(R) Y_l(u); D_0 = 1, D_1 = R.

    Row m of D_l is what the product of two rows below holds of degree l: of row m of D_{l−1} and row y of R; for
    m = ±l of two such products, as cos lφ = cos φ cos (l−1)φ − sin φ sin (l−1)φ, where z is cos φ and x is sin φ.
    A polynomial in R, right for improper R too: D_l(−R) = (−1)^l D_l(R).
    Shapes: rotations [..., 3, 3] → [..., 2l + 1, 2l + 1] each; the dtype stays. Float32 errs by less than 5e-7 up to
    degree 6. That R is orthogonal is not looked at. Errors: InputError for other shapes and whole numbers.

    >>> half_turn = torch.tensor([[[-1.0, 0, 0], [0, 1, 0], [0, 0, -1]]])
    >>> [d[0].diagonal().round().int().tolist() for d in wigner_d(2, half_turn)]
    [[1], [-1, 1, -1], [1, -1, 1, -1, 1]]

    The rows one by one: Ivanic, Ruedenberg 1996, doi:10.1021/jp953350u."""
    across, shape = components_first(highest, rotations, 2)
    with in_full(rotations):
        return _behind(_matrices(highest, across), shape)


def edge_frames(directions: Tensor) -> Tensor:
    """R with R e_y = u = v/|v| and det R = 1: the half turn about the bisector of u and ±e_y, w = u ± e_y,
    R = (w wᵀ/(1 + |u_y|) − 1) diag(1, ±1, ±1), the sign that of u_y.

    The denominator is at least one, so value and gradients are good everywhere, at the poles ±y too. At u_y = 0 the
    frame jumps by a turn about u, as every choice of frames has to jump somewhere. Zero vectors get R = 1.
    Shapes: [..., 3] → [..., 3, 3]. Errors: InputError for other shapes and whole numbers.

    >>> edge_frames(torch.tensor([[0.0, 0.0, 5.0]]))[0].int().tolist()
    [[-1, 0, 0], [0, 0, 1], [0, 1, 0]]"""
    across, shape = components_first(1, directions, 1)
    with in_full(directions):
        return _behind([_frames(across)], shape)[0]


def wigner_of_directions(highest: int, directions: Tensor) -> list[Tensor]:
    """D_l(R) for l = 0 … highest with R = `edge_frames(directions)`: D_l Y_l(e_y) = Y_l(u), so that column m = 0 of D_l
    is Y_l(u)/√(2l + 1).

    Shapes: directions [..., 3] → [..., 2l + 1, 2l + 1] each. Zero vectors get D_l = 1. Float32 errs by less than 1.5e-6
    up to degree 6, most of it the rounding of the direction itself. Errors: as of `edge_frames`.

    >>> column = wigner_of_directions(1, torch.tensor([3.0, 0.0, 4.0]))[1][:, 1]
    >>> column.round(decimals=2).tolist() == torch.tensor([0.6, 0.0, 0.8]).tolist()
    True"""
    across, shape = components_first(highest, directions, 1)
    with in_full(directions):
        return _behind(_matrices(highest, _frames(across)), shape)


def _matrices(highest: int, across: Tensor) -> list[Tensor]:
    """D_0 … D_highest, each [2l + 1, 2l + 1, n], of rotations [3, 3, n]."""
    x, y, z = across.unbind(0)
    x, z = math.sqrt(0.5) * x, math.sqrt(0.5) * z
    values = [torch.ones_like(across[:1, :1]), across][: highest + 1]
    for degree in range(2, highest + 1):
        below = values[-1]
        inner = raise_degree(products(constant(_inverse, degree, below).unsqueeze(-1) * below, y), degree)
        sine, cosine = below[0], below[-1]
        ends = products(cosine, x) + products(sine, z), products(cosine, z) - products(sine, x)
        outer = raise_degree(torch.stack(ends), degree)
        values.append(torch.cat([outer[:1], inner, outer[1:]]))
    return values


def _inverse(degree: int) -> Rows:
    """1/C of row m times row y, m = −(l−1) … l−1, for raising the degree shrinks them by C."""
    l = degree
    return [[math.sqrt(l * (2 * l - 1) / (l * l - m * m))] for m in range(1 - l, l)]


def _frames(across: Tensor) -> Tensor:
    """`edge_frames`, components first: [3, n] → [3, 3, n]."""
    unit_vectors, there = direction(across)
    x, y, z = unit_vectors.unbind(0)
    sign = torch.where(y < 0, -1.0, 1.0).to(y.dtype)
    bisector = torch.stack([x, y + sign, z])
    unit = torch.eye(3, dtype=y.dtype, device=y.device).unsqueeze(-1)
    half_turn = bisector.unsqueeze(1) * (bisector / (1 + sign * y)) - unit  # |y|, whose slope is the sign at y = 0 too
    turned = half_turn * torch.stack([torch.ones_like(sign), sign, sign])
    return torch.where(there, turned, unit)


def _behind(values: list[Tensor], shape: tuple[int, ...]) -> list[Tensor]:
    """[k, k, n] → [..., k, k], each."""
    return [value.permute(2, 0, 1).contiguous().reshape(*shape, *value.shape[:2]) for value in values]
