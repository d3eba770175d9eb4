"""Layers on finite domains: against theory's counts, plain loops, and the layers that they are by another name."""

import itertools

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import DomainError, RepresentationError, SpaceError
from erlangen.groups import C, D, Group, S
from erlangen.layers import FiniteLinear, FinitePool, FiniteUpsample, OrbitPool
from tests.laws.catalogue import BOARD, CUBE, FINITE, RING, moved_squares


def scalars(domain: er.Finite, channels: int = 1) -> er.Space:
    return er.Space(domain, channels * domain.group.trivial)


def weights(domain: er.Finite) -> int:
    return FiniteLinear(scalars(domain), scalars(domain), bias=False).free_weights()


@pytest.mark.parametrize(("side", "count"), [(3, 15), (4, 36), (5, 91), (8, 528)])
def test_boards_have_as_many_weights_as_burnside_counts(side: int, count: int):
    assert weights(er.Finite(D(4), moved_squares(side))) == count


@pytest.mark.parametrize("n", [2, 3, 4, 7, 30])
def test_sets_have_two_weights(n: int):
    assert weights(er.Finite(S(n), S(n).standard)) == 2


def test_rubik_s_cube_has_nine():
    assert weights(CUBE) == 9  # of corners 4, of edges 3, between them 2
    layer = FiniteLinear(scalars(CUBE), scalars(CUBE))
    assert layer.free_weights() == 9 + 2  # a bias for corners, one for edges


def test_on_a_ring_it_is_the_circular_convolution():
    """Against torch's own convolution with circular padding."""
    n = 12
    ring = er.Finite(C(n), [tuple((np.arange(n) + 1) % n)])
    layer = FiniteLinear(scalars(ring, 3), scalars(ring, 4)).double()
    whole = layer.weight().detach().reshape(4, n, 3, n)
    kernel = torch.stack([whole[:, 0, :, j] for j in range(n)], dim=-1)  # y_0 = Σ_j kernel[j] x_j
    bias = layer.dense.bias
    assert bias is not None
    torch.nn.init.normal_(next(bias.parameters()))
    x = torch.randn(5, 3, n, dtype=torch.float64)
    padded = torch.cat([x, x[..., : n - 1]], dim=-1)
    expected = torch.nn.functional.conv1d(padded, kernel, bias()[::n])
    assert torch.allclose(layer(x), expected, atol=1e-12)
    assert layer.free_weights() == 4 * 3 * n + 4


def test_on_a_set_it_is_the_layer_of_deep_sets():
    """y_i = λ x_i + γ Σ_j x_j + β (Zaheer et al. 2017, lemma 3)."""
    n = 6
    layer = FiniteLinear(scalars(er.Finite(S(n), S(n).standard)), scalars(er.Finite(S(n), S(n).standard))).double()
    whole = layer.weight().detach()
    gamma = whole[0, 1]
    expected = (whole[0, 0] - gamma) * torch.eye(n, dtype=torch.float64) + gamma
    assert torch.allclose(whole, expected)


@pytest.mark.parametrize(
    ("domain", "group"), [param for param in FINITE if param.values[1].order <= 8 and not param.values[0].is_linear]
)
def test_fields_on_points_are_carried_as_the_law_says(domain: er.Finite, group: Group):
    """W[g·i, g·j] = ρ_out(g) W[i, j] ρ_in(g)⁻¹, pair by pair; and the maps are as many as the characters say."""
    rho_in, rho_out = group.trivial + group.irreps()[-1], group.regular
    layer = FiniteLinear(er.Space(domain, rho_in), er.Space(domain, rho_out), bias=False).double()
    n = domain.points
    w = layer.weight().detach().numpy().reshape(rho_out.dim, n, rho_in.dim, n)
    for g in group.generators:
        move = domain.action.permutation(domain.group.element(g))
        for i, j in itertools.product(range(n), repeat=2):
            carried = rho_out(g) @ w[:, i, :, j] @ rho_in(~g)
            assert np.allclose(w[:, move[i], :, move[j]], carried, atol=1e-12)
    fixed = [int((domain.action.permutation(domain.group.element(g)) == np.arange(n)).sum()) for g in group.elements]
    mean = np.mean(
        [rho_out.character(g) * rho_in.character(~g) * f**2 for g, f in zip(group.elements, fixed, strict=True)]
    )
    assert layer.free_weights() == round(mean)


def test_all_orbits_that_reach_an_output_have_equal_shares():
    """Else the ninety-nine others of a set would drown an element's own value."""
    domain = er.Finite(S(100), S(100).standard)
    own, others = [], []
    for seed in range(200):
        torch.manual_seed(seed)
        w = FiniteLinear(scalars(domain), scalars(domain), bias=False).weight().detach()
        own.append(float(w[0, 0] ** 2))
        others.append(float((w[0, 1:] ** 2).sum()))
    assert np.mean(own) == pytest.approx(0.5, rel=0.3) and np.mean(others) == pytest.approx(0.5, rel=0.3)


def test_pools_are_means_and_maxima_of_blocks():
    x = torch.randn(2, 3, 6)
    space = er.Space(RING, 3 * C(6).trivial)
    pairs = torch.stack([x[..., :3], x[..., 3:]], dim=-1)
    assert torch.allclose(er.layers.pool(space)(x), pairs.mean(-1))
    assert torch.equal(er.layers.pool(space, method="max")(x), pairs.amax(-1))
    up = FiniteUpsample(er.layers.pool(space).target, space)
    assert torch.equal(up(pairs[..., 0]), torch.cat([pairs[..., 0]] * 2, dim=-1))
    with pytest.raises(SpaceError, match="blocks"):
        FiniteUpsample(space, space)
    with pytest.raises(RepresentationError, match="average"):
        FinitePool(er.Space(RING, C(6).irrep(1)), "max")
    with pytest.raises(DomainError):
        er.layers.pool(scalars(er.Finite(S(5), S(5).standard)))
    with pytest.raises(SpaceError, match="Say blocks"):
        er.layers.pool(space, 4)


def test_blocks_of_unequal_size_have_their_own_means():
    """Corners of the cube in threes, edges in twos."""
    pool = er.layers.pool(scalars(CUBE))
    assert isinstance(pool, FinitePool)
    x = torch.randn(1, 1, 48)
    for block, value in enumerate(pool(x)[0, 0]):
        assert torch.allclose(value, x[0, 0, np.array(pool.blocks) == block].mean())


def test_orbits_are_pooled_apart():
    pool = OrbitPool(scalars(BOARD, 2))
    x = torch.randn(4, 2, 9)
    corners, edges = x[..., [0, 2, 6, 8]].amax(-1), x[..., [1, 3, 5, 7]].amax(-1)
    assert torch.equal(pool(x), torch.stack([corners, edges, x[..., 4]], dim=-1).flatten(1))
    with pytest.raises(SpaceError, match="DomainPool"):
        OrbitPool(er.Space(er.Grid(2), C(4).trivial))


def test_what_is_on_no_finite_domain_is_refused():
    with pytest.raises(SpaceError, match="finite domains"):
        FiniteLinear(er.Space(er.Grid(1), C(2).trivial), scalars(RING))
