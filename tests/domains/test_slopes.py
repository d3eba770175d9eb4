"""Slopes as one sparse product: equal to the sum as it is written, with gradients of gradients, and while compiling."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains.slopes import slopes_of
from erlangen.domains.surface import Surface
from tests.meshes import cone, data, potato, sheet


def two_surfaces() -> Surface:
    parts = [cone(5), (3 * sheet(3, 4)[0], sheet(3, 4)[1])]
    start = len(parts[0][0])
    joined = np.concatenate([parts[0][0], parts[1][0]]), np.concatenate([parts[0][1], parts[1][1] + start])
    batch = torch.repeat_interleave(torch.arange(2), torch.tensor([start, len(parts[1][0])]))
    return er.Mesh(eigenfunctions=2).read({**data(joined), "batch": batch})[1]


def written_out(values: torch.Tensor, surface: Surface) -> torch.Tensor:
    found = torch.zeros(len(values), 2, values.shape[1], dtype=values.dtype)
    source, target = surface.beside.source.tolist(), surface.beside.target.tolist()
    for slope, q, p in zip(surface.slopes, source, target, strict=True):
        found[p] += slope[:, None] * (values[q] - values[p]) * surface.unit[surface.members.batch[p]]
    return found


@pytest.mark.parametrize("compiling", [False, True])
def test_it_is_the_sum_over_neighbours(compiling: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: compiling)
    surface = two_surfaces()
    values = torch.randn(len(surface.mass), 3, dtype=torch.float64)
    assert (slopes_of(values, surface) - written_out(values, surface)).abs().max() < 1e-12


def test_gradients_and_their_gradients():
    surface = two_surfaces()
    values = torch.randn(len(surface.mass), 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: slopes_of(x, surface), values)
    assert torch.autograd.gradgradcheck(lambda x: slopes_of(x, surface).sin(), values)


def test_of_strided_values_and_of_single_ones():
    surface = er.Mesh(eigenfunctions=2).read(data(potato(1)))[1]
    wide = torch.randn(42, 8, dtype=torch.float64)
    assert torch.equal(slopes_of(wide[:, ::2], surface), slopes_of(wide[:, ::2].contiguous(), surface))
    assert slopes_of(wide[:, :1], surface).shape == (42, 2, 1)
    assert slopes_of(torch.ones(42, 3, dtype=torch.float64), surface).abs().max() < 1e-12
