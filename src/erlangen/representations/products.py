"""Tensor products (ρ ⊗ σ)(g) = ρ(g) ⊗ σ(g) and duals ρ*(g) = ρ(g⁻¹)ᵀ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.groups import Element
from erlangen.representations.base import Images, Matrix, Representation, same_group
from erlangen.representations.derived import Derived
from erlangen.representations.named import Trivial
from erlangen.representations.sums import Sum, direct_sum, multiple


@dataclass(frozen=True, repr=False)
class Tensor(Representation):
    """ρ ⊗ σ on pairs of channels (i, j), numbered i · dim σ + j as numpy.kron does."""

    left: Representation
    right: Representation

    @property
    def dim(self) -> int:
        return self.left.dim * self.right.dim

    @property
    def name(self) -> str:
        return f"{_factor(self.left)} ⊗ {_factor(self.right)}"

    def _matrix(self, g: Element) -> Matrix:
        return np.kron(self.left._matrix(g), self.right._matrix(g)).astype(np.float64, copy=False)

    def _images(self, g: Element) -> Images | None:
        left, right = self.left._images(g), self.right._images(g)
        if left is None and right is None:
            return super()._images(g)  # two changes of sign may cancel
        if left is None or right is None:
            return None
        return (left[:, None] * self.right.dim + right).ravel()


@dataclass(frozen=True, repr=False)
class Dual(Derived):
    """ρ*(g) = ρ(g⁻¹)ᵀ, for ρ that is not orthogonal."""

    @property
    def name(self) -> str:
        return f"dual({self.original.name})"

    def _matrix(self, g: Element) -> Matrix:
        return self.original._matrix(~g).T


def tensor(rho: Representation, sigma: Representation) -> Representation:
    """ρ ⊗ σ, with sums on the left multiplied out and trivial factors left out: both change no matrix."""
    same_group(rho, sigma, "the tensor product of")
    if isinstance(sigma, Trivial):
        return rho
    return direct_sum(*(run for part, times in rho.fields for run in multiple(_product(part, sigma), times)))


def dual(rho: Representation) -> Representation:
    """ρ*; summand by summand, and an orthogonal one is its own."""
    if rho.is_orthogonal:
        return rho
    if isinstance(rho, Sum):
        return direct_sum(*((dual(part), times) for part, times in rho.runs))
    return rho.original if isinstance(rho, Dual) else Dual(rho.group, rho)


def _product(part: Representation, sigma: Representation) -> Representation:
    return sigma if isinstance(part, Trivial) else Tensor(part.group, part, sigma)


def _factor(rho: Representation) -> str:
    return f"({rho.name})" if isinstance(rho, Sum | Tensor) else rho.name
