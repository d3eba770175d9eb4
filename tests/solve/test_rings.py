"""Radial parts: what each ring carries, and how many weights that makes."""

import itertools

import numpy as np
import pytest

from erlangen.solve.rings import Ring, good_rings


def test_a_ring_is_highest_at_its_radius_and_falls_by_its_width():
    ring = Ring(1.5, 0.5, 2)
    assert ring.at(np.array([1.5])) == 1.0
    np.testing.assert_allclose(ring.at(np.array([1.0, 2.0])), np.exp(-0.5))
    np.testing.assert_allclose(ring.at(np.array([0.5, 2.5])), np.exp(-2.0))


@pytest.mark.parametrize(("reach", "functions"), [(0, 1), (1, 6), (2, 11), (3, 18), (4, 31)])
def test_in_the_plane_rings_carry_what_their_sites_do(reach: int, functions: int):
    """Σ_r (2 f_max(r) + 1), of Weiler and Cesa 2019: with |H| = 8 that is 8, 48, 88, 144, 248 weights."""
    assert sum(2 * ring.highest + 1 for ring in good_rings(reach, 2)) == functions


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("reach", range(6))
def test_there_is_one_ring_a_step_and_none_turns_at_the_centre(reach: int, dim: int):
    rings = good_rings(reach, dim)
    assert len(rings) == reach + 1
    assert rings[0].radius == 0 and rings[0].highest == 0
    assert all(inner.radius < outer.radius for inner, outer in itertools.pairwise(rings))
    assert all(0 < ring.width <= 1.5 and ring.radius <= reach for ring in rings)
    if dim == 3:
        assert [ring.highest for ring in rings] == [min(2 * r, reach - r + 2) if r else 0 for r in range(reach + 1)]
