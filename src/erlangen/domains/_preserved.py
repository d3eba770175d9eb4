"""Which elements of a group map a lattice to itself, and the largest subgroup of those."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from erlangen.domains.lattice import Lattice
    from erlangen.groups import Element, Group

_TOLERANCE = 1e-6


@lru_cache(maxsize=4096)
def integral_matrix(lattice: "Lattice", g: "Element") -> np.ndarray | None:
    """A_g = E⁻¹ g E if it is an isometry of space and maps whole coordinates to whole ones, else None."""
    cartesian = lattice.cartesian(g)
    if cartesian is None or (lattice.causal and not np.allclose(cartesian, np.eye(lattice.dim), atol=_TOLERANCE)):
        return None
    if not np.allclose(cartesian @ cartesian.T, np.eye(lattice.dim), atol=_TOLERANCE):
        return None
    array = np.linalg.solve(lattice.basis, cartesian @ lattice.basis)
    whole = np.rint(array)
    return whole.astype(np.int64) if np.allclose(array, whole, atol=_TOLERANCE) else None


@lru_cache(maxsize=256)
def largest_preserving(lattice: "Lattice", group: "Group") -> "Group":
    """The subgroup of all elements that map the lattice to itself, by its name where it has one."""
    named = [k for k in _named_groups(lattice.dim) if _fits(lattice, k, group)]
    best = max(named, key=lambda k: k.order or 0)
    whole = _named_groups(lattice.dim)[-1] if _is_large(group) else group
    kept = [g for g in whole.elements if integral_matrix(lattice, g) is not None and _moves_so(lattice, group, g)]
    return best if len(kept) <= (best.order or 0) else _generated(whole, kept)


@lru_cache(maxsize=256)
def preserving_named(lattice: "Lattice") -> tuple["Group", ...]:
    """The point groups with names of their own that map the lattice to itself.

    Those about the first two axes of a volume are named where the last axis has no quarter turns.
    """
    from erlangen.groups import C, D

    kept = tuple(g for g in _named_groups(lattice.dim)[1:] if _keeps(lattice, g))
    if lattice.dim != 3 or C(4) in kept:
        return kept
    return kept + tuple(g for axis in (0, 1) for g in (C(4, axis=axis), D(4, axis=axis)) if _keeps(lattice, g))


def _keeps(lattice: "Lattice", group: "Group") -> bool:
    return all(integral_matrix(lattice, s) is not None for s in group.generators)


def _generated(group: "Group", kept: list["Element"]) -> "Group":
    """The subgroup of these elements, by as few generators as taking them one after another needs."""
    generators: list[Element] = []
    subgroup = group.subgroup(*generators)
    for g in kept:
        if not subgroup.contains(g):
            generators.append(g)
            subgroup = group.subgroup(*generators)
    return subgroup


def _fits(lattice: "Lattice", candidate: "Group", group: "Group") -> bool:
    """Whether the lattice keeps `candidate`, and `group` moves space by all of its matrices."""
    generators = () if candidate.order == 1 else candidate.generators
    return all(integral_matrix(lattice, g) is not None and _moves_so(lattice, group, g) for g in generators)


def _moves_so(lattice: "Lattice", group: "Group", g: "Element") -> bool:
    """Whether some element of `group` moves space as g does."""
    wanted = lattice.cartesian(g)
    if wanted is None or g.group == group:
        return wanted is not None
    if _is_large(group):
        return group.contains(g) or group.contains(wanted)
    moves = [lattice.cartesian(h) for h in group.elements]
    return any(m is not None and np.allclose(m, wanted, atol=_TOLERANCE) for m in moves)


def _is_large(group: "Group") -> bool:
    return group.order is None or group.order > 2000


def _named_groups(dim: int) -> list["Group"]:
    """The point groups with names of their own that some lattice of this dimension has, the trivial one first."""
    from erlangen.groups import C, D, FullOctahedral, Mirror, Octahedral, Trivial

    mirror = Mirror()
    if dim == 1:
        return [Trivial(), mirror]
    plane = [C(2), C(3), C(4), C(6), D(1), D(2), D(3), D(4), D(6)]
    if dim == 2:
        return [Trivial(), mirror, *plane]
    stacked = [k * mirror for k in (C(2), C(4), D(2), D(4))]
    return [Trivial(), mirror, *plane, *stacked, Octahedral(), FullOctahedral()]
