"""Clebsch–Gordan coefficients of space in the real basis: how two degrees of harmonics couple to a third, float64."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from erlangen.errors import RepresentationError
from erlangen.representations.base import Matrix


def clebsch_gordan(l1: int, l2: int, l3: int) -> Matrix:
    """(D_l1 ⊗ D_l2)(R) C = C D_l3(R): the one map between them, up to a factor; Σ C² = 1.

    Real harmonics with m = −l … l on every axis; the degrees are the sides of a triangle, |l1 − l2| ≤ l3 ≤ l1 + l2. All
    three D_l(−R) = (−1)^l D_l(R) together keep C where l1 + l2 + l3 is even, and turn its sign where it is odd, as of
    the cross product, 1 ⊗ 1 → 1. Whole numbers up to one square root at the end, hence right to rounding at any degree.

    Shapes: float64 [2l1 + 1, 2l2 + 1, 2l3 + 1], read-only, for it is kept and handed out again.
    Errors: RepresentationError for degrees that are no whole numbers from 0 up, and where there is no triangle.

    >>> (clebsch_gordan(1, 1, 0)[:, :, 0] * math.sqrt(3)).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    >>> clebsch_gordan(1, 1, 3)
    Traceback (most recent call last):
    erlangen.errors.RepresentationError: Given l3 = 3 from 1 ⊗ 1; expected a degree from 0 to 2. Degrees couple ...

    Racah 1942, Theory of Complex Spectra II; values and signs of e3nn's wigner_3j: Geiger, Smidt 2022,
    arXiv:2207.09453."""
    if not all(isinstance(l, int | np.integer) and l >= 0 for l in (l1, l2, l3)):
        raise RepresentationError(
            f"the degrees {l1}, {l2}, {l3}", "whole numbers from 0 up", "Write clebsch_gordan(1, 1, 2), say."
        )
    if not abs(l1 - l2) <= l3 <= l1 + l2:
        raise RepresentationError(
            f"l3 = {l3} from {l1} ⊗ {l2}",
            f"a degree from {abs(l1 - l2)} to {l1 + l2}",
            "Degrees couple where they are the sides of a triangle.",
        )
    return _real(int(l1), int(l2), int(l3))


@lru_cache(maxsize=4096)
def _real(l1: int, l2: int, l3: int) -> Matrix:
    """The coefficients in the real basis: from the complex one they differ by a phase, 1 or i, and a sign."""
    change1, change2, change3 = _real_from_complex(l1), _real_from_complex(l2), _real_from_complex(l3)
    mixed = np.tensordot(change1.conj(), _complex(l1, l2, l3), axes=(1, 0))
    mixed = np.tensordot(mixed, change2.conj(), axes=(1, 1))
    mixed = np.tensordot(mixed, change3, axes=(1, 1))
    coefficients = mixed.imag if (l1 + l2 + l3) % 2 else mixed.real
    result = np.ascontiguousarray(coefficients * (-1) ** ((l1 + l2 - l3) // 2)) + 0.0  # no zero is negative
    result.flags.writeable = False
    return result


def _complex(l1: int, l2: int, l3: int) -> Matrix:
    """⟨l1 μ1 l2 μ2 | l3 μ3⟩ / √(2l3 + 1), Condon and Shortley's phases, by Racah's sum in whole numbers.

    Negating all three μ gives the same up to the sign (−1)^(l1 + l2 + l3), so half of them are summed."""
    factorial = [math.factorial(n) for n in range(l1 + l2 + l3 + 2)]
    a, b, c = l1 + l2 - l3, l1 + l3 - l2, l2 + l3 - l1
    shared = factorial[l1 + l2 + l3 + 1] * factorial[a] * factorial[b] * factorial[c]
    rows = [[math.comb(n, k) for k in range(n + 1)] for n in (a, b, c)]
    result = np.zeros((2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1))
    for m1 in range(-l1, l1 + 1):
        for m2 in range(max(-l2, -l3 - m1, -m1), min(l2, l3 - m1) + 1):
            m3 = m1 + m2
            terms = range(max(0, l1 - m1 - b, l2 + m2 - c), min(a, l1 - m1, l2 + m2) + 1)
            total = sum((-1) ** k * rows[0][k] * rows[1][l1 - m1 - k] * rows[2][l2 + m2 - k] for k in terms)
            weight = math.prod(factorial[l + m] * factorial[l - m] for l, m in ((l1, m1), (l2, m2), (l3, m3)))
            value = math.copysign(math.sqrt(Fraction(total * total * weight, shared)), total)
            result[l1 + m1, l2 + m2, l3 + m3] = value
            result[l1 - m1, l2 - m2, l3 - m3] = (-1) ** (l1 + l2 + l3) * value
    return result


def _real_from_complex(degree: int) -> npt.NDArray[np.complex128]:
    """The unitary matrix that takes complex harmonics μ = −l … l, its columns, to real ones."""
    change = np.zeros((2 * degree + 1, 2 * degree + 1), dtype=np.complex128)
    change[degree, degree] = 1
    half = math.sqrt(0.5)
    for m in range(1, degree + 1):
        sign = (-1) ** m
        change[degree + m, degree - m], change[degree + m, degree + m] = half, sign * half
        change[degree - m, degree - m], change[degree - m, degree + m] = 1j * half, -1j * sign * half
    return change
