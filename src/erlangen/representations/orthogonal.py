"""Making a representation orthogonal: with the inner product averaged over the group, ρ(g) becomes A ρ(g) A⁻¹."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.groups import Element
from erlangen.representations.base import Matrix, Representation
from erlangen.representations.derived import Derived
from erlangen.representations.sums import Sum, direct_sum


@dataclass(frozen=True, repr=False)
class Orthogonalized(Derived):
    """A ρ(g) A⁻¹ with AᵀA = mean_g ρ(g)ᵀ ρ(g), A upper triangular."""

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
    """ρ itself where it is orthogonal, else A ρ A⁻¹, summand by summand.

    Errors: GroupError where the elements of the group cannot be listed, for A is a mean over all."""
    if rho.is_orthogonal:
        return rho
    if isinstance(rho, Sum):
        return direct_sum(*((orthogonalized(part), times) for part, times in rho.runs))
    rho.group.elements  # noqa: B018  a group without a list refuses here, not at the first use
    return Orthogonalized(rho.group, rho)
