"""From signals on the sphere to one point: all linear maps from the harmonics of a degree to a representation.

A signal's coefficients of degree l are a vector that the group moves by D_l, or by det D_l where mirrors change the
sign. So what can be read off a signal is Hom_G(D_l, ρ), degree by degree: under SO(3) irrep(l) from degree l alone.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from erlangen.domains import Sphere
from erlangen.domains.spherical_transform import wigner
from erlangen.errors import RepresentationError
from erlangen.representations import Irrep, Representation
from erlangen.representations.intertwiners import commuting
from erlangen.representations.tangent import places
from erlangen.solve.on_sphere import Adapted, Copies, adapted, handedness, kinds, matrix_of

Array = np.ndarray


class Reading(NamedTuple):
    """The maps from one copy of an irrep in degree l, `[k, ρ.dim, 2l + 1]`, orthonormal.

    Together over all copies they span Hom_G. `share` is d/c, d the dimension of the irrep, c that of what commutes with
    it: so the sum of `share` · W Wᵀ over the k maps is a projection, to the channels that the irrep reaches. Where the
    irreps were not taken apart, the degrees count as one, and that is so on the mean over the channels.
    """

    irrep: Hashable
    degree: int
    maps: Array
    share: float


@lru_cache(maxsize=256)
def from_degrees(domain: Sphere, rho: Representation, twisted: bool, least: int, band: int) -> tuple[Reading, ...]:
    """All maps from coefficients of degrees from `least` to `band` to ρ, copy by copy of each irrep among them.

    >>> from erlangen.groups import SO
    >>> [(found.degree, found.maps.shape) for found in from_degrees(Sphere(), SO(3).irrep(2), False, 0, 5)]
    [(2, (1, 5, 5))]
    """
    if places(rho):
        given, mend = f"{rho} as one answer for the whole sphere", "For a vector of space: G.standard, or G.irrep(1)."
        raise RepresentationError(given, "a representation by matrices", mend)
    known = adapted(domain, rho.group, twisted, least, band)
    found = []
    for irrep, copies in known.copies.items():
        maps = _maps(domain, rho, twisted, known, copies)
        if len(maps):
            key, share = irrep, copies.places.shape[1] / len(copies.commutant)
            if known.way == "some":
                key, share = None, rho.dim / len(maps)
            for i, l in enumerate(copies.degrees.tolist()):
                found.append(Reading(key, l, maps @ _rows(known, copies, i), share))
    return tuple(sorted(found, key=lambda reading: reading.degree))


def can_tell(domain: Sphere, fields: Representation, rho: Representation, band: int) -> bool:
    """Whether every part of ρ can be read off signals of these fields in degrees up to `band`, none of it only zero.

    >>> from erlangen.groups import O
    >>> can_tell(Sphere(), O(3).trivial, O(3).irrep(1, -1), 1), can_tell(Sphere(), O(3).trivial, O(3).irrep(1, 1), 9)
    (True, False)
    """
    of_channels = set(kinds(domain, fields))
    return all(_reaches_all(domain, of_channels, field, band) for field, _ in rho.fields)


def _reaches_all(domain: Sphere, of_channels: set[tuple[bool, int]], field: Representation, band: int) -> bool:
    read = [reading.maps for kind in of_channels for reading in from_degrees(domain, field, *kind, band)]
    reached = sum((np.einsum("kim,kjm->ij", maps, maps) for maps in read), np.zeros((field.dim, field.dim)))
    return int(np.linalg.matrix_rank(reached, tol=1e-9)) == field.dim


def _maps(domain: Sphere, rho: Representation, twisted: bool, known: Adapted, copies: Copies) -> Array:
    """All maps from the irrep of these copies to ρ, `[k, ρ.dim, d]`, orthonormal."""
    d, irreducible = copies.places.shape[1], known.way != "some"
    if irreducible and (d > rho.dim or (isinstance(rho, Irrep) and d != rho.dim)):
        return np.zeros((0, rho.dim, d))
    rows, l = _rows(known, copies, 0), int(copies.degrees[0])
    moved = [
        rows @ wigner(l, matrix_of(domain, g))[l] @ rows.T * (handedness(domain, g) if twisted else 1)
        for g in rho.group.generators
    ]
    after = rho.generator_matrices
    if irreducible and d == rho.dim and np.allclose(moved, after, atol=1e-9):
        return copies.commutant / np.sqrt(d)
    return commuting(moved, after, (rho.dim, d))


def _rows(known: Adapted, copies: Copies, i: int) -> Array:
    """Orthonormal rows that take a copy's coordinates from the coefficients of its degree, `[d, 2l + 1]`."""
    first, last = (int(copies.degrees[i]) + step for step in (0, 1))
    place, sign = copies.places[i], copies.signs[i][:, None]
    if known.change is None:
        return sign * np.eye(2 * first + 1)[place - first**2]
    return sign * known.change[place, first**2 : last**2]
