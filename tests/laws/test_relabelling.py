"""What holds on sets, graphs and points: no answer depends on how they are stored, nor on who else is in the batch."""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from hypothesis import given, settings

import erlangen as er
from erlangen.domains import GraphEdges, Point
from erlangen.domains.packed import Packed
from erlangen.layers import Layer
from tests.laws.relabelled import PACKED_LAYERS, PACKED_NETWORKS, drawn, moved_by, one_of, relabelled, rows_of
from tests.laws.signals import EXACT, SEEDS, difference, some

few = settings(max_examples=2)
Maker = Callable[[], Layer]
EVERY = [*PACKED_LAYERS, *PACKED_NETWORKS]


def network(make: Maker, dtype: torch.dtype = torch.float64) -> er.Blueprint:
    """What was made as a network in eval, whose normalisation has seen data."""
    layer = make()
    net = (layer if isinstance(layer, er.Blueprint) else er.Blueprint([layer])).to(dtype)
    net(drawn(net.source, 0, 8, dtype))
    return net.eval()


@cache
def settled(make: Maker, dtype: torch.dtype = torch.float64) -> er.Blueprint:
    """The same network for every draw of inputs; it is read alone."""
    return network(make, dtype)


@pytest.mark.parametrize("make", EVERY)
@given(seed=SEEDS)
@few
def test_no_answer_depends_on_the_order_of_points_and_edges(make: Maker, seed: int):
    """f(π·x, π·A) = π·f(x, A), and f(π·x, π·A) = f(x, A) for one answer; signals of a batch mixed, edges shuffled."""
    for dtype in (torch.float64, torch.float32):
        net = settled(make, dtype)
        for weights in {False, "edge_index" in drawn(net.source, 0)}:
            data = drawn(net.source, seed, dtype=dtype, weights=weights)
            moved, stored = relabelled(data, seed)
            with torch.no_grad():
                y, again = net(data), net(moved)
            assert difference(again, stored.carry(y, net.target.domain)) <= EXACT[dtype]


@pytest.mark.parametrize("make", EVERY)
@given(seed=SEEDS)
@few
def test_a_signal_is_answered_as_it_is_alone(make: Maker, seed: int):
    net = settled(make)
    data = drawn(net.source, seed)
    with torch.no_grad():
        y = net(data)
        for which in range(3):
            alone = net(one_of(data, which))
            mine = y[rows_of(data, which, net.target.domain)]
            assert torch.allclose(alone, mine, atol=1e-12)


@pytest.mark.parametrize("make", [make for make in EVERY if make.id.startswith("graph")])
def test_a_graph_without_edges_is_answered(make: Maker):
    net = network(make)
    data = drawn(net.source, 0)
    bare = {**data, "edge_index": data["edge_index"][:, :0]}
    bare |= {"edge_attr": data["edge_attr"][:0]} if "edge_attr" in data else {}
    rows = {Packed: len(data["x"]), GraphEdges: 0, Point: 3}
    wanted = next(count for kind, count in reversed(rows.items()) if isinstance(net.target.domain, kind))
    y = net(bare)
    assert len(y) == wanted and y.isfinite().all()
    if y.requires_grad:
        y.square().sum().backward()


@pytest.mark.parametrize("make", EVERY)
@given(seed=SEEDS)
@few
def test_its_group_moves_the_channels(make: Maker, seed: int):
    net = settled(make)
    data = drawn(net.source, seed)
    with torch.no_grad():
        y = net(data)
        for g in some(net.source.group, seed, 3):
            moved = net(moved_by(g, net.source, data))
            assert difference(moved, net.target.act(g, y)) <= 1e-10


@pytest.mark.parametrize("make", EVERY)
def test_it_varies_and_every_weight_counts(make: Maker):
    net = network(make)
    data = drawn(net.source, 1, 12)
    data["x"].requires_grad_()
    y = net(data)
    assert y.detach().std(dim=0).min() > 1e-6
    net.train()(data).square().sum().backward()
    assert data["x"].grad is not None
    silent = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert not silent
    assert net(net.source) == net.target


@pytest.mark.parametrize("make", EVERY)
def test_its_recipe_makes_it_again(make: Maker):
    net = network(make)
    again = er.build(net.recipe).double()
    again.load_state_dict(net.state_dict())
    data = drawn(net.source, 2)
    assert torch.equal(again.eval()(data), net(data)) and again.recipe == net.recipe
    assert all(part.reason().law and part.reason().prior for part in er.layers.leaves(net))


@pytest.mark.parametrize("make", [m for m in PACKED_LAYERS if "linear" in m.id or "convolution" in m.id])
def test_white_input_keeps_its_variance_where_points_stand_alone(make: Maker):
    """With one point, or with one neighbour each, a relation is a copy: all matrices together keep unit variance."""
    squares = []
    for seed in range(30):
        torch.manual_seed(seed)
        net = network(make)
        x = torch.randn(2000, net.source.channels, dtype=torch.float64)
        n = torch.arange(2000)
        data = {"x": x, "batch": n, "edge_index": torch.stack([n, n])}
        squares.append(net(data).detach().square().mean())
    assert torch.stack(squares).mean() == pytest.approx(1.0, abs=0.4)
