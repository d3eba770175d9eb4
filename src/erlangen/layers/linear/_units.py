"""Fields that stand in the same small group again and again, as the functions on a group do: their sum as one kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from erlangen.layers._fields import Kind, kinds_of
from erlangen.representations import Representation
from erlangen.representations.sums import direct_sum, period
from erlangen.solve.kernels import BasisKernel
from erlangen.solve.terms import TermKernel, single_terms_of_sums

Table = Sequence[Sequence[BasisKernel]]


@dataclass(frozen=True)
class Unit:
    """The fields that stand again and again: their sum as one kind, and each as the number of its own kind."""

    whole: Kind
    parts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Between:
    """All kernels from one unit to another, and the standard deviation with which each of their weights starts."""

    source: Kind
    target: Kind
    terms: TermKernel
    deviations: np.ndarray


def unit_of(rho: Representation) -> Unit:
    """The shortest sum of fields of which ρ is so many copies.

    >>> from erlangen.groups import SO
    >>> unit = unit_of(9 * (SO(2).trivial + 2 * SO(2).irrep(1)))
    >>> unit.whole.field, unit.whole.copies, unit.parts
    (trivial + 2 × irrep(1) of SO(2), 9, (0, 1, 1))
    """
    kinds = kinds_of(rho)
    if len(kinds) == 1:
        return Unit(kinds[0], (0,))
    runs, number = rho.fields[: period(rho.fields)], {kind.field: i for i, kind in enumerate(kinds)}
    field = direct_sum(*runs)
    whole = Kind(field, field.dim, field.is_permutation, ((0, rho.dim // field.dim),))
    return Unit(whole, tuple(number[part] for part, times in runs for _ in range(times)))


def between(source: Unit, target: Unit, solutions: Table, deviations: Sequence[Sequence[float]]) -> Between | None:
    """The kernels between two units from those between their kinds of field, `[out][in]`, in single terms.

    None where two weights meet in one entry, and where there are more weights than entries in one row of the kernel:
    a gather goes back through all weights for each row.
    """
    pairs = [(i, j) for i in target.parts for j in source.parts]
    free = [solutions[i][j].free for i, j in pairs]
    if sum(free) > source.whole.dim * solutions[0][0].coefficients.shape[-1]:
        return None
    terms = single_terms_of_sums([[solutions[i][j] for j in source.parts] for i in target.parts])
    if terms is None:
        return None
    return Between(source.whole, target.whole, terms, np.repeat([deviations[i][j] for i, j in pairs], free))
