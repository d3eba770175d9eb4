"""The orbits of the sites of a stencil: what leaves a site in its place, and what carries it to the others.

A kernel is known everywhere once it is known at one site of every orbit, since K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.groups import Element, Group

Permutations = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class SiteOrbit:
    """The orbit H·v: the stabiliser {h : h·v = v}, and for every site of the orbit one h that carries v there."""

    stabiliser: Group
    carriers: tuple[tuple[int, Element], ...]


@lru_cache(maxsize=256)
def site_orbits(group: Group, site_action: Permutations, sites: int) -> tuple[SiteOrbit, ...]:
    """The orbits of H on the sites 0 … sites−1, by their first site; one image tuple a generator.

    Errors: GroupError where sites are moved by a group that cannot be listed.

    >>> from erlangen.groups import C
    >>> [(orbit.stabiliser.order, len(orbit.carriers)) for orbit in site_orbits(C(2), ((2, 1, 0),), 3)]
    [(1, 2), (2, 1)]"""
    if all(moved == tuple(range(sites)) for moved in site_action):
        return tuple(SiteOrbit(group, ((site, group.identity),)) for site in range(sites))
    moves, orbits, seen = _moves(group, site_action, sites), [], set[int]()
    for site in range(sites):
        if site not in seen:
            reached, first = np.unique(moves[:, site], return_index=True)
            carriers = tuple((int(target), group.elements[h]) for target, h in zip(reached, first, strict=True))
            orbits.append(SiteOrbit(_stabiliser(group, moves[:, site] == site), carriers))
            seen.update(target for target, _ in carriers)
    return tuple(orbits)


def _moves(group: Group, site_action: Permutations, sites: int) -> np.ndarray:
    """The action of every element on the sites, `[order, sites]`, multiplied up from the generators'."""
    moves = np.empty((len(group.elements), sites), dtype=np.int64)
    moves[0] = np.arange(sites)
    for child, generator, parent in group.enumeration.tree:
        moves[child] = np.asarray(site_action[generator])[moves[parent]]
    return moves


def _stabiliser(group: Group, fixing: np.ndarray) -> Group:
    """The subgroup of the elements marked, by few generators: each the first that those before do not make."""
    if fixing.all():
        return group
    chosen: list[int] = []
    made = np.arange(len(fixing)) == 0
    while (fixing & ~made).any():
        chosen.append(int(np.argmax(fixing & ~made)))
        made = _closure(group, chosen)
    return group.subgroup(*(group.elements[i] for i in chosen))


def _closure(group: Group, generators: list[int]) -> np.ndarray:
    """Which elements the generators make."""
    made = np.arange(len(group.elements)) == 0
    frontier = np.zeros(1, dtype=np.int64)
    while len(frontier):
        reached = np.unique(group.table[generators][:, frontier])
        frontier = reached[~made[reached]]
        made[frontier] = True
    return made
