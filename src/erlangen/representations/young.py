"""Irreps of the symmetric groups in closed form: Young's orthogonal form, one irrep for each partition of n.

A basis vector is a standard tableau T of the partition's shape: 0 … n−1 in its boxes, growing along rows and columns.
ρ(s) T = T/d + √(1 − 1/d²) sT for s = (k k+1), where d = c(k+1) − c(k) and c(k) is the column less the row of k.
Every permutation is a product of such transpositions.
(A. Young 1932, On quantitative substitutional analysis VI, Proc. London Math. Soc. 34; James, Kerber 1981, The
Representation Theory of the Symmetric Group.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.groups import Element, S
from erlangen.representations.base import Irrep, Matrix
from erlangen.representations.named import Trivial
from erlangen.representations.numbered import Numbered, in_order

Shape = tuple[int, ...]
Tableau = tuple[int, ...]  # the row of each of 0 … n−1


@dataclass(frozen=True, repr=False)
class YoungIrrep(Numbered):
    """S(n): Young's orthogonal form for a partition of n, the lengths of the rows of `shape`; (1, …, 1) is the sign.

    The tableaux are sorted by the row of their last entry, the lowest row first, then by that of the last but one, …:
    what leaves n−1 in its place acts block by block, as the same form of S(n−1)."""

    shape: Shape

    @property
    def dim(self) -> int:
        return len(standard_tableaux(self.shape))

    @property
    def type(self) -> str:
        return "real"

    def _matrix(self, g: Element) -> Matrix:
        return young_form(self.shape, g.key)


def young_irreps(group: S) -> tuple[Irrep, ...]:
    """All irreps of S(n), one for each partition of n; GroupError beyond 2,000 elements.

    >>> [rho.dim for rho in young_irreps(S(5))]
    [1, 1, 4, 4, 5, 5, 6]"""
    shapes = partitions(group.n)
    permutations = [members[0].key for members in group.conjugacy_classes]
    characters = np.array([[np.trace(young_form(shape, images)) for images in permutations] for shape in shapes])
    order = in_order([len(standard_tableaux(shape)) for shape in shapes], characters)
    return (Trivial(group), *(YoungIrrep(group, number, shapes[i]) for number, i in enumerate(order) if number > 0))


def young_form(shape: Shape, images: Sequence[int]) -> Matrix:
    """ρ of the permutation j ↦ images[j]: the product of the adjacent transpositions that sorting its images takes.

    Shapes: float64 [d, d], d the number of standard tableaux.

    >>> young_form((2, 1), (1, 0, 2)).tolist()
    [[1.0, 0.0], [0.0, -1.0]]"""
    swaps = _adjacent(shape)
    result, images = np.eye(swaps.shape[-1]), list(images)
    for end in range(len(images) - 1, 0, -1):
        for k in range(end):
            if images[k] > images[k + 1]:
                images[k], images[k + 1] = images[k + 1], images[k]
                result = swaps[k] @ result
    return result


def partitions(n: int, largest: int | None = None) -> list[Shape]:
    """The ways to write n as a sum of positive integers, none larger than `largest`, the largest first.

    >>> partitions(4)
    [(4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)]"""
    if n == 0:
        return [()]
    limit = n if largest is None else min(n, largest)
    return [(first, *rest) for first in range(limit, 0, -1) for rest in partitions(n - first, first)]


@lru_cache(maxsize=256)
def standard_tableaux(shape: Shape) -> tuple[Tableau, ...]:
    """The standard tableaux of a shape, each as the rows in which 0 … n−1 stand, sorted from the last entry back.

    >>> standard_tableaux((2, 1))
    ((0, 0, 1), (0, 1, 0))"""
    if not shape:
        return ((),)
    corners = [row for row, below in enumerate((*shape[1:], 0)) if shape[row] > below]
    return tuple(
        (*smaller, row) for row in reversed(corners) for smaller in standard_tableaux(_without_corner(shape, row))
    )


def _without_corner(shape: Shape, row: int) -> Shape:
    return tuple(length for length in (*shape[:row], shape[row] - 1, *shape[row + 1 :]) if length)


@lru_cache(maxsize=256)
def _adjacent(shape: Shape) -> Matrix:
    """ρ of (0 1), (1 2), …, float64 [n − 1, d, d]."""
    tableaux = standard_tableaux(shape)
    places = {tableau: i for i, tableau in enumerate(tableaux)}
    swaps = np.zeros((sum(shape) - 1, len(tableaux), len(tableaux)))
    for i, tableau in enumerate(tableaux):
        contents = [tableau[:k].count(row) - row for k, row in enumerate(tableau)]
        for k in range(len(swaps)):
            distance = contents[k + 1] - contents[k]
            swaps[k, i, i] = 1 / distance
            if abs(distance) > 1:  # else k and k+1 are neighbours in a row or column and cannot change places
                exchanged = (*tableau[:k], tableau[k + 1], tableau[k], *tableau[k + 2 :])
                swaps[k, places[exchanged], i] = math.sqrt(distance**2 - 1) / abs(distance)
    swaps.setflags(write=False)
    return swaps
