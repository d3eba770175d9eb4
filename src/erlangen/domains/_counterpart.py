"""Which element of one group moves space as an element of another does."""

from functools import lru_cache

import numpy as np

from erlangen.domains._base import Domain
from erlangen.domains.lattice import Lattice
from erlangen.domains.points import Points
from erlangen.domains.sphere import Sphere
from erlangen.errors import GroupError
from erlangen.groups import Element, Group

_SAME = 1e-6
_LARGEST_LISTED = 2000


@lru_cache(maxsize=4096)
def counterpart(domain: Domain, group: Group, g: Element) -> Element | None:
    """The one element of `group` that moves the domain as g does; None where there is none, or more than one.

    Where no points lie in space, it is the same element, of a group and its subgroup.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C, D
    >>> counterpart(Grid(2), D(4), C(8).generators[0] ** 2), counterpart(Grid(2), D(4), C(8).generators[0])
    (r of D(4), None)
    """
    if g.group == group:
        return g
    if not isinstance(domain, Lattice | Points | Sphere):
        return group.element(g) if domain.preserves(group) and group.contains(g) else None
    moves = domain.cartesian(g)
    if moves is None or domain.cartesian(group.identity) is None:
        return None
    if group.order is None or group.order > _LARGEST_LISTED:
        return _read(domain, group, moves)
    found = [h for h in group.elements if _moves(domain, h, moves)]
    return found[0] if len(found) == 1 else None


def _moves(domain: Lattice | Points | Sphere, h: Element, matrix: np.ndarray) -> bool:
    moves = domain.cartesian(h)
    return moves is not None and np.allclose(moves, matrix, atol=_SAME)


def _read(domain: Lattice | Points | Sphere, group: Group, moves: np.ndarray) -> Element | None:
    """The element of a continuous group with that matrix, or with that block of it."""
    size = group.dimension
    try:
        turned = [2, 0, 1][:size] if isinstance(domain, Sphere) and size < 3 else range(size)
        h = group.element(moves[np.ix_(turned, turned)])
    except GroupError:
        return None
    return h if _moves(domain, h, moves) else None
