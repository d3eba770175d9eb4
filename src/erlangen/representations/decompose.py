"""Every representation is a sum of irreps in another basis: ρ(g) = Q (⊕_i m_i σ_i(g)) Q⁻¹."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from erlangen.representations.averages import intertwiner_dimension
from erlangen.representations.base import Matrix, Representation, Runs
from erlangen.representations.frequencies import continuous_parts
from erlangen.representations.intertwiners import null_space_intertwiners
from erlangen.representations.irreps import irreps
from erlangen.representations.orthogonal import Orthogonalized, orthogonalized
from erlangen.representations.sums import direct_sum

COMMUTANT = {"real": 1, "complex": 2, "quaternionic": 4}


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition:
    """ρ(g) = Q S(g) Q⁻¹ with S = ⊕_i m_i σ_i: `parts` are the pairs (σ_i, m_i), `basis` is Q, [dim, dim].

    >>> import erlangen as er
    >>> found = er.S(3).standard.decompose()
    >>> [(irrep.dim, times) for irrep, times in found.parts], found.basis.shape
    ([(1, 1), (2, 1)], (3, 3))
    """

    parts: Runs
    basis: Matrix

    @property
    def representation(self) -> Representation:
        """S, the direct sum of the parts.

        >>> import erlangen as er
        >>> er.S(3).standard.decompose().representation.dim
        3"""
        return direct_sum(*self.parts)

    def __str__(self) -> str:
        return str(self.representation)

    def __repr__(self) -> str:
        return f"Decomposition({self})"


def decompose(rho: Representation) -> Decomposition:
    """The irreps in ρ with their multiplicities, in the order of `group.irreps`, and the change of basis Q."""
    straight = orthogonalized(rho)
    parts = _parts(straight)
    columns = [_isometries(sigma, straight, times) for sigma, times in parts]
    basis = np.concatenate(columns, axis=1)
    return Decomposition(parts, _undo(rho) @ basis)


def _parts(rho: Representation) -> Runs:
    if rho.group.order is None:
        return continuous_parts(rho)
    dimensions = [(sigma, intertwiner_dimension(sigma, rho)) for sigma in irreps(rho.group)]
    return tuple((sigma, k // COMMUTANT[sigma.type]) for sigma, k in dimensions if k)


def _isometries(sigma: Representation, rho: Representation, times: int) -> Matrix:
    """Orthonormal columns [dim ρ, times · dim σ] on which ρ acts as copies of σ.

    A map W: σ → ρ of norm √dim σ is an isometry, since WᵀW commutes with σ and is symmetric, so it is a number; what it
    leaves of the other maps, W′ − W WᵀW′, are maps again."""
    remaining = null_space_intertwiners(sigma, rho)
    copies = []
    for _ in range(times):
        chosen = remaining[np.linalg.norm(remaining, axis=(1, 2)).argmax()]
        chosen = chosen * math.sqrt(sigma.dim) / np.linalg.norm(chosen)
        copies.append(chosen)
        remaining = remaining - chosen @ (chosen.T @ remaining)
    return np.concatenate(copies, axis=1)


def _undo(rho: Representation) -> Matrix:
    """A⁻¹ where A ρ A⁻¹ is orthogonal, block by block."""
    result, at = np.eye(rho.dim), 0
    for part, times in rho.fields:
        straight = orthogonalized(part)
        for _ in range(times):
            if isinstance(straight, Orthogonalized) and straight != part:
                result[at : at + part.dim, at : at + part.dim] = np.linalg.inv(straight.change)
            at += part.dim
    return result
