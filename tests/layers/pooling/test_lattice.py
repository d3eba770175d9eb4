"""Pooling, the way back, and skips: sizes, kinds, levels, and what does not fit together."""

import pytest
import torch

from erlangen.domains import Grid, HexGrid, Point, Sequence
from erlangen.errors import DomainError, RepresentationError, SpaceError
from erlangen.groups import C, D, Trivial
from erlangen.layers import LatticeConv, LatticePool, LatticeUpsample, Pointwise, linear, pool, skip, upsample
from erlangen.signal import Space

SQUARE = Space(Grid(2), C(4).regular)
VECTORS = Space(Grid(2), C(4).irrep(1))
HEXAGON = Space(HexGrid(), C(6).regular)


# ---- down ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["average", "max", "antialiased"])
def test_two_halvings_are_one_after_another(method):
    once = LatticePool(SQUARE, method)
    twice = LatticePool(SQUARE, method, halvings=2)
    assert once.target.domain.level == 1
    assert twice.target.domain.level == 2
    for size in ((9, 12), (10, 11), (5, 6)):
        x = torch.randn(1, 4, *size)
        assert torch.equal(twice(x), LatticePool(once.target, method)(once(x)))
        torch.testing.assert_close(twice.export()(x), twice(x), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (lambda: LatticePool(SQUARE, "median"), SpaceError, "average, max, antialiased"),
        (lambda: LatticePool(SQUARE, halvings=0), SpaceError, "positive whole number"),
        (lambda: LatticePool(VECTORS, "max"), RepresentationError, "average pooling"),
        (lambda: LatticePool(Space(Sequence(), Trivial().trivial)), DomainError, "dilation"),
        (lambda: pool(SQUARE, 3), SpaceError, "power of two"),
        (lambda: pool(SQUARE, 1), SpaceError, "power of two"),
        (lambda: pool(SQUARE, blocks=2), SpaceError, "blocks on er.Finite alone"),
        (lambda: pool(Space(Point(), C(4).trivial)), SpaceError, "a domain that has one"),
    ],
)
def test_pools_that_cannot_be_are_refused(make, error, why):
    with pytest.raises(error, match=why):
        make()


# ---- and back ------------------------------------------------------------------------------------------------------
def test_upsampling_doubles_and_knows_its_level():
    down = pool(SQUARE, 4)
    up = upsample(down.target, SQUARE)
    assert isinstance(up, LatticeUpsample)
    assert up(up.source) == SQUARE
    assert up(torch.randn(1, 4, 3, 5)).shape == (1, 4, 12, 20)
    assert up.to_size(torch.randn(1, 4, 3, 5), (9, 18)).shape == (1, 4, 9, 18)
    hexagon = upsample(pool(HEXAGON).target, HEXAGON)
    assert hexagon(torch.randn(1, 6, 5, 5)).shape == (1, 6, 9, 9)


@pytest.mark.parametrize(
    ("source", "like"),
    [
        (SQUARE, pool(SQUARE).target),
        (pool(SQUARE).target, Space(Grid(2, "periodic"), C(4).regular)),
        (pool(SQUARE).target, Space(HexGrid(), C(4).trivial)),
        (SQUARE, Space(Grid(3), C(4).trivial)),
    ],
)
def test_upsampling_between_strangers_is_refused(source, like):
    with pytest.raises(SpaceError):
        upsample(source, like)


# ---- skips ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [(8, 8), (9, 9), (10, 13), (5, 6)])
def test_a_skip_comes_back_to_its_own_size(size):
    down = pool(SQUARE, 4)
    layer = skip([down, linear(down.target, down.target)])
    x = torch.randn(2, 4, *size)
    y = layer(x)
    assert y.shape == (2, 8, *size)
    assert torch.equal(y[:, :4], x)
    expected = LatticeUpsample(down.target, SQUARE).to_size(layer.inner(x), size)
    assert torch.equal(y[:, 4:], expected)
    assert torch.equal(layer.export()(x), y)


def test_a_skip_may_add():
    layer = skip(Pointwise(SQUARE), join="add")
    x = torch.randn(1, 4, 5, 5)
    assert torch.equal(layer(x), x + x.relu())
    assert layer.target == SQUARE


def test_a_skip_within_a_skip():
    inner = pool(SQUARE)
    deepest = pool(inner.target)
    layer = skip([inner, skip([deepest, linear(deepest.target, deepest.target)])])
    for size in ((9, 10), (7, 7), (12, 5)):
        assert layer(torch.randn(1, 4, *size)).shape == (1, 12, *size)
    assert layer.footprint().factor == 1


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: skip([]), "at least one"),
        (lambda: skip(Pointwise(SQUARE), join="multiply"), "concatenate, add"),
        (lambda: skip(linear(SQUARE, Space(Grid(2), 2 * C(4).regular)), join="add"), "equal representations"),
        (lambda: skip([pool(SQUARE), linear(SQUARE, SQUARE)]), "layer 0"),
    ],
)
def test_skips_that_cannot_be_are_refused(make, why):
    with pytest.raises(SpaceError, match=why):
        make()


def test_levels_are_types():
    """The same channels a level apart are another space: a wrong skip is refused before there are data."""
    coarse = pool(SQUARE).target
    with pytest.raises(SpaceError, match="level=1"):
        LatticeConv(SQUARE, SQUARE)(coarse)
    assert D(4).order == 8
