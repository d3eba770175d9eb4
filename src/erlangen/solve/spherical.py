"""Real spherical harmonics of many vectors at once, up to a degree, with gradients to any order.

Everything here runs components first, `[2l + 1, n]`, so that each operation is one long run along the n points, and
goes from one degree to the next by the one product that there is: Y_l is what 1 ⊗ Y_{l−1} holds of degree l. That is a
polynomial in the vector, and it keeps float32's rounding small where the usual recurrence in the height and r² loses a
digit near the poles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import InputError
from erlangen.given import whole

Rows = list[list[float]]


def solid_harmonics(highest: int, vectors: Tensor) -> Tensor:
    """r^l Y_l(v/r) for l = 0 … highest, one behind the other: the harmonic polynomials of v, |Y_l|² = (2l + 1) r^2l.

    With Y_0 = 1 and Y_1 = √3 (x, y, z), √l Y_l = √(2l + 1) Cᵀ (Y_{l−1} ⊗ v), C the Clebsch–Gordan map of l in
    (l − 1) ⊗ 1. A polynomial, so every gradient is finite, at zero and at the poles too.
    Shapes: vectors [..., 3] → [..., (highest + 1)²], m = −l … l; the dtype stays. Against float64, and in units of
    √(2l + 1), float32 errs by less than 1e-6 up to degree 14.
    Errors: InputError for other shapes, for whole numbers, and for a degree below 0.

    >>> solid_harmonics(2, torch.tensor([0.0, 2.0, 0.0])).square().round().tolist()
    [1.0, 0.0, 12.0, 0.0, 0.0, 0.0, 80.0, 0.0, 0.0]

    e3nn's values and order: Geiger, Smidt 2022, arXiv:2207.09453."""
    across, shape = components_first(highest, vectors, 1)
    with in_full(vectors):
        return _behind(_polynomials(highest, across), shape)


def harmonics(highest: int, vectors: Tensor) -> Tensor:
    """Y_l(v/|v|) for l = 0 … highest, one behind the other: |Y_l|² = 2l + 1, whatever the length of v.

    At v = 0, which has no direction, Y_0 = 1, all others are zero, and so is every gradient.
    Shapes, rounding, errors: as of `solid_harmonics`. No length is too small or too large to have a direction.

    >>> harmonics(1, torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])).square().round().tolist()
    [[1.0, 0.0, 3.0, 0.0], [1.0, 0.0, 0.0, 0.0]]

    e3nn's values and order: Geiger, Smidt 2022, arXiv:2207.09453."""
    across, shape = components_first(highest, vectors, 1)
    with in_full(vectors):
        return _behind(_polynomials(highest, direction(across)[0]), shape)


def direction(across: Tensor) -> tuple[Tensor, Tensor]:
    """v/|v|, and zero where v is zero; and where it is not.

    Guarded before the division and after it: a gradient passes through both sides of a `where`, and 0 · ∞ is none.
    Shapes: [3, n] → [3, n], [n]."""
    largest = across.detach().abs().amax(0)  # no gradient is lost: the direction does not depend on the scale
    there = largest > 0
    power_of_two = torch.where(there, largest, 1.0).log2().floor().exp2()  # dividing by it rounds nothing
    scaled = across / power_of_two  # whose square neither vanishes nor overflows
    length = torch.where(there, scaled.square().sum(0), 1.0).sqrt()
    unit = torch.where(there, scaled / length, 0.0)
    missing = 1 - unit.detach().square().sum(0)  # of the length, by rounding, which degree l would feel l times
    return unit + 0.5 * missing * unit, there


def products(across: Tensor, vector: Tensor) -> Tensor:
    """a ⊗ v for every point. Shapes: a [..., k, n], v [3, n] → [..., 3k, n]."""
    return (across.unsqueeze(-2) * vector).flatten(-3, -2)


def raise_degree(multiplied: Tensor, degree: int) -> Tensor:
    """Cᵀ (a ⊗ v), what the product of a, of degree l − 1, and a vector holds of degree l, where CᵀC = 1.

    Shapes: a ⊗ v [..., 3 (2l − 1), n] → [..., 2l + 1, n]."""
    return constant(raising, degree, multiplied) @ multiplied


def raising(degree: int) -> Rows:
    """Cᵀ of `raise_degree` in closed form: √(2l + 1) clebsch_gordan(l − 1, 1, l), m by (m′, axis).

    >>> np.array(raising(1)).tolist() == np.eye(3).tolist()
    True"""
    l, whole_norm = degree, degree * (2 * degree - 1)
    rows = [[0.0] * (3 * (2 * l - 1)) for _ in range(2 * l + 1)]

    def put(m: int, below: int, axis: int, value: float) -> None:
        if abs(below) < l:
            rows[l + m][3 * (l - 1 + below) + axis] = value

    for m in range(l + 1):
        along = math.sqrt((l * l - m * m) / whole_norm)
        up = math.sqrt((l + m - 1) * (l + m) / whole_norm) / (math.sqrt(2.0) if m == 1 else 2.0)
        down = math.sqrt((l - m - 1) * (l - m) / whole_norm) / (math.sqrt(2.0) if m == 0 else 2.0)
        for sign in (1, -1) if m else (1,):  # cos mφ and sin mφ, with z = cos φ, x = sin φ
            put(sign * m, sign * m, 1, along)
            put(sign * m, sign * (m + 1), 2, -down)
            put(sign * m, -sign * (m + 1), 0, -sign * down)
            if m == 1:  # from cos 0 = 1 alone, for sin 0 is not there
                put(sign, 0, 2 if sign > 0 else 0, up)
            elif m:
                put(sign * m, sign * (m - 1), 2, up)
                put(sign * m, -sign * (m - 1), 0, -sign * up)
    return rows


def _normalised(degree: int) -> Rows:
    """The same, from |Y_{l−1}|² = 2l − 1 to |Y_l|² = 2l + 1 on the unit sphere."""
    scale = math.sqrt((2 * degree + 1) / degree)
    return [[scale * value for value in row] for row in raising(degree)]


def constant(rows: Callable[[int], Rows], degree: int, like: Tensor) -> Tensor:
    """What `rows` says of a degree, computed in float64 and rounded once to the dtype of `like`.

    The numbers are kept, not the tensor: one that is first made while a program is traced, or in inference mode, would
    be of no use afterwards. Dynamo looks into no cache, so for it they are made anew."""
    values = rows(degree) if torch.compiler.is_dynamo_compiling() else _kept(rows, degree)
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def components_first(highest: int, values: Tensor, axes: int) -> tuple[Tensor, tuple[int, ...]]:
    """`values` as [3, n] or [3, 3, n], their last `axes` axes brought to the front; and the shape of what is left.

    Errors: InputError for axes that are not three long, for whole numbers, for a degree that is none."""
    whole("the highest degree", highest, InputError, 0, "Write 2, for example.")
    if values.shape[-axes:] != (3,) * axes or not values.is_floating_point():
        wanted = ", ".join(["...", *["3"] * axes])
        raise InputError(
            f"a tensor {list(values.shape)} of {values.dtype}",
            f"real numbers, [{wanted}]",
            "The last axes are those of space, x, y, z; convert whole numbers with .float().",
        )
    shape = tuple(values.shape[:-axes])
    order = [*range(len(shape), values.ndim), *range(len(shape))]
    return values.permute(order).contiguous().reshape((3,) * axes + (math.prod(shape),)), shape


def in_full(values: Tensor) -> AbstractContextManager[object]:
    """Autocast switched off: positions rounded to bfloat16 in between would turn every direction by half a degree."""
    if not torch.amp.is_autocast_available(values.device.type):
        return nullcontext()
    return torch.autocast(values.device.type, enabled=False)


def _polynomials(highest: int, across: Tensor) -> list[Tensor]:
    """Y_0 … Y_highest, each [2l + 1, n]."""
    values = [torch.ones_like(across[:1]), math.sqrt(3.0) * across][: highest + 1]
    for degree in range(2, highest + 1):
        values.append(constant(_normalised, degree, across) @ products(values[-1], across))
    return values


def _behind(values: list[Tensor], shape: tuple[int, ...]) -> Tensor:
    """[2l + 1, n] for every degree → [..., Σ (2l + 1)]."""
    return torch.cat(values).T.contiguous().reshape(*shape, len(values) ** 2)


@lru_cache(maxsize=512)
def _kept(rows: Callable[[int], Rows], degree: int) -> np.ndarray:
    return np.array(rows(degree))
