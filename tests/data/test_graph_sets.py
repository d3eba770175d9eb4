"""Sets of graphs in one store: cut into batches, put in other orders, read from a file; refused where none fit."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import GraphPair, GraphStore, SetStore, load
from erlangen.errors import DataError
from tests.data.molecules_of import chain, mixtures


def test_a_batch_has_the_members_of_each_set_and_their_edges():
    store = mixtures(4)
    batch = store.batch([2, 0])
    assert len(batch) == 2 and batch.sets.tolist() == [0] * 3 + [1] * 1 and batch.num_graphs == 4
    wanted = torch.cat([member.x for i in (3, 4, 5, 0) for member in [store.members[i]]])
    assert torch.equal(batch.x, wanted)
    assert torch.equal(batch.batch[batch.edge_index[0]], batch.batch[batch.edge_index[1]])
    assert torch.equal(store.take([2, 0]).batch([0, 1]).x, batch.x)
    assert store.sizes.tolist() == [len(one.x) for one in store]


def test_members_and_points_go_to_other_places_within_their_sets():
    store = mixtures(5)
    moved, rows = store.reordered(torch.Generator().manual_seed(1))
    assert torch.equal(moved.x, store.x[rows]) and not torch.equal(moved.x, store.x)
    assert torch.equal(moved.counts, store.counts)

    def of_sets(held: SetStore) -> list:
        """Each set as what stands at the ends of the edges of its members, in no order."""
        found = []
        for one in held:
            ends = one.x[one.edge_index].flatten(2).movedim(1, 0).flatten(1).tolist()
            found.append(
                sorted((tuple(one.x[one.batch == m].flatten().sort().values.tolist())) for m in range(one.num_graphs))
            )
            found.append(sorted(map(tuple, ends)))
        return found

    assert of_sets(moved) == of_sets(store)


def test_targets_are_of_sets_members_or_points():
    store = mixtures(6)
    for count in (6, len(store.members), len(store.x)):
        pair = GraphPair(store, torch.arange(count) % 3)
        assert pair.dense == (count != 6)
        part = pair.take([4, 1])
        assert len(part) == 2 and len(part.targets) == {6: 2, len(store.members): 4}.get(count, len(part.inputs.x))
    members = GraphPair(store, torch.arange(len(store.members)))
    assert members.take([1]).targets.tolist() == [1, 2]
    with pytest.raises(DataError, match="one a member"):
        GraphPair(store, torch.zeros(5, dtype=torch.int64))


@pytest.mark.parametrize("counts", [[1, 2], [0, 4], [1.5, 2.5], [[2, 2]]])
def test_counts_that_are_not_those_of_the_members_are_refused(counts: list):
    with pytest.raises(DataError, match="add up to 4"):
        SetStore(GraphStore([chain(2)] * 4), torch.tensor(counts))


def test_a_file_says_how_many_graphs_each_set_has(tmp_path: Path):
    store = mixtures(12)
    whole = store.batch(range(12))
    arrays = {"x": whole.x.numpy(), "nodes": whole.ptr.diff().numpy(), "edge_index": whole.edge_index.numpy()}
    np.savez(tmp_path / "mixtures.npz", **arrays, sets=store.counts.numpy(), y=np.arange(12) % 2)
    data = load(str(tmp_path / "mixtures.npz"))
    assert isinstance(data.train.inputs, SetStore) and len(data.train) + len(data.validation) + len(data.test) == 12
