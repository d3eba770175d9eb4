"""Fewer vertices and back: means stay, constants stay, and what does not fit together."""

import pytest
import torch

import erlangen as er
from erlangen.errors import SpaceError
from erlangen.layers import VertexPool, VertexUpsample
from tests.laws.signals import difference, noise

G = er.SO(3)


def space(subdivisions: int | None, rho: object = None) -> er.Space:
    domain = er.Sphere("icosahedral", subdivisions=subdivisions)
    return er.Space(domain, 2 * G.trivial if rho is None else rho)


@pytest.mark.parametrize("times", [1, 2])
def test_constants_stay_and_smooth_signals_nearly(times: int):
    fine = space(4)
    pool = VertexPool(fine, times)
    up = VertexUpsample(pool.target, fine)
    ones = torch.ones(1, 2, 2562, dtype=torch.float64)
    assert difference(pool.double()(ones), ones[..., : pool.target.domain.size(0)[0]]) < 1e-12
    assert difference(up.double()(pool(ones)), ones) < 1e-12
    x = noise(er.Space(er.Sphere("icosahedral", 2), fine.rho), (2562,))
    assert difference(pool(x), x[..., : pool.target.domain.size(0)[0]]) < 0.05
    assert difference(up(pool(x)), x) < 0.08
    assert (pool.target.domain.mean(pool(x)) - fine.domain.mean(x)).abs().max() < 0.01


def test_several_at_once_are_one_after_the_other():
    rho = G.trivial + er.Sphere().vectors(G)
    once, twice = VertexPool(space(3, rho)).double(), VertexPool(space(3, rho), 2).double()
    again = VertexPool(once.target).double()
    x = noise(once.source, (642,))
    assert difference(twice(x), again(once(x))) < 1e-12
    up, first = VertexUpsample(twice.target, once.source).double(), VertexUpsample(twice.target, once.target).double()
    second = VertexUpsample(once.target, once.source).double()
    assert difference(up(twice(x)), second(first(twice(x)))) < 1e-12


def test_vectors_are_carried_along():
    """A globe that turns stays one: components on their own would be torn where frames turn."""
    rho = er.Sphere().vectors(G)
    fine = space(4, rho)
    spectrum = torch.zeros(1, 2, 4, 2, 4, dtype=torch.float64)
    spectrum[0, 1, 1, 0, 0] = 1.0  # about the axis
    globe = fine.domain.from_spectrum(spectrum, (2562,), rho)
    pooled = VertexPool(fine).double()(globe)
    assert difference(pooled, globe[..., :642]) < 0.02
    assert difference(VertexUpsample(space(3, rho), fine).double()(globe[..., :642]), globe) < 0.02


def test_doors_choose():
    assert er.layers.pool(space(3)).target.domain.subdivisions == 2
    assert er.layers.pool(space(3), 4).target.domain.subdivisions == 1
    assert er.layers.pool(space(3), band=3).target.domain == er.Sphere("icosahedral", 3)
    assert er.layers.upsample(er.layers.pool(space(3), 4).target, space(3)).target == space(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: VertexPool(space(0)),
        lambda: VertexPool(space(2), 3),
        lambda: VertexPool(space(None)),
        lambda: VertexPool(er.Space(er.Grid(2), G.trivial)),
        lambda: VertexUpsample(space(2), space(2)),
        lambda: VertexUpsample(space(2), space(None)),
        lambda: er.layers.pool(space(3), 3),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(SpaceError):
        make()
