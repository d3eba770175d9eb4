"""Angular parts of kernels on clouds: Hom_H(ρ_in ⊗ Y_l, ρ_out), by Clebsch–Gordan where it is in closed form."""

from functools import lru_cache

import numpy as np
from torch import Tensor

from erlangen.domains import Points
from erlangen.groups import SO, O
from erlangen.representations import Representation, clebsch_gordan, intertwiner_basis
from erlangen.representations.base import Matrix
from erlangen.representations.spatial import Labels
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
    inner, outer = spatial_labels_of(rho_in), spatial_labels_of(rho_out)
    if inner is not None and outer is not None:
        return _coupled(inner, outer, degree)
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


@lru_cache(maxsize=1024)
def spatial_labels_of(field: Representation) -> Labels | None:
    """(l), or (l, p) with mirrors, of the irrep of SO(3) or O(3) whose matrices a field has; None if it has others.

    >>> from erlangen.groups import O, D
    >>> spatial_labels_of(O(3).standard), spatial_labels_of(O(3).trivial), spatial_labels_of(D(4).standard)
    ((1, -1), (0, 1), None)
    """
    group = field.group
    if not isinstance(group, SO | O) or group.n != 3 or field.dim % 2 == 0:
        return None
    degree, some = field.dim // 2, group.sample(4, rng=0)
    for labels in [(degree, 1), (degree, -1)] if isinstance(group, O) else [(degree,)]:
        irrep = group.irrep(*labels)
        if all(np.allclose(irrep(g), field(g), atol=1e-9) for g in some):
            return labels
    return None


def _coupled(inner: Labels, outer: Labels, degree: int) -> Matrix:
    """C of l1 ⊗ l → l3, where parities agree: that of the harmonics is (−1)^l."""
    (l1, *p1), (l3, *p3) = inner, outer
    fits = abs(l1 - degree) <= l3 <= l1 + degree
    if p1:
        fits = fits and p3[0] == p1[0] * (-1) ** degree
    if not fits:
        return np.zeros((0, 2 * l3 + 1, 2 * l1 + 1, 2 * degree + 1))
    return clebsch_gordan(l1, degree, l3).transpose(2, 0, 1)[None]
