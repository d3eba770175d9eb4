"""Functions on a group, sampled and cut back: against pointwise functions, against their definition, and refusals."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Grid, HexGrid, Point
from erlangen.errors import RepresentationError
from erlangen.groups import SO, C, D, Group, Mirror, O, Octahedral
from erlangen.layers import FourierNonlinearity, Pointwise, nonlinearity
from erlangen.layers._functions import functions_in
from erlangen.layers.nonlinearity import fourier
from erlangen.layers.nonlinearity._samples import samples_for
from erlangen.signal import Space
from tests.laws.signals import difference, fits


def whole(group: Group):
    """Every irrep as often as functions on the group hold it, in the order of the decomposition."""
    return group.regular.decompose().representation


def angular(frequency: int = 3) -> Space:
    return Space(Grid(2), 2 * SO(2).trivial + sum(2 * SO(2).irrep(k) for k in range(1, frequency + 1)))


@pytest.mark.parametrize("group", [C(8), C(4), D(4), Octahedral()], ids=str)
@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_on_all_irreps_of_a_finite_group_it_is_pointwise_on_the_regular_field(group: Group, function: str):
    """x = Qᵀ f: some Q that commutes takes the irreps to f, where φ is pointwise, and back; but for the gain c."""
    rho = whole(group)
    layer = FourierNonlinearity(Space(Point(), rho), function).double()
    samples = samples_for(functions_in(rho)[1], group)
    assert samples.there.shape == (group.order, group.order)
    np.testing.assert_allclose(samples.there @ samples.there.T, np.eye(rho.dim), atol=1e-12)
    for h in group.generators:  # A ρ(h) = P(h) A: the samples are a regular field
        moved = samples.there @ rho(h) @ samples.there.T
        np.testing.assert_allclose(moved @ moved.T, np.eye(rho.dim), atol=1e-12)
        assert np.allclose(moved, moved.round(), atol=1e-9)
        assert np.trace(moved) == pytest.approx(group.regular.character(h), abs=1e-9)
    x = torch.randn(5, rho.dim, dtype=torch.float64)
    there = torch.as_tensor(samples.there)
    pointwise = Pointwise(Space(Point(), group.regular), function)(x @ there.T) @ there
    answer = layer(x)
    gain = (answer * pointwise).sum() / pointwise.square().sum()
    assert torch.allclose(answer, gain * pointwise, atol=1e-12)


def test_it_is_a_pointwise_function_of_the_angle():
    """Σ_k x_k·(cos kθ, sin kθ) at N angles, φ, and the Fourier coefficients of what comes, by hand."""
    group, frequency, n = SO(2), 2, 12
    rho = group.band_limited_regular(frequency)
    layer = FourierNonlinearity(Space(Grid(2), rho), "relu", n).double()
    x = torch.randn(3, rho.dim, 2, 2, dtype=torch.float64)
    angles = torch.arange(n, dtype=torch.float64) * 2 * torch.pi / n
    waves = [torch.ones(n, dtype=torch.float64)]
    for k in range(1, frequency + 1):
        waves += [2**0.5 * torch.cos(k * angles), 2**0.5 * torch.sin(k * angles)]
    basis = torch.stack(waves)
    values = torch.relu(torch.einsum("dn,bdij->bnij", basis, x))
    by_hand = torch.einsum("dn,bnij->bdij", basis, values) / n
    answer = layer(x)
    gain = (answer * by_hand).sum() / by_hand.square().sum()
    assert torch.allclose(answer, gain * by_hand, atol=1e-12)


@pytest.mark.parametrize(
    ("domain", "rho", "good", "bad"),
    [
        (Grid(2), SO(2).band_limited_regular(2), (8, 12, 16), (6, 9, 10, 15)),
        (HexGrid(), SO(2).band_limited_regular(2), (6, 12, 18), (8, 16, 20)),
        (Grid(2), O(2).band_limited_regular(1), (8, 16, 24), (6, 10, 12, 20)),
        (HexGrid(), O(2).band_limited_regular(1), (12, 24), (8, 16, 20)),
        (Grid(2, spacing=(1, 2)), SO(2).band_limited_regular(2), (6, 8, 10), (5, 7, 9)),
        (Grid(3), SO(2).band_limited_regular(2), (8, 12), (6, 10)),
        (Grid(3), SO(3).band_limited_regular(1), (24, 48), (12, 30, 60)),
        (Grid(3), O(3).band_limited_regular(1), (48, 96), (24, 72)),
        (Grid(3), (SO(2) * Mirror()).band_limited_regular(1), (8, 16), (4, 12, 20)),
    ],
)
def test_samples_are_closed_under_what_the_lattice_keeps(domain, rho, good, bad):
    space = Space(domain, rho)
    x = torch.randn(2, rho.dim, *(5,) * domain.dim, dtype=torch.float64)
    group, part = rho.group, domain.kept(rho.group)
    for samples in good:
        layer = FourierNonlinearity(space, "relu", samples).double()
        assert layer.samples == samples
        for h in part.generators:
            g = group.element(part.matrix(h))
            assert difference(layer(space.act(g, x)), space.act(g, layer(x))) < 1e-12
    for samples in bad:
        with pytest.raises(RepresentationError, match="multiple of|tell them apart"):
            FourierNonlinearity(space, "relu", samples)


def test_by_default_they_are_enough_and_closed():
    for domain, step in ((Grid(2), 4), (HexGrid(), 6)):
        for frequency in range(6):
            space = Space(domain, SO(2).band_limited_regular(frequency))
            samples = FourierNonlinearity(space).samples
            assert samples % step == 0 and samples >= 2 * space.channels - (frequency == 0)
    cube = [FourierNonlinearity(Space(Grid(3), SO(3).band_limited_regular(m))).samples for m in (1, 2, 3)]
    assert all(samples % 24 == 0 for samples in cube) and cube == sorted(cube)
    two = Space(Grid(3), O(3).band_limited_regular(0))  # functions of det g alone
    assert FourierNonlinearity(two)(torch.randn(1, 2, 3, 3, 3)).shape == (1, 2, 3, 3, 3)


@pytest.mark.parametrize("space", [angular(), Space(Grid(3), SO(3).band_limited_regular(1))], ids=str)
def test_more_samples_bring_all_turns_closer(space: Space):
    group, step = space.group, 16 if space.domain.dim == 2 else 24
    x = torch.randn(64, space.channels, *(1,) * space.domain.dim, dtype=torch.float64)
    errors = []
    for times in (1, 2, 4):
        layer, found = FourierNonlinearity(space, "relu", step * times).double(), []
        for g in group.sample(6, 0):
            assert not fits(space.domain, g)
            matrix = torch.as_tensor(space.rho(g))
            turned = layer(torch.einsum("ij,bj...->bi...", matrix, x))
            expected = torch.einsum("ij,bj...->bi...", matrix, layer(x))
            found.append(float((turned - expected).norm() / expected.norm()))
        errors.append(max(found))
    assert errors[0] > errors[1] > errors[2] > 1e-12
    assert errors[2] < 0.5 * errors[0]


@pytest.mark.parametrize("function", ["relu", "gelu", "tanh", "sigmoid", "silu"])
@pytest.mark.parametrize("group", [SO(2), O(2), C(8)], ids=str)
def test_the_gain_keeps_the_second_moment(group: Group, function: str):
    rho = whole(group) if group.order else group.band_limited_regular(3)
    layer = FourierNonlinearity(Space(Grid(2), rho), function).double()
    x = torch.randn(40_000, rho.dim, 1, 1, dtype=torch.float64)
    assert float(layer(x).square().mean()) == pytest.approx(1, abs=0.02)


def test_the_export_is_the_same_and_corners_stay_clear():
    for space in (angular(), Space(HexGrid(), O(2).band_limited_regular(1)), Space(Point(), whole(C(4)))):
        for function in ("relu", "sigmoid"):
            layer = FourierNonlinearity(space, function)
            x = space.domain.clear(torch.randn(2, space.channels, *(5,) * space.domain.axes))
            assert torch.equal(layer.export()(x), layer(x))
            assert torch.equal(space.domain.clear(layer(x)), layer(x))
            assert layer(x[:0]).shape == x[:0].shape


def test_copies_of_one_function_may_lie_anywhere():
    group = SO(2)
    apart = Space(Grid(2), group.trivial + 2 * group.irrep(1) + group.trivial)
    together = Space(Grid(2), 2 * group.trivial + 2 * group.irrep(1))
    x = torch.randn(2, 6, 3, 3)
    order = [0, 5, 1, 2, 3, 4]
    answer = FourierNonlinearity(apart)(x)
    assert torch.allclose(answer[:, order], FourierNonlinearity(together)(x[:, order]), atol=1e-6)
    alone = FourierNonlinearity(Space(Grid(2), group.trivial + group.irrep(1)))
    assert torch.allclose(answer[:, :3], alone(x[:, :3]), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: FourierNonlinearity(Space(Grid(2), 2 * SO(2).trivial + SO(2).irrep(1))), "no more often"),
        (lambda: FourierNonlinearity(Space(Grid(2), 2 * C(8).irrep(1) + C(8).trivial)), "no more often"),
        (lambda: FourierNonlinearity(angular(5), samples=8), "tell them apart"),
        (lambda: FourierNonlinearity(Space(Grid(2), C(8).irrep(1)), samples=16), "multiple of 8"),
        (lambda: FourierNonlinearity(Space(Grid(3), SO(3).band_limited_regular(4))), "at most 192"),
        (lambda: FourierNonlinearity(Space(Point(), SO(2).band_limited_regular(2))), "finite group to keep"),
        (lambda: FourierNonlinearity(angular(), samples=10), "which the lattice keeps"),
    ],
)
def test_what_is_no_function_or_not_closed_is_refused(make, why):
    with pytest.raises(RepresentationError, match=why):
        make()


def test_the_door_makes_it():
    layer = nonlinearity(angular(), "fourier", "gelu", 20)
    assert isinstance(layer, FourierNonlinearity) and layer.samples == 20 and layer.function == "gelu"
    assert "C(4)" in layer.reason().law and "20" in layer.reason().solver
    with pytest.raises(er.SymmetryError, match="samples the group"):
        nonlinearity(angular(), "norm", samples=16)


@pytest.mark.parametrize(("cosets", "degree"), [(1, 1), (3, 2), (7, 3)])
def test_cosets_of_the_cubes_turns_tell_the_degrees_apart_that_their_table_says(cosets: int, degree: int):
    _, parts = functions_in(SO(3).band_limited_regular(degree))
    made = samples_for(parts, Octahedral(), 24 * cosets)
    assert np.linalg.cond(made.there) < 1.5
    assert made.there.shape[0] == 24 * cosets


@pytest.mark.parametrize("space", [angular(), Space(HexGrid(), O(2).band_limited_regular(1))], ids=str)
def test_in_pieces_it_is_the_same_as_at_once(space: Space, monkeypatch: pytest.MonkeyPatch):
    layer = FourierNonlinearity(space, "gelu").double()
    x = space.domain.clear(torch.randn(3, space.channels, 5, 5, dtype=torch.float64))
    cube = lambda one: layer(one[None]).pow(3).sum()  # noqa: E731
    expected, gradient = layer(x), torch.func.vmap(torch.func.grad(cube))(x)
    for at_once in (1, 900):
        monkeypatch.setattr(fourier, "CACHED", at_once)
        assert torch.allclose(layer(x), expected, atol=1e-14)
        assert torch.allclose(torch.func.vmap(torch.func.grad(cube))(x), gradient, atol=1e-12)
        assert torch.allclose(torch.fx.symbolic_trace(layer.export())(x), expected, atol=1e-14)
        compiled = torch.compile(layer.compute, fullgraph=True, dynamic=True, backend="aot_eager")
        assert torch.allclose(compiled(x), expected, atol=1e-14)
    assert torch.autograd.gradgradcheck(layer, x[:1].requires_grad_(), fast_mode=True)
