"""Irreps of direct products in closed form, from those of the factors: ρ(g, h) = ρ₁(g) ⊗ ρ₂(h).

That is irreducible over the real numbers where one of the two is of real type. Among the closed forms only the turns of
C(n) are of complex type, and a product of two of them is two turns, by the sum of the angles and by the difference.
(Serre 1977, Linear Representations of Finite Groups, §3.2.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from erlangen.groups import DirectProduct, Element
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.named import Trivial
from erlangen.representations.numbered import Numbered, in_order
from erlangen.representations.words import along_words

Amplitudes = npt.NDArray[np.complex128]
Choice = tuple[int, ...]
Signs = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class OuterIrrep(Numbered):
    """G × H × …: ρ(g, h, …) = ⊗ ρ_i(g_i) over the parts of real type, ⊗ the product of the turns ρ_j(g_j)^{±1}.

    `parts` has an irrep of each factor. The turns are the parts of complex type; `signs` has their ±1, and is 1 for the
    first of them and for what is no turn."""

    parts: tuple[Irrep, ...]
    signs: Signs

    @property
    def dim(self) -> int:
        still = math.prod(rho.dim for rho in self.parts if rho.type == "real")
        return still if self.type == "real" else 2 * still

    @property
    def type(self) -> str:
        return "complex" if any(_is_turn(rho) for rho in self.parts) else "real"

    def _matrix(self, g: Element) -> Matrix:
        still: Matrix = np.ones((1, 1))
        turned = np.eye(2)
        for rho, sign, key in zip(self.parts, self.signs, g.key, strict=True):
            matrix = rho._matrix(Element(rho.group, key))
            if _is_turn(rho):
                turned = turned @ (matrix if sign > 0 else matrix.T)
            else:
                still = _kron(still, matrix)
        return still if self.type == "real" else _kron(still, turned)


def outer_irreps(group: DirectProduct, irreps: Sequence[Sequence[Irrep]]) -> tuple[Irrep, ...]:
    """All irreps of a product of groups from all irreps of each factor, of real type or turns of the plane.

    Errors: GroupError beyond 2,000 elements.

    >>> from erlangen.groups import C, Mirror
    >>> outer_irreps(C(3) * Mirror(), [C(3).irreps(), Mirror().irreps()])[-1].parts
    (irrep(1) of C3, sign of Mirror)"""
    choices = list(_choices(irreps))
    found = [OuterIrrep(group, 0, _chosen(irreps, places), signs) for places, signs in choices]
    if group.order is None:  # by frequency first, so that a higher limit only adds to the list
        endless = [i for i, factor in enumerate(group.factors) if factor.order is None]
        order = sorted(range(len(found)), key=lambda i: (max(choices[i][0][f] for f in endless), choices[i]))
    else:
        order = in_order([rho.dim for rho in found], _characters(group, irreps, choices))
    return (Trivial(group), *(replace(found[i], index=number) for number, i in enumerate(order) if number > 0))


def _choices(irreps: Sequence[Sequence[Irrep]]) -> Iterator[tuple[Choice, Signs]]:
    """Every choice of an irrep of each factor, by its place, and of the sign of every turn but the first."""
    for places in itertools.product(*(range(len(each)) for each in irreps)):
        turns = [factor for factor, rho in enumerate(_chosen(irreps, places)) if _is_turn(rho)]
        allowed = [(1, -1) if factor in turns[1:] else (1,) for factor in range(len(places))]
        for signs in itertools.product(*allowed):
            yield places, signs


def _chosen(irreps: Sequence[Sequence[Irrep]], places: Choice) -> tuple[Irrep, ...]:
    return tuple(each[i] for each, i in zip(irreps, places, strict=True))


def _characters(group: DirectProduct, irreps: Sequence[Sequence[Irrep]], choices: list[tuple[Choice, Signs]]) -> Matrix:
    """χ(g, h, …) = ∏ χ_i(g_i) over the real ones, times 2 Re ∏ z_j(g_j)^{±1} over the turns z_j; [choices, classes]."""
    representatives = [members[0].key for members in group.conjugacy_classes]
    tables = []
    for factor, keys, each in zip(group.factors, zip(*representatives, strict=True), irreps, strict=True):
        places = [factor.index(Element(factor, key)) for key in keys]
        tables.append(_amplitudes(each)[:, places])
    result = np.empty((len(choices), len(representatives)))
    for row, (places, signs) in enumerate(choices):
        product = np.ones(len(representatives), dtype=np.complex128)
        for table, i, sign in zip(tables, places, signs, strict=True):
            product *= table[i] if sign > 0 else table[i].conj()
        result[row] = product.real * (2 if any(map(_is_turn, _chosen(irreps, places))) else 1)
    return result


def _amplitudes(irreps: Sequence[Irrep]) -> Amplitudes:
    """χ of each irrep, or of a turn e^{iθ}, on all elements of their group, [irreps, elements]."""
    group = irreps[0].group
    result = np.empty((len(irreps), len(group.elements)), dtype=np.complex128)
    for dim in {rho.dim for rho in irreps}:  # all of one dimension at once, which is many for C(n) and D(n)
        same = [i for i, rho in enumerate(irreps) if rho.dim == dim]
        matrices = along_words(group, np.stack([irreps[i].generator_matrices for i in same], axis=1))
        result[same] = np.trace(matrices, axis1=-2, axis2=-1).T
        for place, i in enumerate(same):
            if _is_turn(irreps[i]):
                result[i] = matrices[:, place, 0, 0] + 1j * matrices[:, place, 1, 0]
    return result


def _kron(left: Matrix, right: Matrix) -> Matrix:
    return np.kron(left, right).astype(np.float64, copy=False)


def _is_turn(rho: Irrep) -> bool:
    return rho.type == "complex"
