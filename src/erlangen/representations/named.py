"""The representations every group has: trivial, standard (its own matrices), sign (their determinant), regular."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from erlangen.errors import MissingError
from erlangen.groups import Element, Group, Permuting, Subgroup
from erlangen.representations.base import TOLERANCE, Images, Irrep, Matrix, Representation, matrix_of


@dataclass(frozen=True, repr=False)
class Trivial(Irrep):
    """ρ(g) = 1: channels that do not change, scalars."""

    @property
    def dim(self) -> int:
        return 1

    @property
    def name(self) -> str:
        return "trivial"

    @property
    def type(self) -> str:
        return "real"

    def _matrix(self, g: Element) -> Matrix:
        return np.ones((1, 1))

    def _images(self, g: Element) -> Images:
        return np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, repr=False)
class Sign(Irrep):
    """ρ(g) = det standard(g) = ±1; for permutations, their parity."""

    @property
    def dim(self) -> int:
        return 1

    @property
    def name(self) -> str:
        return "sign"

    @property
    def type(self) -> str:
        return "real"

    def _matrix(self, g: Element) -> Matrix:
        return np.full((1, 1), np.sign(np.linalg.det(self.group.matrix(g))))


@dataclass(frozen=True, repr=False)
class Standard(Representation):
    """ρ(g) = the matrix that defines g: rotations and mirrors of space, permutation matrices for permutations."""

    @property
    def dim(self) -> int:
        return self.group.dimension

    @property
    def name(self) -> str:
        return "standard"

    def _matrix(self, g: Element) -> Matrix:
        return np.array(self.group.matrix(g), dtype=np.float64)

    def _images(self, g: Element) -> Images | None:
        group = self.group
        while isinstance(group, Subgroup):  # its keys are its parent's
            group = group.parent
        return np.array(group.images_of(g.key)) if isinstance(group, Permuting) else super()._images(g)


@dataclass(frozen=True, repr=False)
class Regular(Representation):
    """ρ(h) e_g = e_{hg} on one channel per element, in the order of `group.elements`."""

    @property
    def dim(self) -> int:
        return len(self.group.elements)

    @property
    def name(self) -> str:
        return "regular"

    def _matrix(self, g: Element) -> Matrix:
        return matrix_of(self._images(g))

    def _images(self, g: Element) -> Images:
        return self.group.table[self.group.index(g)].astype(np.int64)


def trivial(group: Group) -> Representation:
    """ρ(g) = 1, one channel.

    >>> import erlangen as er
    >>> er.S(4).trivial
    trivial of S4"""
    return Trivial(group)


def standard(group: Group) -> Representation:
    """ρ(g) = the defining matrix of g; for S(n) the n-dimensional permutation representation.

    >>> import erlangen as er
    >>> er.C(4).standard(er.C(4).generators[0]).tolist()
    [[0.0, -1.0], [1.0, 0.0]]"""
    return Standard(group)


def sign(group: Group) -> Representation:
    """ρ(g) = det standard(g), one channel; the parity for permutations.

    Errors: MissingError where every determinant is 1.

    >>> import erlangen as er
    >>> er.D(4).sign(er.D(4).generators[1]).tolist()
    [[-1.0]]"""
    candidate = Sign(group)
    if np.abs(candidate.generator_matrices - 1).max(initial=0.0) < TOLERANCE:
        raise MissingError(
            f"the sign of {group}", "a group with an element of determinant −1", "Its sign is `trivial`; use that."
        )
    return candidate


def regular(group: Group) -> Representation:
    """ρ(h) e_g = e_{hg}, one channel for every element.

    Errors: GroupError where the elements cannot be listed (infinite, or more than 2,000).

    >>> import erlangen as er
    >>> er.D(4).regular.dim
    8"""
    group.elements  # noqa: B018  an infinite group refuses here, not at the first use
    return Regular(group)
