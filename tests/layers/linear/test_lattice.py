"""Convolution against torch's own for the trivial group; what it shares, what it refuses, what it says of itself."""

import numpy as np
import pytest
import torch
from torch import nn

from erlangen.domains import Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError, RepresentationError, SpaceError
from erlangen.groups import C, D, Group, Trivial
from erlangen.layers import LatticeConv
from erlangen.signal import Space

ONE = Trivial().trivial


def plain(dim: int, **choices) -> nn.Module:
    return (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dim - 1](3, 5, **choices)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("boundary", ["open", "periodic"])
@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (3, 1), (5, 1), (3, 2)])
def test_under_the_trivial_group_it_is_torchs_convolution(dim, boundary, kernel_size, dilation):
    domain = Grid(dim, boundary)
    layer = LatticeConv(Space(domain, 3 * ONE), Space(domain, 5 * ONE), kernel_size, dilation=dilation)
    theirs = plain(
        dim,
        kernel_size=kernel_size,
        dilation=dilation,
        padding=dilation * (kernel_size // 2),
        padding_mode="zeros" if boundary == "open" else "circular",
    )
    assert layer.free_weights() == sum(p.numel() for p in theirs.parameters()) == layer.unconstrained_weights()
    nn.init.normal_(next(layer.bias.parameters()))
    theirs.load_state_dict({"weight": layer.weight(), "bias": layer.bias()})
    x = torch.randn(2, 3, *(7, 6, 5)[:dim])
    assert torch.allclose(layer(x), theirs(x), atol=1e-5)
    assert torch.allclose(layer.export()(x), theirs(x), atol=1e-5)


def test_kernels_may_be_longer_along_one_axis():
    layer = LatticeConv(Space(Grid(2), 3 * ONE), Space(Grid(2), 5 * ONE), (1, 5))
    theirs = nn.Conv2d(3, 5, (1, 5), padding=(0, 2), bias=False)
    theirs.load_state_dict({"weight": layer.weight()})
    x = torch.randn(2, 3, 6, 7)
    assert torch.allclose(layer(x), theirs(x), atol=1e-5)


def test_on_hexagons_it_takes_the_seven_sites_around():
    group = C(6)
    layer = LatticeConv(Space(HexGrid(), group.trivial), Space(HexGrid(), group.trivial), bias=False)
    assert layer.free_weights() == 2  # the centre, and one for the six around it
    centre, ring = layer.weight()[0, 0, 1, 1], layer.weight()[0, 0, 0, 1]
    assert torch.equal(
        layer.weight()[0, 0],
        torch.stack([0 * ring, ring, ring, ring, centre, ring, ring, ring, 0 * ring]).reshape(3, 3),
    )
    x = torch.zeros(1, 1, 5, 5)
    x[0, 0, 2, 2] = 1
    y = layer(x)[0, 0]
    assert y[2, 2] == centre
    assert [(y[q, r] == ring).item() for q, r in ((3, 2), (1, 2), (2, 3), (2, 1), (3, 1), (1, 3))] == [True] * 6
    assert torch.count_nonzero(y) == 7


def test_a_stride_is_the_domains_own_halving():
    group = D(4)
    source, target = Space(Grid(2), group.regular), Space(Grid(2).coarser(), group.regular)
    torch.manual_seed(1)
    strided = LatticeConv(source, target, stride=2)
    torch.manual_seed(1)
    plain = LatticeConv(source, source)
    for size in ((7, 8), (9, 9), (10, 10)):
        x = torch.randn(1, 8, *size)
        assert torch.equal(strided(x), Grid(2).halve(plain(x)))
        assert torch.allclose(strided.export()(x), strided(x), atol=1e-5)


def test_a_group_of_one_element_without_generators_ties_no_sites():
    for group in (C(4).subgroup(), Trivial(), C(1), Group.from_matrices([np.eye(2)])):
        layer = LatticeConv(Space(Grid(2), group.trivial), Space(Grid(2), group.regular), bias=False)
        assert layer.free_weights() == 9
        assert layer.weight().unique().numel() == 9


def test_numbers_in_the_rows_of_an_irrep_turn_with_the_site():
    """trivial → irrep(1): the kernel is a vector field, K(h v) = ρ(h) K(v)."""
    group = C(4)
    layer = LatticeConv(Space(Grid(2), group.trivial), Space(Grid(2), group.irrep(1))).double()
    kernel = layer.weight().detach()[:, 0]
    turn = torch.as_tensor(group.irrep(1)(group.generators[0]))
    turned = torch.rot90(kernel, 1, (-2, -1))  # K(h⁻¹ v) = ρ(h)⁻¹ K(v)
    assert torch.allclose(turned, torch.einsum("ji,jab->iab", turn, kernel), atol=1e-14)
    assert torch.allclose(kernel[:, 1, 1], torch.zeros(2, dtype=torch.float64), atol=1e-15)
    assert layer.bias is None  # no vector but zero is fixed


# ---- the door ------------------------------------------------------------------------------------------------------
SQUARE = Space(Grid(2), C(4).regular)


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (
            lambda: LatticeConv(SQUARE, Space(Grid(2, "periodic"), C(4).regular)),
            SpaceError,
            "one lattice on both sides",
        ),
        (lambda: LatticeConv(SQUARE, Space(Grid(2).coarser(), C(4).regular)), SpaceError, "one lattice"),
        (lambda: LatticeConv(SQUARE, SQUARE, stride=2), SpaceError, "one level coarser"),
        (lambda: LatticeConv(SQUARE, SQUARE, stride=3), SpaceError, "stride 1 or 2"),
        (lambda: LatticeConv(SQUARE, Space(Grid(2), D(4).regular)), SpaceError, "one group"),
        (lambda: LatticeConv(SQUARE, SQUARE, kernel_size=4), InputError, "centre site"),
        (lambda: LatticeConv(SQUARE, SQUARE, kernel_size=(3, 5)), DomainError, "the same size"),
        (lambda: LatticeConv(Space(Grid(2), C(8).regular), Space(Grid(2), C(8).regular)), DomainError, r"C\(4\)"),
        (lambda: LatticeConv(Space(Sequence(), ONE), Space(Sequence(), ONE), stride=2), DomainError, "dilation"),
        (
            lambda: LatticeConv(Space(Grid(2), C(4).trivial), Space(Grid(2), C(4).irrep(1)), kernel_size=1),
            RepresentationError,
            "Every such map is zero",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, error, why):
    with pytest.raises(error, match=why):
        make()


def test_a_ring_shorter_than_the_kernels_reach_is_refused():
    space = Space(Grid(1, "periodic"), ONE)
    layer = LatticeConv(space, space, kernel_size=7)
    assert layer(torch.randn(1, 1, 3)).shape == (1, 1, 3)
    with pytest.raises(InputError, match="at least 3"):
        layer(torch.randn(1, 1, 2))


def test_the_wrong_dtype_is_refused_unless_torch_casts_by_itself():
    layer = LatticeConv(SQUARE, SQUARE)
    x = torch.randn(1, 4, 5, 5, dtype=torch.float64)
    with pytest.raises(InputError, match="torch.float32, as the weights"):
        layer(x)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x.float()).dtype == torch.bfloat16
    assert layer.double()(x).dtype == torch.float64


def test_dtype_changes_lose_nothing_of_an_irreps_basis():
    group = C(6)
    space = Space(HexGrid(), group.irrep(1) + group.irrep(2))
    layer = LatticeConv(space, space).double()
    before = layer.weight()
    assert torch.allclose(layer.half().float().double().weight(), before, atol=1e-2)
    weights = [p.detach().clone() for p in layer.parameters()]
    fresh = LatticeConv(space, space).float().double()
    for p, w in zip(fresh.parameters(), weights, strict=True):
        p.data.copy_(w)
    assert torch.equal(fresh.weight(), layer.weight())
