"""Pools of graphs where nodes are alike: what is tied is kept together, and only a partition is arbitrary."""

import networkx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains import Graph
from erlangen.domains.graph_formats import as_data
from erlangen.errors import RepresentationError, SpaceError
from erlangen.layers import GraphClusters, GraphPartition, GraphPool, GraphUpsample
from tests.laws.relabelled import relabelled
from tests.laws.signals import EXACT, SEEDS, difference

NONE = er.Trivial().trivial
SPACE = er.Space(Graph(), 6 * NONE)
ALIKE = {
    "ring": networkx.cycle_graph(9),
    "petersen": networkx.petersen_graph(),
    "star": networkx.star_graph(6),
    "path": networkx.path_graph(8),
    "grid": networkx.grid_2d_graph(4, 4),
    "two parts": networkx.complete_bipartite_graph(3, 5),
    "alone": networkx.empty_graph(5),
}


def alike(graph: networkx.Graph, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """All nodes with the same features: what tells them apart is the graph alone."""
    index = as_data(graph)["edge_index"]
    n = graph.number_of_nodes()
    features = torch.randn(6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return {
        "x": features.to(dtype).expand(n, 6).clone(),
        "edge_index": index,
        "batch": torch.zeros(n, dtype=torch.int64),
    }


def network(*pools: str, seed: int = 0) -> er.Blueprint:
    """A layer that sums in some order, pools, and the way back to the nodes."""
    torch.manual_seed(seed)
    L = er.layers
    inner, space = [], SPACE
    for pool in pools:
        inner += [L.GraphMessages(space, space, "sum"), L.pool(space, method=pool)]
        space = inner[-1].target
    inner.append(L.GraphMessages(space, space, "sum"))
    return er.Blueprint([L.GraphMessages(SPACE, SPACE, "sum"), L.skip(inner)]).eval()


@pytest.mark.parametrize("graph", ALIKE)
@pytest.mark.parametrize(
    "pools", [("overlapping",), ("soft",), ("overlapping", "overlapping"), ("overlapping", "soft")]
)
@given(seed=SEEDS, dtype=st.sampled_from([torch.float32, torch.float64]))
@settings(max_examples=6)
def test_nodes_that_are_alike_are_treated_alike(graph: str, pools: tuple[str, ...], seed: int, dtype: torch.dtype):
    data = alike(ALIKE[graph], dtype)
    moved, stored = relabelled(data, seed)
    net = network(*pools, seed=seed).to(dtype)
    with torch.no_grad():
        y, again = net(data), net(moved)
    assert difference(again, stored.carry(y, net.target.domain)) <= EXACT[dtype]


@pytest.mark.parametrize(("graph", "kept"), [("ring", {9}), ("petersen", {10}), ("star", {1, 6, 7}), ("alone", {5})])
def test_clusters_that_are_tied_are_kept_together(graph: str, kept: set[int]):
    """Of a ring all nodes or none; of a star the middle, or all the others too."""
    data = alike(ALIKE[graph], torch.float32)
    for seed in range(8):
        torch.manual_seed(seed)
        x, edges = Graph().read(data)
        y, coarse = GraphPool(SPACE, 0.1).flow(x, edges)
        assert len(y) == len(coarse.members.batch) in kept


def test_half_of_the_nodes_stay_where_all_differ():
    x, edges = Graph().read({**alike(ALIKE["grid"], torch.float32), "x": torch.randn(16, 6)})
    for ratio, wanted in ((0.5, 8), (0.3, 5), (1.0, 16), (0.01, 1)):
        assert len(GraphPool(SPACE, ratio).flow(x, edges)[0]) == wanted


def test_a_partition_is_arbitrary_where_nodes_are_alike_and_only_there():
    """A ring of nine falls into threes, and where the first one begins is the order of storage."""
    torch.manual_seed(0)
    net = network("partition").double()
    ring = alike(ALIKE["ring"], torch.float64)
    moved, stored = relabelled(ring, 1)
    assert difference(net(moved), stored.carry(net(ring), net.target.domain)) > 1e-3
    x, edges = Graph().read(ring)
    cluster = GraphPartition(SPACE).double().flow(x, edges)[1].clusters
    sizes = torch.bincount(cluster.way.at).tolist()
    assert sum(sizes) == 9 and set(sizes) <= {1, 2, 3}
    told_apart = {**ring, "x": ring["x"] * torch.arange(1, 10, dtype=torch.float64)[:, None]}
    moved, stored = relabelled(told_apart, 1)
    assert difference(net(moved), stored.carry(net(told_apart), net.target.domain)) <= 1e-10
    path = alike(ALIKE["path"], torch.float64)
    path["x"][0] *= 2  # an end that is marked tells all nodes of a path apart, by their colours
    moved, stored = relabelled(path, 2)
    assert difference(net(moved), stored.carry(net(path), net.target.domain)) <= 1e-10


def test_the_way_back_is_of_the_size_that_was_left():
    data = {**alike(ALIKE["grid"], torch.float32), "x": torch.randn(16, 6)}
    x, edges = Graph().read(data)
    y, coarse = GraphPool(SPACE).flow(x, edges)
    z, coarser = GraphClusters(er.Space(Graph(level=1), 6 * NONE), 3).flow(y, coarse)
    up = GraphUpsample(er.Space(Graph(level=2), 6 * NONE), SPACE)
    back, fine = up.flow(z, coarser)
    assert back.shape == x.shape and fine is edges


def test_a_pool_keeps_the_size_of_white_values_in_order():
    """Gate and mean: of values that are all the same, what is kept is about as large as they were."""
    sizes = []
    for seed in range(40):
        torch.manual_seed(seed)
        x, edges = Graph().read({**alike(ALIKE["alone"], torch.float32), "x": torch.randn(5, 6)})
        sizes.append(GraphPool(SPACE, 1.0).flow(x, edges)[0].detach().square().mean())
    assert 0.5 < float(torch.stack(sizes).mean()) < 2.5


def test_refusals_name_what_is_there():
    with pytest.raises(SpaceError, match="overlapping, soft, partition"):
        er.layers.pool(SPACE, method="average")
    with pytest.raises(SpaceError, match="a share above 0"):
        GraphPool(SPACE, ratio=0.0)
    with pytest.raises(SpaceError, match="a graph, and one of mean, max"):
        GraphPool(SPACE, method="sum")
    with pytest.raises(RepresentationError, match="channels that hold a scalar"):
        GraphPool(er.Space(Graph(), er.D(4).standard))
    with pytest.raises(SpaceError, match="a graph and a finer one"):
        GraphUpsample(SPACE, er.Space(Graph(level=1), 6 * NONE))
    with pytest.raises(SpaceError, match="one domain on both sides|one packed domain"):
        er.layers.linear(SPACE, er.Space(Graph(level=1), 6 * NONE))
    with pytest.raises(SpaceError, match="ratio=… and clusters=…"):
        er.layers.pool(er.Space(er.Grid(2), NONE), ratio=0.5)
