"""The projection onto what the symmetry allows, beside the solver's orthonormal basis and least squares."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import nn

import erlangen as er
from erlangen.domains import Point
from erlangen.repairing import set_nearest
from erlangen.signal import Space
from tests.laws.signals import SEEDS

GROUPS = [er.C(4), er.D(3), er.Mirror(), er.S(3)]


def dense(group: er.Group) -> er.layers.Dense:
    rho = 2 * group.regular + group.trivial
    layer = er.layers.Dense(Space(Point(), rho), Space(Point(), group.regular + 2 * group.trivial), bias=False)
    return layer.double()


@pytest.mark.parametrize("group", GROUPS, ids=str)
@given(seed=SEEDS)
@settings(max_examples=3)
def test_it_is_the_projection_by_the_orthonormal_basis(group: er.Group, seed: int) -> None:
    """K = Σ_k ⟨B_k, W⟩ B_k; what is left is orthogonal to all that is allowed; again it changes nothing."""
    layer, generator = dense(group), torch.Generator().manual_seed(seed)
    wanted = torch.randn(layer.target.channels, layer.source.channels, generator=generator, dtype=torch.float64)
    lost = set_nearest(layer.weight, list(layer.parameters()), wanted)
    basis = torch.as_tensor(np.asarray(er.intertwiners(layer.source.rho, layer.target.rho)))
    projected = torch.einsum("kij,kab,ab->ij", basis, basis, wanted)
    made = layer.weight().detach()
    assert torch.allclose(made, projected, atol=1e-12)
    assert lost == pytest.approx(float((wanted - projected).norm() / wanted.norm()))
    assert set_nearest(layer.weight, list(layer.parameters()), made) <= 1e-12


def test_by_answers_it_is_least_squares() -> None:
    """min over θ of ‖K(θ) x + b(θ) − y‖, as torch.linalg.lstsq has it; from where it stood less far."""
    group = er.C(4)
    space = Space(Point(), group.regular)
    layer = er.layers.Dense(space, space).double()
    x, y = torch.randn(50, 4, dtype=torch.float64), torch.randn(50, 4, dtype=torch.float64)
    weights = list(layer.parameters())
    lost = set_nearest(lambda: layer(x), weights, y)
    columns = []
    for weight in weights:
        for i in range(weight.numel()):
            with torch.no_grad():
                for other in weights:
                    other.zero_()
                weight.view(-1)[i] = 1
                columns.append(layer(x).flatten())
    matrix = torch.stack(columns, dim=1)
    best = torch.linalg.lstsq(matrix, y.flatten()[:, None]).solution
    assert lost == pytest.approx(float((matrix @ best - y.flatten()[:, None]).norm() / y.norm()), rel=1e-9)


def test_onwards_it_starts_from_the_weights_as_they_are() -> None:
    layer = dense(er.C(4))
    x = torch.randn(1, layer.source.channels, dtype=torch.float64)  # too few examples to say it all
    before = layer.weight().detach().clone()
    y = layer(x).detach()
    assert set_nearest(lambda: layer(x), list(layer.parameters()), y, onwards=True) == 0
    assert torch.equal(layer.weight(), before)
    set_nearest(lambda: layer(x), list(layer.parameters()), y)
    assert torch.allclose(layer(x), y, atol=1e-9) and not torch.allclose(layer.weight(), before, atol=1e-3)


def test_of_nothing_nothing_is_lost() -> None:
    weight = nn.Parameter(torch.ones(3))
    assert set_nearest(lambda: weight * 1, [weight], torch.zeros(3)) == 0 and weight.tolist() == [0, 0, 0]
