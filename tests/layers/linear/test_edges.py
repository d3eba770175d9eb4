"""Answers at edges beside their formula, and structure that attention reads off the edges."""

import pytest
import torch

import erlangen as er
from erlangen.domains import Graph, GraphEdges
from erlangen.errors import InputError, SpaceError, TaskError
from tests.laws.relabelled import drawn

NONE = er.Trivial().trivial
BONDS = er.Space(Graph(edge_features=2), 3 * NONE)
ENDS = er.Space(GraphEdges(), 4 * NONE)


def test_an_edge_is_read_off_its_ends_its_features_and_the_whole():
    layer = er.layers.GraphToEdges(BONDS, ENDS, ["source", "target", "everyone"]).double()
    net, data = er.Blueprint([layer]), drawn(BONDS, 3)
    torch.nn.init.normal_(next(layer.bias.parameters()))
    source, target = data["edge_index"]
    by_source, by_target, by_all = (layer.kernels[name]().squeeze(-1).T for name in ("source", "target", "everyone"))
    x, batch = data["x"], data["batch"]
    mean = torch.stack([x[batch == b].mean(0) for b in range(3)])
    wanted = x[source] @ by_source + x[target] @ by_target + mean[batch[source]] @ by_all
    wanted = wanted + layer.edge(data["edge_attr"]) + layer.bias()
    assert torch.allclose(net(data), wanted, atol=1e-12)
    assert layer.free_weights() == 3 * 3 * 4 + 2 * 4 + 4


def test_pairs_are_read_at_the_edges():
    L = er.layers
    pairs = L.GraphToPairs(BONDS)
    back = L.PairsToEdges(pairs.target, ENDS)
    net, data = er.Blueprint([pairs, back]).double(), drawn(BONDS, 4)
    data["edge_index"], data["edge_attr"] = torch.unique(data["edge_index"], dim=1), None
    count = data["edge_index"].shape[1]
    data["edge_attr"] = torch.randn(count, 2, dtype=torch.float64)
    here = torch.cat([torch.ones(count, 1), data["edge_attr"]], dim=1)
    there = {tuple(edge): row for edge, row in zip(data["edge_index"].T.tolist(), here, strict=True)}
    rows = []
    for j, i in data["edge_index"].T.tolist():
        own = data["x"][i] if i == j else torch.zeros(3, dtype=torch.float64)
        forth = torch.cat([there[(j, i)], own])
        back_row = torch.cat([there.get((i, j), torch.zeros(3, dtype=torch.float64)), own])
        rows.append(torch.cat([forth, back_row]))
    assert torch.allclose(net(data), back.read(torch.stack(rows)), atol=1e-12)


def test_a_transformer_sees_edges_by_their_structure_and_features():
    data = drawn(BONDS, 5)
    fewer = {**data, "edge_index": data["edge_index"][:, ::2], "edge_attr": data["edge_attr"][::2]}
    other = {**data, "edge_attr": data["edge_attr"] + 1}
    for structure, sees in ((4, True), (0, False)):
        torch.manual_seed(0)
        task = er.Task(BONDS.domain, input=3, output=er.Equivariant(2))
        net = er.derive(task, layer="transformer", structure=structure, positions="none").double().eval()
        y = net(data)
        for changed in (fewer, other):
            assert ((net(changed) - y).abs().max() > 1e-6) == sees


def test_walks_that_come_with_the_graph_are_those_that_attention_would_compute():
    L, space = er.layers, er.Space(Graph(), 4 * NONE)
    torch.manual_seed(0)
    attention = L.SetAttention(space, space, 2, structure=5)
    data = drawn(space, 6, dtype=torch.float32)
    with_walks = er.Blueprint([L.GraphWalks(space, 5), attention])
    assert torch.equal(with_walks(data), er.Blueprint([attention])(data))
    other_steps = er.Blueprint([L.GraphWalks(space, 3), attention])
    assert torch.equal(other_steps(data), with_walks(data))


def test_what_does_not_fit_is_refused():
    L, space, on_set = er.layers, er.Space(Graph(), 4 * NONE), er.Space(er.Set(), 4 * NONE)
    with pytest.raises(TaskError, match="edges=True on Set"):
        er.Task(er.Set(), input=1, output=er.Equivariant(2, edges=True))
    with pytest.raises(TaskError, match="one answer, or one at each edge"):
        er.Equivariant(2, pooled=True, edges=True)
    with pytest.raises(SpaceError, match="from er.Graph"):
        L.GraphToEdges(on_set, ENDS)
    with pytest.raises(InputError, match="source, target, everyone"):
        L.GraphToEdges(space, ENDS, ["neighbours"])
    with pytest.raises(SpaceError, match="all of whose nodes"):
        L.SetAttention(on_set, on_set, structure=3)
    with pytest.raises(SpaceError, match="Sets have no edges to read"):
        L.GraphPositions(on_set)
    with pytest.raises(SpaceError, match="one of walk, heat"):
        L.GraphPositions(space, "eigenvectors")
    for choices, words in (
        ({"structure": 3}, 'layer="transformer"'),
        ({"scales": 2, "layer": "pairs"}, "one scale"),
        ({"positions": "eigenvectors"}, "one of None, none, walk"),
        ({"width": [8, 16]}, "the same at every scale"),
    ):
        with pytest.raises(TaskError, match=words):
            er.derive(er.Task(Graph(), input=1, output=er.Invariant(1)), **choices)
    with pytest.raises(TaskError, match="a graph"):
        er.derive(er.Task(er.Set(), input=1, output=er.Invariant(1)), positions="walk")
    with pytest.raises(TaskError, match="A set has no neighbourhoods"):
        er.derive(er.Task(er.Set(), input=1, output=er.Invariant(1)), scales=2)
