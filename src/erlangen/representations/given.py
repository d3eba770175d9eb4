"""A representation of one's own, by the matrices of the group's generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group
from erlangen.groups.base import as_group
from erlangen.representations.actions import no_homomorphism
from erlangen.representations.base import Matrix, Representation, is_listed
from erlangen.representations.relations import broken_relation
from erlangen.representations.signed import from_signed_permutations, read_signed
from erlangen.representations.words import along_words, is_homomorphism

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, repr=False)
class Given(Representation):
    """ρ(g) along words in the generators, whose matrices were given."""

    values: tuple[Rows, ...]

    @property
    def dim(self) -> int:
        return len(self.values[0])

    @property
    def name(self) -> str:
        return f"given matrices in {self.dim} dimensions"

    @cached_property
    def _all(self) -> Matrix:
        return along_words(self.group, np.array(self.values))

    def _matrix(self, g: Element) -> Matrix:
        return self._all[self.group.index(g)].copy()


def from_matrices(group: Group, matrices: Sequence[object]) -> Representation:
    """The representation whose generators have these matrices, in the order of `group.generators`.

    Shapes: one [dim, dim] array per generator. Errors: RepresentationError where they do not multiply as the group
    does, with a relation that they break; GroupError where the group cannot be listed (infinite, or more than 2,000
    elements), but for signed permutations, which need no list.

    >>> import erlangen as er
    >>> from erlangen.representations import from_matrices
    >>> from_matrices(er.C(2), [[[0, 1], [1, 0]]]).is_permutation
    True"""
    values = read_square(matrices, len(as_group(group, "the group of a representation").generators))
    signed = None if is_listed(group) else [read_signed(matrix) for matrix in values]
    if signed and None not in signed:
        images, signs = zip(*(both for both in signed if both is not None), strict=True)
        return from_signed_permutations(group, images, signs)
    rho = Given(group, tuple(tuple(map(tuple, matrix)) for matrix in values.tolist()))
    if not is_homomorphism(group, values, rho._all):
        raise no_homomorphism(group, "matrices", broken_relation(group, values))
    return rho


def read_square(matrices: Sequence[object], count: int) -> Matrix:
    """The matrices as one float64 array [count, dim, dim], refused where they are no such thing."""
    try:
        values: Matrix = np.array(matrices, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros((0, 0, 0))
    is_stack = values.ndim == 3 and values.shape[1] == values.shape[2] > 0
    if not is_stack or len(values) != count or not np.isfinite(values).all():
        raise RepresentationError(
            f"an array of shape {list(values.shape)}",
            f"{count} square matrices of finite numbers, one for each generator",
            "Pass a list of [dim, dim] arrays.",
        )
    return values
