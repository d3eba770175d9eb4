"""Batch normalisation on the sphere: statistics that no rotation changes, and unit power."""

import pytest
import torch

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from tests.laws.signals import difference, noise


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_it_makes_mean_0_and_power_1_over_the_sphere(sampling: str):
    domain = er.Sphere(sampling)
    space = er.Space(domain, 3 * er.SO(3).trivial)
    norm = er.layers.SphereBatchNorm(space, momentum=1.0).double()
    x = 5 + 3 * noise(space, (9, 18), batch=6)
    y = norm(x)
    c = domain.coefficients(y)
    assert c[..., 0].mean(0).abs().max() < 1e-12
    assert (c.square().sum(-1).mean(0) - 1).abs().max() < 1e-4
    assert difference(norm.eval()(x), y) < 1e-12  # with momentum 1 the running statistics are those just seen


def test_turning_some_signals_of_a_batch_changes_no_statistic():
    space = er.Space(er.Sphere(), er.SO(3).trivial)
    norm = er.layers.SphereBatchNorm(space, momentum=1.0).double()
    x = noise(space, (9, 18), batch=4)
    g, h = er.SO(3).sample(2, 0)
    norm(x)
    before = norm.running_mean.clone(), norm.running_var.clone()
    norm(torch.cat([space.act(g, x[:1]), x[1:3], space.act(h, x[3:])]))
    assert difference(norm.running_mean, before[0]) < 1e-12 and difference(norm.running_var, before[1]) < 1e-12
