"""Clouds of points in the packed store, and data sets whose targets are real values."""

import pytest
import torch

from erlangen.data import DataSet, GraphPair, GraphStore, Quantity, TensorPair
from erlangen.data.split import few, into_three
from erlangen.errors import DataError

DRAW = torch.Generator().manual_seed(0)


def clouds(*sizes: int, dim: int = 3) -> list[dict]:
    return [
        {"pos": torch.randn(n, dim, generator=DRAW), "x": torch.randn(n, 2, generator=DRAW), "z": torch.arange(n)}
        for n in sizes
    ]


def test_batches_are_the_clouds_behind_one_another() -> None:
    held = clouds(4, 2, 7)
    store = GraphStore(held)
    batch = store.batch([2, 0])
    for name in ("pos", "x", "z"):
        assert torch.equal(getattr(batch, name), torch.cat([held[2][name], held[0][name]]))
    assert store.take([2, 0]).batch([1]).pos.equal(held[0]["pos"])
    assert GraphStore(list(store)).pos.equal(store.pos) and store.joined(store).pos.equal(torch.cat(2 * [store.pos]))


def test_points_without_features_have_a_channel_of_ones() -> None:
    assert GraphStore([{"pos": torch.zeros(3, 2)}]).x.tolist() == [[1.0]] * 3


def test_cells_go_with_their_clouds_and_turn() -> None:
    held = [
        {**cloud, "cell": (i + 1) * torch.eye(3), "pbc": torch.ones(3).bool()} for i, cloud in enumerate(clouds(3, 2))
    ]
    store = GraphStore(held)
    assert store.batch([1]).cell.equal(2 * torch.eye(3)[None]) and store.batch([1]).pbc.shape == (1, 3)
    turn = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    moved = store.turned(turn.expand(2, -1, -1))
    assert moved.pos.allclose(store.pos @ turn.T) and moved.cell.allclose(store.cell @ turn.T)


def test_another_order_moves_positions_with_their_points() -> None:
    store = GraphStore(clouds(5, 3))
    moved, rows = store.reordered(torch.Generator().manual_seed(1))
    assert not moved.pos.equal(store.pos) and all(
        getattr(moved, name).equal(getattr(store, name)[rows]) for name in ("pos", "x", "z")
    )


def test_atoms_of_ase_are_clouds() -> None:
    ase = pytest.importorskip("ase")
    water = ase.Atoms("OH2", [[0, 0, 0], [0, 0.8, 0.6], [0, -0.8, 0.6]])
    store = GraphStore([water, water])
    assert store.z.tolist() == [8, 1, 1] * 2 and store.pos.shape == (6, 3) and store.pbc is None


def test_values_are_taken_with_their_clouds() -> None:
    store = GraphStore(clouds(2, 3))
    whole = GraphPair(store, torch.tensor([[1.0], [2.0]]))
    dense = GraphPair(store, torch.arange(10.0).reshape(5, 2))
    assert not whole.dense and dense.dense and whole.valued and whole.space == 3
    assert whole.take([1]).targets.tolist() == [[2.0]] and dense.batch([1])[1].tolist() == [[4, 5], [6, 7], [8, 9]]
    holes = GraphPair(store, torch.tensor([[1.0], [torch.nan]]))
    assert holes.asked == 1 and holes.known.tolist() == [[1.0]]


def test_values_are_parted_at_random() -> None:
    pair = GraphPair(GraphStore(clouds(*[2] * 20)), torch.randn(20, 1, generator=DRAW))
    parts = into_three(pair, 0.2, 0.3, seed=0)
    assert [len(part) for part in parts.values()] == [10, 4, 6]
    assert sorted(v for part in parts.values() for (v,) in part.targets.tolist()) == sorted(pair.targets[:, 0].tolist())
    assert len(few(pair, 5, seed=0)) == 5
    data = DataSet(*parts.values(), (), "mine", "CC0", "here", drawn=True, quantity=Quantity("energy", "eV"))
    assert len(data.fold(0, 4, 0.2, seed=0).test) == 5 and data.counts()["train"] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([{"pos": torch.zeros(3, 4)}], "pos="),
        ([{"pos": torch.tensor([[0.0, torch.nan, 0.0]])}], "not finite"),
        ([{"pos": torch.zeros(3, 3), "x": torch.zeros(2, 1)}], "3 positions"),
        ([{"pos": torch.zeros(3, 3), "z": torch.zeros(2).long()}], "3 points"),
    ],
)
def test_what_is_no_cloud_is_refused(given: list, said: str) -> None:
    with pytest.raises(DataError, match=said):
        GraphStore(given)


def test_values_that_do_not_fit_are_refused() -> None:
    store = GraphStore(clouds(2, 3))
    for targets in (torch.zeros(2), torch.zeros(4, 1), torch.full((2, 1), torch.nan)):
        with pytest.raises(DataError, match="targets"):
            GraphPair(store, targets)
    values, energy = GraphPair(store, torch.zeros(2, 1)), Quantity("energy", "eV")
    with pytest.raises(DataError, match="no classes"):
        DataSet(values, values, values, ("a",), "mine", "CC0", "here", quantity=energy)
    with pytest.raises(DataError, match="integer class labels"):
        DataSet(values, values, values, (), "mine", "CC0", "here")
    pictures = TensorPair(torch.zeros(2, 1, 4, 4), torch.zeros(2))
    with pytest.raises(DataError, match="floating targets"):
        DataSet(pictures, pictures, pictures, (), "mine", "CC0", "here", quantity=energy)
    flat = GraphPair(GraphStore(clouds(2, 3, dim=2)), torch.zeros(2, 1))
    with pytest.raises(DataError, match="as in the training part"):
        DataSet(values, flat, values, (), "mine", "CC0", "here", quantity=energy)
