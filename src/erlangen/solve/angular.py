"""Angular parts of kernels on clouds: Hom_H(ρ_in ⊗ Y_l, ρ_out), by Clebsch–Gordan where it is in closed form."""

from functools import lru_cache

import numpy as np
from torch import Tensor

from erlangen.domains import Points
from erlangen.groups import O
from erlangen.representations import Representation, clebsch_gordan, intertwiner_basis
from erlangen.representations.base import Matrix
from erlangen.representations.spatial import SpatialIrrep
from erlangen.solve.circular import circular_harmonics
from erlangen.solve.harmonics import Harmonic
from erlangen.solve.spherical import harmonics


@lru_cache(maxsize=4096)
def angular_maps(rho_in: Representation, rho_out: Representation, domain: Points, degree: int) -> Matrix:
    """All W with W (ρ_in(h) ⊗ Y_l(h)) = ρ_out(h) W, orthonormal, `[k, ρ_out.dim, ρ_in.dim, dim Y_l]`.

    >>> from erlangen.groups import O
    >>> vectors = O(3).irrep(1, -1)
    >>> [len(angular_maps(vectors, vectors, Points(3), l)) for l in (0, 1, 2)]  # the cross product is no vector
    [1, 0, 1]
    """
    if isinstance(rho_in, SpatialIrrep) and isinstance(rho_out, SpatialIrrep):
        return _coupled(rho_in, rho_out, degree)
    harmonic = Harmonic(rho_in.group, domain, degree)
    free = intertwiner_basis(rho_in.tensor(harmonic), rho_out)
    return free.reshape(len(free), rho_out.dim, rho_in.dim, harmonic.dim)


def harmonics_on(domain: Points, highest: int, vectors: Tensor) -> Tensor:
    """Y_l of the directions of vectors of the domain's space, l = 0 … highest one behind the other."""
    return (harmonics if domain.dim == 3 else circular_harmonics)(highest, vectors)


def places_of(domain: Points, degree: int) -> slice:
    """Where Y_l stands among those of all degrees.

    >>> places_of(Points(3), 2), places_of(Points(2), 2)
    (slice(4, 9, None), slice(3, 5, None))
    """
    if domain.dim == 3:
        return slice(degree**2, (degree + 1) ** 2)
    return slice(max(0, 2 * degree - 1), 2 * degree + 1)


def _coupled(rho_in: SpatialIrrep, rho_out: SpatialIrrep, degree: int) -> Matrix:
    """C of l1 ⊗ l → l3, where parities agree: that of the harmonics is (−1)^l."""
    (l1, *p1), (l3, *p3) = rho_in.labels, rho_out.labels
    fits = abs(l1 - degree) <= l3 <= l1 + degree
    if isinstance(rho_in.group, O):
        fits = fits and p3[0] == p1[0] * (-1) ** degree
    if not fits:
        return np.zeros((0, rho_out.dim, rho_in.dim, 2 * degree + 1))
    return clebsch_gordan(l1, degree, l3).transpose(2, 0, 1)[None]
