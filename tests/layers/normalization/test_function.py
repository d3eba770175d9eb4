"""Batch normalisation of functions on a group: torch's own on the sampled function, and by its definition."""

import copy

import pytest
import torch
from torch import nn

from erlangen.domains import Grid, HexGrid, Point
from erlangen.errors import RepresentationError
from erlangen.groups import SO, C, D, O
from erlangen.layers import FourierNonlinearity, FunctionBatchNorm, normalize
from erlangen.layers._functions import functions_in
from erlangen.layers.nonlinearity._samples import samples_for
from erlangen.layers.normalization._statistics import Places, Standardised, measured, standardised
from erlangen.signal import Space

TURNS = Space(Grid(2), 3 * SO(2).trivial + 3 * SO(2).irrep(1) + 3 * SO(2).irrep(2))


def in_functions(x: torch.Tensor) -> torch.Tensor:
    """The channels of TURNS as three functions of five coefficients, `[b, 3, 5, …]`."""
    return torch.stack(
        [torch.cat([x[:, i : i + 1], x[:, 3 + 2 * i : 5 + 2 * i], x[:, 9 + 2 * i : 11 + 2 * i]], 1) for i in range(3)],
        1,
    )


def statistics(layer: FunctionBatchNorm, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return measured(x.flatten(2), layer._count(x), Places(layer.members, layer.owner, layer.constant))


def test_where_samples_are_a_tight_frame_it_is_torchs_own_of_the_sampled_function():
    """SO(2): f at N angles is a batch of N times as many values; the mean and variance of all of them."""
    layer = FunctionBatchNorm(TURNS).double()
    x = 2 * torch.randn(6, 15, 4, 4, dtype=torch.float64) + 1
    samples = samples_for(functions_in(TURNS.rho)[1], C(4))
    there, root = torch.as_tensor(samples.there), 5**0.5
    assert torch.allclose(there.T @ there, len(there) / 5 * torch.eye(5, dtype=torch.float64), atol=1e-12)
    theirs = nn.BatchNorm3d(3, affine=True).double()
    with torch.no_grad():
        layer.norm.weight.copy_(torch.tensor([1.0, 2.0, 0.5]))
        layer.norm.bias.copy_(torch.tensor([0.0, 1.0, -2.0]))
        theirs.weight.copy_(layer.norm.weight)
        theirs.bias.copy_(layer.norm.bias / root)  # β moves the trivial coefficient, which is √D times the mean
    sampled = torch.einsum("nd,bfdij->bfnij", there, in_functions(x))
    answer = torch.einsum("nd,bfdij->bfnij", there, in_functions(layer(x)))
    assert torch.allclose(answer, theirs(sampled), atol=1e-10)


def test_each_function_has_one_statistic_and_frequencies_keep_their_proportion():
    layer = FunctionBatchNorm(TURNS).double()
    scales = torch.tensor([1.0, 10.0, 0.1]).repeat_interleave(1)
    x = torch.randn(8, 15, 5, 5, dtype=torch.float64)
    functions = in_functions(x) * scales.reshape(1, 3, 1, 1, 1).double()
    wide = torch.cat([functions[:, :, 0], functions[:, :, 1:3].flatten(1, 2), functions[:, :, 3:5].flatten(1, 2)], 1)
    y = in_functions(layer(wide))
    assert torch.allclose(y.square().mean(dim=(0, 2, 3, 4)), torch.ones(3, dtype=torch.float64), atol=0.05)
    assert y[:, :, 0].mean(dim=(0, 2, 3)).abs().max() < 1e-12
    ratio = y[:, :, 1:] / functions[:, :, 1:]
    assert (ratio.std(dim=(0, 2, 3, 4)) / ratio.mean(dim=(0, 2, 3, 4))).max() < 1e-10
    assert layer.free_weights() == 6 and layer.unconstrained_weights() == 30


def test_running_statistics_come_to_those_of_the_batch_and_the_export_is_equal():
    for space in (TURNS, Space(HexGrid(), O(2).band_limited_regular(1)), Space(Grid(2), 2 * SO(2).irrep(1))):
        layer = FunctionBatchNorm(space)
        x = space.domain.clear(3 * torch.randn(4, space.channels, 5, 5) + 1)
        for _ in range(200):
            y = layer(x)
        with torch.no_grad():
            layer.norm.bias.normal_()
            layer.norm.weight.normal_()
        layer.eval()
        assert torch.allclose(layer.norm.running_var, statistics(layer, x)[1], rtol=1e-4)
        assert torch.allclose(layer.export().eval()(x), layer(x), atol=1e-5)
        assert torch.equal(space.domain.clear(y), y)


def test_a_constant_signal_gives_no_nan_in_float32():
    layer = FunctionBatchNorm(Space(Grid(2), 2 * SO(2).trivial))
    for value in (0.0, 17.7, 123.456, 1000.1):
        assert layer(torch.full((2, 2, 5, 5), value)).isfinite().all()


def test_what_torch_does_to_batch_norms_reaches_it():
    layer = FunctionBatchNorm(TURNS)
    batches = [torch.randn(4, 15, 5, 5) * scale for scale in (1.0, 2.0)]
    torch.optim.swa_utils.update_bn(batches, layer)
    expected = torch.stack([statistics(FunctionBatchNorm(TURNS), x)[1] for x in batches]).mean(dim=0)
    assert torch.allclose(layer.norm.running_var, expected, rtol=1e-5)
    without = torch.func.replace_all_batch_norm_modules_(copy.deepcopy(layer)).eval()
    assert torch.allclose(without(batches[0]), FunctionBatchNorm(TURNS)(batches[0]), atol=1e-6)


def test_at_one_point_it_stands_behind_a_batch():
    space = Space(Point(), C(4).regular.decompose().representation)
    y = FunctionBatchNorm(space)(torch.randn(500, 4))
    assert float(y.detach().square().mean()) == pytest.approx(1, abs=0.02)
    assert FourierNonlinearity(space)(y).shape == (500, 4)


@pytest.mark.parametrize(
    "rho",
    [
        2 * SO(2).trivial + SO(2).irrep(1),
        C(8).regular,
        D(4).standard + D(4).trivial,
        2 * O(2).irrep(1, 1) + 4 * O(2).trivial,
    ],
)
def test_fields_that_are_no_functions_are_refused(rho):
    with pytest.raises(RepresentationError, match="no more often"):
        normalize(Space(Grid(2), rho), functions=True)


def weighted(space: Space) -> FunctionBatchNorm:
    layer = FunctionBatchNorm(space).double()
    with torch.no_grad():
        layer.norm.weight.normal_()
        layer.norm.bias.normal_()
    return layer


SPACES = [TURNS, Space(HexGrid(), O(2).band_limited_regular(1)), Space(Grid(2), 2 * SO(2).irrep(1))]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_the_closed_backward_is_that_of_the_expression_to_the_second_order_and_forwards(space: Space):
    layer = weighted(space)
    x = space.domain.clear(torch.randn(2, space.channels, 3, 3, dtype=torch.float64) + 1).flatten(2)
    places = Places(layer.members, layer.owner, layer.constant)
    norm, count = layer.norm, layer._count(x.unflatten(2, (3, 3)))
    given = [x, norm.weight.detach(), norm.bias.detach()]
    closed = lambda *of: Standardised.apply(*of, count, 1e-5, *places)  # noqa: E731
    expression = lambda *of: standardised(*of, count, 1e-5, places)  # noqa: E731
    for ours, by_torch in zip(closed(*given), expression(*given), strict=True):
        assert torch.equal(ours, by_torch)
    tangents = tuple(torch.randn_like(each) for each in given)
    for ours, by_torch in zip(
        torch.func.jvp(closed, tuple(given), tangents)[1],
        torch.func.jvp(expression, tuple(given), tangents)[1],
        strict=True,
    ):
        assert torch.allclose(ours, by_torch, atol=1e-12)
    given = [each.requires_grad_() for each in given]
    ways = [torch.randn_like(y) for y in closed(*given)]
    for ours, by_torch in zip(
        torch.autograd.grad(closed(*given), given, ways),
        torch.autograd.grad(expression(*given), given, ways),
        strict=True,
    ):
        assert torch.allclose(ours, by_torch, atol=1e-12)
    assert torch.autograd.gradgradcheck(closed, given, fast_mode=True)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_it_lives_in_torch(space: Space):
    """One gradient a sample, a compiled graph, and a copy."""
    layer = weighted(space)
    x = torch.randn(3, 2, space.channels, 3, 3, dtype=torch.float64)
    alone = torch.func.replace_all_batch_norm_modules_(copy.deepcopy(layer))
    each = torch.func.vmap(torch.func.grad(lambda one: alone(one).pow(3).sum()))(x)
    for one, gradient in zip(x, each, strict=True):
        assert torch.allclose(torch.func.grad(lambda at: alone(at).pow(3).sum())(one), gradient, atol=1e-10)
    compiled = torch.compile(copy.deepcopy(layer), fullgraph=True, backend="aot_eager")
    assert torch.allclose(compiled(x[0]), layer(x[0]), atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_statistics_of_half_precision_are_taken_in_float32(dtype: torch.dtype):
    """Squares of float16 overflow from 256 on, and a sum of many in bfloat16 has three digits."""
    x = (120 * torch.randn(8, 15, 9, 9) + 200).to(dtype)
    expected = statistics(FunctionBatchNorm(TURNS).double(), x.double())
    for layer, answer in ((FunctionBatchNorm(TURNS), dtype), (FunctionBatchNorm(TURNS).to(dtype), dtype)):
        layer.norm.momentum = None
        with torch.autocast("cpu", dtype, enabled=layer.norm.weight.dtype == torch.float32):
            y = layer(x)
        y.float().square().mean().backward()
        assert y.dtype == answer and y.isfinite().all()
        assert float(y.detach().float().square().mean()) == pytest.approx(1, abs=0.01)
        for ours, of_double in zip((layer.norm.running_mean, layer.norm.running_var), expected, strict=True):
            assert torch.allclose(ours.double(), of_double, rtol=1e-5 if ours.dtype == torch.float32 else 1e-2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sums_of_its_backward_are_taken_in_float32(dtype: torch.dtype):
    """Gradients as a loss scale makes them: in float16 their products with the values would overflow."""
    x, given = ((scale * torch.randn(4, 15, 9, 9)).to(dtype) for scale in (30, 5000))
    found = []
    for layer, wide in ((FunctionBatchNorm(TURNS), dtype), (FunctionBatchNorm(TURNS).double(), torch.float64)):
        at = x.to(wide).requires_grad_()
        found.append(torch.autograd.grad(layer.compute(at), [at, *layer.parameters()], given.to(wide)))
    for ours, of_double, digits in zip(*found, (1e-2, 1e-5, 1e-5), strict=True):
        assert (ours.double() - of_double).norm() <= digits * of_double.norm()
