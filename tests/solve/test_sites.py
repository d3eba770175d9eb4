"""Orbits of sites: every site is carried there from the first of its orbit, and stabilisers are all that fixes it."""

import numpy as np
import pytest

from erlangen.errors import GroupError
from erlangen.groups import SO, C, D, FullOctahedral, Group, S, Trivial
from erlangen.solve.sites import Permutations, site_orbits


def cube(group: Group) -> Permutations:
    """How the generators move the 27 sites of the 3 × 3 × 3 stencil."""
    sites = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    moved = [np.rint(sites @ group.matrix(g).T).astype(int) @ [9, 3, 1] + 13 for g in group.generators]
    return tuple(tuple(images.tolist()) for images in moved)


@pytest.mark.parametrize(
    ("group", "action", "sites", "sizes"),
    [
        (Trivial(), (), 2, [1, 1]),
        (C(4), ((1, 2, 3, 0, 4),), 5, [4, 1]),
        (S(4), S(4).generator_keys(), 4, [4]),
        (D(4, axis=2), cube(D(4, axis=2)), 27, [4, 4, 1, 4, 4, 1, 4, 4, 1]),
        (FullOctahedral(), cube(FullOctahedral()), 27, [8, 12, 6, 1]),
        (SO(3), ((0, 1), (0, 1), (0, 1))[: len(SO(3).generators)], 2, [1, 1]),
        (S(50), ((0, 1), (0, 1)), 2, [1, 1]),
    ],
)
def test_orbits(group: Group, action: Permutations, sites: int, sizes: list[int]):
    orbits = site_orbits(group, action, sites)
    assert sorted(len(orbit.carriers) for orbit in orbits) == sorted(sizes)
    assert sorted(site for orbit in orbits for site, _ in orbit.carriers) == list(range(sites))
    for orbit in orbits:
        assert len(orbit.stabiliser.generators) <= 3
        if group.order is None:
            assert orbit.stabiliser == group
        else:  # the orbit-stabiliser theorem
            assert (orbit.stabiliser.order or 0) * len(orbit.carriers) == group.order


def test_what_carries_a_site_does():
    group = FullOctahedral()
    sites = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    for orbit in site_orbits(group, cube(group), 27):
        start = sites[orbit.carriers[0][0]]
        for site, h in orbit.carriers:
            assert np.array_equal(h.matrix @ start, sites[site])
        for h in orbit.stabiliser.elements:
            assert np.array_equal(h.matrix @ start, start)


def test_a_group_without_a_list_moves_no_sites():
    with pytest.raises(GroupError, match="finite"):
        site_orbits(SO(2), ((1, 0), (0, 1)), 2)
