"""Making a representation orthogonal: with the inner product averaged over the group, ρ(g) becomes A ρ(g) A⁻¹."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.groups import Element
from erlangen.representations.base import Matrix, Representation
from erlangen.representations.sums import Sum, direct_sum


@dataclass(frozen=True, repr=False)
class Orthogonalized(Representation):
    """A ρ(g) A⁻¹ with AᵀA = mean_g ρ(g)ᵀ ρ(g), A upper triangular."""

    original: Representation

    @property
    def dim(self) -> int:
        return self.original.dim

    @property
    def name(self) -> str:
        return f"orthogonalized({self.original.name})"

    @cached_property
    def change(self) -> Matrix:
        """A, which takes channels of ρ to channels of this one."""
        matrices = self.original.matrices()
        return np.linalg.cholesky(np.mean(matrices.swapaxes(1, 2) @ matrices, axis=0)).T

    def _matrix(self, g: Element) -> Matrix:
        return self.change @ self.original._matrix(g) @ np.linalg.inv(self.change)


def orthogonalized(rho: Representation) -> Representation:
    """ρ itself where it is orthogonal, else A ρ A⁻¹, summand by summand."""
    if rho.is_orthogonal:
        return rho
    if isinstance(rho, Sum):
        return direct_sum(*((orthogonalized(part), times) for part, times in rho.runs))
    return Orthogonalized(rho.group, rho)
