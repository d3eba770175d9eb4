"""Irreps of any finite group, found numerically.

What commutes with the regular representation is right multiplication. A random symmetric element of it has one
eigenspace for every copy of every irrep, so the eigenspaces are the irreps; their characters say which ones are copies.
(J. D. Dixon 1970, Computing irreducible representations of groups, Math. Comp. 24.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group
from erlangen.representations.base import TOLERANCE, Irrep, Matrix
from erlangen.representations.named import Standard, Trivial
from erlangen.representations.numbered import Numbered, in_order
from erlangen.representations.words import along_words

TYPES = {1: "real", 2: "complex", 4: "quaternionic"}
INDICATORS = {1: 1, 2: 0, 4: -2}  # the mean of χ(g²), by the dimension of what commutes
ATTEMPTS = 20


@dataclass(frozen=True, repr=False, eq=False)
class FoundIrrep(Numbered):
    """The irrep number `index` of a finite group, by the matrices of the group's generators, [generators, dim, dim].

    Equal where group, number and matrices (within 1e-9) are: a basis found elsewhere may be another one."""

    values: Matrix

    @property
    def dim(self) -> int:
        return self.values.shape[-1]

    @property
    def type(self) -> str:
        return TYPES[self._norm]

    @cached_property
    def _norm(self) -> int:
        """⟨χ, χ⟩, the dimension of what commutes."""
        return round(float(np.mean(np.trace(self._all, axis1=1, axis2=2) ** 2)))

    @cached_property
    def _all(self) -> Matrix:
        return along_words(self.group, self.values)

    def _matrix(self, g: Element) -> Matrix:
        return self._all[self.group.index(g)].copy()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FoundIrrep):
            return NotImplemented
        same = self.group == other.group and self.index == other.index and self.values.shape == other.values.shape
        return same and bool(np.abs(self.values - other.values).max() < TOLERANCE)

    def __hash__(self) -> int:
        return hash((self.group, self.index))


@dataclass(frozen=True)
class _Table:
    """Distinct irreps: an orthonormal basis of one copy of each, and the characters, [irreps, classes]."""

    bases: list[Matrix]
    characters: Matrix


def found_irreps(group: Group) -> tuple[Irrep, ...]:
    """All irreps of a group of order ≤ 2,000: trivial first, then by dimension, then by character, descending."""
    table = _draw_until_clear(group)
    order = in_order([basis.shape[1] for basis in table.bases], table.characters)
    familiar = _familiar(group, [table.characters[i] for i in order if table.bases[i].shape[1] == 1])
    irreps: list[Irrep] = [Trivial(group)]
    for number, i in enumerate(order[1:], start=1):
        known = [matrices for character, matrices in familiar if np.abs(character - table.characters[i]).max() < 1e-6]
        irreps.append(FoundIrrep(group, number, known[0] if known else _generator_matrices(group, table.bases[i])))
    return tuple(irreps)


def _draw_until_clear(group: Group) -> _Table:
    rng = np.random.default_rng(1872)
    for _ in range(ATTEMPTS):
        table = _table(group, *_eigenspaces(group, rng))
        if table is not None:
            return table
    raise RepresentationError(
        f"{group}, a group of order {group.order}", "irreps that separate numerically", "Please report this group."
    )


def _eigenspaces(group: Group, rng: np.random.Generator) -> tuple[Matrix, list[int]]:
    """Eigenvectors of a random symmetric M[g, h] = a(g⁻¹h), and where each eigenspace starts."""
    weights = rng.standard_normal(len(group.elements))
    weights += weights[group.inverses]
    values, vectors = np.linalg.eigh(weights[group.table[group.inverses]])
    gaps = np.diff(values) / np.abs(values).max()
    starts = [0, *(np.flatnonzero(gaps > 1e-9) + 1).tolist()]
    return vectors, starts


def _table(group: Group, vectors: Matrix, starts: list[int]) -> _Table | None:
    """One eigenspace of each irrep, None where two eigenspaces ran into each other."""
    order, classes = len(group.elements), group.enumeration.classes
    class_of = np.empty(order, dtype=np.int64)
    for number, members in enumerate(classes):
        class_of[list(members)] = number
    sizes = np.array([len(members) for members in classes])
    rows = np.add.reduceat(vectors[0] * vectors, starts, axis=1)  # row e of the projector UUᵀ, which is all of it
    characters = np.zeros((len(classes), len(starts)))
    np.add.at(characters, class_of, rows)
    characters = (characters * order / sizes[:, None]).T
    overlaps = characters * sizes @ characters.T / order
    kinds, dims = np.diag(overlaps), np.diff([*starts, order])
    squares = class_of[np.diag(group.table)]
    indicators = characters[:, squares].mean(axis=1)
    distinct = _first_of_each(overlaps)
    if not _is_complete(kinds[distinct], dims[distinct], indicators[distinct], order):
        return None
    bases = [vectors[:, starts[i] : starts[i] + dims[i]] for i in distinct]
    return _Table(bases, characters[distinct])


def _first_of_each(overlaps: Matrix) -> list[int]:
    """The first of each set of equal characters: those have overlap ≥ 1, all others 0."""
    distinct, seen = [], np.zeros(len(overlaps), dtype=bool)
    for i in range(len(overlaps)):
        if not seen[i]:
            distinct.append(i)
            seen |= overlaps[i] > 0.5
    return distinct


def _is_complete(kinds: Matrix, dims: npt.NDArray[np.int_], indicators: Matrix, order: int) -> bool:
    """Σ d²/e = |G|, and each irrep is real, complex or quaternionic by ⟨χ, χ⟩ and by the mean of χ(g²)."""
    numbers = np.round(kinds).astype(int)
    if not all(number in TYPES for number in numbers) or np.abs(kinds - numbers).max() > 1e-4:
        return False
    expected = np.array([INDICATORS[number] for number in numbers])
    return np.abs(indicators - expected).max() < 1e-4 and int((dims**2 // numbers).sum()) == order


def _generator_matrices(group: Group, space: Matrix) -> Matrix:
    """ρ(s) = Bᵀ L(s) B in the basis B of the space nearest to a fixed one: the same wherever the space is the same."""
    fixed = np.random.default_rng(1918).standard_normal(space.shape)
    basis = space @ _nearest_orthogonal(space.T @ fixed)
    left = group.enumeration.left
    matrices = np.stack([_nearest_orthogonal(basis[images].T @ basis) for images in left])
    return np.round(matrices) if matrices.shape[-1] == 1 else matrices


def _familiar(group: Group, one_dimensional: list[Matrix]) -> list[tuple[Matrix, Matrix]]:
    """Characters and generator matrices of `standard` and its products with signs, whose basis everyone knows."""
    standard = Standard(group)
    if not standard.is_orthogonal:
        return []
    trace = np.array([standard.character(members[0]) for members in group.conjugacy_classes])
    class_of = {i: number for number, members in enumerate(group.enumeration.classes) for i in members}
    at_generators = [class_of[group.index(s)] for s in group.generators]
    return [
        (character * trace, character[at_generators].round()[:, None, None] * standard.generator_matrices)
        for character in one_dimensional
    ]


def _nearest_orthogonal(matrix: Matrix) -> Matrix:
    left, _, right = np.linalg.svd(matrix)
    return left @ right
