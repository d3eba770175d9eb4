"""Infinitesimal motions: what g(t) = exp(tX) does to signals and to answers in its first moment.

(X·x)(u) = −(A u)·∇x(u) + dρ(X) x(u), A the derivative of the points' motion; A u is a constant for translations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.common import counterpart
from erlangen.auditing.motion import Output, is_dense, preserves
from erlangen.domains import Dna, Lattice
from erlangen.domains.calculus import Way, slope
from erlangen.errors import DomainError, GroupError
from erlangen.groups import Element, Group, Translations
from erlangen.representations import Representation
from erlangen.task import Equivariant

STEP = 1e-3  # of the four-point rule by which matrices are differentiated: its error is 1e-13
OTHER: dict[Way, Way] = {"spectral": "ring spline", "spline": "cubic spline"}


class Generator(Protocol):
    """One X: x ↦ d/dt|₀ g(t)·x, on inputs and on answers."""

    @property
    def label(self) -> str:
        """How it is called in the report."""
        ...

    @property
    def unit(self) -> str:
        """What t counts."""
        ...

    def move(self, x: Tensor, other: bool = False) -> Tensor:
        """X·x; `other` takes the derivatives in a coarser way, from which the first is not far if both are right."""
        ...

    def answer(self, y: Tensor, output: Output) -> Tensor:
        """X·y for an answer y."""
        ...


@dataclass(frozen=True)
class Along:
    """The translation along an axis, by sites: −∂x/∂u. On lattices a circular one, as the audit's; in time not."""

    axis: int
    domain: Lattice
    sizes: tuple[int, ...]
    unit = "site"

    @property
    def label(self) -> str:
        """How it is called in the report."""
        along = f"translation along axis {self.axis}" if self.domain.dim > 1 else "translation"
        return along if self.domain.causal else f"circular {along}"

    @property
    def way(self) -> Way:
        """By which derivative."""
        return "spline" if self.domain.causal else "spectral"

    def move(self, x: Tensor, other: bool = False) -> Tensor:
        """−∂x/∂u."""
        return self._moved(x, OTHER[self.way] if other else self.way)

    def answer(self, y: Tensor, output: Output) -> Tensor:
        """−∂y/∂u, per site of the input; 0 for what stays in place."""
        if not is_dense(output):
            return torch.zeros_like(y)
        return self._moved(y, self.way) * (y.shape[2 + self.axis] / self.sizes[self.axis])

    def _moved(self, values: Tensor, way: Way) -> Tensor:
        return self.domain.clear(-slope(values, 2 + self.axis, way))


@dataclass(frozen=True, eq=False)
class Turning:
    """exp(tX), X the skew matrix of the plane of two axes, t in radians."""

    plane: tuple[int, int]
    group: Group
    domain: Lattice
    rho_in: Representation | None
    unit = "radian"

    @property
    def label(self) -> str:
        """How it is called in the report."""
        return (
            "rotation" if self.domain.dim == 2 else f"rotation in the plane of axes {self.plane[0]} and {self.plane[1]}"
        )

    @property
    def way(self) -> Way:
        """By which derivative."""
        return "spectral" if self.domain.boundary == "periodic" else "spline"

    def at(self, t: float) -> Element:
        """exp(tX)."""
        return turned(self.group, {self.plane: t})

    def move(self, x: Tensor, other: bool = False) -> Tensor:
        """−(A u)·∇x + dρ(X) x."""
        moved = self._points(x, OTHER[self.way] if other else self.way)
        return moved if self.rho_in is None else moved + self._channels(self.rho_in, x)

    def answer(self, y: Tensor, output: Output) -> Tensor:
        """The same on an answer, as far as it moves."""
        if not isinstance(output, Equivariant):
            return torch.zeros_like(y)
        moved = torch.zeros_like(y) if output.pooled else self._points(y, self.way)
        rho = output.n_or_representation
        return moved if isinstance(rho, int) or rho.is_trivial else moved + self._channels(rho, y)

    @cached_property
    def flow(self) -> np.ndarray:
        """A `[d, d]`, in array coordinates."""
        basis = self.domain.basis

        def moves(t: float) -> np.ndarray:
            cartesian = self.domain.cartesian(self.at(t))
            if cartesian is None:
                raise DomainError(f"{self.group!r} on {self.domain!r}", "a group that acts here", "Name another.")
            return np.linalg.solve(basis, cartesian @ basis)

        return _derivative(moves)

    def _points(self, values: Tensor, way: Way) -> Tensor:
        sizes = values.shape[2:]
        centred = np.stack(np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in sizes), indexing="ij"))
        speed = torch.as_tensor(np.tensordot(self.flow, centred, axes=1), dtype=values.dtype, device=values.device)
        moved = torch.zeros_like(values)
        for axis in range(self.domain.dim):
            if float(speed[axis].abs().max()) > 0:
                moved = moved - speed[axis] * slope(values, 2 + axis, way)
        return self.domain.clear(moved)

    def _channels(self, rho: Representation, values: Tensor) -> Tensor:
        def matrix(t: float) -> np.ndarray:
            g = counterpart(self.domain, rho.group, self.at(t))
            if g is None:
                raise GroupError(f"channels that move by {rho}", f"a representation of {self.group!r}", "Pass one.")
            return np.asarray(rho(g), dtype=np.float64)

        rate = torch.as_tensor(_derivative(matrix), dtype=values.dtype, device=values.device)
        return torch.einsum("ij,bj...->bi...", rate, values)


def generators(
    domain: Lattice, symmetry: Group | Translations, rho_in: Representation | None, sizes: tuple[int, ...]
) -> tuple[Generator, ...]:
    """A basis of the Lie algebra, as it acts here: translations along the axes, or rotations in the planes.

    Raises a DomainError for a finite group, which has none, and on letters, between which is nothing.
    """
    if isinstance(domain, Dna):
        raise DomainError(
            f"an infinitesimal motion on {domain!r}",
            "a domain whose signals are sampled functions",
            "For a measured signal along the strand, such as a coverage, declare er.Grid(1).",
        )
    if not isinstance(symmetry, Group):
        return tuple(Along(axis, domain, sizes) for axis in range(domain.dim))
    preserves(domain, symmetry.identity)
    found = planes(symmetry)
    if not found:
        raise DomainError(
            f"an infinitesimal motion of {symmetry!r}",
            "a continuous group, such as er.SO(2), or er.Translations()",
            "A finite group has no small motions.",
        )
    return tuple(Turning(plane, symmetry, domain, rho_in) for plane in found)


def planes(group: Group) -> tuple[tuple[int, int], ...]:
    """The planes of two axes in which every turn belongs to the group; none for a finite one.

    >>> from erlangen.groups import D, O, SO
    >>> planes(O(2)), planes(SO(3)), planes(D(4))
    (((0, 1),), ((0, 1), (0, 2), (1, 2)), ())
    """
    if group.order is not None:
        return ()
    return tuple(plane for plane in combinations(range(group.dimension), 2) if _knows(group, plane))


def turned(group: Group, angles: dict[tuple[int, int], float]) -> Element:
    """exp of the sum of skew matrices, of each plane by its angle: an element of the group."""
    skew = torch.zeros(group.dimension, group.dimension, dtype=torch.float64)
    for (a, b), angle in angles.items():
        skew[b, a], skew[a, b] = angle, -angle
    return group.element(torch.linalg.matrix_exp(skew).numpy())


def _knows(group: Group, plane: tuple[int, int]) -> bool:
    try:
        turned(group, {plane: 0.1})
    except GroupError:
        return False
    return True


def _derivative(of: Callable[[float], np.ndarray]) -> np.ndarray:
    """d/dt at 0 by the four-point rule: (8(f(h) − f(−h)) − (f(2h) − f(−2h)))/12h."""
    near, far = (of(k * STEP) - of(-k * STEP) for k in (1, 2))
    return (8 * near - far) / (12 * STEP)
