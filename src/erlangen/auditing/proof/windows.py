"""Pools and interpolation: sums over windows, maxima over windows, and weights that are fractions of whole numbers."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.proof.arithmetic import along
from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.values import Undecided

Weights = Callable[[int, int, bool, float | None], tuple[Tensor, Tensor]]


def _each(value: Any, dim: int, otherwise: Any = 1) -> tuple[int, ...]:
    given = otherwise if value is None or (isinstance(value, Sequence) and not len(value)) else value
    given = (given,) if isinstance(given, int) else tuple(given)
    return given * dim if len(given) == 1 else given


def window_sums(
    values: Tensor, size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, dim: int, border: float = 0.0
) -> Tensor:
    """The sums over windows of the last `dim` axes, with so much at each site of the padding, and nothing beyond it."""
    size, padding, dilation = _each(size, dim), _each(padding, dim, 0), _each(dilation, dim)
    stride, points = _each(stride, dim, size), values.shape[-dim:]
    beyond = []
    for n, k, s, p, d in zip(points, size, stride, padding, dilation, strict=True):
        covered = n + 2 * p - d * (k - 1) - 1
        count = (-(-covered // s) if ceil_mode else covered // s) + 1
        count -= ceil_mode and (count - 1) * s >= n + p  # a window must begin inside
        beyond.append(max((count - 1) * s - covered, 0))
    flat = F.pad(values.reshape(-1, 1, *points), [p for n in reversed(padding) for p in (n, n)], value=border)
    flat = F.pad(flat, [p for more in reversed(beyond) for p in (0, more)])
    made = (F.conv1d, F.conv2d, F.conv3d)[dim - 1](flat, flat.new_ones(1, 1, *size), stride=stride, dilation=dilation)
    return made.reshape(*values.shape[:-dim], *made.shape[2:])


def average_pool(dim: int) -> Callable[..., Residues]:
    """Sums over windows, divided by how many sites they have."""

    def call(
        field: Field,
        a: Residues,
        size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Residues:
        windows = size, stride, padding, 1, ceil_mode, dim
        summed = field.each(a.degree, lambda part: window_sums(part, *windows), a)
        if divisor_override:
            return field.share(summed, divisor_override)
        ones = torch.ones(a.shape[-dim:], dtype=torch.float64)
        counts = window_sums(ones, *windows, border=float(count_include_pad))
        return field.times(summed, field.inverse(field.constant(counts)))

    return call


def max_pool(dim: int) -> Callable[..., Any]:
    """φ⁻¹(Σ φ(x)) over windows; the places of the maxima are unknown."""

    def call(
        field: Field,
        a: Residues,
        size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        if math.prod(_each(size, dim)) == 1:
            raise Undecided("a pool of single sites")
        windows = size, stride, padding, dilation, ceil_mode, dim
        return field.merged("max", a, lambda part: window_sums(part, *windows)), None

    return call


def _shares(n: int, m: int) -> Tensor:
    """Which of n sites belong to each of m windows that adaptive pooling makes, `[m, n]`."""
    rows = torch.zeros(m, n, dtype=torch.float64)
    for i in range(m):
        rows[i, i * n // m : -(-(i + 1) * n // m)] = 1
    return rows


def adaptive_average(dim: int) -> Callable[..., Residues]:
    """The mean over windows as many as are asked for."""

    def call(field: Field, a: Residues, size: Any) -> Residues:
        for axis, m in zip(range(-dim, 0), _each(size, dim), strict=True):
            rows = _shares(a.shape[axis], m)
            a = along(field, a, axis, rows, rows.sum(1))
        return a

    return call


def adaptive_max(dim: int) -> Callable[..., Any]:
    """The maximum over them."""

    def call(field: Field, a: Residues, size: Any) -> Any:
        def sums(part: Tensor) -> Tensor:
            for axis, m in zip(range(-dim, 0), _each(size, dim), strict=True):
                part = (part.movedim(axis, -1) @ _shares(part.shape[axis], m).T).movedim(-1, axis)
            return part

        return field.merged("max", a, sums), None

    return call


def _step(n: int, m: int, align_corners: bool, scale: float | None) -> Fraction:
    """How many of n sites one of m is wide."""
    if align_corners:
        return Fraction(n - 1, m - 1) if m > 1 else Fraction(0)
    return Fraction(n, m) if scale is None else 1 / Fraction(scale)


def interpolation(n: int, m: int, align_corners: bool, scale: float | None) -> tuple[Tensor, Tensor]:
    """Linear interpolation from n sites to m as whole numbers `[m, n]` over denominators `[m]`."""
    step = _step(n, m, align_corners, scale)
    rows, below = torch.zeros(m, n, dtype=torch.float64), torch.ones(m, dtype=torch.float64)
    for i in range(m):
        at = step * i if align_corners else max(step * (i + Fraction(1, 2)) - Fraction(1, 2), Fraction(0))
        first = min(int(at), n - 1)
        part = at - first if first < n - 1 else Fraction(0)
        if part.denominator > 1 << 19:
            raise Undecided(f"an interpolation by the factor {scale}")
        below[i] = part.denominator
        rows[i, first] += part.denominator - part.numerator
        rows[i, min(first + 1, n - 1)] += part.numerator
    return rows, below


def upsample(dim: int, weights: Weights) -> Callable[..., Residues]:
    """Interpolation along each axis, its weights as fractions."""

    def call(field: Field, a: Residues, size: Any, align_corners: bool, scales: Any = None, *more: Any) -> Residues:
        given = [scales, *more] if scales is None or isinstance(scales, float) else list(scales)
        factors = given if len(given) == dim else [None] * dim
        points = a.shape[-dim:]
        sizes = list(size or (int(n * (f or 1)) for n, f in zip(points, factors, strict=True)))
        for axis, m, factor in zip(range(-dim, 0), sizes, factors, strict=True):
            a = along(field, a, axis, *weights(a.shape[axis], m, align_corners, factor))
        return a

    return call


def cubic(n: int, m: int, align_corners: bool, scale: float | None) -> tuple[Tensor, Tensor]:
    """Cubic interpolation (Keys 1981, a = −¾, as torch has it) as whole numbers `[m, n]` over denominators `[m]`."""
    step = _step(n, m, align_corners, scale)
    rows, below = torch.zeros(m, n, dtype=torch.float64), torch.ones(m, dtype=torch.float64)
    for i in range(m):
        at = step * i if align_corners else step * (i + Fraction(1, 2)) - Fraction(1, 2)
        first = math.floor(at)
        below[i] = denominator = 4 * (at - first).denominator ** 3
        if denominator > 1 << 19:
            raise Undecided(f"a cubic interpolation from {n} to {m} sites")
        for site in range(first - 1, first + 3):
            rows[i, min(max(site, 0), n - 1)] += int(_keys(abs(at - site)) * denominator)
    return rows, below


def _keys(t: Fraction) -> Fraction:
    a = Fraction(-3, 4)
    if t <= 1:
        return ((a + 2) * t - (a + 3)) * t * t + 1
    return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a


def padded(field: Field, a: Residues, pads: list[int], value: float = 0.0) -> Residues:
    """A border of one number."""
    beyond = field.constant(torch.tensor(value, dtype=torch.float64))
    first, second = (F.pad(p, pads, value=float(b)) for p, b in zip(a.parts, beyond.parts, strict=True))
    return Residues((first, second), a.degree)


TABLE: dict[str, Callable[..., Any]] = {
    **{f"avg_pool{d}d": average_pool(d) for d in (1, 2, 3)},
    **{f"max_pool{d}d_with_indices": max_pool(d) for d in (1, 2, 3)},
    **{f"_adaptive_avg_pool{d}d": adaptive_average(d) for d in (1, 2, 3)},
    **{f"adaptive_avg_pool{d}d": adaptive_average(d) for d in (1, 2, 3)},
    **{f"adaptive_max_pool{d}d": adaptive_max(d) for d in (1, 2, 3)},
    "constant_pad_nd": padded,
    "upsample_linear1d": upsample(1, interpolation),
    "upsample_bilinear2d": upsample(2, interpolation),
    "upsample_bicubic2d": upsample(2, cubic),
    "upsample_trilinear3d": upsample(3, interpolation),
}
