"""The convolution on points: every group, awkward clouds, smooth at the radius, and beside e3nn's tensor product."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

import erlangen as er
from erlangen.errors import DomainError, SpaceError
from erlangen.groups import C, Icosahedral, Octahedral
from erlangen.layers import PointConv
from erlangen.layers.linear._perceptron import SILU
from erlangen.layers.linear._radial import RadialFeatures, envelope, radial_functions
from erlangen.layers.nonlinearity.pointwise import gain_of
from erlangen.representations import Representation
from erlangen.signal import Space
from tests.laws.signals import SEEDS

O3, SO3 = er.O(3), er.SO(3)
S, V, A, Q = O3.irrep(0, 1), O3.irrep(1, -1), O3.irrep(1, 1), O3.irrep(2, 1)
KINDS: dict[str, tuple[er.Points, Representation, Representation]] = {
    "O(3)": (er.Points(3, radius=2.0), 4 * S + 2 * V, 3 * S + V + Q),
    "O(3), odd scalars": (er.Points(3), 2 * V + A, 2 * O3.irrep(0, -1) + A),
    "SO(3)": (er.Points(3, radius=1.5), 3 * SO3.irrep(0) + 2 * SO3.irrep(1), SO3.irrep(1) + SO3.irrep(2)),
    "O(2)": (er.Points(2, radius=2.0), 3 * er.O(2).trivial + 2 * er.O(2).standard, er.O(2).standard + er.O(2).trivial),
    "SO(2)": (er.Points(2), 2 * er.SO(2).irrep(0) + er.SO(2).irrep(1), er.SO(2).irrep(2) + er.SO(2).irrep(0)),
    "Icosahedral": (er.Points(3), 4 * Icosahedral().trivial + 4 * Icosahedral().standard, 3 * Icosahedral().irrep(3)),
    "C(4) about an axis": (er.Points(3), 2 * C(4).regular, C(4).trivial + C(4).regular),
}
MANY = pytest.mark.parametrize("kind", KINDS)


def layer_of(kind: str, seed: int = 0, **choices: object) -> PointConv:
    torch.manual_seed(seed)
    domain, rho_in, rho_out = KINDS[kind]
    made = PointConv(Space(domain, rho_in), Space(domain, rho_out), **choices).double()  # type: ignore[arg-type]
    for parameter in made.parameters():
        with torch.no_grad():
            parameter += 0.1 * torch.randn_like(parameter)
    return made


def cloud(domain: er.Points, channels: int, n: int = 9, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        "x": torch.randn(n, channels, generator=generator, dtype=torch.float64),
        "pos": torch.randn(n, domain.dim, generator=generator, dtype=torch.float64),
    }


def moved(data: dict[str, Tensor], space: Space, g: object, by: float) -> dict[str, Tensor]:
    matrix = torch.as_tensor(np.asarray(space.domain.cartesian(g)))  # type: ignore[arg-type]
    return {"x": space.act(g, data["x"]), "pos": data["pos"] @ matrix.T + by}  # type: ignore[arg-type]


@MANY
@settings(max_examples=10)
@given(seed=SEEDS)
def test_turns_mirrors_and_shifts_move_the_answer_along(kind: str, seed: int) -> None:
    layer = layer_of(kind, seed)
    net, data = er.Blueprint([layer]), cloud(layer.domain, layer.source.channels, seed=seed)
    y = net(data)
    for g in layer.source.group.sample(3, seed):
        there = net(moved(data, layer.source, g, 3.7))
        assert torch.allclose(there, layer.target.act(g, y), atol=1e-10)


@MANY
def test_it_is_not_trivially_so(kind: str) -> None:
    """Positions matter, and directions do, not the distances alone; every kind of weight is learnt from."""
    layer = layer_of(kind)
    net, data = er.Blueprint([layer]), cloud(layer.domain, layer.source.channels)
    y = net(data)
    elsewhere = {**data, "pos": data["pos"] * torch.linspace(0.5, 1.5, layer.domain.dim).double()}
    assert (net(elsewhere) - y).abs().max() > 1e-3 and y.std() > 0.1
    y.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in layer.parameters())


@MANY
def test_answers_are_of_second_moment_one_to_begin_with(kind: str) -> None:
    domain, rho_in, rho_out = KINDS[kind]
    found = []
    for seed in range(30):
        torch.manual_seed(seed)
        net = er.Blueprint([PointConv(Space(domain, rho_in), Space(domain, rho_out), bias=False)]).double()
        found.append(float(net(cloud(domain, rho_in.dim, 40, seed)).detach().square().mean()))
    assert 0.5 < float(np.mean(found)) < 1.6


@pytest.mark.parametrize("kind", ["O(3)", "O(3), odd scalars", "SO(3)"])
def test_both_ways_are_one_function_where_directions_are_none_too(kind: str) -> None:
    direct, frame = (layer_of(kind, way=way) for way in ("direct", "frame"))
    frame.load_state_dict(direct.state_dict())
    data = cloud(direct.domain, direct.source.channels, 7)
    data["pos"][3:5] = data["pos"][2]
    ways = [er.Blueprint([layer]) for layer in (direct, frame)]
    assert torch.allclose(ways[0](data), ways[1](data), atol=1e-12)


# ---- awkward clouds ------------------------------------------------------------------------------------------------
@MANY
def test_one_point_empty_neighbourhoods_and_points_on_one_another_are_taken(kind: str) -> None:
    layer = layer_of(kind)
    net, c = er.Blueprint([layer]), layer.source.channels
    alone = cloud(layer.domain, c, 1)
    assert net(alone).isfinite().all()
    far = cloud(layer.domain, c, 4)
    far["pos"] = far["pos"] + 100 * torch.arange(4)[:, None]
    same = cloud(layer.domain, c, 5)
    same["pos"] = torch.zeros_like(same["pos"])
    line = cloud(layer.domain, c, 5)
    line["pos"] = torch.arange(5.0).double()[:, None] * torch.eye(layer.domain.dim).double()[1]
    for data in (far, same, line):
        data["pos"].requires_grad_()
        y = net(data)
        (slope,) = torch.autograd.grad(y.square().sum(), data["pos"])
        assert y.isfinite().all() and slope.isfinite().all()
    if layer.domain.radius is not None:
        assert torch.allclose(net(far)[0], net({k: v[:1] for k, v in far.items()})[0])


@pytest.mark.parametrize("way", ["frame", "direct"])
def test_where_no_product_is_of_degree_0_nothing_comes_over_edges_of_no_length(way: str) -> None:
    """From scalars to vectors: Y_1 alone, which is zero where there is no direction."""
    layer = PointConv(Space(er.Points(3), 3 * S), Space(er.Points(3), 2 * V), way=way).double()
    data = {"x": torch.randn(4, 3).double(), "pos": torch.zeros(4, 3).double()}
    assert torch.equal(er.Blueprint([layer])(data), torch.zeros(4, 6).double())
    data["pos"][0, 0] = 1.0
    assert er.Blueprint([layer])(data).abs().sum(1).min() > 0


def test_nothing_jumps_where_a_neighbour_comes_or_goes() -> None:
    layer = layer_of("O(3)")
    net, x = er.Blueprint([layer]), torch.randn(2, layer.source.channels, dtype=torch.float64)

    def told(distance: float) -> tuple[Tensor, Tensor]:
        pos = torch.tensor([[0.0, 0, 0], [0, 0, distance]], dtype=torch.float64, requires_grad=True)
        y = net({"x": x, "pos": pos})
        return y.detach(), torch.autograd.grad(y.square().sum(), pos)[0]

    for a, b in zip(told(2.0 - 1e-5), told(2.0 + 1e-5), strict=True):
        assert torch.allclose(a, b, atol=1e-7)
    assert not torch.allclose(told(1.0)[0], told(2.1)[0], atol=1e-2)


@pytest.mark.parametrize("way", ["direct", "frame"])
def test_gradients_of_positions_are_right_twice(way: str) -> None:
    layer = layer_of("SO(3)", hidden=4, way=way)
    net = er.Blueprint([layer])
    data = cloud(layer.domain, layer.source.channels, 4)
    pos = 0.5 * data["pos"]

    def energy(at: Tensor) -> Tensor:
        return net({"x": data["x"], "pos": at}).square().sum()

    pos.requires_grad_()
    assert torch.autograd.gradcheck(energy, pos) and torch.autograd.gradgradcheck(energy, pos)


@pytest.mark.parametrize("radius", [None, 3.0])
def test_functions_of_distance_are_smooth_and_of_second_moment_one(radius: float | None) -> None:
    r = torch.linspace(0, 3.5, 400, dtype=torch.float64)
    inside = torch.rand(20_000, generator=torch.Generator().manual_seed(0)).double() ** (1 / 3) * 3
    made = radial_functions(inside, radius, 1.0)
    f = envelope(inside, radius).square()
    kept = float((made.square().mean(1) * f).mean() / f.mean())
    assert 0.9 < kept < 1.1 and radial_functions(r, radius, 1.0).isfinite().all()
    assert pytest.approx(gain_of("silu"), abs=1e-4) == SILU
    told = RadialFeatures(4000, radius, 1.0)(inside[:400].float()).detach()
    assert 0.7 < float((told.square().mean(1) * f[:400]).mean() / f[:400].mean()) < 1.4
    f = envelope(r, radius)
    assert f[0] == 1 and (f >= 0).all() and ((f[r >= 3] == 0).all() if radius else (f == 1).all())


# ---- what is refused -----------------------------------------------------------------------------------------------
def test_what_is_no_cloud_and_what_no_harmonic_joins_are_refused() -> None:
    domain = er.Points(3)
    with pytest.raises(SpaceError, match="one cloud of points"):
        PointConv(Space(domain, S), Space(er.Points(3, radius=1.0), S))
    with pytest.raises(SpaceError, match="greater highest"):
        PointConv(Space(domain, S), Space(domain, Q), highest=1)
    with pytest.raises(DomainError, match="keeps lengths"):
        PointConv(Space(domain, er.S(5).trivial), Space(domain, er.S(5).trivial))
    assert PointConv(Space(domain, Octahedral().trivial), Space(domain, Octahedral().standard)).free_weights() > 0
