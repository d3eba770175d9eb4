"""Irreps of the symmetries of the cube and of the icosahedron in closed form: formulas in the matrix of the element.

Symbols are Mulliken's: A one-dimensional, E two, T three, G four, H five; g and u keep or change sign under inversion.
(R. S. Mulliken 1955, J. Chem. Phys. 23, 1997; F. A. Cotton 1990, Chemical Applications of Group Theory.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from erlangen.groups import Element, FullOctahedral, Group, Icosahedral, Octahedral
from erlangen.groups.tidy import tidy
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.named import Trivial
from erlangen.representations.numbered import Numbered, in_order
from erlangen.representations.young import young_form

Form = Callable[[Matrix], Matrix]

_P, _Q = (math.sqrt(5) + 1) / 4, (math.sqrt(5) - 1) / 4  # √5 → −√5 takes one to minus the other


@dataclass(frozen=True, repr=False)
class PolyhedralIrrep(Numbered):
    """Octahedral, FullOctahedral, Icosahedral: the irrep of a symbol, as a formula in the 3 × 3 matrix R.

    The cube, for a turn R: A1 is 1, A2 the parity of R on the four diagonals, T1 is R, T2 is A2 ⊗ R: yz, xz, xy mix so.
    E is how 2y² − x² − z² and z² − x² mix. With g or u it is that of the turn R det R, with u times det R.
    The icosahedron: A is 1, T1 is R, T2 is R with √5 → −√5 in its entries, H is how the quadratic forms mix, as
    SO(3).irrep(2), and G is Young's form (4, 1) of the permutation of the five frames of half-turn axes."""

    symbol: str

    @property
    def dim(self) -> int:
        return {"A": 1, "E": 2, "T": 3, "G": 4, "H": 5}[self.symbol[0]]

    @property
    def type(self) -> str:
        return "real"

    def _matrix(self, g: Element) -> Matrix:
        return tidy(_FORMS[type(self.group)][self.symbol](self.group.matrix_of(g.key)))


def polyhedral_irreps(group: Octahedral | FullOctahedral | Icosahedral) -> tuple[Irrep, ...]:
    """All irreps of the symmetries of the cube or of the icosahedron.

    >>> [rho.dim for rho in polyhedral_irreps(Icosahedral())]
    [1, 3, 3, 4, 5]"""
    irreps = [PolyhedralIrrep(group, 0, symbol) for symbol in _FORMS[type(group)]]
    characters = np.array([[rho.character(members[0]) for members in group.conjugacy_classes] for rho in irreps])
    order = in_order([rho.dim for rho in irreps], characters)
    return (Trivial(group), *(replace(irreps[i], index=number) for number, i in enumerate(order) if number > 0))


def _one(_: Matrix) -> Matrix:
    return np.ones((1, 1))


def _vectors(turn: Matrix) -> Matrix:
    return turn


def _parity(turn: Matrix) -> Matrix:
    """The parity of a turn of the cube on its four diagonals, which is that on its three axes."""
    return np.linalg.det(np.abs(turn)).reshape(1, 1)


def _products(turn: Matrix) -> Matrix:
    """How yz, xz, xy mix."""
    return _parity(turn) * turn


def _quadratics(turn: Matrix) -> Matrix:
    """D with R Q_b Rᵀ = Σ_a D_ab Q_a, for the traceless quadratic forms of unit norm in the order of SO(3).irrep(2)."""
    forms = _quadratic_forms()
    return np.einsum("aij,bij->ab", forms, turn @ forms @ turn.T)


def _squares(turn: Matrix) -> Matrix:
    """How 2y² − x² − z² and z² − x² mix, each scaled to unit norm."""
    return _quadratics(turn)[2::2, 2::2]


def _conjugate(turn: Matrix) -> Matrix:
    """√5 → −√5 in a matrix with entries 0, ±1/2, ±1, ±(√5 + 1)/4, ±(√5 − 1)/4."""
    sizes = np.abs(turn)
    conjugates = np.where(np.abs(sizes - _P) < 1e-6, -_Q, np.where(np.abs(sizes - _Q) < 1e-6, -_P, sizes))
    return np.copysign(1.0, turn) * conjugates


def _frames(turn: Matrix) -> Matrix:
    """Young's form (4, 1) of how the five frames of half-turn axes are permuted: R F_k = F_j up to signs and order."""
    frames = _five_frames()
    moved = frames.swapaxes(1, 2)[:, None] @ (turn @ frames)[None]
    images = (moved**4).sum(axis=(2, 3)).argmax(axis=0)  # 3 for signed permutation matrices, less for others
    return young_form((4, 1), images.tolist())


@lru_cache(maxsize=1)
def _quadratic_forms() -> Matrix:
    """√2 xz, √2 xy, (2y² − x² − z²)/√6, √2 yz, (z² − x²)/√2 as symmetric matrices of unit norm, [5, 3, 3]."""
    forms = np.zeros((5, 3, 3))
    for form, i, j in ((0, 0, 2), (1, 0, 1), (3, 1, 2)):
        forms[form, i, j] = forms[form, j, i] = math.sqrt(1 / 2)
    forms[2] = np.diag([-1.0, 2.0, -1.0]) / math.sqrt(6)
    forms[4] = np.diag([-1.0, 0.0, 1.0]) / math.sqrt(2)
    forms.setflags(write=False)
    return forms


@lru_cache(maxsize=1)
def _five_frames() -> Matrix:
    """The coordinate axes, and where the powers of the first generator, a fifth of a turn, take them, [5, 3, 3]."""
    fifth = Icosahedral().generators[0].matrix
    frames = np.stack([np.linalg.matrix_power(fifth, k) for k in range(5)])
    frames.setflags(write=False)
    return frames


def _even(form: Form) -> Form:
    return lambda matrix: form(_handedness(matrix) * matrix)


def _odd(form: Form) -> Form:
    return lambda matrix: _handedness(matrix) * form(_handedness(matrix) * matrix)


def _handedness(matrix: Matrix) -> float:
    return 1.0 if np.linalg.det(matrix) > 0 else -1.0


_CUBE: dict[str, Form] = {"A1": _one, "A2": _parity, "E": _squares, "T1": _vectors, "T2": _products}
_FORMS: dict[type[Group], dict[str, Form]] = {
    Octahedral: _CUBE,
    FullOctahedral: {
        **{f"{symbol}g": _even(form) for symbol, form in _CUBE.items()},
        **{f"{symbol}u": _odd(form) for symbol, form in _CUBE.items()},
    },
    Icosahedral: {"A": _one, "T1": _vectors, "T2": _conjugate, "G": _frames, "H": _quadratics},
}
