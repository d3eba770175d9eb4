"""The continuous groups of turns of the plane and of space, SO(n), and with reflections, O(n), for n = 2, 3.

Two elements within 1e-9 of each other are equal. Sampling is uniform in the Haar measure.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import plane_or_space
from erlangen.groups.base import Group
from erlangen.groups.charts import FULL_TURN, Angle, AngleAndMirror, Chart, Entries, wrap
from erlangen.groups.element import Key
from erlangen.groups.tidy import Matrix, in_space, rotation
from erlangen.groups.words import describe

# No small multiple of either angle is close to a whole turn, so constraints on the two generators are well conditioned.
_GENERIC_ANGLES = (FULL_TURN * (3 - math.sqrt(5)) / 2, FULL_TURN * (math.sqrt(2) - 1))
_ANGLE, _ANGLE_AND_MIRROR = Angle(), AngleAndMirror()
_TURNS, _TURNS_AND_REFLECTIONS = Entries(reflections=False), Entries(reflections=True)


class Continuous(Group):
    """A compact group of orthogonal matrices whose keys are what its chart says."""

    @property
    @abstractmethod
    def chart(self) -> Chart:
        """Arithmetic on the keys."""

    @property
    @abstractmethod
    def determinants(self) -> tuple[int, ...]:
        """The determinants that occur: (1,) or (1, −1)."""

    @property
    def order(self) -> None:
        """Infinite."""
        return

    def unit(self) -> Key:
        """The key of the unit matrix."""
        return self.chart.unit()

    def multiply(self, a: Key, b: Key) -> Key:
        """The key of the product."""
        return self.chart.multiply(a, b)

    def invert(self, a: Key) -> Key:
        """The key of the transpose."""
        return self.chart.invert(a)

    def matrix_of(self, a: Key) -> Matrix:
        """The orthogonal matrix."""
        return self.chart.matrix(a)

    def same(self, a: Key, b: Key) -> bool:
        """Within 1e-9."""
        return self.chart.same(a, b)

    def hashable(self, a: Key) -> Hashable:
        """One hash for all: to be near is no equivalence, so nothing finer is consistent with ==."""
        return None

    def fingerprint(self, a: Key) -> Hashable:
        """The rounded key."""
        return self.chart.fingerprint(a)

    def text_of(self, a: Key) -> str:
        """The turn or mirror in words."""
        return describe(self.matrix_of(a))

    def order_of(self, a: Key) -> int:
        """Refused: nearly every turn has infinite order, and rounding hides which do not."""
        raise GroupError(
            f"{self.text_of(a)} of {self.label}",
            "an element of a finite group, whose order can be counted",
            "Bring it into a finite group first, as C(8).element(g).",
        )

    def from_matrix(self, matrix: Matrix) -> Key | None:
        """The orthogonal matrix nearest to the given one, where it is within 1e-6 and has a determinant that occurs."""
        size = self.dimension
        if matrix.shape != (size, size):
            return None
        error = np.abs(matrix @ matrix.T - np.eye(size)).max()
        if error > 1e-6 or round(float(np.linalg.det(matrix))) not in self.determinants:
            return None
        return self.chart.key(matrix if error < 1e-14 else _nearest_orthogonal(matrix))

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Haar."""
        return self.chart.sample(n, rng)


@dataclass(frozen=True, repr=False)
class SO(Continuous):
    """SO(n), n = 2 or 3: R Rᵀ = 1, det R = 1; the turns of the plane or of space.

    Keys: SO(2) the angle in [0, 2π), SO(3) the nine entries. Generators: two turns, by generic angles, in space about
    two axes; their products are dense.

    >>> r = SO(2).element(math.pi / 6)
    >>> r**3, r**12 == SO(2).identity
    (rotation by 90° of SO(2), True)
    >>> SO(3).contains(np.diag([-1, -1, 1])), SO(3).contains(-np.eye(3))
    (True, False)
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", plane_or_space(self.n, "SO"))

    @property
    def chart(self) -> Chart:
        """By angle or by entries."""
        return _ANGLE if self.n == 2 else _TURNS

    @property
    def determinants(self) -> tuple[int, ...]:
        """1."""
        return (1,)

    def generator_keys(self) -> Sequence[Key]:
        """Two turns."""
        return _generic_turns(self)

    def from_angle(self, angle: float) -> Key | None:
        """R(angle), in the plane."""
        return wrap(angle) if self.n == 2 and math.isfinite(angle) else None

    def __str__(self) -> str:
        return repr(self)


@dataclass(frozen=True, repr=False)
class O(Continuous):  # noqa: E742  # the name the field gives it
    """O(n), n = 2 or 3: R Rᵀ = 1; turns, and reflections of determinant −1.

    Keys: O(2) (angle, j) for R(angle) diag(1, −1)^j, O(3) the nine entries. Generators: those of SO(n), and diag(1, −1)
    in the plane, the inversion in space.

    >>> O(2).generators[-1], O(3).generators[-1]
    (mirror that keeps the line at 0° of O(2), inversion of O(3))
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", plane_or_space(self.n, "O"))

    @property
    def chart(self) -> Chart:
        """By angle and mirror, or by entries."""
        return _ANGLE_AND_MIRROR if self.n == 2 else _TURNS_AND_REFLECTIONS

    @property
    def determinants(self) -> tuple[int, ...]:
        """1 and −1."""
        return (1, -1)

    def generator_keys(self) -> Sequence[Key]:
        """Two turns and a reflection."""
        reflection = np.diag([1.0, -1.0]) if self.n == 2 else -np.eye(3)
        return (*_generic_turns(self), self.chart.key(reflection))

    def from_angle(self, angle: float) -> Key | None:
        """R(angle), in the plane."""
        return (wrap(angle), 0) if self.n == 2 and math.isfinite(angle) else None

    def __str__(self) -> str:
        return repr(self)


def _generic_turns(group: SO | O) -> tuple[Key, ...]:
    """Turns by two generic angles; in space about the last and the first axis."""
    axes = (None, None) if group.n == 2 else (2, 0)
    turns = (in_space(rotation(angle), axis) for angle, axis in zip(_GENERIC_ANGLES, axes, strict=True))
    return tuple(group.chart.key(turn) for turn in turns)


def _nearest_orthogonal(matrix: Matrix) -> Matrix:
    """U Vᵀ of the singular value decomposition U D Vᵀ."""
    left, _, right = np.linalg.svd(matrix)
    return left @ right
