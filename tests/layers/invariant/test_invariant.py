"""Invariants over the fibre and over the domain, and the base of all layers."""

import pytest
import torch

from erlangen.domains import Grid, HexGrid, Point, Sequence
from erlangen.domains.clock import read_clock
from erlangen.errors import RepresentationError, SpaceError
from erlangen.groups import C, D
from erlangen.layers import (
    Chain,
    DomainPool,
    FibrePool,
    Footprint,
    LatticeConv,
    Layer,
    Pointwise,
    invariant,
    leaves,
    skip,
)
from erlangen.representations import from_matrices
from erlangen.signal import Signal, Space

SQUARE = Space(Grid(2), C(4).regular)


def test_over_the_fibre_it_takes_the_maximum_the_mean_or_the_length():
    group = C(4)
    space = Space(Point(), 2 * group.regular + group.irrep(1) + group.trivial)
    x = torch.randn(3, 11)
    largest, mean = FibrePool(space)(x), FibrePool(space, "mean")(x)
    assert largest.shape == mean.shape == (3, 4)
    fields = x[:, :8].reshape(3, 2, 4)
    assert torch.equal(largest[:, :2], fields.amax(dim=2))
    assert torch.allclose(mean[:, :2], fields.mean(dim=2))
    for y in (largest, mean):
        assert torch.allclose(y[:, 2], x[:, 8:10].norm(dim=1), atol=1e-5)
        assert torch.equal(y[:, 3], x[:, 10])


def test_over_the_domain_it_is_the_mean_and_keeps_the_fibre():
    x = torch.randn(2, 4, 5, 6)
    assert torch.allclose(DomainPool(SQUARE)(x), x.mean(dim=(2, 3)))
    hexagon = Space(HexGrid(), C(6).trivial)
    ones = DomainPool(hexagon)(torch.ones(1, 1, 7, 7))
    assert ones.item() == pytest.approx(1)
    assert DomainPool(SQUARE).target == Space(Point(), C(4).regular)
    assert DomainPool(SQUARE).footprint().extent is None


def test_the_door_pools_over_both():
    layer = invariant(SQUARE)
    assert isinstance(layer, Chain)
    assert layer.target == Space(Point(), C(4).trivial)
    assert isinstance(invariant(Space(Point(), C(4).regular)), FibrePool)
    with pytest.raises(RepresentationError, match='"max" or "mean"'):
        invariant(SQUARE, "median")
    with pytest.raises(RepresentationError, match="orthogonalized"):
        FibrePool(Space(Point(), from_matrices(C(4), [[[0, -2], [0.5, 0]]])))


# ---- what all layers share -----------------------------------------------------------------------------------------
def test_a_layer_maps_one_space_to_another_of_one_group():
    with pytest.raises(SpaceError, match=r"restrict\(H\)"):
        Layer(SQUARE, Space(Grid(2), D(4).regular))
    with pytest.raises(SpaceError, match="compute"):
        Layer(SQUARE, SQUARE)(torch.randn(1, 4, 5, 5))


def test_it_answers_in_kind_and_refuses_other_spaces_by_name():
    layer = Pointwise(SQUARE)
    x = torch.randn(1, 4, 5, 5)
    assert layer(SQUARE) == SQUARE
    assert torch.equal(layer(Signal(x, SQUARE)).values, layer(x))
    for wrong in (Space(Grid(2), D(4).trivial), Signal(x, Space(Grid(2), 4 * C(4).trivial)), None, "x", x.numpy()):
        with pytest.raises(SpaceError, match=r"Pointwise maps X\(Grid\(2\), regular of C4\)"):
            layer(wrong)


def test_support_travels_along():
    layer = Chain([Pointwise(SQUARE), LatticeConv(SQUARE, SQUARE)])
    support = object()
    assert layer(Signal(torch.randn(1, 4, 5, 5), SQUARE, support)).support is support


def test_chains_join_where_spaces_meet():
    with pytest.raises(SpaceError, match=r"layer 1, FibrePool"):
        Chain([Pointwise(SQUARE), FibrePool(Space(Grid(2), C(4).trivial))])
    with pytest.raises(SpaceError, match="at least one"):
        Chain([])
    inner = Chain([Pointwise(SQUARE), skip(Chain([Pointwise(SQUARE, "gelu")]), "add")])
    assert [type(layer).__name__ for layer in leaves(inner)] == ["Pointwise", "Pointwise"]
    assert len(inner) == 2


def test_footprints_compose():
    assert Footprint(2, 1).then(Footprint(1, 2)).then(Footprint(2, 1)) == Footprint(2 + 1 + 4, 2)
    assert Footprint(2).then(Footprint(None)).then(Footprint(3)).extent is None
    assert Footprint(1.5, 0.5).receptive_field == 3
    assert Footprint(None).receptive_field is None


# ---- the maximum over the domain


def test_the_greatest_value_is_that_of_the_points_there_are() -> None:
    x = torch.randn(3, 4, 6, 5) - 5
    assert torch.equal(DomainPool(SQUARE, "max")(x), x.amax(dim=(2, 3)))
    hexagon = Space(HexGrid(), C(6).trivial)
    assert DomainPool(hexagon, "max")(-torch.ones(1, 1, 7, 7)).item() == -1  # not the 0 that stands at the corners
    clock = read_clock(torch.zeros(2, 1, 3), lengths=[1, 3])
    greatest = Sequence().greatest(torch.tensor([[[-2.0, 5.0, 5.0]], [[-3.0, -1.0, -2.0]]]), clock)
    assert greatest.tolist() == [[-2.0], [-1.0]]


def test_a_maximum_of_what_the_group_turns_is_refused() -> None:
    with pytest.raises(SpaceError, match="permutes"):
        DomainPool(Space(Grid(2), C(4).irrep(1)), "max")
    with pytest.raises(SpaceError, match='"mean" or "max"'):
        DomainPool(SQUARE, "sum")
