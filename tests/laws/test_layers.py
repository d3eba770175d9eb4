"""What holds of every layer: it commutes with its group, is all that the group leaves, and keeps unit variance."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.chance import reseed
from erlangen.groups import Element, Group
from erlangen.layers import (
    Chain,
    Dense,
    FiniteLinear,
    FourierNonlinearity,
    Kmers,
    LatticeConv,
    LatticeToPoint,
    LatticeUpsample,
    Layer,
)
from erlangen.representations import Representation, from_matrices
from tests.laws.built import LAYERS, LINEAR, RELAXED, STEERED
from tests.laws.signals import EXACT, SEEDS, equivariance_error, noise, sizes, some_of

few = settings(max_examples=2)
Maker = Callable[[], Layer]


def drawn(data: st.DataObject, layer: Layer, most: int = 20) -> tuple[int, ...]:
    """A size that the layer takes."""
    domain = layer.source.domain
    if isinstance(layer, LatticeToPoint):
        return layer.sizes
    return data.draw(sizes(domain, least=5, most=min(most, 9) if domain.axes == 3 else most)) if domain.axes else ()


# --- equivariance


@pytest.mark.parametrize("make", LAYERS)
@given(data=st.data(), seed=SEEDS)
@few
def test_it_commutes_with_its_group(make: Maker, data: st.DataObject, seed: int):
    layer = make()
    size, elements = drawn(data, layer), some_of(layer.source, seed, most=2)
    for dtype, training in ((torch.float32, False), (torch.float64, True), (torch.float64, False)):
        x = noise(layer.source, size, seed, dtype=dtype)
        error = equivariance_error(layer.to(dtype).train(training), x, elements)
        assert error <= EXACT[dtype], f"{error} at {size} in {dtype}"


@pytest.mark.parametrize("make", LAYERS)
@given(data=st.data(), seed=SEEDS)
@few
def test_its_output_varies_and_stays_in_the_domain(make: Maker, data: st.DataObject, seed: int):
    """f(x) ≠ f(x′), no channel is dead, gradients reach every weight, and the array's corners hold zeros."""
    layer = make()
    x = noise(layer.source, drawn(data, layer), seed, batch=8, dtype=torch.float32).requires_grad_()
    y = layer(x)
    assert layer(layer.source) == layer.target
    assert y.shape[:2] == (8, layer.target.channels) and y.dim() == 2 + layer.target.domain.axes
    assert (y.detach().reshape(8, y.shape[1], -1).std(dim=(0, 2)) > 1e-4).all()
    assert torch.equal(layer.target.domain.clear(y), y)
    y.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in (x, *layer.parameters()))


@pytest.mark.parametrize("make", LAYERS)
def test_its_recipe_makes_it_again_and_says_what_is_so(make: Maker):
    layer = make()
    again = er.build(er.Blueprint([layer]).recipe)
    again.load_state_dict(er.Blueprint([layer]).state_dict())
    size = layer.sizes if isinstance(layer, LatticeToPoint) else layer.source.domain.size(9)
    x = noise(layer.source, size, dtype=torch.float32)
    assert torch.equal(again.eval()(x), layer.eval()(x))
    assert all(part.reason().law and part.reason().prior for part in er.layers.leaves(layer))
    assert layer.free_weights() == sum(p.numel() for p in layer.parameters())


# --- time, whose symmetry are later starts

IN_TIME = [m for m in LAYERS if any(word in str(m.id) for word in ("recurrent", "past only", "in time"))]


@pytest.mark.parametrize("make", IN_TIME)
@given(seed=SEEDS, zeros=st.integers(1, 30))
@few
def test_it_looks_only_back_and_zeros_before_come_and_go(make: Maker, seed: int, zeros: int):
    """f(0 … 0 x) = 0 … 0 f(x) at every step where it says so, whatever its weights; and no step hears a later one."""
    layer = make().double()
    reseed(seed)
    for p in layer.parameters():
        torch.nn.init.normal_(p, std=0.5)
    x = noise(layer.source, (9,), seed)
    with torch.no_grad():
        y, later = layer(x), layer(torch.nn.functional.pad(x, (zeros, 0)))
        changed = layer(torch.cat([x[..., :5], x[..., 5:] + 1], dim=-1))
    if y.dim() == 2:  # one answer of the whole
        assert getattr(layer, "method", "") == "mean" or torch.equal(later, y)
        return
    assert torch.equal(changed[..., :5], y[..., :5]) and not torch.equal(changed[..., 5:], y[..., 5:])
    if layer.zero_is_fixed:
        assert later[..., :zeros].abs().max() == 0
        assert (later[..., zeros:] - y).abs().max() <= 1e-12 * y.abs().max().clamp(min=1.0)


def test_every_state_says_that_zeros_leave_it_zero():
    states = [m.values[0]() for m in IN_TIME if "recurrent" in str(m.id) and "read" not in str(m.id)]
    assert len(states) >= 9 and all(layer.zero_is_fixed for layer in states)


# --- the footprint


NOT_LOCAL = ("dense", "recurrent", "finite", "domain", "invariants", "Grid(3", "cube", "vectors", "signs", "Sphere")
LOCAL = [m for m in LAYERS if not any(word in str(m.id) for word in NOT_LOCAL)]


@pytest.mark.parametrize("make", LOCAL)
@pytest.mark.parametrize("side", [21, 24])
def test_it_sees_no_further_than_it_says(make: Maker, side: int):
    """The sites on which one output depends lie within extent + 1 of each other."""
    layer = make().double().eval()
    domain, extent = layer.source.domain, layer.footprint().extent
    assert extent is not None
    side -= isinstance(domain, er.HexGrid) and side % 2 == 0
    x = noise(layer.source, (side,) * domain.axes, batch=1).requires_grad_()
    y = layer(x)
    middle = [n // 2 for n in y.shape[2:]]
    for step in range(-2, 3):
        at = (0, slice(None), *(m + step for m in middle))
        (seen,) = torch.autograd.grad(y[at].square().sum(), x, retain_graph=True)
        for axis in range(domain.axes):
            strength = seen.abs().sum(dim=(0, 1)).movedim(axis, -1).reshape(-1, side).sum(dim=0)
            places = (strength > 1e-12 * strength.max()).nonzero()  # a fast Fourier transform rounds everywhere
            if len(places):  # a corner of the array that is no site sees nothing
                assert places.max() - places.min() <= extent


# --- it is all that the group leaves


def fixed_sites(layer: LatticeConv, g: Element) -> int:
    """How many sites of the kernel g leaves where they are."""
    sites = layer.domain.stencil(layer.kernel_size)[layer.inside]
    return int((sites @ layer.domain.matrix(g).T == sites).all(axis=1).sum())


def dimension(group: Group, characters: Callable[[Element], float]) -> int:
    """The mean of a character over the group: how often it contains the trivial representation (Burnside)."""
    mean = np.mean([characters(g) for g in group.elements])
    assert abs(mean - round(mean)) < 1e-9
    return round(mean)


@pytest.mark.parametrize("make", LINEAR)
def test_its_free_weights_are_as_many_as_the_characters_say(make: Maker):
    """dim Hom = mean over g of χ_out(g) χ_in(g⁻¹) fix(g), and χ_out for the bias."""
    layer = make()
    assert isinstance(layer, LatticeConv | Dense | FiniteLinear)
    layer = layer.dense if isinstance(layer, FiniteLinear) else layer
    rho_in, rho_out, group = layer.source.rho, layer.target.rho, layer.source.group
    if group.order > 2000:
        return  # no list of elements; tests/layers/test_finite.py has what theory says of these

    def kernels(g: Element) -> float:
        fixed = fixed_sites(layer, g) if isinstance(layer, LatticeConv) else 1
        return rho_out.character(g) * rho_in.character(~g) * fixed

    bias = dimension(group, rho_out.character) if layer.bias is not None else 0
    assert layer.free_weights() == dimension(group, kernels) + bias
    sites = int(layer.inside.sum()) if isinstance(layer, LatticeConv) else 1
    full = rho_in.dim * rho_out.dim * sites + (rho_out.dim if layer.bias is not None else 0)
    assert layer.unconstrained_weights() == full


def on_sites(layer: LatticeConv) -> Representation:
    """The representation on functions of the kernel's sites."""
    sites = layer.domain.stencil(layer.kernel_size)[layer.inside].tolist()
    if layer.source.group.order == 1:
        return len(sites) * layer.source.group.trivial
    matrices = []
    for g in layer.source.group.generators:
        moved = [sites.index((layer.domain.matrix(g) @ site).tolist()) for site in sites]
        matrices.append(np.eye(len(sites))[:, moved])
    return from_matrices(layer.source.group, matrices)


CONVOLUTIONS = [
    m for m in LINEAR if not any(word in str(m.id) for word in ("mixture", "cube", "dense", "lift", "finite"))
]


@pytest.mark.parametrize("make", CONVOLUTIONS)
def test_its_kernels_are_all_intertwiners_of_the_stencil(make: Maker):
    """K, as a map from ρ_in ⊗ functions on the stencil to ρ_out, commutes; and the kernels span all such maps."""
    layer = make().double()
    assert isinstance(layer, LatticeConv)
    maps = er.intertwiners(layer.source.rho.tensor(on_sites(layer)), layer.target.rho).flatten(1)
    drawn = []
    for seed in range(len(maps) + 2):
        reseed(seed)
        for p in layer.kernel.parameters():
            torch.nn.init.normal_(p)
        kernel = layer.kernel().detach()[..., torch.as_tensor(layer.inside)]
        drawn.append(kernel.flatten())
    kernels = torch.stack(drawn)
    assert torch.linalg.matrix_rank(kernels, rtol=1e-8) == len(maps)
    residue = kernels - (kernels @ maps.T) @ maps
    assert residue.norm() <= 1e-9 * kernels.norm()


def naive_group_convolution(psi: torch.Tensor, x: torch.Tensor, group: Group, domain: er.Grid) -> torch.Tensor:
    """y[h](p) = Σ_{g, v} ψ[h⁻¹g](h⁻¹v) x[g](p + v), written with loops (Cohen and Welling 2016, equation 11)."""
    k = psi.shape[-1] // 2
    y = torch.zeros_like(x)
    padded = torch.nn.functional.pad(x, (k, k, k, k))
    for h, g in itertools.product(group.elements, repeat=2):
        turned = domain.act(h, psi[None, group.index(~h @ g)][None])[0, 0]
        for a, b in itertools.product(range(2 * k + 1), repeat=2):
            window = padded[:, group.index(g), a : a + x.shape[-2], b : b + x.shape[-1]]
            y[:, group.index(h)] += turned[a, b] * window
    return y


@pytest.mark.parametrize("group", [er.C(4), er.D(4), er.D(2), er.Mirror()], ids=str)
def test_on_regular_fields_it_is_the_group_convolution(group: Group):
    space = er.Space(er.Grid(2), group.regular)
    layer = LatticeConv(space, space, bias=False).double()
    psi = layer.weight().detach()[group.index(group.identity)]  # the kernel to the identity: every filter once
    x = noise(space, (6, 6) if (group.order or 0) > 2 else (5, 7))
    assert torch.allclose(layer(x).detach(), naive_group_convolution(psi, x, group, er.Grid(2)), atol=1e-12)


# --- unit variance


@pytest.mark.parametrize("make", [*LINEAR, *STEERED, *RELAXED])
def test_white_input_keeps_its_variance(make: Maker):
    """E‖K‖² = ρ_out.dim · gain²: averaged over draws of the weights, each output has variance gain²."""
    layer = make()
    alive = layer.weight().abs().flatten(1).sum(dim=1) > 0 if isinstance(layer, LatticeConv) else slice(None)
    energies = []
    for seed in range(16):
        reseed(seed)
        again = make()
        kernel = again.weight()
        energies.append(float(kernel.detach().flatten(1).square().sum(dim=1)[alive].mean()))
    spread = np.std(energies) / np.sqrt(len(energies))
    assert abs(np.mean(energies) - 1) < max(0.05, 5 * spread)
    assert spread < 0.3


@pytest.mark.parametrize(
    "make", [m for m in LAYERS if m.id.split()[0] in ("norm", "gate", "batch", "fourier", "function", "words")]
)
def test_nonlinear_layers_keep_the_second_moment(make: Maker):
    """Norms, gates and what stands beside them are scaled so, batch norm makes it so: E[y²] = 1 in every channel."""
    layer = make()
    axes = layer.source.domain.axes
    x = noise(layer.source, layer.source.domain.size(21), batch=200 if axes == 1 else 8, dtype=torch.float32)
    y = layer(x).detach()
    share = layer.target.domain.mean(layer.target.domain.clear(y).square()).mean(dim=0)
    if isinstance(layer, FourierNonlinearity | Kmers):
        share = share.mean(dim=0, keepdim=True)  # a ReLU moves energy between frequencies; products are rare and large
    assert (share - 1).abs().max() < 0.25


def test_the_gain_answers_the_function():
    """E[(gain φ(z))²] = 1."""
    z = torch.randn(200_000)
    for name in ("relu", "gelu", "silu", "elu", "leaky_relu", "softplus", "tanh", "sigmoid"):
        y = er.layers.gain_of(name) * er.layers.Pointwise(er.Space(er.domains.Point(), er.C(1).trivial), name)(
            z[:, None]
        )
        assert abs(float(y.square().mean()) - 1) < 0.02
    assert er.layers.gain_of("relu") == pytest.approx(2**0.5, abs=1e-4)


# --- composition


def test_chains_add_up_what_their_layers_see():
    space = er.Space(er.Grid(1), er.Mirror().trivial)
    pool = er.layers.LatticePool(space)
    up = LatticeUpsample(pool.target, space)
    chain = Chain([er.layers.linear(space, space), pool, er.layers.linear(pool.target, pool.target, kernel_size=5), up])
    assert chain.footprint() == er.layers.Footprint(2 + 1 + 2 * 4 + 3, 1.0)
