"""The Fourier transform of a finite group: ψ̂(σ) = Σ_h ψ(h) σ(h), in which convolution is multiplication."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from erlangen.errors import GroupError
from erlangen.given import instance
from erlangen.groups import Group
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.named import regular


@dataclass(frozen=True, eq=False, repr=False)
class GroupFourier:
    """F, orthogonal, and the irreps: Fᵀ K F = ⊕_σ 1_{m_σ} ⊗ ψ̂(σ) for every convolution (K x)(h) = Σ_k ψ(k) x(hk).

    `parts` are the pairs (σ, m_σ), m_σ = dim σ where σ is of real type, half and a quarter of it where it is complex
    and quaternionic; `basis` is F, float64 `[|H|, |H|]`, its columns in the order of parts, copies, rows of σ.

    >>> import erlangen as er
    >>> fourier = er.representations.group_fourier(er.S(3))
    >>> [(irrep.dim, times) for irrep, times in fourier.parts], fourier.basis.shape
    ([(1, 1), (1, 1), (2, 2)], (6, 6))
    """

    group: Group
    parts: tuple[tuple[Irrep, int], ...]
    basis: Matrix

    def transform(self, psi: npt.ArrayLike) -> list[Matrix]:
        """ψ̂(σ) = Σ_h ψ(h) σ(h), one matrix an irrep, for ψ in the order of `group.elements`.

        >>> import erlangen as er
        >>> [block.tolist() for block in group_fourier(er.Mirror()).transform([3.0, 1.0])]
        [[[4.0]], [[2.0]]]"""
        values = np.asarray(psi, dtype=np.float64)
        if values.shape != (len(self.basis),):
            raise GroupError(
                f"a function of shape {values.shape}",
                f"one number for each of the {len(self.basis)} elements of {self.group!r}",
                "Give them in the order of group.elements.",
            )
        return [np.tensordot(values, sigma.matrices(), 1) for sigma, _ in self.parts]

    def convolution(self, psi: npt.ArrayLike) -> Matrix:
        """K[h, g] = ψ(h⁻¹g), as it is: a map that commutes with the regular representation, and every one that does.

        >>> import erlangen as er
        >>> group_fourier(er.Mirror()).convolution([3.0, 1.0]).tolist()
        [[3.0, 1.0], [1.0, 3.0]]"""
        self.transform(psi)
        return np.asarray(psi, dtype=np.float64)[self.group.table[self.group.inverses]]

    def diagonal(self, psi: npt.ArrayLike) -> Matrix:
        """⊕_σ 1_{m_σ} ⊗ ψ̂(σ): what the convolution is in the basis F."""
        result, at = np.zeros_like(self.basis), 0
        for (_, copies), block in zip(self.parts, self.transform(psi), strict=True):
            for _ in range(copies):
                end = at + len(block)
                result[at:end, at:end] = block
                at = end
        return result

    @property
    def multiplications(self) -> int:
        """Σ_σ m_σ d_σ²: what the product takes in this basis; |H|² as it is.

        >>> import erlangen as er
        >>> [group_fourier(G).multiplications for G in (er.C(4), er.D(4), er.Octahedral())]
        [6, 12, 64]"""
        return sum(copies * sigma.dim**2 for sigma, copies in self.parts)

    def __repr__(self) -> str:
        return f"GroupFourier({' + '.join(f'{copies} × {sigma.name}' for sigma, copies in self.parts)} of {self.group})"


@lru_cache(maxsize=64)
def group_fourier(group: Group) -> GroupFourier:
    """The Fourier transform of a finite group, as `regular` decomposes it; convolution in it is one product an irrep.

    The convolutions are Hom_H(regular, regular) = {Σ_k ψ(k) R(k)}, R(k) the turns from the right, (R(k) x)(h) = x(hk);
    inversion of the elements takes these to the regular representation, whose decomposition gives F.
    Errors: GroupError where the elements cannot be listed.

    >>> import numpy as np, erlangen as er
    >>> F, psi = group_fourier(er.D(4)), np.arange(8.0)
    >>> bool(np.allclose(F.basis.T @ F.convolution(psi) @ F.basis, F.diagonal(psi)))
    True

    Serre 1977, Linear Representations of Finite Groups; Cohen, Geiger, Weiler 2019, arXiv:1811.02017."""
    instance("group", group, Group, GroupError, "For quarter turns: er.C(4).")
    found = regular(group).decompose()
    parts = tuple((sigma, copies) for sigma, copies in found.parts if isinstance(sigma, Irrep))
    return GroupFourier(group, parts, found.basis[group.inverses])
