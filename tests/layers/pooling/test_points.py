"""Pools of clouds and the way back: symmetric clouds stay symmetric, and values come back to where they were."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import erlangen as er
from erlangen.errors import InputError, RepresentationError, SpaceError
from erlangen.layers import PointPool, PointUpsample
from erlangen.signal import Space
from tests.laws.signals import EXACT, SEEDS

O3 = er.O(3)
SPACE = Space(er.Points(3, radius=2.5), 3 * O3.trivial + 2 * O3.standard)
CORNERS = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3).double()
CLOUDS = {
    "cube": torch.cat([CORNERS, torch.zeros(1, 3).double()]),
    "octahedron in a cube": torch.cat([CORNERS, 1.5 * torch.eye(3).double(), -1.5 * torch.eye(3).double()]),
    "grid": torch.cartesian_prod(*[torch.arange(3.0).double()] * 3),
    "line": torch.arange(6.0).double()[:, None] * torch.tensor([1.0, 2.0, -1.0]),
    "heap": torch.zeros(4, 3).double(),
    "pairs of coincident points": CORNERS.repeat(2, 1),
    "alone": torch.zeros(1, 3).double(),
}


def network(ratio: float, seed: int = 0) -> er.Blueprint:
    """A layer at each scale, down twice and back: sums in some order, and ties at every pool."""
    torch.manual_seed(seed)
    L = er.layers
    inner, space = [], SPACE
    for _ in range(2):
        inner += [L.PaiNN(space, space, 8), L.pool(space, ratio=ratio)]
        space = inner[-1].target
    inner.append(L.PaiNN(space, space, 8))
    return er.Blueprint([L.skip(inner)]).double()


def automorphisms(cloud: Tensor) -> list[tuple[er.groups.Element, Tensor]]:
    """Which elements of the cube's group leave a cloud as it is, and to which point each point goes."""
    centred, found = cloud - cloud.mean(0), []
    for g in er.FullOctahedral().elements:
        moved = centred @ torch.as_tensor(g.group.matrix(g)).T
        apart = torch.cdist(moved, centred)
        images = torch.tensor([int(row.argmin()) for row in apart])
        if apart.amin(1).max() < 1e-9:  # points on one another are one here: they are told the same
            found.append((g, images))
    return found


@pytest.mark.parametrize("name", CLOUDS)
@given(seed=SEEDS, ratio=st.sampled_from([0.125, 0.3, 0.6]), dtype=st.sampled_from([torch.float64, torch.float32]))
@settings(max_examples=4)
def test_symmetric_clouds_are_answered_symmetrically(name: str, seed: int, ratio: float, dtype: torch.dtype) -> None:
    """What a turn of the cube only reorders has an answer that is turned and reordered: no tie is broken."""
    net, pos = network(ratio, seed).to(dtype), CLOUDS[name].to(dtype)
    x = torch.zeros(len(pos), 9, dtype=dtype)
    x[:, :3] = torch.randn(3, generator=torch.Generator().manual_seed(seed))
    y, moves = net({"x": x, "pos": pos}), automorphisms(CLOUDS[name])
    for g, images in [moves[0], *moves[-4:]]:
        turned = net.target.act(O3.element(g.group.matrix(g)), y)
        assert (y[images] - turned).abs().max() <= 10 * EXACT[dtype] * y.abs().max()
    order = torch.randperm(len(pos), generator=torch.Generator().manual_seed(seed))
    again = net({"x": x[order], "pos": pos[order] + 3.0})
    assert (again - y[order]).abs().max() <= 10 * EXACT[dtype] * y.abs().max()


def test_what_moves_a_cloud_is_found() -> None:
    sizes = {name: len(automorphisms(cloud)) for name, cloud in CLOUDS.items()}
    assert sizes["cube"] == sizes["grid"] == 48 and sizes["alone"] == 48 and sizes["line"] >= 2


@given(seed=SEEDS, ratio=st.floats(0.1, 1.0))
@settings(max_examples=10)
def test_means_are_kept_and_constants_come_back(seed: int, ratio: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    x, pos = (torch.randn(2, 15, 3, generator=generator, dtype=torch.float64)).unbind(0)
    space = Space(er.Points(3), 3 * O3.trivial)
    pool = PointPool(space, ratio)
    values, cloud = pool.flow(x, space.domain.read({"x": x, "pos": pos})[1])
    assert len(values) == -int(-(15 * ratio - 1e-9) // 1) and values.amax() <= x.amax() and values.amin() >= x.amin()
    largest, _ = PointPool(space, ratio, "max").flow(x, cloud.finer)
    assert (largest >= values - 1e-12).all()
    back = PointUpsample(pool.target, space)
    again, fine = back.flow(values, cloud)
    assert fine is cloud.finer and torch.allclose(again[cloud.kept], values, atol=1e-4)
    ones, _ = back.flow(torch.ones_like(values), cloud)
    assert torch.allclose(ones, torch.ones_like(x), atol=1e-12)


def test_between_points_that_stay_values_are_weighed_by_their_distances() -> None:
    """By hand: 1/d² of the three nearest."""
    space = Space(er.Points(2), er.O(2).trivial)
    pos = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [4.0, 3.1], [1.0, 1.0]]).double()
    pool = PointPool(space, 0.8)
    _, cloud = pool.flow(torch.zeros(5, 1).double(), space.domain.read({"pos": pos})[1])
    assert cloud.kept.tolist() == [0, 1, 2, 3]
    y = torch.tensor([[1.0], [2.0], [3.0], [4.0]]).double()
    back, _ = PointUpsample(pool.target, space).flow(y, cloud)
    weight = torch.tensor([1 / 2, 1 / 10, 1 / 5]).double()
    assert float(back[4]) == pytest.approx(float(weight @ y[:3, 0] / weight.sum()), abs=1e-5)


@pytest.mark.parametrize("name", CLOUDS)
def test_gradients_through_pools_are_finite_twice(name: str) -> None:
    pos = CLOUDS[name].clone().requires_grad_()
    y = network(0.4)({"x": torch.randn(len(pos), 9).double(), "pos": pos})
    (slope,) = torch.autograd.grad(y.square().sum(), pos, create_graph=True)
    (bend,) = torch.autograd.grad(slope.square().sum(), pos)
    assert slope.isfinite().all() and bend.isfinite().all()


def test_gradients_through_pools_are_right() -> None:
    net, x = network(0.5), torch.randn(6, 9).double()
    pos = torch.randn(6, 3, generator=torch.Generator().manual_seed(1)).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda at: net({"x": x, "pos": at}).square().sum(), pos)


def test_doors_choose_them_and_say_why() -> None:
    L, plane = er.layers, Space(er.Points(2, radius=1.0), er.O(2).trivial)
    assert L.pool(plane).target.domain == er.Points(2, radius=2.0, level=1)
    assert L.pool(plane, factor=4).target.domain == er.Points(2, radius=4.0, level=1)
    assert L.pool(SPACE, ratio=0.125).target == L.pool(SPACE).target
    assert isinstance(L.upsample(L.pool(plane).target, plane), PointUpsample)
    twice = L.pool(L.pool(plane).target)
    assert L.upsample(twice.target, plane).levels == 2


def test_what_cannot_be_pooled_is_refused() -> None:
    L = er.layers
    with pytest.raises(RepresentationError, match="mean"):
        L.pool(SPACE, method="max")
    for choices in (
        {"ratio": 0.0},
        {"ratio": 2},
        {"method": "median"},
        {"blocks": [1]},
        {"clusters": 3},
        {"factor": 1},
    ):
        with pytest.raises(SpaceError):
            L.pool(SPACE, **choices)
    with pytest.raises(SpaceError, match="a cloud of points"):
        PointPool(Space(er.Graph(), er.Trivial().trivial))
    pool = L.pool(SPACE)
    for source, like in itertools.permutations([SPACE, pool.target, Space(er.Points(2), er.O(2).trivial)], 2):
        if (source, like) != (pool.target, SPACE):
            with pytest.raises(SpaceError, match="Pool it first"):
                PointUpsample(source, like)
    periodic = {"x": torch.ones(2, 9), "pos": torch.zeros(2, 3), "cell": torch.eye(3)[None]}
    with pytest.raises(InputError, match="periodic"):
        er.Blueprint([pool])(periodic)
