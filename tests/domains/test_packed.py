"""Sets and graphs: what is read of what users hold, what is refused, and sums along edges against plain matrices."""

from types import SimpleNamespace

import networkx
import numpy as np
import pytest
import scipy.sparse
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains._segments import segment_max, segment_mean, segment_sum, weighted_sum
from erlangen.domains.graph import add_along, at_targets, degrees, from_sources, from_targets, sorted_edges, ways
from erlangen.domains.packed import whole
from erlangen.domains.text import domain_from_data, domain_to_data
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.groups import Trivial
from tests.laws.relabelled import BONDS, GRAPH, SET, drawn

X = torch.arange(8.0).reshape(4, 2)
EDGES = torch.tensor([[0, 1, 2], [1, 0, 3]])


@given(seed=st.integers(0, 2**16), weights=st.booleans())
@settings(max_examples=20)
def test_sums_along_edges_are_products_with_the_adjacency(seed: int, weights: bool):
    data = drawn(er.Space(GRAPH, 3 * Trivial().trivial), seed, weights=weights)
    x, edges = GRAPH.read(data)
    n, (source, target) = len(x), data["edge_index"]
    weight = data.get("edge_weight", torch.ones(len(source), dtype=x.dtype))
    matrix = torch.zeros(n, n, dtype=x.dtype).index_put((target, source), weight, accumulate=True)
    assert torch.allclose(add_along(x, edges), matrix @ x)
    assert torch.allclose(add_along(x, edges, reverse=True), matrix.T @ x)
    assert torch.allclose(degrees(edges, x), matrix.sum(1)) and torch.allclose(degrees(edges, x, True), matrix.sum(0))
    means = GRAPH.relate("neighbours", x, edges)
    assert torch.allclose(means * matrix.sum(1, keepdim=True), matrix @ x)
    assert torch.equal(GRAPH.relate("itself", x, edges), x)
    around = GRAPH.relate("neighbourhood", x, edges)
    assert torch.allclose(around * (matrix.sum(1, keepdim=True) + 1), matrix @ x + x)


def test_gradients_flow_back_along_edges_twice():
    edges = sorted_edges(torch.tensor([0, 1, 2, 2, 5, 3, 3]), torch.tensor([1, 0, 2, 4, 4, 4, 4]), whole(6, X))
    x = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    for reverse in (False, True):
        assert torch.autograd.gradcheck(lambda v, r=reverse: add_along(v, edges, r), x)
        assert torch.autograd.gradgradcheck(lambda v, r=reverse: add_along(v, edges, r), x)
    for along, back in ((from_sources, None), (from_targets, None), (at_targets, 7)):
        y = x if back is None else torch.randn(back, 3, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda v, f=along: f(v, edges), y)
        assert torch.autograd.gradgradcheck(lambda v, f=along: f(v, edges), y)
    weights = torch.rand(7, 1, dtype=torch.float64, requires_grad=True)
    heads = torch.rand(7, 3, dtype=torch.float64, requires_grad=True)
    for w in (weights, heads):
        assert torch.autograd.gradcheck(lambda v, w: weighted_sum(v, w, ways(edges)), (x, w))
        assert torch.autograd.gradgradcheck(lambda v, w: weighted_sum(v, w, ways(edges)), (x, w))
    none = sorted_edges(torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), whole(6, X))
    assert torch.equal(add_along(x, none), torch.zeros_like(x))


def test_half_precision_and_compiled_sums_agree():
    _, edges = GRAPH.read({"x": X, "edge_index": EDGES})
    assert torch.equal(add_along(X.bfloat16(), edges).float(), add_along(X, edges))
    compiled = torch.compile(lambda x: add_along(x, edges), backend="eager")
    assert torch.equal(compiled(X), add_along(X, edges))


def test_segments():
    values, batch = torch.tensor([[1.0], [3.0], [-2.0]]), torch.tensor([0, 0, 2])
    ptr = torch.tensor([0, 2, 2, 3])
    assert segment_sum(values, batch, 3).flatten().tolist() == [4, 0, -2]
    assert segment_mean(values, batch, ptr).flatten().tolist() == [2, 0, -2]
    assert segment_max(values, batch, 3).flatten().tolist() == [3, 0, -2]


def test_every_way_of_holding_a_graph_is_read_alike():
    net = er.derive(er.Task(GRAPH, input=2, output=er.Equivariant(1)), width=4).eval()
    wanted = net({"x": X, "edge_index": EDGES})
    directed = networkx.DiGraph()
    for i, x in enumerate(X.tolist()):
        directed.add_node(f"node {i}", x=x)
    directed.add_edges_from([(f"node {a}", f"node {b}") for a, b in EDGES.T.tolist()])
    matrix = scipy.sparse.coo_array((np.ones(3), EDGES.numpy()), shape=(4, 4))
    for given_ in (
        SimpleNamespace(x=X, edge_index=EDGES, edge_attr=None, batch=None),
        (X, EDGES),
        (X, EDGES, torch.zeros(4, dtype=torch.int64)),
        directed,
        (X, matrix.tocsr()),
    ):
        assert torch.equal(net(given_), wanted)
    assert torch.equal(net(X, EDGES), wanted) and torch.equal(
        net(X, edge_index=EDGES, ptr=torch.tensor([0, 4])), wanted
    )


def test_networkx_graphs_go_both_ways_and_take_ones():
    karate = networkx.karate_club_graph()
    x, edges = GRAPH.read(karate)
    assert x.shape == (34, 1) and torch.equal(x, torch.ones(34, 1)) and len(edges.source) == 2 * 78
    assert edges.weight is not None and float(edges.weight.sum()) == 2 * sum(w for *_, w in karate.edges(data="weight"))


def test_answers_come_in_the_order_in_which_points_were_given():
    net = er.derive(er.Task(SET, input=2, output=er.Equivariant(1)), width=4).eval()
    mixed = torch.tensor([1, 0, 1, 0])
    first = net({"x": X[[1, 3]]})
    assert torch.allclose(net({"x": X, "batch": mixed})[[1, 3]], first)
    assert torch.allclose(net(X), net({"x": X, "ptr": [0, 4]}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"edge_index": EDGES}, "without a tensor x"),
        ({"x": X}, "edge_index"),
        ({"x": X, "edge_index": EDGES.float()}, "int64"),
        ({"x": X, "edge_index": EDGES.T}, "int64"),
        ({"x": X, "edge_index": EDGES + 2}, "nodes 0 … 3"),
        ({"x": X, "edge_index": EDGES - 1}, "nodes 0 … 3"),
        ({"x": X[0], "edge_index": EDGES}, "points, channel"),
        ({"x": X[:0], "edge_index": EDGES[:, :0]}, "at least one point"),
        ({"x": X, "edge_index": EDGES, "batch": torch.tensor([0, 0, 2, 2])}, "without points, the first number 1"),
        ({"x": X, "edge_index": EDGES, "batch": torch.tensor([0, 0, 0])}, "4 int64 numbers"),
        ({"x": X, "edge_index": EDGES, "batch": torch.tensor([0, 1, 1, 1])}, "from one graph to another"),
        ({"x": X, "edge_index": EDGES, "ptr": torch.tensor([0, 3])}, "rising numbers"),
        ({"x": X, "edge_index": EDGES, "edge_weight": torch.ones(2)}, "for 3 edges"),
        ((X, scipy.sparse.eye_array(3)), "a row and a column a node"),
        (networkx.Graph(), "at least one node"),
    ],
)
def test_what_is_no_graph_is_refused(data: object, said: str):
    with pytest.raises(InputError, match=said):
        GRAPH.read(data)


def test_features_of_edges_are_declared():
    with pytest.raises(InputError, match=r"\[edges, 2\]"):
        BONDS.read({"x": X, "edge_index": EDGES})
    with pytest.raises(InputError, match=r"\[edges, 2\]"):
        BONDS.read({"x": X, "edge_index": EDGES, "edge_attr": torch.ones(3, 4)})
    with pytest.raises(DomainError, match="edge_features"):
        er.Graph(edge_features=-1)


def test_a_plain_tensor_is_a_set_and_no_graph():
    net = er.derive(er.Task(GRAPH, input=2, output=er.Invariant(1)), width=4)
    with pytest.raises(InputError, match="edge_index"):
        net(X)
    picture = er.derive(er.Task(er.Grid(1), er.Mirror(), input=2, output=er.Invariant(1)), width=4)
    with pytest.raises(InputError, match="x alone"):
        picture(torch.zeros(1, 2, 9), edge_index=EDGES)


def test_domains_are_values_and_plain_data():
    for domain in (SET, GRAPH, BONDS):
        assert domain_from_data(domain_to_data(domain), Trivial()) == domain and domain.preserves(er.D(4))
    assert (repr(SET), repr(GRAPH), repr(BONDS)) == ("Set()", "Graph()", "Graph(edge_features=2)")


def test_layers_refuse_what_they_have_not():
    scalars, vectors = (er.Space(GRAPH, rho) for rho in (4 * Trivial().trivial, er.D(4).standard))
    with pytest.raises(SpaceError, match="multiple of 3"):
        er.layers.GraphAttention(scalars, scalars, heads=3)
    for layer in (er.layers.GraphAttention, er.layers.GraphMessages, er.layers.SetAttention):
        with pytest.raises(SpaceError, match="scalars on one domain"):
            layer(vectors, vectors)
    with pytest.raises(InputError, match="some of itself"):
        er.layers.GraphConv(scalars, scalars, relations=["itself", "friends"])
    with pytest.raises(SpaceError, match="one of mean, sum, max"):
        er.layers.GraphMessages(scalars, scalars, "median")
    with pytest.raises(SpaceError, match="joined by"):
        er.layers.PackedPool(scalars, "mean+median")
    with pytest.raises(SpaceError, match="one packed domain"):
        er.layers.SetLinear(scalars, er.Space(SET, scalars.rho))


def test_networks_are_saved_and_not_exported(tmp_path):
    net = er.derive(er.Task(BONDS, input=2, output=er.Equivariant(1)), layer="attention", width=8).eval()
    er.save(net, tmp_path / "net")
    data = {"x": X, "edge_index": EDGES, "edge_attr": torch.ones(3, 2)}
    assert torch.equal(er.load(tmp_path / "net").eval()(data), net(data))
    with pytest.raises(DomainError, match="er.save"):
        net.export()


def test_explain_says_whether_the_answer_moves():
    moves = er.derive(er.Task(GRAPH, input=2, output=er.Equivariant(1)), width=8).explain()
    stays = er.derive(er.Task(GRAPH, input=2, output=er.Invariant(1)), width=8).explain()
    assert str(moves).startswith("f(g·x) = g·f(x) for all g in Relabelling()") and "only moves its answer" in str(moves)
    assert str(stays).startswith("f(g·x) = f(x) for all g in Relabelling()") and "changes nothing" in str(stays)
    assert "a matrix for every pair of points" in str(stays)
