"""How weights start, live and move: second moments that ties do not blow up, and constants that follow the module."""

import math

import pytest
import torch

import erlangen as er
from erlangen.layers import LatticeConv, gain_of, offset_of
from erlangen.layers.linear._kernel import Kernel
from erlangen.representations import Representation

C4, D4 = er.C(4), er.D(4)
GRID = er.Grid(2)


def test_gain_and_offset_behind_a_relu_are_root_two_and_one_over_pi():
    assert gain_of("relu") == pytest.approx(math.sqrt(2), rel=1e-6)
    assert offset_of("relu") == pytest.approx(1 / math.pi, rel=1e-6)
    assert offset_of("tanh") == pytest.approx(0, abs=1e-12)
    assert 0 < offset_of("sigmoid") < 1


@pytest.mark.parametrize("rho", [32 * C4.trivial, 8 * C4.regular, 12 * C4.trivial + 12 * C4.irrep(1)], ids=str)
def test_one_layer_behind_a_relu_starts_with_second_moment_one(rho: Representation):
    """Independent inputs with the moments that a ReLU leaves of white ones: tied sites add up their common mean."""
    torch.manual_seed(0)
    space = er.Space(GRID, rho)
    source = space if rho.is_permutation else er.Space(GRID, 24 * C4.trivial)
    x = torch.relu(torch.randn(8, source.channels, 14, 14))
    moments = []
    for _ in range(20):
        z = LatticeConv(source, space, gain=gain_of("relu"), offset=offset_of("relu"))(x)
        moments.append(float(z[..., 1:-1, 1:-1].detach().square().mean()))
    assert sum(moments) / len(moments) == pytest.approx(1, rel=0.15)


def test_mixed_fields_keep_their_second_moment_through_ten_layers_without_normalisation():
    task = er.Task(GRID, C4, 1, er.Equivariant(1))
    choices = {"width": 48, "depth": 10, "scales": 1, "normalize": False}
    last = []
    for seed in range(6):
        torch.manual_seed(seed)
        net = er.derive(task, fields=C4.trivial + C4.irrep(1), **choices)
        *body, _ = net
        x = torch.randn(2, 1, 24, 24)
        for layer in body:
            x = layer(x)
        last.append(float(x[..., 4:-4, 4:-4].detach().square().mean().log()))
    assert abs(sum(last) / len(last)) < math.log(3)


def test_nothing_of_size_zero_is_registered():
    space = er.Space(GRID, 3 * D4.irrep(1, 0) + 2 * D4.standard)
    pointwise = LatticeConv(er.Space(GRID, D4.trivial + D4.standard), space, kernel_size=1)
    assert pointwise.bias is None  # no vector of these fields is fixed
    assert [p.shape for p in pointwise.parameters()] == [(2, 1, 1)]
    assert pointwise.weight()[:3].abs().sum() == 0
    assert pointwise.choices()["bias"] is False
    mixed = LatticeConv(space, er.Space(GRID, D4.trivial + D4.standard))
    assert mixed.bias is not None
    assert [p.numel() for p in mixed.bias.parameters()] == [1]


def test_sharing_memory_leaves_the_constants_shared_and_emptying_rebuilds_them():
    space = er.Space(GRID, 2 * C4.irrep(1) + C4.regular)
    layer = LatticeConv(space, space)
    wanted = layer.weight().detach().clone()
    layer.share_memory()
    assert all(buffer.is_shared() for buffer in layer.buffers())
    assert torch.equal(layer.weight(), wanted)
    weights = {name: value.clone() for name, value in layer.state_dict().items()}
    empty = layer.to_empty(device="cpu")
    empty.load_state_dict(weights)
    assert torch.equal(empty.weight(), wanted)


def test_the_kernel_says_how_it_was_solved():
    kernel = LatticeConv(er.Space(GRID, C4.trivial + C4.irrep(1)), er.Space(GRID, C4.trivial)).kernel
    assert isinstance(kernel, Kernel)
    assert "orbits: " in kernel.solver
    assert "stabilisers: " in kernel.solver
