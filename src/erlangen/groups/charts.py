"""How elements of the continuous groups are written as keys: by an angle, by an angle and a mirror, by nine entries."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, Protocol

import numpy as np

from erlangen.groups.tidy import Matrix, clean, rotation

FULL_TURN = 2 * math.pi
NEAR = 1e-9  # keys closer than this mean the same element

_MIRROR = np.diag([1.0, -1.0])


class Chart(Protocol):
    """Arithmetic on the keys of a group of orthogonal matrices."""

    def unit(self) -> Any:
        """The key of the unit matrix."""
        ...

    def multiply(self, a: Any, b: Any) -> Any:
        """The key of a b."""
        ...

    def invert(self, a: Any) -> Any:
        """The key of a⁻¹."""
        ...

    def matrix(self, a: Any) -> Matrix:
        """The matrix of a key."""
        ...

    def key(self, matrix: Matrix) -> Any:
        """The key of an orthogonal matrix."""
        ...

    def same(self, a: Any, b: Any) -> bool:
        """Whether two keys are within 1e-9."""
        ...

    def fingerprint(self, a: Any) -> Hashable:
        """The key rounded to 1e-7; shifted a little, so that no simple fraction falls between two steps."""
        ...

    def sample(self, n: int, rng: np.random.Generator) -> list[Any]:
        """n Haar-distributed keys."""
        ...


class Angle:
    """SO(2): the angle of the turn, in [0, 2π)."""

    def unit(self) -> float:
        """0."""
        return 0.0

    def multiply(self, a: float, b: float) -> float:
        """R(a) R(b) = R(a + b)."""
        return wrap(a + b)

    def invert(self, a: float) -> float:
        """R(−a)."""
        return wrap(-a)

    def matrix(self, a: float) -> Matrix:
        """R(a)."""
        return rotation(a)

    def key(self, matrix: Matrix) -> float:
        """The angle of the first column."""
        return wrap(math.atan2(matrix[1, 0], matrix[0, 0]))

    def same(self, a: float, b: float) -> bool:
        """Near modulo 2π."""
        return min(abs(a - b), FULL_TURN - abs(a - b)) < NEAR

    def fingerprint(self, a: float) -> Hashable:
        """In steps of 2π / 10⁷."""
        return round(a / FULL_TURN * 1e7 + 0.3) % 10**7

    def sample(self, n: int, rng: np.random.Generator) -> list[float]:
        """Uniform."""
        return rng.uniform(0, FULL_TURN, n).tolist()


class AngleAndMirror:
    """O(2): (angle, j) for R(angle) diag(1, −1)^j."""

    angle = Angle()

    def unit(self) -> tuple[float, int]:
        """(0, 0)."""
        return (0.0, 0)

    def multiply(self, a: tuple[float, int], b: tuple[float, int]) -> tuple[float, int]:
        """R(α) m^i R(β) m^j = R(α ± β) m^(i+j), − where i = 1."""
        return (wrap(a[0] - b[0] if a[1] else a[0] + b[0]), a[1] ^ b[1])

    def invert(self, a: tuple[float, int]) -> tuple[float, int]:
        """Mirrors are their own inverses."""
        return a if a[1] else (wrap(-a[0]), 0)

    def matrix(self, a: tuple[float, int]) -> Matrix:
        """R(angle) diag(1, −1)^j."""
        return rotation(a[0]) @ _MIRROR + 0.0 if a[1] else rotation(a[0])

    def key(self, matrix: Matrix) -> tuple[float, int]:
        """The angle of the first column, and the sign of the determinant."""
        return (self.angle.key(matrix), int(np.linalg.det(matrix) < 0))

    def same(self, a: tuple[float, int], b: tuple[float, int]) -> bool:
        """Both mirrored or neither, at near angles."""
        return a[1] == b[1] and self.angle.same(a[0], b[0])

    def fingerprint(self, a: tuple[float, int]) -> Hashable:
        """The angle's, and j."""
        return (self.angle.fingerprint(a[0]), a[1])

    def sample(self, n: int, rng: np.random.Generator) -> list[tuple[float, int]]:
        """Uniform angle, fair j."""
        return list(zip(self.angle.sample(n, rng), rng.integers(2, size=n).tolist(), strict=True))


class Entries:
    """SO(3) and O(3): the nine entries of the matrix, row by row."""

    def __init__(self, *, reflections: bool):
        self.reflections = reflections

    def unit(self) -> tuple[float, ...]:
        """The unit matrix."""
        return self.key(np.eye(3))

    def multiply(self, a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
        """The product of the matrices."""
        return self.key(self.matrix(a) @ self.matrix(b))

    def invert(self, a: tuple[float, ...]) -> tuple[float, ...]:
        """The transpose."""
        return self.key(self.matrix(a).T)

    def matrix(self, a: tuple[float, ...]) -> Matrix:
        """The entries in their places."""
        return np.array(a).reshape(3, 3)

    def key(self, matrix: Matrix) -> tuple[float, ...]:
        """The entries, float noise near simple values removed."""
        return tuple(map(clean, matrix.ravel().tolist()))

    def same(self, a: tuple[float, ...], b: tuple[float, ...]) -> bool:
        """Every entry near."""
        return all(abs(x - y) < NEAR for x, y in zip(a, b, strict=True))

    def fingerprint(self, a: tuple[float, ...]) -> Hashable:
        """Every entry in steps of 10⁻⁷."""
        return tuple(round(entry * 1e7 + 0.3) for entry in a)

    def sample(self, n: int, rng: np.random.Generator) -> list[tuple[float, ...]]:
        """Uniform unit quaternions (Shoemake 1992) as matrices, with fair signs where there are reflections."""
        signs = rng.choice([-1.0, 1.0], n) if self.reflections else np.ones(n)
        return [self.key(matrix) for matrix in signs[:, None, None] * _from_quaternions(rng.normal(size=(n, 4)))]


def wrap(angle: float) -> float:
    """The angle in [0, 2π).

    >>> wrap(-1e-30), wrap(3 * math.pi) == math.pi
    (0.0, True)
    """
    wrapped = angle % FULL_TURN
    return 0.0 if wrapped >= FULL_TURN else wrapped


def _from_quaternions(quaternions: Matrix) -> Matrix:
    """Rotation matrices [n, 3, 3] of quaternions [n, 4] of any length but 0."""
    w, x, y, z = (quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)
