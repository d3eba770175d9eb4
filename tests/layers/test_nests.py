"""Linear layers of sets of signals: every member is moved by itself, and all the maps that wreath products leave."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.groups import Trivial
from tests.batches import batched, drawn

COUNTS = [3, 1, 4, 2]  # of points or nodes of each member
SETS = torch.tensor([0, 0, 0, 1])
C4, O3 = er.C(4), er.O(3)
FIELDS = 2 * O3.irrep(0, 1) + O3.irrep(1, -1)
CASES = {
    "grid": (er.Set(er.Grid(2)), 2 * C4.regular),
    "graph": (er.Set(er.Graph()), 3 * Trivial().trivial),
    "points": (er.Set(er.Points(3)), FIELDS),
}


def members(kind: str, channels: int) -> list[Any]:
    if kind == "grid":
        return list(torch.randn(4, channels, 5, 5, dtype=torch.float64))
    return drawn((kind,), channels, [(n,) for n in COUNTS])


def given(kind: str, those: list[Any], sets: Tensor) -> Any:
    if kind == "grid":
        return {"x": torch.stack(those), "sets": sets}
    return {**batched(those), "sets": sets}


def split(kind: str, y: Tensor, those: list[Any]) -> list[Tensor]:
    return list(y) if kind == "grid" else list(y.split([len(one.x) for one in those]))


def turned(kind: str, space: er.Space, g: Any, one: Any) -> Any:
    inside: Any = space.domain.of  # type: ignore[attr-defined]
    if kind == "grid":
        return inside.move(g, one[None], space.rho)[0]
    rho = torch.as_tensor(space.rho(g))
    own = dict(one.factors[0])
    if kind == "points":
        own["pos"] = own["pos"] @ torch.as_tensor(g.matrix).T
    return type(one)([own], one.x @ rho.T)


def turned_answer(kind: str, space: er.Space, g: Any, y: Tensor) -> Tensor:
    return turned(kind, space, g, y) if kind == "grid" else y @ torch.as_tensor(space.rho(g)).T


def answered(kind: str) -> tuple[er.Space, Any, list[Any], list[Any]]:
    """A space, a network on it, some members, and its answers to each of them in their sets."""
    domain, rho = CASES[kind]
    space = er.Space(domain, rho)
    net, those = er.Blueprint([er.layers.linear(space, space)]).double(), members(kind, rho.dim)
    return space, net, those, list(split(kind, net(given(kind, those, SETS)), those))


@pytest.mark.parametrize("kind", CASES)
@torch.no_grad()
def test_each_member_is_moved_by_an_element_of_its_own(kind: str):
    space, net, those, y = answered(kind)
    elements = space.group.sample(4, rng=3)
    after = [turned(kind, space, g, one) for g, one in zip(elements, those, strict=True)]
    for g, before, now in zip(elements, y, split(kind, net(given(kind, after, SETS)), those), strict=True):
        assert (turned_answer(kind, space, g, before) - now).abs().max() < 1e-10
    assert torch.cat([part.flatten() for part in y]).std() > 0.1


@pytest.mark.parametrize("kind", CASES)
@torch.no_grad()
def test_members_in_another_order_and_sets_one_by_one(kind: str):
    _, net, those, y = answered(kind)
    order = [2, 0, 1, 3]
    others = [those[i] for i in order]
    for i, now in zip(order, split(kind, net(given(kind, others, SETS)), others), strict=True):
        assert (y[i] - now).abs().max() < 1e-10
    for chosen in ([0, 1, 2], [3]):
        part = [those[i] for i in chosen]
        apart = split(kind, net(given(kind, part, torch.zeros(len(part), dtype=torch.int64))), part)
        for i, now in zip(chosen, apart, strict=True):
            assert (y[i] - now).abs().max() < 1e-10
    changed = [*those[:2], those[3], those[3]]  # a member hears of the others of its set, and of no other set
    near = split(kind, net(given(kind, changed, SETS)), changed)
    assert (near[0] - y[0]).abs().max() > 1e-3 and (near[3] - y[3]).abs().max() < 1e-10


@torch.no_grad()
def test_a_set_times_a_grid_is_moved_as_a_whole():
    space = er.Space(er.Set() * er.Grid(2), 2 * C4.regular)
    layer = er.layers.linear(space, space).double()
    x = torch.randn(3, 8, 5, 5, dtype=torch.float64)
    together, apart = [C4.sample(1, rng=0)[0]] * 3, C4.elements[:3]

    def each(gs: Any, y: Tensor) -> Tensor:
        return torch.cat([er.Grid(2).move(g, y[i : i + 1], space.rho) for i, g in enumerate(gs)])

    assert (layer(each(together, x)) - each(together, layer(x))).abs().max() < 1e-10
    assert (layer(each(apart, x)) - each(apart, layer(x))).abs().max() > 0.1


def maps_of(space: er.Space, n: int, m: int, count: int) -> np.ndarray:
    """The matrices of layers drawn at random, flattened, on n members of m points."""
    found = []
    for seed in range(count):
        torch.manual_seed(seed)
        layer = er.layers.linear(space, space, bias=False).double()
        ones = torch.eye(m * n, dtype=torch.float64).reshape(-1, n, 1, m)
        found.append(torch.stack([layer(one).flatten() for one in ones], dim=1).flatten().numpy())
    return np.stack(found)


def spans(found: np.ndarray, ways: list[np.ndarray]) -> int:
    """How many maps are constant on orbits of pairs; AssertionError where those found do not span them."""
    orbits = er.pair_orbits(ways, ways)
    basis = np.stack([(orbits == k).ravel().astype(float) for k in range(orbits.max() + 1)])
    assert np.linalg.matrix_rank(found) == len(basis)
    assert np.linalg.matrix_rank(np.concatenate([found, basis])) == len(basis)
    return len(basis)


@pytest.mark.parametrize("n", [2, 3])
@torch.no_grad()
def test_layers_span_every_map_that_moves_of_each_ring_leave(n: int):
    """Rings of three sites, each shifted and flipped by itself: two maps of a ring, and one between any two."""
    points = np.arange(3 * n).reshape(n, 3)
    ways = [np.concatenate([move, points[1:].ravel()]) for move in (np.array([1, 2, 0]), np.array([0, 2, 1]))]
    ways += [np.roll(points, 1, axis=0).ravel(), points[[1, 0, *range(2, n)]].ravel()]
    space = er.Space(er.Set(er.Grid(1, boundary="periodic")), er.Mirror().trivial)
    assert spans(maps_of(space, n, 3, 8), ways) == 3


@pytest.mark.parametrize(("m", "n", "count"), [(2, 3, 3), (3, 2, 4), (4, 3, 5)])
@torch.no_grad()
def test_layers_span_what_the_wreath_product_leaves(m: int, n: int, count: int):
    """C_m ≀ S_n on n members of m points: m maps of a member to itself, and one between any two."""
    whole = er.wreath(er.C(m), n)
    ways = [np.asarray(whole.images_of(g.key)) for g in whole.generators]
    domain = er.Finite(er.C(m), [tuple(np.roll(np.arange(m), -1))])
    space = er.Space(er.Set(domain), er.C(m).trivial)
    assert spans(maps_of(space, n, m, 2 * count + 2), ways) == count
