"""Finite groups of matrices: closed under products at construction, or refused with the reason."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import as_array, whole
from erlangen.groups.base import Group
from erlangen.groups.element import Key
from erlangen.groups.enumeration import (
    LARGEST_ENUMERATED,
    Enumeration,
    TooLargeError,
    dimino,
    left_multiplication,
)
from erlangen.groups.tidy import Matrix, tidy
from erlangen.groups.words import describe

Rows = tuple[tuple[float, ...], ...]

LARGEST_CLOSED = 20_000  # whatever the cap: powers without end are given up after half a second
_SAME = 1e-6  # two products closer than this are one element


class MatrixShelf:
    """A shelf of matrices: those within 1e-6 of each other, entry by entry, are the same.

    Each is found by one random linear measure of it, and then compared; nothing depends on where roundings fall.
    """

    def __init__(self, size: int):
        self.items: list[Matrix] = []
        self.weights = np.random.default_rng(0).uniform(0.5, 1, (size, size)) / size**2
        self.measures = np.empty(64)  # those beyond the items mean nothing yet

    def find(self, item: Matrix) -> int | None:
        """The place of a matrix, None where it is not there."""
        measure = float((self.weights * item).sum())
        near = np.flatnonzero(np.abs(self.measures[: len(self.items)] - measure) < _SAME)
        return next((int(i) for i in near if np.abs(self.items[i] - item).max() < _SAME), None)

    def add(self, item: Matrix) -> None:
        """Append a matrix that is not there yet."""
        if len(self.items) == len(self.measures):
            self.measures = np.concatenate([self.measures, np.empty_like(self.measures)])
        self.measures[len(self.items)] = (self.weights * item).sum()
        self.items.append(item)


class FiniteMatrices(Group):
    """A finite group of square matrices, orthogonal or not. Keys: places in the canonical order of the elements.

    >>> import erlangen as er
    >>> G = er.Octahedral()
    >>> isinstance(G, er.groups.FiniteMatrices), G.closure().matrices.shape
    (True, (24, 3, 3))
    """

    @abstractmethod
    def closure(self) -> Closure:
        """All the matrices, and the group they form."""

    @property
    def order(self) -> int:
        """The number of matrices."""
        return len(self.closure().matrices)

    def unit(self) -> Key:
        """0."""
        return 0

    def generator_keys(self) -> Sequence[Key]:
        """Where left multiplication by the generators takes the unit."""
        return tuple(self.closure().listing.left[:, 0].tolist())

    def multiply(self, a: Key, b: Key) -> Key:
        """By the table."""
        return int(self.closure().listing.table[a, b])

    def invert(self, a: Key) -> Key:
        """By the table."""
        return int(self.closure().listing.inverses[a])

    def matrix_of(self, a: Key) -> Matrix:
        """The matrix itself."""
        return self.closure().matrices[a].copy()

    def text_of(self, a: Key) -> str:
        """A turn or a mirror in words, else the rows of the matrix."""
        return describe(self.closure().matrices[a])

    def list_elements(self) -> Enumeration:
        """Made with the closure."""
        return self.closure().listing


@dataclass(frozen=True, repr=False)
class MatrixGroup(FiniteMatrices):
    """⟨given matrices⟩, integer or real, as `Group.from_matrices` makes it.

    Real matrices may be written to seven digits: the group they stand for is found first, then the nearest matrices
    that multiply by its table exactly.

    >>> import erlangen as er
    >>> shears = er.groups.MatrixGroup((((0, -1), (1, 1)),))  # 60° in the axes of a hexagonal lattice
    >>> shears.order
    6
    """

    generating: tuple[Rows, ...]
    cap: int = field(default=LARGEST_ENUMERATED, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "generating", _square_matrices(self.generating))
        object.__setattr__(self, "cap", whole(self.cap, "a group under a cap"))
        self.closure()  # a group that is not finite is refused here, not later

    def closure(self) -> Closure:
        """All the matrices, and the group they form."""
        return close(self.generating, min(self.cap, LARGEST_CLOSED))

    def __repr__(self) -> str:
        return f"Group.from_matrices({[[list(row) for row in rows] for rows in self.generating]!r})"

    def __str__(self) -> str:
        return f"matrix group of order {self.order} in {self.dimension} dimensions"


@dataclass(frozen=True, eq=False)
class Closure:
    """The matrices of a finite group in canonical order, float64 [order, d, d], and their listing."""

    matrices: Matrix
    listing: Enumeration


@lru_cache(maxsize=256)
def close(generating: tuple[Rows, ...], cap: int = LARGEST_ENUMERATED) -> Closure:
    """All products of the matrices; GroupError where there are more than `cap`, or where one cannot be undone."""
    generators = [np.array(rows) for rows in generating]
    size = len(generators[0])
    for generator in generators:
        _check_volume(generator)
    shelf = MatrixShelf(size)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # powers without end
            dimino(shelf, np.eye(size), generators, np.matmul, cap)
            left = left_multiplication(shelf, generators, np.matmul)
    except TooLargeError:
        raise GroupError(
            f"matrices that generate more than {cap:,} elements",
            f"a finite group of at most {cap:,}",
            "Check the entries (a turn needs its sine and cosine to seven digits), or use er.SO, er.O or permutations.",
        ) from None
    places = range(len(shelf.items))
    listing = Enumeration(tuple(places), {place: place for place in places}, left)
    return Closure(_exact(listing, generators), listing)


def _exact(listing: Enumeration, generators: Sequence[Matrix]) -> Matrix:
    """The matrices along the words of the listing, after the generators are corrected to multiply by its table.

    Correction: s ← mean over g of M(s g) M(g)⁻¹, which is s where M is exact, and else squares the error.
    """
    for _ in range(4):
        matrices = _along_words(listing, generators)
        products = np.einsum("sgij,gjk->sgik", matrices[listing.left], np.linalg.inv(matrices))
        corrected = tidy(products.mean(axis=1))
        change = max(np.abs(new - old).max() for new, old in zip(corrected, generators, strict=True))
        if change < 1e-13:
            break
        generators = list(corrected)
    matrices = tidy(_along_words(listing, generators))
    matrices.setflags(write=False)
    return matrices


def _along_words(listing: Enumeration, generators: Sequence[Matrix]) -> Matrix:
    matrices = np.empty((len(listing.keys), *generators[0].shape))
    matrices[0] = np.eye(len(generators[0]))
    for i, s, p in listing.tree:
        matrices[i] = generators[s] @ matrices[p]
    return matrices


def _check_volume(generator: Matrix) -> None:
    """A matrix of finite order keeps volume: |det| = 1."""
    volume = abs(float(np.linalg.det(generator)))
    if abs(volume - 1) > 1e-5:
        raise GroupError(
            f"a matrix of determinant ±{volume:.6g}",
            "determinant 1 or −1: no other matrix has a power that undoes it",
            "Divide out the scale, or leave the matrix out.",
        )


def _square_matrices(generating: Iterable[Any]) -> tuple[Rows, ...]:
    """The generators as tuples of plain floats; GroupError where they are not finite square matrices of one size."""
    arrays = [as_array(matrix) for matrix in generating]
    shapes = {None if array is None else array.shape for array in arrays}
    shape = next(iter(shapes), None)
    if len(shapes) != 1 or shape is None or len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
        raise GroupError(
            f"{len(arrays)} arrays of shapes {sorted(map(str, shapes))}",
            "at least one square matrix, all of the same size",
            "Pass a list of matrices, such as [[[0, -1], [1, 0]]].",
        )
    stack = np.stack([array for array in arrays if array is not None])
    if not np.isfinite(stack).all():
        raise GroupError("a matrix with entries that are not finite", "finite numbers", "Check how it was made.")
    return tuple(tuple(tuple(row) for row in matrix) for matrix in stack.tolist())
