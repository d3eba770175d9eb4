"""Infinitesimal motions: what g(t) = exp(tX) does to signals and to answers in its first moment.

(X·x)(u) = −(A u)·∇x(u) + dρ(X) x(u), A the derivative of the points' motion; A u is a constant for translations.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from erlangen.auditing.motion import Output, is_dense, preserves
from erlangen.auditing.planes import planes
from erlangen.auditing.turning import OTHER, TurningLattice, TurningSphere
from erlangen.domains import Dna, Lattice, Sphere
from erlangen.domains.calculus import Way, slope
from erlangen.errors import DomainError
from erlangen.groups import Group, Translations
from erlangen.representations import Representation


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


def generators(
    domain: Lattice | Sphere, symmetry: Group | Translations, rho_in: Representation | None, sizes: tuple[int, ...]
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
    if not isinstance(symmetry, Group) and isinstance(domain, Lattice):
        return tuple(Along(axis, domain, sizes) for axis in range(domain.dim))
    found = planes(symmetry) if isinstance(symmetry, Group) else ()
    if not found or not isinstance(symmetry, Group):
        raise DomainError(
            f"an infinitesimal motion of {symmetry!r}",
            "a continuous group, such as er.SO(2)" + ", or er.Translations()" * isinstance(domain, Lattice),
            "A finite group has no small motions.",
        )
    if isinstance(domain, Sphere):
        return tuple(TurningSphere(plane, symmetry, rho_in, domain) for plane in found)
    preserves(domain, symmetry.identity)
    return tuple(TurningLattice(plane, symmetry, rho_in, domain) for plane in found)
