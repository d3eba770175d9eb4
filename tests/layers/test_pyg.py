"""Our layers beside those of PyTorch Geometric with the same weights, and its data straight into derived networks."""

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from tests.auditing.test_packed import graphs

geometric = pytest.importorskip("torch_geometric")
gnn, Data, Batch = geometric.nn, geometric.data.Data, geometric.data.Batch

C = 4
GRAPH = er.Graph()
SPACE = er.Space(GRAPH, C * er.Trivial().trivial)
GIVEN = [Data(**g) for g in graphs(6, channels=C)]
BATCH = Batch.from_data_list(GIVEN)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def ours(layer: er.layers.Layer, data=BATCH) -> Tensor:
    with torch.no_grad():
        return er.Blueprint([layer]).eval()(data)


def theirs(layer: nn.Module, *given) -> Tensor:
    with torch.no_grad():
        return layer.eval()(*(given or (BATCH.x, BATCH.edge_index)))


def copied(into: Tensor, given: Tensor) -> None:
    with torch.no_grad():
        into.copy_(given.reshape(into.shape))


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-5)


def convolution(relations: list[str], matrices: list[Tensor], bias: Tensor) -> nn.Module:
    layer = er.layers.GraphConv(SPACE, SPACE, relations)
    for name, matrix in zip(relations, matrices, strict=True):
        copied(layer.get_parameter(f"kernels.{name}.blocks.0_0.weight"), matrix)
    copied(layer.get_parameter("bias.blocks.0.weight"), bias)
    return layer


def test_the_convolution_is_sage_with_a_mean():
    sage = gnn.SAGEConv(C, C)
    layer = convolution(["itself", "neighbours"], [sage.lin_r.weight, sage.lin_l.weight], sage.lin_l.bias)
    assert close(ours(layer), theirs(sage))


def test_one_matrix_for_a_node_and_its_neighbours_is_gcn_where_all_degrees_are_alike():
    """GCN divides by √(d_i d_j), we by d_i: the same on a ring, and not on a path."""
    gcn = gnn.GCNConv(C, C)
    layer = convolution(["neighbourhood"], [gcn.lin.weight], gcn.bias)
    here = torch.arange(7)
    ring = torch.stack([torch.cat([here, (here + 1) % 7]), torch.cat([(here + 1) % 7, here])])
    x = torch.randn(7, C)
    for index, same in ((ring, True), (ring[:, (ring != 0).all(0)], False)):
        assert close(ours(layer, Data(x=x, edge_index=index)), theirs(gcn, x, index)) == same


def test_attention_is_gatv2_with_a_residual():
    gat = gnn.GATv2Conv(C, C // 2, heads=2, residual=True, add_self_loops=False)
    layer = er.layers.GraphAttention(SPACE, SPACE, heads=2)
    nn.init.zeros_(gat.lin_l.bias)
    nn.init.normal_(gat.lin_r.bias)
    nn.init.normal_(gat.bias)
    pairs = [(layer.key.weight, gat.lin_l.weight), (layer.value.weight, gat.lin_l.weight), (layer.score, gat.att)]
    pairs += [(layer.query.weight, gat.lin_r.weight), (layer.query.bias, gat.lin_r.bias)]
    pairs += [(layer.own.weight, gat.res.weight), (layer.own.bias, gat.bias)]
    for into, given in pairs:
        copied(into, given)
    assert close(ours(layer), theirs(gat))


@pytest.mark.parametrize("aggregate", ["mean", "sum", "max"])
def test_messages_are_those_of_edge_conv(aggregate: str):
    """EdgeConv reads x_i ‖ x_j − x_i: P x_i + Q x_j = (P + Q) x_i + Q (x_j − x_i)."""
    layer = er.layers.GraphMessages(SPACE, SPACE, aggregate=aggregate)
    first = nn.Linear(2 * C, C)
    edge = gnn.EdgeConv(nn.Sequential(first, nn.ReLU()), aggr=aggregate)  # draws new weights
    copied(first.weight, torch.cat([layer.asked.weight + layer.asking.weight, layer.asking.weight], dim=1))
    copied(first.bias, layer.asked.bias)
    with torch.no_grad():
        expected = layer.own(BATCH.x) + layer.told(theirs(edge))
    assert close(ours(layer), expected)


@pytest.mark.parametrize("method", ["mean", "max", "sum"])
def test_pools_are_the_global_pools(method: str):
    pool = {"mean": gnn.global_mean_pool, "max": gnn.global_max_pool, "sum": gnn.global_add_pool}[method]
    assert close(ours(er.layers.PackedPool(SPACE, method)), pool(BATCH.x, BATCH.batch))


# ---- data ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("layer", ["convolution", "attention", "messages"])
@pytest.mark.parametrize("output", [er.Invariant(2), er.Equivariant(2)], ids=["graphs", "nodes"])
def test_batches_of_pyg_are_batches_of_the_store(layer: str, output):
    net = er.derive(er.Task(GRAPH, input=C, output=output), width=8, layer=layer).eval()
    store = er.data.GraphStore(GIVEN)
    loader = geometric.loader.DataLoader(GIVEN, batch_size=2)
    with torch.no_grad():
        whole = net(store.batch(range(6)))
        assert close(net(BATCH), whole)
        assert close(torch.cat([net(batch) for batch in loader]), whole)
        assert close(torch.cat([net(data) for data in GIVEN]), whole)
        assert close(net(BATCH.x, BATCH.edge_index, batch=BATCH.batch), whole)


def test_features_of_edges_come_along():
    given = [Data(**g) for g in graphs(6, channels=C, bonds=True)]
    task = er.Task(er.Graph(edge_features=2), input=C, output=er.Invariant(2))
    net = er.derive(task, width=8, layer="messages").eval()
    with torch.no_grad():
        loaded = torch.cat([net(batch) for batch in geometric.loader.DataLoader(given, batch_size=3)])
        assert close(loaded, net(er.data.GraphStore(given).batch(range(6))))


def test_lists_of_data_are_audited():
    net = er.derive(er.Task(GRAPH, input=C, output=er.Invariant(2)), width=8).eval()
    given = [Data(**g) for g in graphs(20, channels=C)]
    report = er.audit(net, GRAPH, er.Relabelling(), given, max_elements=2, bootstrap=20, proof=False)
    assert report.verdict == "exact"


# ---- parts of a graph larger than what is asked of -------------------------------------------------------------------
def whole_graph() -> tuple[Data, er.Blueprint, torch.Tensor]:
    """A graph of 60 nodes, a network that sees three steps far, and its answers at all nodes."""
    generator = torch.Generator().manual_seed(0)
    index = torch.randint(60, (2, 120), generator=generator)
    data = Data(x=torch.randn(60, C, generator=generator), edge_index=torch.cat([index, index.flip(0)], dim=1))
    torch.manual_seed(0)
    net = er.derive(er.Task(GRAPH, input=C, output=er.Equivariant(2)), width=8, depth=2)
    net(data)
    net.eval()
    with torch.no_grad():
        return data, net, net(data)


def test_a_node_is_answered_from_its_neighbourhood_as_from_the_whole():
    """Two layers and the reading see three steps: of the subgraph within them each seed has its answer."""
    data, net, answers = whole_graph()
    for seed in (0, 17, 41):
        nodes, edges, place, _ = geometric.utils.k_hop_subgraph(seed, 3, data.edge_index, relabel_nodes=True)
        with torch.no_grad():
            part = net(Data(x=data.x[nodes], edge_index=edges))
        assert len(nodes) < 60 and torch.allclose(part[place], answers[seed], atol=1e-5)


@pytest.mark.skipif(
    not (geometric.typing.WITH_PYG_LIB or geometric.typing.WITH_TORCH_SPARSE),
    reason="PyTorch Geometric samples neighbours by pyg-lib or torch-sparse",
)
def test_batches_of_the_neighbour_loader_are_answered():
    """All neighbours taken, three steps far: the seeds, which come first, have the answers of the whole graph."""
    data, net, answers = whole_graph()
    for batch in geometric.loader.NeighborLoader(data, num_neighbors=[-1, -1, -1], batch_size=16):
        with torch.no_grad():
            found = net(batch)[: batch.batch_size]
        assert torch.allclose(found, answers[batch.input_id], atol=1e-5)
