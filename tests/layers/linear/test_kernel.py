"""How weights start, live and move: second moments that ties do not blow up, and constants that follow the module."""

import itertools
import math
import pickle
from copy import deepcopy

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.layers import LatticeConv, SteerableConv, gain_of, offset_of
from erlangen.layers.linear._kernel import Kernel, Solver
from erlangen.representations import Representation
from tests.laws.built import functions
from tests.solve.test_steerable import dense

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


def whole(kernel: Kernel, solve: Solver, inside: np.ndarray) -> torch.Tensor:
    """K as the sum over the full bases of all pairs of fields, each in its place."""
    rho_in, rho_out = (sum(kind.channels for kind in kinds) for kinds in (kernel.kinds_in, kernel.kinds_out))
    made = np.zeros((rho_out, rho_in, len(inside)))
    for name, block in kernel.blocks.items():
        out, inner = (
            kinds[int(i)] for kinds, i in zip((kernel.kinds_out, kernel.kinds_in), name.split("_"), strict=True)
        )
        weight, at = block.weight.detach().numpy(), 0
        for (f_out, row), (f_in, column) in itertools.product(single(out.field), single(inner.field)):
            basis = dense(solve(f_in, f_out))
            for (a, y), (b, x) in itertools.product(enumerate(out.starts), enumerate(inner.starts)):
                rows, columns = slice(y + row, y + row + f_out.dim), slice(x + column, x + column + f_in.dim)
                made[rows, columns, inside] += np.tensordot(weight[a, b, at : at + len(basis)], basis, 1)
            at += len(basis)
        assert at == weight.shape[2]
    return torch.as_tensor(made)


def single(rho: Representation) -> list[tuple[Representation, int]]:
    """Every summand with its first channel."""
    parts = [part for part, times in rho.fields for _ in range(times)]
    return list(zip(parts, np.cumsum([0, *(part.dim for part in parts)]).tolist(), strict=False))


def scattered(group: er.Group) -> Representation:
    """Fields of three kinds in many places and no order."""
    a, b, c = group.trivial, group.irrep(1), group.irrep(2)
    return a + b + a + c + b + a + c + a + b + c + c + a


HEXAGON, SPACE = er.HexGrid(), er.Grid(3)
SUMS = {
    "C8": (GRID, er.C(8).trivial + 2 * er.C(8).regular, 2 * er.C(8).regular + er.C(8).irrep(1), 5),
    "C8, regular": (GRID, 3 * er.C(8).regular, 2 * er.C(8).regular, 7),
    "D8": (GRID, er.D(8).regular, 2 * er.D(8).regular, 5),
    "D8, irreps": (GRID, 3 * (er.D(8).trivial + er.D(8).irrep(1, 1)), er.D(8).irrep(1, 1) + er.D(8).irrep(0, 0), 5),
    "SO(2)": (GRID, 3 * functions(er.SO(2)), 2 * functions(er.SO(2), 2), 5),
    "SO(2), lift": (GRID, 3 * er.SO(2).trivial, 2 * functions(er.SO(2)), 9),
    "SO(2), scattered": (GRID, scattered(er.SO(2)), scattered(er.SO(2)), 3),
    "O(2)": (GRID, 2 * functions(er.O(2), 2), 3 * functions(er.O(2), 2), 5),
    "SO(3)": (SPACE, 2 * functions(er.SO(3), 1), 2 * functions(er.SO(3), 1), 5),
    "O(3)": (SPACE, er.O(3).irrep(1, -1) + er.O(3).trivial, functions(er.O(3), 1), 3),
    "icosahedral": (
        SPACE,
        er.Icosahedral().irreps()[3] + er.Icosahedral().irreps()[4],
        er.Icosahedral().irreps()[4],
        3,
    ),
    "C8 about an axis": (SPACE, 2 * functions(er.C(8)), er.C(8).regular, 3),
    "SO(2) about an axis": (SPACE, 2 * functions(er.SO(2), 1), functions(er.SO(2), 2), 3),
    "C12 on hexagons": (HEXAGON, er.C(12).trivial + er.C(12).regular, er.C(12).regular, 5),
    "O(2) on hexagons": (HEXAGON, 2 * functions(er.O(2), 1), 2 * functions(er.O(2), 1), 5),
    "C4, exact": (GRID, 3 * (C4.irrep(1) + C4.regular), 2 * (C4.trivial + C4.irrep(1)), 3),
    "D6, exact, on hexagons": (HEXAGON, 3 * er.D(6).irrep(1, 1), er.D(6).irrep(1, 2) + er.D(6).regular, 5),
}


@pytest.mark.parametrize("case", SUMS)
def test_the_kernel_is_the_sum_over_the_full_basis(case: str):
    domain, source, target, size = SUMS[case]
    make = LatticeConv if "exact" in case else SteerableConv
    layer = make(er.Space(domain, source), er.Space(domain, target), kernel_size=size).double()
    kernel, expected = layer.kernel(), whole(layer.kernel, layer.solver(), layer.inside)
    assert kernel.is_contiguous() and expected.abs().max() > 0.01
    assert torch.allclose(kernel, expected, rtol=0, atol=1e-12)
    weights = list(layer.kernel.parameters())
    assert torch.autograd.gradcheck(lambda *_: layer.kernel().square().sum(), weights, fast_mode=True)


@pytest.mark.parametrize("case", ["C8, regular", "SO(2)", "SO(2), scattered", "icosahedral", "C4, exact"])
def test_every_kernel_lives_in_torch(case: str):
    """Second derivatives, one gradient a sample, a compiled graph, copies, pickles and a birth on meta."""
    domain, source, target, size = SUMS[case]
    make = LatticeConv if "exact" in case else SteerableConv
    layer = make(er.Space(domain, source), er.Space(domain, target), kernel_size=size).double()
    kernel, weights = layer.kernel, {name: p.detach() for name, p in layer.kernel.named_parameters()}

    def energy(weights: dict[str, torch.Tensor], at: torch.Tensor) -> torch.Tensor:
        return (torch.func.functional_call(kernel, weights, ()) * at).square().sum()

    at = torch.randn(2, *kernel().shape, dtype=torch.float64)
    each = torch.func.vmap(torch.func.grad(energy), in_dims=(None, 0))(weights, at)
    for i in range(2):
        one = torch.func.grad(energy)(weights, at[i])
        assert all(torch.allclose(each[name][i], one[name], atol=1e-10) for name in one)
    assert torch.autograd.gradgradcheck(lambda *_: kernel().pow(3).sum(), list(kernel.parameters()), fast_mode=True)
    assert torch.allclose(torch.compile(kernel, fullgraph=True, backend="aot_eager")(), kernel(), atol=1e-12)
    for copy in (deepcopy(kernel), pickle.loads(pickle.dumps(kernel))):
        assert torch.equal(copy(), kernel())
    with torch.device("meta"):
        born = make(er.Space(domain, source), er.Space(domain, target), kernel_size=size).kernel
    born = born.double().to_empty(device="cpu")
    born.load_state_dict(kernel.state_dict())
    assert torch.equal(born(), kernel())
    assert torch.allclose(deepcopy(kernel).float().double()(), kernel(), atol=1e-6)
