"""Batch normalisation by fields against torch's own, and against its definition."""

import pytest
import torch
from torch import nn

from erlangen.domains import Grid, HexGrid, Point
from erlangen.groups import C
from erlangen.layers import FieldBatchNorm, normalize
from erlangen.signal import Space


@pytest.mark.parametrize("axes", [0, 1, 2, 3])
def test_on_scalars_it_is_torchs_own(axes):
    domain = Point() if axes == 0 else Grid(axes)
    layer = FieldBatchNorm(Space(domain, 5 * C(4).trivial if axes == 2 else 5 * C(1).trivial))
    theirs = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes](5)
    for _ in range(3):
        x = 3 * torch.randn(8, 5, *(4,) * axes) + 1
        assert torch.allclose(layer(x), theirs(x), atol=1e-5)
    assert torch.allclose(layer.eval()(x), theirs.eval()(x), atol=1e-5)
    assert torch.allclose(layer.export().eval()(x), theirs(x), atol=1e-5)


def test_a_turned_field_is_scaled_and_never_shifted():
    space = Space(Grid(2), 2 * C(4).irrep(1) + C(4).trivial)
    layer = FieldBatchNorm(space)
    assert layer.free_weights() == 2 + 2
    x = torch.randn(6, 5, 4, 4) + 2
    y = layer(x)
    for start in (0, 2):
        field = x[:, start : start + 2]
        expected = field / (field.square().mean() + 1e-5).sqrt()
        assert torch.allclose(y[:, start : start + 2], expected, atol=1e-5)
    assert y[:, 4].mean().abs() < 1e-5
    for _ in range(300):
        layer(x)
    assert torch.allclose(layer.eval()(x), y, atol=5e-2)
    assert torch.allclose(layer.export().eval()(x), layer(x), atol=1e-5)
    assert not layer(torch.zeros_like(x))[:, :4].any()


def test_on_hexagons_the_corners_count_for_nothing():
    space = Space(HexGrid(), 2 * C(6).regular)
    x = space.domain.clear(torch.randn(4, 12, 7, 7) + 1)
    layer = FieldBatchNorm(space)
    y = layer(x)
    sites = space.domain.sites(7)
    fields = y.flatten(2)[:, :, sites].reshape(4, 2, -1)
    assert fields.mean(dim=(0, 2)).abs().max() < 1e-5
    assert (fields.var(dim=(0, 2), unbiased=False) - 1).abs().max() < 1e-3
    assert torch.equal(space.domain.clear(y), y)
    assert torch.equal(space.domain.clear(layer.eval()(x)), layer(x))
    assert torch.allclose(layer.export().eval()(x), layer(x), atol=1e-5)


def test_momentum_and_eps_are_passed_on():
    layer = normalize(Space(Grid(1), C(1).trivial), momentum=0.5, eps=0.1)
    layer(torch.full((4, 1, 8), 2.0))
    assert layer.norms[0].running_mean.item() == pytest.approx(1.0)
    assert layer.export().eps == 0.1
