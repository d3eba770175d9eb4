"""Orthogonal matrices of the plane and of space in words: turns, mirrors, and turns with inversion."""

import math

import numpy as np

from erlangen.groups.tidy import Matrix


def describe(matrix: Matrix) -> str:
    """A matrix as people say it: "rotation by 90° about (0, 0, 1)"; where it is no turn or mirror, its rows.

    >>> describe(np.diag([1.0, -1.0]))
    'mirror that keeps the line at 0°'
    >>> describe(np.diag([-1.0, -1.0, 1.0]))
    'rotation by 180° about (0, 0, 1)'
    """
    size = len(matrix)
    if np.abs(matrix - np.eye(size)).max() < 1e-9:
        return "e"
    is_orthogonal = np.abs(matrix @ matrix.T - np.eye(size)).max() < 1e-6
    if is_orthogonal and size == 2:
        return _in_plane(matrix)
    if is_orthogonal and size == 3:
        return _in_space(matrix)
    return "[" + ", ".join(f"[{', '.join(map(number, row))}]" for row in matrix.tolist()) + "]"


def number(value: float) -> str:
    """A number without trailing zeros or negative zero.

    >>> number(90.00000000000001), number(-0.0)
    ('90', '0')
    """
    return f"{round(float(value), 6) + 0.0:.6g}"


def _in_plane(matrix: Matrix) -> str:
    angle = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    if np.linalg.det(matrix) < 0:
        return f"mirror that keeps the line at {number(angle / 2)}°"
    return f"rotation by {number(angle)}°"


def _in_space(matrix: Matrix) -> str:
    proper = np.linalg.det(matrix) > 0
    turn = matrix if proper else -matrix
    angle, axis = _angle_and_axis(turn)
    if proper:
        return f"rotation by {number(angle)}° about {axis}"
    if angle < 1e-6:
        return "inversion"
    if abs(angle - 180) < 1e-6:
        return f"mirror across the plane normal to {axis}"
    return f"inversion and rotation by {number(angle)}° about {axis}"


def _angle_and_axis(turn: Matrix) -> tuple[float, str]:
    """The angle in degrees, in [0, 180], and the axis, scaled so that its largest entry is ±1."""
    twist = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / 2
    angle = math.degrees(math.atan2(float(np.linalg.norm(twist)), (float(np.trace(turn)) - 1) / 2))
    if angle > 179:  # the twist vanishes; (R + 1)/2 is close to the projection on the axis
        projection = turn + np.eye(3)
        twist = projection[:, int(np.diag(projection).argmax())]
    largest = np.abs(twist).max()
    entries = twist / largest if largest > 0 else twist
    return angle, f"({', '.join(map(number, entries))})"
