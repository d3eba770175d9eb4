"""Small turns, on lattices and on the sphere: what exp(tX) does to signals and to answers in its first moment.

(X·x)(u) = −(A u)·∇x(u) + dρ(X) x(u), A the derivative of the motion of the points.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.common import counterpart
from erlangen.auditing.motion import Output
from erlangen.auditing.planes import derivative, turned
from erlangen.domains import Domain, Lattice, Sphere
from erlangen.domains.calculus import Way, slope
from erlangen.domains.fields_on_sphere import by_kind, scalars_of
from erlangen.domains.spherical_transform import by_orders, in_order, rotate
from erlangen.errors import DomainError, GroupError
from erlangen.groups import Element, Group, Trivial
from erlangen.representations import Representation
from erlangen.task import Equivariant

OTHER: dict[Way, Way] = {"spectral": "ring spline", "spline": "cubic spline"}
AXES = {(1.0, 0.0, 0.0): "x", (0.0, 1.0, 0.0): "y", (0.0, 0.0, 1.0): "z"}


@dataclass(frozen=True, eq=False)
class Turning(ABC):
    """exp(tX), X the skew matrix of the plane of two axes of the group's own matrices, t in radians."""

    plane: tuple[int, int]
    group: Group
    rho_in: Representation | None
    unit = "radian"

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """Where."""

    @property
    @abstractmethod
    def label(self) -> str:
        """How it is called in the report."""

    @abstractmethod
    def moved(self, values: Tensor, rho: Representation | None, other: bool = False) -> Tensor:
        """−(A u)·∇x + dρ(X) x; `other` takes the derivatives in another way."""

    def move(self, x: Tensor, other: bool = False) -> Tensor:
        """X·x of inputs."""
        return self.moved(x, self.rho_in, other)

    def answer(self, y: Tensor, output: Output) -> Tensor:
        """The same on an answer, as far as it moves."""
        if not isinstance(output, Equivariant):
            return torch.zeros_like(y)
        rho = None if isinstance(output.n_or_representation, int) else output.n_or_representation
        return self.channels(rho, y) if output.pooled else self.moved(y, rho)

    def at(self, t: float) -> Element:
        """exp(tX)."""
        return turned(self.group, {self.plane: t})

    @cached_property
    def cartesian(self) -> np.ndarray:
        """A, in Cartesian coordinates `[d, d]`."""

        def moves(t: float) -> np.ndarray:
            found = self.domain.cartesian(self.at(t))
            if found is None:
                raise DomainError(f"{self.group!r} on {self.domain!r}", "a group that acts here", "Name another.")
            return found

        return derivative(moves)

    def channels(self, rho: Representation | None, values: Tensor) -> Tensor:
        """dρ(X) x."""
        if rho is None or rho.is_trivial:
            return torch.zeros_like(values)

        def matrix(t: float) -> np.ndarray:
            g = counterpart(self.domain, rho.group, self.at(t))
            if g is None:
                raise GroupError(f"channels that move by {rho}", f"a representation of {self.group!r}", "Pass one.")
            return np.asarray(rho(g), dtype=np.float64)

        rate = torch.as_tensor(derivative(matrix), dtype=values.dtype, device=values.device)
        return torch.einsum("ij,bj...->bi...", rate, values)


@dataclass(frozen=True, eq=False)
class TurningLattice(Turning):
    """By the slopes of a spline, on periodic lattices by Fourier's derivative."""

    lattice: Lattice

    @property
    def domain(self) -> Lattice:
        return self.lattice

    @property
    def label(self) -> str:
        along = f" in the plane of axes {self.plane[0]} and {self.plane[1]}"
        return "rotation" + along * (self.domain.dim > 2)

    @property
    def way(self) -> Way:
        """By which derivative."""
        return "spectral" if self.domain.boundary == "periodic" else "spline"

    def moved(self, values: Tensor, rho: Representation | None, other: bool = False) -> Tensor:
        return self._points(values, OTHER[self.way] if other else self.way) + self.channels(rho, values)

    @cached_property
    def flow(self) -> np.ndarray:
        """A, in array coordinates."""
        return np.linalg.solve(self.domain.basis, self.cartesian @ self.domain.basis)

    def _points(self, values: Tensor, way: Way) -> Tensor:
        sizes = values.shape[2:]
        centred = np.stack(np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in sizes), indexing="ij"))
        speed = torch.as_tensor(np.tensordot(self.flow, centred, axes=1), dtype=values.dtype, device=values.device)
        moved = torch.zeros_like(values)
        for axis in range(self.domain.dim):
            if float(speed[axis].abs().max()) > 0:
                moved = moved - speed[axis] * slope(values, 2 + axis, way)
        return self.domain.clear(moved)


@dataclass(frozen=True, eq=False)
class TurningSphere(Turning):
    """By the coefficients, exactly for what the grid holds: about y, c_m ↦ −m c_−m and c_−m ↦ m c_m; about another axis
    the same where that is turned to y.

    What the grid does not hold stays in its place; were it known, it would change by L + 1 and more a radian, which
    `other` adds.
    """

    sphere: Sphere

    @property
    def domain(self) -> Sphere:
        return self.sphere

    @property
    def label(self) -> str:
        axis = np.round(self.axis, 3) + 0.0
        alone = tuple(np.abs(axis).tolist())  # a turn about −y breaks as fast as one about y
        return f"rotation about {AXES.get(alone, tuple(axis.tolist()))}"

    @cached_property
    def axis(self) -> np.ndarray:
        """(x, y, z), a turn by as many radians as t."""
        return np.array([self.cartesian[2, 1], self.cartesian[0, 2], self.cartesian[1, 0]])

    def moved(self, values: Tensor, rho: Representation | None, other: bool = False) -> Tensor:
        rho = values.shape[1] * Trivial().trivial if rho is None else rho
        size = tuple(values.shape[2:])
        moved = self.domain.from_spectrum(self._points(self.domain.spectrum(values, rho=rho)), size, rho)
        moved = moved + by_kind(values, rho, lambda x: self.channels(scalars_of(rho), x), torch.zeros_like)
        if not other:
            return moved
        return moved + (self.domain.holds(size) + 1) * (values - self.domain.band_limited(values, rho))

    def _points(self, spectrum: Tensor) -> Tensor:
        """−(A u)·∇x in the coefficients `[…, l, part, m]`, of functions, gradients and curls alike."""
        turn = _to_y(self.axis)
        if np.allclose(turn, np.eye(3)):
            return _about_y(spectrum)
        return by_orders(rotate(in_order(_about_y(by_orders(rotate(in_order(spectrum), turn)))), turn.T))


def _about_y(spectrum: Tensor) -> Tensor:
    orders = torch.arange(spectrum.shape[-1], dtype=spectrum.dtype, device=spectrum.device)
    cosines, sines = spectrum.unbind(-2)
    return torch.stack([-orders * sines, orders * cosines], dim=-2)


def _to_y(axis: np.ndarray) -> np.ndarray:
    """A rotation that takes a unit vector to (0, 1, 0)."""
    if axis[1] > 1 - 1e-9:
        return np.eye(3)
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    return np.stack([first, axis, np.cross(first, axis)])
