"""Dense, normalisation, nonlinearities, pooling, invariants and skips beside torch's own and what is written out."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import erlangen as er
from erlangen import layers
from erlangen.domains import Grid, HexGrid, Point
from erlangen.errors import RepresentationError, SpaceError
from erlangen.groups import SO, C, D, Group, Mirror
from erlangen.layers import (
    Chain,
    Dense,
    DomainPool,
    FibrePool,
    FieldBatchNorm,
    Gate,
    LatticeConv,
    LatticePool,
    LatticeUpsample,
    NormNonlinearity,
    Pointwise,
    Skip,
)
from erlangen.representations import from_matrices
from erlangen.signal import Space
from erlangen.solve import intertwiners

GRID = Grid(2)
SHEAR = from_matrices(C(2), [[[1.0, 1.0], [0.0, -1.0]]])  # a representation that is not orthogonal


# ---- dense ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("group", [C(5), D(3), Group.from_permutations([(1, 2, 0, 3), (1, 0, 3, 2)])], ids=repr)
def test_dense_spans_all_intertwiners(group):
    rho_in, rho_out = group.regular + group.standard, 2 * group.standard + group.trivial
    layer = Dense(Space(Point(), rho_in), Space(Point(), rho_out), bias=False).double()
    basis = intertwiners(rho_in, rho_out)
    assert layer.free_weights() == len(basis)
    weight = layer.kernel().squeeze(-1).detach()
    span = torch.einsum("koi,oi->k", basis, weight)
    assert torch.allclose(torch.einsum("k,koi->oi", span, basis), weight, atol=1e-10)


def test_on_invariants_dense_is_a_linear_layer():
    layer = Dense(Space(Point(), 5 * C(4).trivial), Space(Point(), 3 * C(4).trivial))
    assert layer.free_weights() == 5 * 3 + 3
    x = torch.randn(2, 5)
    assert torch.equal(layer(x), F.linear(x, layer.kernel().squeeze(-1), layer.bias()))
    with pytest.raises(SpaceError, match="one point"):
        Dense(Space(GRID, C(4).trivial), Space(GRID, C(4).trivial))


# ---- normalisation -------------------------------------------------------------------------------------------------
def test_batch_norm_has_one_statistic_a_field():
    layer, x = FieldBatchNorm(Space(GRID, 3 * D(4).regular)), 2 + 3 * torch.randn(4, 24, 6, 7)
    witness = nn.BatchNorm3d(3)
    expected = witness(x.reshape(4, 3, 8, 6, 7)).reshape(x.shape)
    assert torch.allclose(layer(x), expected, atol=1e-6)
    assert torch.allclose(layer.norms[0].running_var, witness.running_var)
    assert torch.allclose(layer.eval()(x), witness.eval()(x.reshape(4, 3, 8, 6, 7)).reshape(x.shape), atol=1e-6)


def test_on_scalars_it_is_torch_s_batch_norm():
    layer, witness, x = FieldBatchNorm(Space(GRID, 4 * C(1).trivial)), nn.BatchNorm2d(4), torch.randn(8, 4, 5, 5)
    assert torch.allclose(layer(x), witness(x), atol=1e-6)


def test_fields_that_turn_have_no_mean_and_one_length():
    layer = FieldBatchNorm(Space(GRID, 2 * C(4).irrep(1)))
    x = torch.randn(16, 4, 9, 9) * torch.tensor([1.0, 1.0, 5.0, 5.0])[:, None, None] + 1
    y = layer(x)
    lengths = x.reshape(16, 2, 2, 9, 9).square().mean(dim=(0, 2, 3, 4)).sqrt()
    assert torch.allclose(y, (x.reshape(16, 2, 2, 9, 9) / lengths[:, None, None, None]).reshape(x.shape), rtol=1e-3)


def test_on_hexagons_the_corners_of_the_array_count_for_nothing():
    space = Space(HexGrid(), 2 * C(6).trivial)
    layer, x = FieldBatchNorm(space), HexGrid().clear(3 + torch.randn(8, 2, 9, 9))
    y = layer(x)
    sites = HexGrid().sites(9)
    inside = y.flatten(2)[..., sites]
    assert torch.allclose(inside.mean(dim=(0, 2)), torch.zeros(2), atol=1e-5)
    assert torch.allclose(inside.var(dim=(0, 2), correction=0), torch.ones(2), atol=1e-3)
    assert torch.equal(HexGrid().clear(y), y)


def test_representations_that_are_not_orthogonal_are_refused():
    space = Space(GRID, SHEAR)
    for make in (FieldBatchNorm, NormNonlinearity, Gate, FibrePool):
        with pytest.raises(RepresentationError, match="orthogonalized"):
            make(space)
    assert NormNonlinearity(Space(GRID, SHEAR.orthogonalized())).source.channels == 2


# ---- nonlinearities ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["relu", "gelu", "silu", "elu", "leaky_relu", "softplus", "tanh", "sigmoid"])
def test_pointwise_is_torch_s_function_and_its_gain_keeps_the_variance(name):
    layer, x = Pointwise(Space(GRID, C(4).regular), name), torch.randn(4, 4, 64, 64)
    witness = getattr(F, name, None) or getattr(torch, name)
    assert torch.equal(layer(x), witness(x))
    assert abs(float((layers.gain_of(name) * layer(x)).square().mean()) - 1) < 0.05


def test_pointwise_is_refused_on_fields_that_turn():
    for rho in (C(4).irrep(1), D(4).standard + D(4).trivial):
        with pytest.raises(RepresentationError, match="norm or a gate"):
            Pointwise(Space(GRID, rho))


def test_the_norm_nonlinearity_scales_by_the_length_alone():
    space = Space(Point(), SO(2).trivial + 2 * SO(2).irrep(1))
    layer, x = NormNonlinearity(space), torch.randn(512, 5)
    y = layer(x)
    assert torch.allclose(y[:, 0], 2**0.5 * torch.relu(x[:, 0]))
    ratio = y[:, 1:] / x[:, 1:]
    assert torch.allclose(ratio[:, 0], ratio[:, 1], rtol=1e-4)
    assert torch.allclose(y[:, 1:].square().mean(), torch.tensor(1.0), atol=0.15)
    assert ratio.std() > 0.05


def test_a_gate_multiplies_by_its_own_scalar():
    gate = Gate(Space(Point(), C(4).trivial + 2 * C(4).irrep(1)))
    x = torch.randn(6, 7)
    y = gate(x)
    assert torch.allclose(y[:, 0], 2**0.5 * torch.relu(x[:, 0]))
    for field in range(2):
        ratio = y[:, 1 + 2 * field : 3 + 2 * field] / x[:, 1 + 2 * field : 3 + 2 * field]
        assert torch.allclose(ratio, 1.846 * torch.sigmoid(x[:, 5 + field, None]).expand(6, 2), atol=1e-4)


# ---- pooling and the way back --------------------------------------------------------------------------------------
def test_pools_of_even_sizes_are_torch_s():
    space, x = Space(GRID, C(4).regular), torch.randn(2, 4, 8, 12)
    assert torch.allclose(LatticePool(space)(x), F.avg_pool2d(x, 2), atol=1e-6)
    assert torch.equal(LatticePool(space, "max")(x), F.max_pool2d(x, 2))
    assert torch.allclose(LatticePool(space, "average", 2)(x), F.avg_pool2d(x, 4), atol=1e-6)


def test_pools_of_odd_sizes_take_every_second_site():
    space, x = Space(GRID, C(4).regular), torch.randn(2, 4, 9, 13)
    for method in ("average", "max"):
        assert torch.equal(LatticePool(space, method)(x), x[..., ::2, ::2])


def test_antialiased_pooling_smooths_by_the_binomial_before():
    x = torch.randn(1, 1, 10)
    wide = F.pad(x, (1, 1), mode="replicate")
    smooth = (wide[..., :-2] + 2 * wide[..., 1:-1] + wide[..., 2:]) / 4
    pool = LatticePool(Space(Grid(1), Mirror().trivial), "antialiased")
    assert torch.allclose(pool(x), F.avg_pool1d(smooth, 2), atol=1e-6)


def test_the_maximum_of_fields_that_turn_is_refused():
    with pytest.raises(RepresentationError, match="average"):
        LatticePool(Space(GRID, C(4).irrep(1)), "max")


@pytest.mark.parametrize("n", [5, 6, 9, 12])
def test_upsampling_gives_back_a_ramp_away_from_the_border(n):
    fine = Space(Grid(1), Mirror().trivial)
    pool = LatticePool(fine)
    ramp = torch.arange(float(n)).reshape(1, 1, n)
    again = LatticeUpsample(pool.target, fine).to_size(pool(ramp), (n,))
    assert torch.allclose(again[..., 2:-2], ramp[..., 2:-2], atol=1e-6)


def test_upsampling_goes_only_to_finer_levels_of_the_same_lattice():
    fine = Space(GRID, C(4).trivial)
    coarse = LatticePool(fine).target
    for source, like in ((fine, coarse), (coarse, Space(Grid(2, "periodic"), C(4).trivial))):
        with pytest.raises(SpaceError, match="finer level"):
            LatticeUpsample(source, like)


# ---- invariants, skips, chains, doors ------------------------------------------------------------------------------
def test_fibres_are_pooled_orbit_by_orbit():
    group = C(2)
    two_orbits = from_matrices(group, [[[0, 1, 0], [1, 0, 0], [0, 0, 1]]])
    space = Space(Point(), 2 * two_orbits + group.irrep(1))
    x = torch.tensor([[1.0, 5.0, 2.0, 7.0, 3.0, 4.0, -6.0]])
    assert FibrePool(space)(x).tolist() == [[5.0, 2.0, 7.0, 4.0, 6.0]]
    assert FibrePool(space, "mean")(x).tolist() == [[3.0, 2.0, 5.0, 4.0, 6.0]]
    with pytest.raises(RepresentationError, match='"max" or "mean"'):
        FibrePool(space, "median")


def test_the_mean_over_a_hexagon_counts_its_own_sites():
    x = HexGrid().clear(torch.ones(1, 1, 7, 7))
    assert DomainPool(Space(HexGrid(), C(6).trivial))(x).item() == pytest.approx(1.0)


def test_a_skip_joins_what_comes_back_from_a_coarser_level():
    space = Space(GRID, 2 * C(4).regular)
    pool = LatticePool(space)
    skip = Skip([pool, LatticeConv(pool.target, Space(pool.target.domain, C(4).regular))])
    x = torch.randn(2, 8, 7, 10)
    y = skip(x)
    assert skip.target == Space(GRID, 3 * C(4).regular)
    assert y.shape == (2, 12, 7, 10)
    assert torch.equal(y[:, :8], x)


def test_skips_and_chains_that_do_not_fit_are_refused():
    space, wide = Space(GRID, C(4).regular), Space(GRID, 2 * C(4).regular)
    with pytest.raises(SpaceError, match="equal representations"):
        Skip(LatticeConv(space, wide), join="add")
    with pytest.raises(SpaceError, match="layer 1, Pointwise"):
        Chain([LatticeConv(space, wide), Pointwise(space)])
    with pytest.raises(SpaceError, match="no layers"):
        Chain([])


def test_doors_choose_by_domain_and_representation():
    grid, point, turning = Space(GRID, C(4).regular), Space(Point(), C(4).regular), Space(GRID, C(4).irrep(1))
    assert isinstance(layers.linear(grid, grid), LatticeConv)
    assert isinstance(layers.linear(point, point), Dense)
    assert isinstance(layers.nonlinearity(grid), Pointwise)
    assert isinstance(layers.nonlinearity(turning), NormNonlinearity)
    assert isinstance(layers.nonlinearity(turning, "gate"), Gate)
    assert layers.pool(grid, 4).target.domain.level == 2
    assert layers.invariant(grid).target == Space(Point(), C(4).trivial)
    for wrong in (lambda: layers.pool(grid, 3), lambda: layers.pool(point), lambda: layers.nonlinearity(grid, "magic")):
        with pytest.raises(SpaceError):
            wrong()


def test_what_is_no_layer_of_ours_and_a_layer_twice_are_refused():
    space = Space(GRID, C(4).regular)
    conv = LatticeConv(space, space)
    for wrong in ([conv, nn.ReLU()], [conv, Pointwise(space), conv]):
        with pytest.raises(SpaceError, match=r"er\.layers\.nonlinearity"):
            Chain(wrong)
    with pytest.raises(SpaceError, match="knows no space"):
        Skip(nn.ReLU())
    assert len(Chain(conv)) == 1


@pytest.mark.parametrize("radius", [4, 5, 7])
def test_on_hexagons_a_constant_comes_back_as_it_was(radius):
    fine = Space(HexGrid(), C(6).trivial)
    pool = LatticePool(fine)
    side = 2 * radius + 1
    ones = HexGrid().clear(torch.ones(1, 1, side, side))
    assert torch.allclose(LatticeUpsample(pool.target, fine).to_size(pool(ones), (side, side)), ones)


def test_a_shortcut_takes_the_place_of_the_signal_itself():
    """s(x) ⊕ f(x) and s(x) + f(x), on the level where the shortcut ends."""
    space = Space(GRID, 2 * C(4).regular)
    coarse = Space(GRID.coarser(), C(4).regular)
    inner, beside = (LatticeConv(space, coarse, kernel_size=k, stride=2) for k in (3, 1))
    x = torch.randn(2, 8, 7, 7)
    added = Skip(inner, "add", beside)
    assert added.target == coarse and torch.equal(added(x), beside(x) + inner(x))
    joined = Skip([inner, LatticePool(coarse)], shortcut=beside)
    assert joined.target == Space(coarse.domain, 2 * C(4).regular) and joined(x).shape == (2, 8, 4, 4)
    assert torch.equal(joined(x)[:, :4], beside(x))
    assert added.free_weights() == inner.free_weights() + beside.free_weights()
    assert added.unconstrained_weights() == inner.unconstrained_weights() + beside.unconstrained_weights()
    assert added.footprint().factor == 2 and added.footprint().extent == inner.footprint().extent
    again = er.build(er.Blueprint([added]).recipe)
    again.load_state_dict(er.Blueprint([added]).state_dict())
    assert torch.equal(again(x), added(x)) and torch.allclose(added.export()(x), added(x), atol=1e-6)
    with pytest.raises(SpaceError, match="shortcut"):
        Skip(inner, "add", LatticeConv(Space(GRID, C(4).regular), coarse, stride=2))
    with pytest.raises(SpaceError, match="equal representations"):
        Skip(inner, "add", LatticeConv(space, Space(GRID.coarser(), 2 * C(4).regular), stride=2))
