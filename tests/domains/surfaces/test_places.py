"""Points in one place: found however they are stored, and what a place knows is shared among them."""

import numpy as np
import pytest

from erlangen.domains.surfaces.operators import TUFTED, Asked, computed
from erlangen.domains.surfaces.places import ONE, places
from tests.clouds import sphere

NONE = np.zeros((0, 3), dtype=np.int64)


@pytest.mark.parametrize("apart", [0.0, 1e-12, 0.1 * ONE])
def test_they_are_found_and_others_are_not(apart: float):
    rng, points = np.random.default_rng(0), sphere(120)
    which = np.concatenate([np.arange(120), rng.integers(0, 120, 60)])
    moved = points[which] + apart * rng.standard_normal((180, 3)) / 10
    found = places(moved, 30)
    same = which[:, None] == which
    assert np.array_equal(found.which[:, None] == found.which, same)
    assert np.abs(found.points[found.which] - moved).max() <= apart
    assert found.times.sum() == 180 and len(places(points, 30).points) == 120
    assert len(places(np.zeros((5, 3)), 30).points) == 1


def test_what_is_near_is_a_matter_of_the_surroundings():
    points = np.concatenate([sphere(100), 5 + 1e-6 * sphere(100, seed=1)])
    assert len(places(points, 30).points) == 200


def test_a_place_shares_what_it_knows():
    points = sphere(90)
    which = np.concatenate([np.arange(90), np.arange(40), np.arange(10)])
    one, many = (computed(given, NONE, Asked(20, None, TUFTED)) for given in (points, points[which]))
    assert np.bincount(which, many.mass) == pytest.approx(one.mass, rel=1e-12)
    assert np.abs(many.mass - (one.mass / np.bincount(which))[which]).max() < 1e-12
    assert np.abs(many.values - one.values).max() < 1e-9 * one.values.max()
    weighed = (many.functions * many.mass[:, None]).T @ many.functions
    assert np.abs(weighed - np.eye(len(many.values))).max() < 1e-9
    x = np.random.default_rng(0).standard_normal(90)
    sizes = []
    for made, values in ((one, x), (many, x[which])):
        slope = np.zeros((len(values), 2))
        np.add.at(slope, made.beside[0], made.slopes * (values[made.beside[1]] - values[made.beside[0]])[:, None])
        sizes.append(np.linalg.norm(slope, axis=1))
        assert (np.diff(made.beside[0]) >= 0).all()
    assert np.abs(sizes[1] - sizes[0][which]).max() < 1e-10 * sizes[0].max()
