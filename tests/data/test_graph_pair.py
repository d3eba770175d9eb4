"""Graphs with their labels: taken, joined, put in another order, split over nodes; refused where they do not fit."""

import pytest
import torch

from erlangen.data import DataSet, GraphPair, GraphStore
from erlangen.data.graph_pair import UNKNOWN, hide
from erlangen.errors import DataError


def paths(*sizes: int) -> GraphStore:
    """Paths whose points are numbered in x and whose edges bear the numbers of their ends."""
    graphs = []
    for n in sizes:
        index = torch.stack([torch.arange(n - 1), torch.arange(1, n)])
        x = torch.arange(n, dtype=torch.float32)[:, None]
        graphs.append({"x": x, "edge_index": index, "edge_attr": index.T.float(), "edge_weight": index[0].float()})
    return GraphStore(graphs)


def test_labels_are_of_graphs_or_of_points_and_are_taken_with_them() -> None:
    store = paths(2, 3, 4)
    whole, dense = GraphPair(store, torch.tensor([0, 1, 0])), GraphPair(store, torch.arange(9))
    assert not whole.dense and dense.dense and whole.take([2, 0]).targets.tolist() == [0, 0]
    taken = dense.take([2, 0])
    assert taken.targets.tolist() == [5, 6, 7, 8, 0, 1] and taken.inputs.sizes.tolist() == [4, 2]
    batch, targets = dense.batch([1])
    assert targets.tolist() == [2, 3, 4] and len(batch) == 1 and len(batch.x) == 3
    joined = whole.joined(whole.take([1]))
    assert joined.targets.tolist() == [0, 1, 0, 1] and torch.equal(joined.inputs[3].edge_attr, store[1].edge_attr)


def test_another_order_is_the_same_graphs() -> None:
    store = paths(5, 2, 7)
    moved, rows = store.reordered(torch.Generator().manual_seed(3))
    assert not torch.equal(moved.x, store.x) and torch.equal(moved.x, store.x[rows])
    assert moved.sizes.tolist() == store.sizes.tolist()
    for one, other in zip(store, moved, strict=True):
        ends = other.x[other.edge_index[:, other.edge_weight.argsort()], 0]
        assert torch.equal(ends, one.edge_index.float())  # the same edges between the same points
        assert torch.equal(other.x[other.edge_index, 0].T, other.edge_attr)
    assert torch.equal(store.reordered(torch.Generator().manual_seed(3))[0].x, moved.x)


def test_sets_are_a_store_without_edges() -> None:
    store = GraphStore([torch.zeros(2, 3), torch.ones(4, 3)])
    assert store.edge_index is None and store.take([1]).x.shape == (4, 3)
    assert not hasattr(store.batch([0, 1]), "edge_index")
    moved, rows = store.reordered(torch.Generator().manual_seed(0))
    assert moved.edge_index is None and sorted(rows.tolist()) == list(range(6))
    with pytest.raises(DataError, match="edges in all graphs"):
        GraphStore([{"x": torch.zeros(2, 1)}, {"x": torch.zeros(2, 1), "edge_index": torch.zeros(2, 0).long()}])


def test_what_does_not_fit_is_refused() -> None:
    store = paths(2, 3)
    for targets in (torch.zeros(4).long(), torch.zeros(2), torch.zeros(2, 1).long()):
        with pytest.raises(DataError, match="targets of shape"):
            GraphPair(store, targets)
    holed = paths(2)
    holed.x[1] = torch.nan
    with pytest.raises(DataError, match="x that is not finite, first in row 1"):
        GraphPair(holed, torch.tensor([0]))
    parts = [GraphPair(s, torch.zeros(1).long()) for s in (paths(2), paths(3), GraphStore([torch.zeros(3, 1)]))]
    with pytest.raises(DataError, match="test graphs with 1 numbers a point and 0 an edge"):
        DataSet(*parts, ("a", "b"), "mixed", "CC0", "made here")


def test_labels_of_one_graph_are_hidden_in_turn() -> None:
    labels = torch.tensor([0, 1] * 10 + [UNKNOWN])
    parts = hide(labels, (0.2, 0.5), seed=1)
    known = [(part != UNKNOWN).nonzero()[:, 0].tolist() for part in parts]
    assert [len(places) for places in known] == [6, 4, 10] and sorted(i for places in known for i in places) == list(
        range(20)
    )
    assert all(torch.equal(part[places], labels[places]) for part, places in zip(parts, known, strict=True))
    assert [int(part[part >= 0].sum()) for part in parts] == [3, 2, 5]
