"""Exact numbers for exact symmetries: turns from integers, and float noise set back to the value it stands for."""

import math

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_GOLDEN = (1 + math.sqrt(5)) / 2
_EXACT = (0.0, 0.5, 1.0, math.sqrt(0.5), math.sqrt(0.75), _GOLDEN / 2, (_GOLDEN - 1) / 2)


def tidy(matrix: Matrix) -> Matrix:
    """Entries within 1e-12 of a whole number, ±1/2, ±√½, ±√¾, ±φ/2 or ±1/(2φ) set to exactly that, others untouched.

    >>> tidy(np.array([6e-17, -0.4999999999999999])).tolist()
    [0.0, -0.5]
    """
    whole = np.round(matrix)
    result = np.where(np.abs(matrix - whole) <= 1e-12, whole, matrix)
    for exact in _EXACT:
        result = np.where(np.abs(np.abs(result) - exact) <= 1e-12, np.copysign(exact, result), result)
    return result + 0.0  # -0.0 + 0.0 is 0.0


def clean(value: float) -> float:
    """As `tidy`, for one number that is known to the last digits: within 1e-15 of 0, ±1/2, ±1, ±√½, ±√¾, ….

    >>> clean(6.123233995736766e-17), clean(-0.5000000000000001)
    (0.0, -0.5)
    """
    for exact in _EXACT:
        if abs(abs(value) - exact) <= 1e-15:
            return math.copysign(exact, value) + 0.0
    return value


def turn(k: int, n: int) -> Matrix:
    """R(2πk/n) = [[cos, −sin], [sin, cos]], float64 [2, 2], from the integers k and n; the same for k and k + n.

    Computed in the first octant and carried out by signs and swaps, so quarter turns are exact and
    R(2πk/n) and R(−2πk/n) are transposes of each other to the last bit.

    >>> turn(1, 4).tolist()
    [[0.0, -1.0], [1.0, 0.0]]
    """
    quadrant, rest = divmod(4 * (k % n), n)
    angle = math.pi / 2 * min(rest, n - rest) / n
    cosine, sine = math.cos(angle), math.sin(angle)
    if 2 * rest > n:
        cosine, sine = sine, cosine
    for _ in range(quadrant):
        cosine, sine = -sine, cosine
    return _rotation(cosine, sine)


def rotation(angle: float) -> Matrix:
    """R(θ) = [[cos θ, −sin θ], [sin θ, cos θ]], float64 [2, 2], θ in radians, counter-clockwise.

    >>> rotation(math.pi / 2).tolist()
    [[0.0, -1.0], [1.0, 0.0]]
    """
    return _rotation(math.cos(angle), math.sin(angle))


def _rotation(cosine: float, sine: float) -> Matrix:
    cosine, sine = clean(cosine), clean(sine)
    return np.array([[cosine, -sine], [sine, cosine]]) + 0.0


def in_space(plane: Matrix, axis: int | None) -> Matrix:
    """The 2 × 2 matrix itself, or with an axis the 3 × 3 matrix that fixes the axis and acts in the plane across it.

    >>> in_space(turn(1, 4), 2).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if axis is None:
        return plane
    result = np.eye(3)
    across = [(axis + 1) % 3, (axis + 2) % 3]
    result[np.ix_(across, across)] = plane
    return result


def in_plane(matrix: Matrix, axis: int | None) -> Matrix | None:
    """The inverse of `in_space`: the 2 × 2 block, or None where the matrix has another shape or moves the axis.

    >>> in_plane(np.eye(3), 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if axis is None:
        return matrix if matrix.shape == (2, 2) else None
    if matrix.shape != (3, 3):
        return None
    across = [(axis + 1) % 3, (axis + 2) % 3]
    plane = matrix[np.ix_(across, across)]
    return plane if np.allclose(in_space(plane, axis), matrix, rtol=0, atol=1e-6) else None
