"""Turns and mirrors of the plane: C(n), D(n); and the two smallest groups, Mirror and Trivial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from erlangen.groups.arguments import space_axis, whole
from erlangen.groups.base import Group
from erlangen.groups.element import Key
from erlangen.groups.tidy import Matrix, in_plane, in_space, turn

_MIRROR = np.diag([1.0, -1.0])


@dataclass(frozen=True, repr=False)
class C(Group):
    """C_n: the turns of the plane by multiples of 2π/n, r^n = e.

    matrix(r^k) = [[cos, −sin], [sin, cos]](2πk/n) on centred (row, column): r of C(4) is
    `torch.rot90(x, 1, (-2, -1))`. With `axis` it turns space about that array axis: 3 × 3 matrices. Keys: k in 0 … n−1.

    >>> C(4).matrix(C(4).generators[0]).tolist()
    [[0.0, -1.0], [1.0, 0.0]]
    """

    n: int
    axis: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole(self.n, "C(n)"))
        object.__setattr__(self, "axis", space_axis(self.axis, "C"))

    @property
    def order(self) -> int:
        """n."""
        return self.n

    def unit(self) -> Key:
        """k = 0."""
        return 0

    def generator_keys(self) -> Sequence[Key]:
        """r."""
        return (1 % self.n,)

    def multiply(self, a: Key, b: Key) -> Key:
        """r^a r^b = r^(a+b)."""
        return (a + b) % self.n

    def invert(self, a: Key) -> Key:
        """r^−a."""
        return -a % self.n

    def matrix_of(self, a: Key) -> Matrix:
        """R(2πa/n)."""
        return in_space(turn(a, self.n), self.axis)

    def text_of(self, a: Key) -> str:
        """r^a."""
        return _power("r", a) or "e"

    def order_of(self, a: Key) -> int:
        """n / gcd(a, n)."""
        return self.n // math.gcd(a, self.n)

    def from_angle(self, angle: float) -> Key | None:
        """The turn nearest to the angle, if within 1e-6 rad."""
        return _steps(angle, self.n)

    def from_matrix(self, matrix: Matrix) -> Key | None:
        """The turn whose matrix it is."""
        plane = in_plane(matrix, self.axis)
        return None if plane is None else _turn_steps(plane, self.n)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Uniform k."""
        return rng.integers(self.n, size=n).tolist()

    def __str__(self) -> str:
        return f"C{self.n}" if self.axis is None else f"C{self.n} about axis {self.axis}"


@dataclass(frozen=True, repr=False)
class D(Group):
    """D_n: the n turns of C(n) and n mirrors, r^n = m² = e and m r m = r⁻¹; 2n elements r^k m^j.

    matrix(m) = diag(1, −1), the flip of the last axis. With `axis` it acts in the plane across that array axis of space
    and m is a true mirror (C_nv). Keys: (k, j).

    >>> D(4).order, [str(g) for g in D(2).elements]
    (8, ['e', 'r', 'm', 'r m'])
    """

    n: int
    axis: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole(self.n, "D(n)"))
        object.__setattr__(self, "axis", space_axis(self.axis, "D"))

    @property
    def order(self) -> int:
        """2n."""
        return 2 * self.n

    def unit(self) -> Key:
        """(0, 0)."""
        return (0, 0)

    def generator_keys(self) -> Sequence[Key]:
        """r, m."""
        return ((1 % self.n, 0), (0, 1))

    def multiply(self, a: Key, b: Key) -> Key:
        """r^k m^j r^l m^i = r^(k ± l) m^(j+i), − where j = 1."""
        return ((a[0] + (-b[0] if a[1] else b[0])) % self.n, a[1] ^ b[1])

    def invert(self, a: Key) -> Key:
        """Mirrors are their own inverses."""
        return a if a[1] else (-a[0] % self.n, 0)

    def matrix_of(self, a: Key) -> Matrix:
        """R(2πk/n) diag(1, −1)^j."""
        plane = turn(a[0], self.n)
        return in_space(plane @ _MIRROR + 0.0 if a[1] else plane, self.axis)

    def text_of(self, a: Key) -> str:
        """r^k m."""
        return " ".join(filter(None, (_power("r", a[0]), "m" if a[1] else ""))) or "e"

    def order_of(self, a: Key) -> int:
        """2 for mirrors, n / gcd(k, n) for turns."""
        return 2 if a[1] else self.n // math.gcd(a[0], self.n)

    def from_angle(self, angle: float) -> Key | None:
        """The turn nearest to the angle, if within 1e-6 rad."""
        k = _steps(angle, self.n)
        return None if k is None else (k, 0)

    def from_matrix(self, matrix: Matrix) -> Key | None:
        """The turn or mirror whose matrix it is."""
        plane = in_plane(matrix, self.axis)
        if plane is None:
            return None
        mirrored = int(plane[0, 0] * plane[1, 1] - plane[0, 1] * plane[1, 0] < 0)
        k = _turn_steps(plane @ _MIRROR if mirrored else plane, self.n)
        return None if k is None else (k, mirrored)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Uniform (k, j)."""
        return [divmod(i, 2) for i in rng.integers(2 * self.n, size=n).tolist()]

    def __str__(self) -> str:
        return f"D{self.n}" if self.axis is None else f"D{self.n} about axis {self.axis}"


@dataclass(frozen=True, repr=False)
class Mirror(Group):
    """{e, m}, m² = e, matrix(m) = [[−1]]: the flip of the last axis, on every grid. Keys: 0, 1.

    >>> Mirror().elements
    (e of Mirror(), m of Mirror())
    """

    @property
    def order(self) -> int:
        """2."""
        return 2

    def unit(self) -> Key:
        """0."""
        return 0

    def generator_keys(self) -> Sequence[Key]:
        """m."""
        return (1,)

    def multiply(self, a: Key, b: Key) -> Key:
        """m^a m^b."""
        return a ^ b

    def invert(self, a: Key) -> Key:
        """Its own inverse."""
        return a

    def matrix_of(self, a: Key) -> Matrix:
        """[[±1]]."""
        return np.array([[-1.0 if a else 1.0]])

    def text_of(self, a: Key) -> str:
        """e or m."""
        return "m" if a else "e"


@dataclass(frozen=True, repr=False)
class Trivial(Group):
    """{e}: no symmetry at all. matrix(e) = [[1]]; no generators. Key: 0.

    >>> Trivial().order, Trivial().generators
    (1, ())
    """

    @property
    def order(self) -> int:
        """1."""
        return 1

    def unit(self) -> Key:
        """0."""
        return 0

    def generator_keys(self) -> Sequence[Key]:
        """None needed."""
        return ()

    def multiply(self, a: Key, b: Key) -> Key:
        """e e = e."""
        return 0

    def invert(self, a: Key) -> Key:
        """e⁻¹ = e."""
        return 0

    def matrix_of(self, a: Key) -> Matrix:
        """[[1]]."""
        return np.ones((1, 1))

    def text_of(self, a: Key) -> str:
        """e."""
        return "e"


def _power(symbol: str, exponent: int) -> str:
    return "" if exponent == 0 else symbol if exponent == 1 else f"{symbol}^{exponent}"


def _steps(angle: float, n: int) -> int | None:
    """k with 2πk/n within 1e-6 of the angle, modulo 2π."""
    step = 2 * math.pi / n
    k = round(angle / step)
    return k % n if abs(angle - k * step) < 1e-6 else None


def _turn_steps(plane: Matrix, n: int) -> int | None:
    """k with R(2πk/n) within 1e-6 of the matrix."""
    k = round(math.atan2(plane[1, 0], plane[0, 0]) * n / (2 * math.pi)) % n
    return k if np.abs(turn(k, n) - plane).max() < 1e-6 else None
