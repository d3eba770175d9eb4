"""Linear maps at one point: torch's own on invariants, the commutant on the rest."""

import pytest
import torch
from torch import nn

from erlangen.domains import Grid, Point
from erlangen.errors import RepresentationError, SpaceError
from erlangen.groups import SO, C, D, S
from erlangen.layers import Dense, linear
from erlangen.signal import Space


def at_point(rho) -> Space:
    return Space(Point(), rho)


def test_on_invariants_it_is_an_ordinary_linear_layer():
    layer = Dense(at_point(5 * D(4).trivial), at_point(3 * D(4).trivial))
    theirs = nn.Linear(5, 3)
    assert layer.free_weights() == layer.unconstrained_weights() == 18
    nn.init.normal_(next(layer.bias.parameters()))
    theirs.load_state_dict({"weight": layer.kernel().squeeze(-1), "bias": layer.bias()})
    x = torch.randn(4, 5)
    assert torch.allclose(layer(x), theirs(x), atol=1e-6)
    assert torch.allclose(layer.export()(x), theirs(x), atol=1e-6)


def test_deep_sets_has_two_weights_and_one_bias():
    layer = Dense(at_point(S(6).standard), at_point(S(6).standard))
    assert layer.free_weights() == 3
    kernel = layer.kernel().detach().squeeze(-1)
    assert kernel.unique().numel() == 2
    assert kernel.diagonal().unique().numel() == 1


def test_a_bias_lives_only_where_the_group_leaves_vectors_alone():
    group = C(4)
    layer = Dense(at_point(group.regular), at_point(group.irrep(1) + group.trivial + group.regular))
    for p in layer.bias.parameters():
        nn.init.ones_(p)
    assert layer.bias().tolist() == [0, 0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        (Space(Grid(2), C(4).regular), at_point(C(4).regular), SpaceError),
        (at_point(C(4).regular), at_point(C(2).regular), SpaceError),
        (at_point(C(4).trivial), at_point(C(4).irrep(1)), RepresentationError),
        (at_point(D(4).sign), at_point(3 * D(4).trivial), RepresentationError),
    ],
)
def test_what_cannot_be_is_refused(source, target, error):
    with pytest.raises(error):
        Dense(source, target)


def test_the_door_finds_it_at_a_point_and_refuses_what_has_no_layer():
    assert isinstance(linear(at_point(C(4).regular), at_point(C(4).trivial)), Dense)
    assert at_point(SO(2).irrep(1)).channels == 2
