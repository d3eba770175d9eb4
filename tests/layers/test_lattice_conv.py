"""The lattice convolution beside independent witnesses: torch's own, and the group convolution written out in loops."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Dna, Grid, HexGrid, Lattice, Sequence
from erlangen.errors import DomainError, InputError, RepresentationError, SpaceError
from erlangen.groups import C, D, Group, Mirror, Octahedral, Trivial
from erlangen.layers import LatticeConv
from erlangen.signal import Space

CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def conv(domain: Lattice, group: Group, **choices) -> LatticeConv:
    return LatticeConv(Space(domain, 2 * group.regular), Space(domain, 3 * group.regular), **choices).double()


def noise(layer: LatticeConv, *size: int) -> Tensor:
    return torch.randn(2, layer.source.channels, *size, dtype=torch.float64)


# ---- torch's own convolution ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("domain", "size"), [(Grid(1), (11,)), (Grid(2), (9, 12)), (Grid(3), (5, 6, 7))])
@pytest.mark.parametrize("choices", [{}, {"kernel_size": 5}, {"dilation": 2}, {"bias": False}, {"kernel_size": 1}])
def test_for_the_trivial_group_it_is_torch_s_convolution(domain, size, choices):
    layer = conv(domain, Trivial(), **choices)
    k, d = choices.get("kernel_size", 3), choices.get("dilation", 1)
    assert layer.weight().shape == (3, 2) + (k,) * domain.dim
    assert layer.free_weights() == layer.unconstrained_weights() == 6 * k**domain.dim + 3 * choices.get("bias", True)
    x = noise(layer, *size)
    bias = None if layer.bias is None else layer.bias()
    expected = CONVOLUTIONS[domain.dim](x, layer.weight(), bias, padding=d * (k // 2), dilation=d)
    assert torch.equal(layer(x), expected)


@pytest.mark.parametrize("way", ["dense", "spectral"])
def test_on_a_ring_a_kernel_may_be_as_long_as_each_axis_lets_it(way: str):
    layer = conv(Grid(2, "periodic"), D(2), kernel_size=(1, 15), way=way)
    x = noise(layer, 4, 20)
    expected = F.conv2d(F.pad(x, (7, 7, 0, 0), mode="circular"), layer.weight(), layer.bias())
    assert torch.allclose(layer(x), expected, atol=1e-12)
    assert layer(x[..., :7]).shape[2:] == (4, 7)
    with pytest.raises(InputError, match=r"4 × 6 sites; expected at least 1 × 7"):
        layer(x[..., :6])


def test_on_a_ring_it_is_torch_s_circular_convolution():
    layer = conv(Grid(2, "periodic"), Trivial(), kernel_size=5)
    witness = nn.Conv2d(2, 3, 5, padding=2, padding_mode="circular").double()
    with torch.no_grad():
        witness.weight.copy_(layer.weight())
        witness.bias.copy_(layer.bias())
    x = noise(layer, 8, 7)
    assert torch.allclose(layer(x), witness(x), atol=1e-12)


def test_on_a_sequence_it_sees_the_past_alone():
    layer = conv(Sequence(), Trivial(), kernel_size=3, dilation=2)
    x = noise(layer, 12)
    expected = F.conv1d(F.pad(x, (4, 0)), layer.weight(), layer.bias(), dilation=2)
    assert torch.equal(layer(x), expected)


# ---- the group convolution, written out ----------------------------------------------------------------------------
def written_out(layer: LatticeConv, x: Tensor) -> Tensor:
    """y(o, h, p) = Σ_{i, g, v} ψ[o, i, h⁻¹g](h⁻¹v) x(i, g, p + v): each filter is one, moved by every element."""
    group, domain = layer.source.group, layer.domain
    elements, full = group.elements, layer.weight().detach()
    sites = domain.stencil(layer.kernel_size)
    where = {tuple(site): tuple(site + np.array(layer.kernel_size) // 2) for site in sites.tolist()}
    n, (b, _, *size) = len(elements), x.shape
    fields = x.reshape(b, -1, n, *size)
    y = x.new_zeros(b, 3, n, *size)
    padded = F.pad(fields, (1, 1) * domain.dim)
    for h, a in enumerate(elements):
        for g, c in enumerate(elements):
            back = group.index(~a @ c)
            for v in sites[layer.inside].tolist():
                home = domain.matrix(~a) @ np.array(v)
                psi = full[(slice(None), slice(None), *where[tuple(home.tolist())])]
                psi = psi.reshape(3, n, 2, n)[:, group.index(group.identity), :, back]
                window = tuple(slice(1 + s, 1 + s + length) for s, length in zip(v, size, strict=True))
                y[:, :, h] += torch.einsum("oi,bi...->bo...", psi, padded[(slice(None), slice(None), g, *window)])
    return domain.clear(y.reshape(b, -1, *size))


@pytest.mark.parametrize(
    ("domain", "group", "size"),
    [
        (Grid(1), Mirror(), (7,)),
        (Grid(2), C(4), (6, 7)),
        (Grid(2), D(4), (5, 6)),
        (HexGrid(), C(6), (7, 7)),
        (HexGrid(), D(3), (7, 7)),
        (Grid(3), C(4), (4, 5, 3)),
    ],
)
def test_on_regular_fields_it_is_the_group_convolution(domain, group, size):
    layer = conv(domain, group, bias=False)
    x = domain.clear(noise(layer, *size))
    assert torch.allclose(layer(x), written_out(layer, x), atol=1e-10)


def test_lifting_a_picture_gives_the_filter_turned_to_each_position():
    layer = LatticeConv(Space(Grid(2), C(4).trivial), Space(Grid(2), C(4).regular), kernel_size=5)
    filters = layer.weight()[:, 0]
    for turn in range(4):
        assert torch.equal(filters[turn], torch.rot90(filters[0], turn, (-2, -1)))


def test_between_scalars_the_filter_is_isotropic():
    layer = LatticeConv(Space(Grid(2), D(4).trivial), Space(Grid(2), D(4).trivial), kernel_size=5)
    kernel = layer.weight()[0, 0]
    assert torch.equal(kernel, torch.rot90(kernel))
    assert torch.equal(kernel, kernel.flip(-1))
    assert layer.free_weights() == 6 + 1  # orbits of D4 on 5 × 5 sites, and a bias


def test_dna_filters_read_the_other_strand_backwards():
    domain, group = Dna(), Mirror()
    layer = LatticeConv(Space(domain, domain.natural_input(group)), Space(domain, group.regular), kernel_size=5)
    one, other = layer.weight()
    assert torch.equal(other, one.flip(0, 1))


# ---- counts --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("domain", "group", "k", "weights"),
    [
        (Grid(2), C(4), 3, 36),
        (Grid(2), D(4), 3, 72),
        (Grid(2), D(4), 5, 200),
        (HexGrid(), C(6), 3, 42),
        (HexGrid(), D(6), 5, 12 * 19),
        (Grid(3), Octahedral(), 3, 24 * 27),
        (Grid(1), Mirror(), 7, 14),
    ],
)
def test_a_pair_of_regular_fields_has_order_times_sites_weights(domain, group, k, weights):
    space = Space(domain, group.regular)
    assert LatticeConv(space, space, kernel_size=k, bias=False).free_weights() == weights


def test_irreps_have_together_as_many_weights_as_the_regular_field_they_are_in():
    group = D(4)
    irreps = sum((rho.dim * rho for rho in group.irreps()[1:]), group.irreps()[0])
    assert irreps.dim == group.order
    regular, split = Space(Grid(2), group.regular), Space(Grid(2), irreps)
    assert LatticeConv(split, split).free_weights() - 1 == LatticeConv(regular, regular).free_weights() - 1 == 72


# ---- strides and refusals ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [(8, 9), (5, 12), (13, 13)])
def test_a_stride_samples_symmetrically_at_every_size(size):
    grid, group = Grid(2), D(4)
    layer = LatticeConv(Space(grid, 2 * group.regular), Space(grid.coarser(), group.regular), stride=2).double()
    x = noise(layer, *size)
    y = layer(x)
    assert y.shape[2:] == tuple((n + 1) // 2 for n in size)
    for g in group.elements:
        assert torch.allclose(layer(layer.source.act(g, x)), layer.target.act(g, y), atol=1e-12)


def test_what_cannot_be_is_refused():
    grid, group = Grid(2), C(4)
    space = Space(grid, group.regular)
    with pytest.raises(InputError, match="no centre site"):
        LatticeConv(space, space, kernel_size=4)
    with pytest.raises(DomainError, match="exchanges"):
        LatticeConv(space, space, kernel_size=(3, 5))
    with pytest.raises(SpaceError, match="stride"):
        LatticeConv(space, space, stride=2)
    with pytest.raises(SpaceError, match="one group"):
        LatticeConv(space, Space(grid, D(4).regular))
    with pytest.raises(RepresentationError, match="Every such map is zero"):
        LatticeConv(Space(grid, C(4).trivial), Space(grid, C(4).irrep(1)), kernel_size=1, bias=False)
    mirrored = Space(grid, Mirror().regular)
    assert LatticeConv(mirrored, mirrored, kernel_size=(3, 5)).kernel_size == (3, 5)
