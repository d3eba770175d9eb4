"""The doors to the irreducible representations of a group: closed forms where known, else found numerically."""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import SupportsIndex

from erlangen.errors import RepresentationError
from erlangen.groups import SO, C, D, DirectProduct, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral, S
from erlangen.groups import Trivial as TrivialGroup
from erlangen.representations.base import COMMUTANT, Irrep, Representation
from erlangen.representations.found import found_irreps
from erlangen.representations.named import Sign, Trivial
from erlangen.representations.outer import outer_irreps
from erlangen.representations.planar import HIGHEST_FREQUENCY, planar_irrep, planar_labels
from erlangen.representations.polyhedral import polyhedral_irreps
from erlangen.representations.spatial import HIGHEST_DEGREE, spatial_irrep, spatial_labels
from erlangen.representations.sums import direct_sum
from erlangen.representations.young import young_irreps


def irrep(group: Group, *labels: SupportsIndex) -> Irrep:
    """The irreducible representation with these labels, real and orthogonal; the one that does nothing is `trivial`.

    Labels: SO(2), C(n): (k), the frequency; O(2), D(n): (j, k), j the mirror parity; SO(3): (l), the degree;
    O(3): (l, p), p = ±1 the parity under inversion; other finite groups: (i), trivial first, then by dimension, then by
    character; products with an infinite factor: (i), by frequency first.
    Errors: RepresentationError where there is none with these labels.

    >>> import erlangen as er
    >>> er.SO(3).irrep(2), er.O(3).irrep(1, -1).dim, er.C(4).irrep(0)
    (irrep(2) of SO(3), 3, trivial of C4)

    Serre 1977, Linear Representations of Finite Groups."""
    numbers = tuple(_whole(label, group) for label in labels)
    if is_planar(group):
        found = planar_irrep(group, numbers)
    elif is_spatial(group):
        found = spatial_irrep(group, numbers)
    else:
        known = _listed(group) if group.order is not None or len(numbers) != 1 else _up_to(group, numbers[0])
        if len(numbers) != 1 or not 0 <= numbers[0] < len(known):
            raise RepresentationError(
                f"irrep{numbers} of {group}", f"one number from 0 to {len(known) - 1}", "See `group.irreps()`."
            )
        return known[numbers[0]]
    return Trivial(group) if found.is_trivial else found


def irreps(group: Group, max_frequency: int | None = None) -> tuple[Irrep, ...]:
    """All irreps of a finite group; of C(n), D(n), SO(n), O(n) all up to a frequency or degree, both parities.

    Errors: RepresentationError for infinitely many, and where a limit means nothing; GroupError beyond order 2,000.

    >>> import erlangen as er
    >>> er.D(4).irreps()
    (trivial of D4, irrep(1, 0) of D4, irrep(1, 1) of D4, irrep(0, 2) of D4, irrep(1, 2) of D4)"""
    if max_frequency is not None and _whole(max_frequency, group) < 0:
        raise RepresentationError(f"irreps({max_frequency})", "a frequency or degree from 0 up", "Write irreps(2).")
    if is_planar(group) or is_spatial(group):
        if max_frequency is None and group.order is None:
            raise RepresentationError(
                f"all irreps of {group}",
                "a highest frequency or degree, for there are infinitely many",
                "Write irreps(2).",
            )
        limit = group.order or 0 if max_frequency is None else max_frequency
        highest = HIGHEST_FREQUENCY if is_planar(group) else HIGHEST_DEGREE
        if group.order is None and limit > highest:
            raise RepresentationError(
                f"irreps({limit}) of {group}",
                f"a frequency or degree up to {highest}",
                "Rounding spoils higher ones.",
            )
        labels = planar_labels(group, limit) if is_planar(group) else spatial_labels(group, limit)
        return tuple(irrep(group, *each) for each in labels)
    if max_frequency is not None and group.order is None and isinstance(group, DirectProduct):
        return outer_irreps(group, [irreps(f, max_frequency if f.order is None else None) for f in group.factors])
    if max_frequency is not None:
        raise RepresentationError(
            f"irreps({max_frequency}) of {group}", "no limit: its irreps are numbered", "Write irreps()."
        )
    return _listed(group)


def band_limited_regular(group: Group, max_frequency: int) -> Representation:
    """L²(G) up to a frequency or degree: by Peter and Weyl each irrep as often as its dimension over that of its
    commutant; functions on a continuous group as far as they are stored.

    >>> import erlangen as er
    >>> er.SO(3).band_limited_regular(1), er.O(2).band_limited_regular(2).dim
    (trivial + 3 × irrep(1) of SO(3), 10)
    """
    return direct_sum(*((rho, rho.dim // COMMUTANT[rho.type]) for rho in irreps(group, max_frequency)))


def is_planar(group: Group) -> bool:
    """Whether irreps are labelled by frequency: C(n), D(n), SO(2), O(2)."""
    return isinstance(group, C | D) or (isinstance(group, SO | O) and group.n == 2)


def is_spatial(group: Group) -> bool:
    """Whether irreps are labelled by degree: SO(3), O(3)."""
    return isinstance(group, SO | O) and group.n == 3


def has_closed_forms(group: Group) -> bool:
    """Whether all irreps are formulas, the same on every machine: the named groups and their direct products.

    >>> has_closed_forms(C(4) * S(3)), has_closed_forms(C(4).subgroup(C(4).generators[0]))
    (True, False)"""
    if isinstance(group, DirectProduct):
        return all(map(has_closed_forms, group.factors))
    named = TrivialGroup | Mirror | S | Octahedral | FullOctahedral | Icosahedral
    return isinstance(group, named) or is_planar(group) or is_spatial(group)


def _up_to(group: Group, number: int) -> tuple[Irrep, ...]:
    """The first irreps of an infinite product, past `number` of them: a higher limit only adds to the list."""
    limit, known = 1, irreps(group, 0)
    while len(known) <= number:
        known, limit = irreps(group, limit), 2 * limit
    return known


@lru_cache(maxsize=64)
def _listed(group: Group) -> tuple[Irrep, ...]:
    group.elements  # noqa: B018  what cannot be listed refuses here
    match group:
        case TrivialGroup():
            return (Trivial(group),)
        case Mirror():
            return (Trivial(group), Sign(group))
        case S():
            return young_irreps(group)
        case Octahedral() | FullOctahedral() | Icosahedral():
            return polyhedral_irreps(group)
        case DirectProduct() if has_closed_forms(group):
            return outer_irreps(group, [irreps(factor) for factor in group.factors])
    return found_irreps(group)


def _whole(label: SupportsIndex, group: Group) -> int:
    try:
        return operator.index(label)
    except TypeError:
        raise RepresentationError(
            f"the label {label!r} of an irrep of {group}", "whole numbers", "Write irrep(1), say."
        ) from None
