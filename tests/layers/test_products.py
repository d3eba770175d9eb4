"""Linear layers of products of domains: exact for every pair of factors, alike one by one, and all maps there are."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import InputError
from tests.batches import KINDS, One, apart, batched, drawn, moved, relabelled, space_of

PAIRS = list(itertools.product(KINDS, repeat=2))
THREE = [
    ("grid", "sequence", "set"),
    ("set", "graph", "points"),
    ("graph", "grid", "set"),
    ("points", "sequence", "set"),
]
SIZES = [(4, 3, 2), (2, 1, 3), (3, 5, 1)]
WAYS = ("composition", "sum")


def sizes_for(names: tuple[str, ...]) -> list[tuple[int, ...]]:
    packed = sum(not KINDS[name].axes for name in names)
    return [sizes[:packed] for sizes in SIZES]


def built(names: tuple[str, ...], way: str, seed: int = 0) -> tuple[er.Space, Any, list[One]]:
    torch.manual_seed(seed)
    space = space_of(*names, copies=1)
    net = er.Blueprint([er.layers.linear(space, space, way=way)]).double()
    return space, net, drawn(names, space.rho.dim, sizes_for(names), seed)


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and (a - b).abs().max().item() < 1e-10


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("names", PAIRS + THREE, ids="-".join)
@torch.no_grad()
def test_exact_for_both_groups_and_every_order_and_alike_one_by_one(names: tuple[str, ...], way: str):
    space, net, signals = built(names, way)
    y = net(batched(signals))
    assert y.std() > 0.1
    (g,) = space.group.sample(1, rng=1)
    turned = net(batched(moved(space, g, signals)))
    assert close(turned, space.domain.move(g, y, space.rho))  # type: ignore[attr-defined]
    each = apart(y, signals)
    for one, of_it in zip(signals, each, strict=True):
        assert close(apart(net(batched([one])), [one])[0], of_it)
    if not signals[0].factors:
        return
    orders = [[torch.randperm(n) for n in one.x.shape[: len(one.factors)]] for one in signals]
    others = [relabelled(one, order) for one, order in zip(signals, orders, strict=True)]
    for after, before, order in zip(apart(net(batched(others)), others), each, orders, strict=True):
        for axis, places in enumerate(order):
            before = before.index_select(axis, places)
        assert close(after, before)


def moment(space: er.Space, signals: list[One], **choices: Any) -> float:
    """E y² of values of unit variance."""
    found = []
    for seed in range(2):
        torch.manual_seed(seed)
        net = er.Blueprint([er.layers.linear(space, space, **choices)]).double()
        with torch.no_grad():
            found.append(net(batched(signals)).square().mean().item())
    return float(np.mean(found))


@pytest.fixture(scope="module")
def alone() -> dict[str, float]:
    """Of the layer of each factor by itself: means over sets make less of noise."""
    made = {}
    for name, kind in KINDS.items():
        space = er.Space(kind.domain, 6 * kind.rho)
        made[name] = moment(space, drawn((name,), space.rho.dim, sizes_for((name,)) * 8))
    return made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("names", PAIRS + THREE, ids="-".join)
def test_values_keep_their_size(names: tuple[str, ...], way: str, alone: dict[str, float]):
    space = space_of(*names, copies=2 if names == ("points", "points") else 6)
    found = moment(space, drawn(names, space.rho.dim, sizes_for(names)), way=way)
    own = [alone[name] for name in names]
    wanted = np.prod(own) if way == "composition" else np.mean(own)
    assert 0.6 < found / wanted < 1.6


RING = er.Grid(1, boundary="periodic")
SHIFT, FLIP = np.roll(np.arange(3), 1), np.array([0, 2, 1])
SWAPS = [np.array([1, 0, 2, 3]), np.array([1, 2, 3, 0])]
NOTHING = er.Trivial()
# factors with their groups, and what generates all that moves their points
ALL = [
    ((RING, NOTHING, [SHIFT]), (RING, NOTHING, [SHIFT])),
    ((RING, er.Mirror(), [SHIFT, FLIP]), (RING, NOTHING, [SHIFT])),
    ((RING, er.Mirror(), [SHIFT, FLIP]), (RING, er.Mirror(), [SHIFT, FLIP])),
    ((er.Set(), NOTHING, SWAPS), (RING, er.Mirror(), [SHIFT, FLIP])),
    ((RING, NOTHING, [SHIFT]), (er.Set(), NOTHING, SWAPS)),
]


@pytest.mark.parametrize(("first", "second"), ALL)
@pytest.mark.parametrize("way", WAYS)
@torch.no_grad()
def test_compositions_span_every_map_and_sums_those_along_one_factor(first: Any, second: Any, way: str):
    (a, G, of_a), (b, H, of_b) = first, second
    domain = er.Task(a * b, (G, H), 1, er.Invariant(1)).domain
    trivial = er.Space(domain, (G * H).trivial if G.order > 1 < H.order else (H if H.order > 1 else G).trivial)
    n, m = len(of_a[0]), len(of_b[0])
    moves = [np.add.outer(move * m, np.arange(m)).ravel() for move in of_a]
    moves += [np.add.outer(np.arange(n) * m, move).ravel() for move in of_b]
    orbits = er.pair_orbits(moves, moves)
    basis = np.stack([(orbits == k).astype(float).ravel() for k in range(orbits.max() + 1)])
    own = [er.pair_orbits(list(own), list(own)).max() + 1 for own in (of_a, of_b)]
    assert len(basis) == own[0] * own[1]
    found = []
    for seed in range(len(basis) + 2):
        torch.manual_seed(seed)
        layer = er.layers.linear(trivial, trivial, way=way, bias=False).double()
        ones = torch.eye(n * m, dtype=torch.float64).reshape(n * m, n, m)
        columns = [_off(domain, layer(_on(domain, one))).flatten() for one in ones]
        found.append(torch.stack(columns, dim=1).flatten().numpy())
    wanted = own[0] * own[1] if way == "composition" else own[0] + own[1] - 1
    assert np.linalg.matrix_rank(np.stack(found)) == wanted
    assert np.linalg.matrix_rank(np.concatenate([np.stack(found), basis])) == len(basis)


def _on(domain: Any, x: torch.Tensor) -> torch.Tensor:
    """One signal in the shape of the domain: the points of sets are rows."""
    packed = [factor.packed for factor in domain.factors]
    return x[None, None] if not any(packed) else x[:, None] if packed[0] else x.T[:, None]


def _off(domain: Any, y: torch.Tensor) -> torch.Tensor:
    return y.movedim(0, -1) if domain.factors[1].packed else y


@torch.no_grad()
def test_plain_values_are_one_set_at_each_point_of_the_other_factor():
    space = er.Space(er.Set() * er.Sequence(), 3 * er.Trivial().trivial)
    layer = er.layers.linear(space, space).double()
    x = torch.randn(4, 3, 5, dtype=torch.float64)
    assert close(layer(x), er.Blueprint([layer])({"x": x, "batch": torch.zeros(4, dtype=torch.int64)}))
    pairs = er.Space(er.Set() * er.Set(), er.Trivial().trivial)
    with pytest.raises(InputError, match="values alone"):
        er.layers.linear(pairs, pairs)(torch.zeros(4, 1))


@pytest.mark.parametrize("names", [pair for pair in PAIRS if not set(pair) & {"set", "graph", "points", "sphere"}])
@torch.no_grad()
def test_exported_it_is_the_same_without_this_library(names: tuple[str, ...]):
    domain = space_of(*names).domain
    for output in (er.Invariant(2), er.Equivariant(2), er.Equivariant(2, pooled=(0,))):
        net = er.derive(er.Task(domain, input=1, output=output), width=8, depth=1).double()
        net(x := torch.randn(4, 1, *[9] * domain.axes, dtype=torch.float64))
        plain = net.eval().export()
        assert not any(type(module).__module__.startswith("erlangen") for module in plain.modules())
        for at in (x, torch.randn(2, 1, *[10] * domain.axes, dtype=torch.float64)):
            assert close(plain(at), net(at))


STANDING = {  # a layer of one factor, and the space on whose product it computes without rearranging
    "a grid before time": (er.Grid(2) * er.Sequence(), er.C(4), 0),
    "time behind a grid": (er.Grid(2) * er.Sequence(), er.C(4), 1),
    "time before a grid": (er.Sequence() * er.Grid(2), er.C(4), 0),
    "a ring among two": (er.Grid(1) * er.Grid(1, "periodic") * er.Grid(1), er.Trivial(), 1),
    "a set of pictures": (er.Set() * er.Grid(2), er.C(4), 0),
    "a graph of pictures": (er.Graph() * er.Grid(2), er.Trivial(), 0),
}


@pytest.mark.parametrize("kind", STANDING)
@torch.no_grad()
def test_what_is_computed_where_it_stands_is_what_rearranging_gives(kind: str, monkeypatch: pytest.MonkeyPatch):
    domain, group, place = STANDING[kind]
    rho = 3 * group.regular if group.order > 1 else 3 * group.trivial
    space = er.Space(domain, rho)
    layer = er.layers.Along.of(space, place, lambda part, _: er.layers.linear(part, part)).double()
    for parameter in layer.parameters():  # biases, too
        parameter.normal_()
    x = torch.randn(8, rho.dim, *[9] * domain.axes, dtype=torch.float64)
    support = None
    if domain.packed:
        ends = torch.tensor([[0, 1, 2, 4, 5], [1, 2, 0, 5, 7]])
        x, support = domain.read({"x": x, "batch": torch.arange(8) // 4, "edge_index": ends})
    (part,), computed = layer.layers, []
    over = part.over

    def watched(*given: Any) -> Any:
        computed.append(over(*given))
        return computed[-1]

    monkeypatch.setattr(part, "over", watched)
    stands = layer.flow(x, support)[0]
    assert computed[0] is not None
    monkeypatch.setattr(part, "over", lambda *given: None)
    rearranged = layer.flow(x, support)[0]
    assert (stands - rearranged).abs().max() < 1e-11 and stands.std() > 0.1
