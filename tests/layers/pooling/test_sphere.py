"""Fewer degrees on a coarser sphere, and back: exact, by name, and what does not fit together."""

import pytest
import torch

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from erlangen.errors import InputError, SymmetryError
from erlangen.layers import SpherePool, SphereUpsample
from tests.laws.signals import difference, noise

G = er.SO(3)


def scalars(domain: er.Sphere) -> er.Space:
    return er.Space(domain, 2 * G.trivial)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_degrees_that_are_left_are_those_of_the_signal(sampling: str):
    fine = scalars(er.Sphere(sampling))
    pool = SpherePool(fine, 4)
    x = noise(fine, (12, 25))
    y = pool(x)
    assert pool.target.domain == er.Sphere(sampling, 4) and y.shape[2:] == pool.target.domain.size(1)
    assert difference(pool.target.domain.coefficients(y), fine.domain.coefficients(x)[..., :25]) < 1e-12
    for g in G.sample(3, 0):
        assert difference(pool(fine.act(g, x)), pool.target.act(g, y)) < 1e-10
    up = SphereUpsample(pool.target, fine)
    assert up.target == fine and difference(up.to_size(y, (12, 25)), fine.domain.project(x, 4)) < 1e-12
    assert up(y).shape[2:] == fine.domain.smallest(8)
    assert difference(pool(up(y)), y) < 1e-12


def test_doors_choose_bands():
    known, unknown = scalars(er.Sphere(band=12)), scalars(er.Sphere())
    assert [er.layers.pool(known, n).band for n in (2, 3, 5)] == [6, 4, 2]
    assert er.layers.pool(unknown).band == 8 and er.layers.pool(unknown, band=3).band == 3
    assert er.layers.upsample(er.layers.pool(known).target, known).target == known


@pytest.mark.parametrize(
    "make",
    [
        lambda: SpherePool(scalars(er.Sphere(band=4)), 4),
        lambda: SpherePool(scalars(er.Sphere()), -1),
        lambda: SpherePool(scalars(er.Sphere()), 2.0),
        lambda: SpherePool(er.Space(er.Grid(2), G.trivial), 2),
        lambda: er.layers.pool(scalars(er.Sphere()), 1),
        lambda: er.layers.pool(scalars(er.Sphere()), method="max"),
        lambda: er.layers.pool(scalars(er.Sphere()), blocks=[0]),
        lambda: er.layers.pool(scalars(er.Sphere()), ratio=0.5),
        lambda: SphereUpsample(scalars(er.Sphere()), scalars(er.Sphere())),
        lambda: SphereUpsample(scalars(er.Sphere(band=4)), scalars(er.Sphere(band=2))),
        lambda: SphereUpsample(scalars(er.Sphere(band=4)), scalars(er.Sphere("poles"))),
        lambda: SphereUpsample(scalars(er.Sphere(band=4)), er.Space(er.Grid(2), 2 * G.trivial)),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(SymmetryError):
        make()


def test_a_grid_too_coarse_says_which_would_do():
    with pytest.raises(InputError, match="at least 9 × 18"):
        SpherePool(scalars(er.Sphere()), 8)(torch.zeros(1, 2, 8, 16))
