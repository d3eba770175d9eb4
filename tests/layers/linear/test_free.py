"""The free part of a relaxed layer: orthogonal to all that the symmetry allows, and with that all there is."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.domains import Grid, Point
from erlangen.errors import InputError
from erlangen.groups import C, Mirror
from erlangen.layers import Dense, LatticeConv, Layer
from erlangen.layers.linear._free import RelaxedKernel
from erlangen.layers.linear._kernel import Bias
from erlangen.signal import Space
from tests.laws.built import RELAXED, mixture

Maker = Callable[[], Layer]
SQUARE = Space(Grid(2), C(4).regular)


def kernel_of(layer: Layer) -> RelaxedKernel:
    (found,) = [part for part in layer.modules() if isinstance(part, RelaxedKernel)]
    return found.double()


def drawn(layer: Layer, seed: int = 0) -> RelaxedKernel:
    """Its kernel, with a free part that is not nought."""
    torch.manual_seed(seed)
    kernel = kernel_of(layer)
    for block in kernel.free.blocks.values():
        torch.nn.init.normal_(block.weight)
    return kernel


def allowed(kernel: RelaxedKernel) -> Tensor:
    """All symmetric kernels, one a row: those of one weight each."""
    weights = [block.weight for block in kernel.blocks.values()]
    rows = []
    with torch.no_grad():
        for weight in weights:
            for other in weights:
                other.zero_()
            for i in range(weight.numel()):
                weight.view(-1)[i] = 1
                rows.append(kernel.symmetric().flatten())
                weight.view(-1)[i] = 0
    return torch.stack(rows)


@pytest.mark.parametrize("make", RELAXED)
def test_it_is_orthogonal_to_all_symmetric_kernels_and_fills_the_rest(make: Maker) -> None:
    kernel = drawn(make())
    free = kernel.free(kernel.symmetric())
    assert free is not None and free.abs().max() > 0.1
    hom = allowed(kernel)
    assert (hom @ free.flatten()).abs().max() < 1e-9 * hom.norm(dim=1).max() * free.norm()
    numbers = sum(block.weight.numel() for block in kernel.free.blocks.values())
    assert numbers - kernel.free.idle == kernel.entries - int(torch.linalg.matrix_rank(hom))


@pytest.mark.parametrize("make", RELAXED)
def test_the_share_is_that_of_the_square_norm_in_closed_form(make: Maker) -> None:
    """σ² m/(1 + σ² m), m the mean square of the free entries in units of what is expected."""
    kernel = drawn(make())
    assert kernel.share() > 0
    free, symmetric = kernel().detach() - kernel.symmetric().detach(), kernel.symmetric().detach()
    m = float(2 * kernel.free.prior().detach()) / kernel.entries
    expected = kernel.deviation**2 * m / (1 + kernel.deviation**2 * m)
    assert kernel.share() == pytest.approx(expected, rel=1e-6)
    assert kernel.share() == pytest.approx(float(free.square().sum() / (free + symmetric).square().sum()), rel=1e-6)
    for block in kernel.free.blocks.values():
        torch.nn.init.zeros_(block.weight)
    assert kernel.share() == 0 == float(kernel.free.prior().detach())


def test_the_share_of_a_matrix_by_hand() -> None:
    """[[2, 1], [0, 2]] under the swap of two: the nearest symmetric one is [[2, ½], [½, 2]], and ½ is left of 9."""
    swap = Space(Point(), Mirror().regular)
    layer = Dense(swap, swap, bias=False, relaxed=1.0).double()
    kernel: Any = layer.kernel
    with torch.no_grad():
        kernel.blocks["0_0"].weight.copy_(torch.tensor([[[2.0, 0.5]]]))
        size = ((4 + 4 + 0.25 + 0.25) / 4) ** 0.5
        kernel.free.blocks["0_0"].weight.copy_(torch.tensor([[[0.0, 0.5, -0.5, 0.0]]], dtype=torch.float64) / size)
    assert torch.allclose(layer.weight(), torch.tensor([[2.0, 1.0], [0.0, 2.0]]).double(), atol=1e-9)
    assert kernel.share() == pytest.approx(0.5 / 9, rel=1e-9)
    assert float(kernel.free.prior().detach()) == pytest.approx(0.5 * 0.5 / size**2, rel=1e-9)


def test_the_prior_is_half_the_square_of_what_averaging_over_the_group_takes_away() -> None:
    layer = LatticeConv(SQUARE, SQUARE, bias=False, relaxed=0.3)
    kernel = drawn(layer)
    weight = layer.weight().detach()
    turned, g = [], C(4).identity
    for quarters in range(4):  # K(h·v) = ρ(h) K(v) ρ(h)⁻¹, and a kernel of three sites turns as an image does
        rho = torch.as_tensor(C(4).regular(g))
        turned.append(rho @ torch.rot90(weight, quarters, (2, 3)).flatten(2).movedim(2, 0) @ rho.T)
        g = C(4).generators[0] @ g
    mean = torch.stack(turned).mean(0).movedim(0, 2).unflatten(2, (3, 3))
    assert torch.allclose(mean, kernel.symmetric().detach().unflatten(2, (3, 3)), atol=1e-9)
    size = mean.square().mean().sqrt()
    written = ((weight - mean) / (0.3 * size)).square().sum() / 2
    assert float(kernel.free.prior().detach()) == pytest.approx(float(written), rel=1e-6)


@pytest.mark.parametrize("make", RELAXED)
def test_at_the_start_it_is_the_strict_layer_and_both_parts_learn(make: Maker) -> None:
    layer = make()
    assert torch.equal(kernel_of(layer)(), kernel_of(layer).symmetric())
    kernel = kernel_of(layer)
    goal = torch.randn(kernel().shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    (kernel() * goal).sum().backward()
    for part in (kernel.blocks, kernel.free.blocks):
        assert all(block.weight.grad is not None and block.weight.grad.abs().max() > 0 for block in part.values())


def test_it_has_the_scale_of_the_symmetric_part() -> None:
    """A layer whose weights are all twice as large is the same layer times two: what batch norm leaves open is free."""
    layer = LatticeConv(SQUARE, SQUARE, bias=False, relaxed=0.3)
    kernel = drawn(layer)
    before, share, price = layer.weight().detach(), kernel.share(), float(kernel.free.prior().detach())
    with torch.no_grad():
        kernel.blocks["0_0"].weight.mul_(2)
    assert torch.allclose(layer.weight(), 2 * before, atol=1e-9)
    assert kernel.share() == pytest.approx(share, rel=1e-6) and float(kernel.free.prior().detach()) == price


def test_where_every_map_is_allowed_nothing_is_left_to_be_free() -> None:
    point = Space(Point(), 3 * C(4).trivial)
    layer = Dense(point, point, relaxed=0.1)
    assert kernel_of(layer).share() == 0 and not kernel_of(layer).free.blocks
    assert layer.free_weights() == 12


def test_where_no_map_is_allowed_all_is_free() -> None:
    """From scalars and signs to signs: nothing symmetric leads from the scalars."""
    group = Mirror()
    source, target = Space(Point(), group.trivial + group.sign), Space(Point(), group.sign)
    layer = Dense(source, target, bias=False, relaxed=0.5).double()
    kernel: Any = drawn(layer)
    with torch.no_grad():
        alone, size = float(kernel.free.blocks["0_0"].weight), float(kernel.symmetric().square().mean().sqrt())
        assert abs(alone) > 0
        assert float(layer.weight()[0, 0]) == pytest.approx(0.5 * size * alone, rel=1e-6)


def test_the_free_bias_is_orthogonal_to_invariant_ones_and_has_the_layers_scale() -> None:
    layer = LatticeConv(SQUARE, Space(Grid(2), 2 * C(4).regular), relaxed=0.3).double()
    bias: Any = layer.bias
    torch.manual_seed(0)
    for block in (*bias.free.blocks.values(), *bias.blocks.values()):
        torch.nn.init.normal_(block.weight)
    made, invariant = layer.bias().detach(), Bias.forward(bias).detach()
    assert (made - invariant).unflatten(0, (2, 4)).sum(1).abs().max() < 1e-9 < (made - invariant).abs().max()
    assert torch.equal(invariant, invariant.unflatten(0, (2, 4))[:, :1].expand(2, 4).flatten())
    away = bias.free.blocks["0_0"].away().detach().flatten()
    size = layer.weight().detach().square().sum().div(8).sqrt()  # of an output channel, from white input
    assert torch.allclose(made - invariant, 0.3 * size * away, atol=1e-9)
    assert float(bias.free.prior().detach()) == pytest.approx(float(away.square().sum() / 2))


@pytest.mark.parametrize(
    ("bias", "invariant", "free"), [(True, True, True), ("free", False, True), (False, False, False)]
)
def test_a_bias_is_invariant_and_free_or_free_alone(bias: Any, invariant: bool, free: bool) -> None:
    layer = LatticeConv(SQUARE, SQUARE, bias=bias, relaxed=0.3)
    assert (layer.bias is not None) is free and layer.choices()["bias"] == bias
    assert layer.bias is None or bool(layer.bias.blocks) is invariant
    scalars = Dense(Space(Point(), C(4).trivial), Space(Point(), C(4).trivial), bias=bias, relaxed=0.3)
    assert (scalars.bias is not None) is invariant  # of scalars every bias is invariant


@pytest.mark.parametrize(("bias", "relaxed"), [("free", None), ("some", 0.1)])
def test_what_is_no_bias_is_refused(bias: Any, relaxed: float | None) -> None:
    with pytest.raises(InputError, match="bias"):
        LatticeConv(SQUARE, SQUARE, bias=bias, relaxed=relaxed)


def test_its_constants_come_along() -> None:
    kernel = drawn(LatticeConv(Space(er.HexGrid(), mixture(C(6))), Space(er.HexGrid(), mixture(C(6))), relaxed=0.1))
    again = kernel.float().double()
    hom = allowed(again)
    free = again.free(again.symmetric())
    assert free is not None
    assert (hom @ free.flatten()).abs().max() < 1e-9 * hom.norm(dim=1).max() * free.norm()


@pytest.mark.parametrize("relaxed", [0, -0.1, float("nan"), "much", True])
def test_what_is_no_deviation_is_refused(relaxed: Any) -> None:
    with pytest.raises(InputError, match="relaxed"):
        LatticeConv(SQUARE, SQUARE, relaxed=relaxed)


def test_a_table_that_fits_into_no_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("erlangen.layers.linear._free"), "LARGEST", 10)
    irreps = Space(Point(), C(4).irrep(1))
    with pytest.raises(InputError, match="fits into memory"):
        Dense(irreps, Space(Point(), 2 * C(4).irrep(1) + C(4).regular), relaxed=0.1)
