"""The packed store of graphs: batches are what the graphs put behind one another are."""

import pytest
import torch
from torch.utils.data import DataLoader

import erlangen as er
from erlangen.data import GraphStore
from erlangen.errors import DataError
from tests.laws.relabelled import BONDS, GRAPH


def molecules(count: int = 7) -> list[dict]:
    found = []
    for i in range(count):
        generator = torch.Generator().manual_seed(i)
        n = int(torch.randint(1, 9, (1,), generator=generator))
        edges = torch.randint(n, (2, 2 * n - 1), generator=generator)
        attr = torch.randn(2 * n - 1, 2, generator=generator)
        found.append({"x": torch.randn(n, 3, generator=generator), "edge_index": edges, "edge_attr": attr, "y": i})
    return found


def test_batches_are_the_graphs_behind_one_another():
    graphs, picks = molecules(), [5, 0, 3, 3]
    store = GraphStore(graphs)
    batch, start = store.batch(picks), 0
    assert len(store) == 7 and batch.y.tolist() == picks and batch.num_graphs == 4
    for place, which in enumerate(picks):
        graph = graphs[which]
        rows = batch.batch == place
        assert torch.equal(batch.x[rows], graph["x"]) and int(batch.ptr[place]) == start
        kept = rows[batch.edge_index[0]]
        assert torch.equal(batch.edge_index[:, kept] - start, graph["edge_index"])
        assert torch.equal(batch.edge_attr[kept], graph["edge_attr"])
        start += len(graph["x"])
    assert int(batch.ptr[-1]) == start == len(batch.x)
    assert torch.equal(store[2].x, graphs[2]["x"])


def test_a_loader_of_indices_feeds_a_network():
    store = GraphStore(molecules())
    net = er.derive(er.Task(BONDS, input=3, output=er.Invariant(2)), layer="messages", width=8).eval()
    loader = DataLoader(range(len(store)), batch_size=3, collate_fn=store.batch)
    answers = torch.cat([net(batch) for batch in loader])
    assert torch.allclose(answers, net(store.batch(range(7))), atol=1e-5)


def test_targets_may_come_apart():
    store = GraphStore(molecules(3), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert store.batch([2, 0]).y.tolist() == [[5.0, 6.0], [1.0, 2.0]]
    plain = GraphStore([{name: g[name] for name in ("x", "edge_index")} for g in molecules(2)])
    assert plain.y is None and plain.edge_attr is None and not hasattr(plain.batch([0]), "y")


def test_what_is_no_graph_is_refused():
    with pytest.raises(DataError, match="no graphs"):
        GraphStore([])
    with pytest.raises(DataError, match="graph 1"):
        GraphStore([*molecules(1), {"x": torch.ones(2, 3)}])
    with pytest.raises(DataError, match="targets"):
        GraphStore(molecules(3), torch.zeros(2))
    assert GRAPH.read(molecules(1)[0])[0].shape[1] == 3
