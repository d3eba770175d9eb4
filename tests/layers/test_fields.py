"""Fields of a kind run together wherever they stand: interleaved or side by side, the layer is the same."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import erlangen as er
from erlangen.layers._fields import in_channel_order, join_fields, kinds_of, root_mean_square, split_fields
from erlangen.representations import Representation

G = er.D(4)
KINDS = (G.trivial, G.standard, G.regular, G.irrep(1, 2))


@st.composite
def mixtures(draw: st.DrawFn) -> Representation:
    picked = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=7))
    rho = picked[0]
    for field in picked[1:]:
        rho = rho + field
    return draw(st.sampled_from((1, 1, 2, 5))) * rho


@given(rho=mixtures(), seed=st.integers(0, 99))
def test_splitting_and_joining_is_the_identity(rho: Representation, seed: int):
    kinds = kinds_of(rho)
    assert len({kind.field for kind in kinds}) == len(kinds)
    assert sum(kind.channels for kind in kinds) == rho.dim
    x = torch.randn(2, rho.dim, 3, generator=torch.Generator().manual_seed(seed))
    parts = split_fields(x, kinds)
    assert [part.shape[1:3] for part in parts] == [(kind.copies, kind.dim) for kind in kinds]
    assert torch.equal(join_fields(parts, kinds), x)


@given(rho=mixtures())
def test_every_channel_comes_to_its_own_place(rho: Representation):
    kinds = kinds_of(rho)
    channels = [torch.cat([torch.arange(a, a + m * k.dim) for a, m in k.runs]) for k in kinds]
    assert torch.equal(in_channel_order(channels, kinds, 0), torch.arange(rho.dim))


def interleaved(copies: int) -> Representation:
    rho = pair = G.trivial + G.standard
    for _ in range(copies - 1):
        rho = rho + pair
    return rho


def test_interleaved_fields_are_as_few_blocks_as_fields_side_by_side():
    space = er.Space(er.Grid(2), interleaved(8))
    beside = er.Space(er.Grid(2), 8 * G.trivial + 8 * G.standard)
    layer, other = er.layers.LatticeConv(space, space), er.layers.LatticeConv(beside, beside)
    assert len(layer.kernel.blocks) == len(other.kernel.blocks) == 4
    assert layer.free_weights() == other.free_weights()
    other.load_state_dict(layer.state_dict())
    order = torch.cat(
        [torch.arange(0, 24, 3), torch.stack([torch.arange(1, 24, 3), torch.arange(2, 24, 3)], 1).flatten()]
    )
    assert torch.equal(layer.weight()[order][:, order], other.weight())


@pytest.mark.parametrize("make", [er.layers.FieldBatchNorm, er.layers.NormNonlinearity, er.layers.FibrePool])
def test_interleaved_fields_keep_the_symmetry(make: type):
    space = er.Space(er.Grid(2), interleaved(3) + G.regular)
    layer = make(space).double()
    x = er.Signal(torch.randn(2, space.channels, 6, 5, dtype=torch.float64), space)
    for g in G.generators:
        assert torch.allclose(layer(x.act(g)).values, layer(x).act(g).values, atol=1e-12)


def test_lengths_of_half_precision_neither_overflow_nor_lose_their_gradient_at_zero():
    large = torch.full((1, 1, 2, 1), 3e4, dtype=torch.float16)
    assert torch.allclose(root_mean_square(large).float(), torch.tensor(3e4), rtol=1e-3)
    zero = torch.zeros(1, 1, 2, 1, dtype=torch.float16, requires_grad=True)
    root_mean_square(zero).sum().backward()
    assert zero.grad is not None
    assert zero.grad.abs().sum() == 0
    precise = torch.randn(1, 2, 3, 4, dtype=torch.float64)
    assert torch.allclose(root_mean_square(precise), precise.square().mean(2).sqrt(), rtol=1e-10)
