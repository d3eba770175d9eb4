"""Examples move with their targets."""

import math

import pytest
import torch
from torch import nn

from erlangen.data import TensorPair
from erlangen.domains import Grid, HexGrid, Sphere
from erlangen.errors import ConfigError
from erlangen.groups import SO, C, D, O
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train.batches import Batches, loader, seeded
from erlangen.train.elements import elements
from erlangen.train.evaluate import evaluate
from erlangen.train.judging import ByClass
from erlangen.train.moving import UNKNOWN, augment, check_labels, drawn_from, move, move_scores


def test_labels_of_the_whole_stay_and_masks_turn() -> None:
    x, masks, labels = torch.rand(4, 1, 5, 5), torch.randint(3, (4, 5, 5)), torch.arange(4) % 3
    g = C(4).generators[0]
    whole = Task(Grid(2), C(4), 1, Invariant(3))
    points = Task(Grid(2), C(4), 1, Equivariant(3))
    assert torch.equal(move(whole, g, x, labels)[0], torch.rot90(x, 1, (-2, -1)))
    assert torch.equal(move(whole, g, x, labels)[1], labels)
    assert torch.equal(move(points, g, x, masks)[1], torch.rot90(masks, 1, (-2, -1)))


def test_signals_on_the_sphere_are_turned_each_by_its_own_and_masks_with_them() -> None:
    """Land is where the signal is positive: so it stays, but for points beside a coast."""
    task = Task(Sphere(), SO(3), 1, Equivariant(2))
    x = Sphere().project(torch.randn(6, 1, 12, 24, generator=torch.Generator().manual_seed(0)), 3)
    masks = (x[:, 0] > 0).long()
    moved, labels = augment(task, drawn_from(task), x, masks, seeded(2))
    assert float((moved - x).abs().amax((1, 2, 3)).min()) > 0.5
    assert float((labels == (moved[:, 0] > 0)).float().mean()) > 0.93
    assert torch.equal(labels, augment(task, drawn_from(task), x, masks, seeded(2))[1])
    east = SO(2).element(math.pi / 2)
    assert torch.equal(move(Task(Sphere(), SO(2), 1, Equivariant(2)), east, x, masks)[1], masks.roll(6, -1))


def test_classes_that_the_group_permutes_are_permuted() -> None:
    """Which of four directions? A quarter turn makes of each the next."""
    task = Task(Grid(2), C(4), 1, Equivariant(C(4).regular, pooled=True))
    g = C(4).generators[0]
    labels = torch.arange(4)
    scores = torch.nn.functional.one_hot(labels, 4).float()
    assert move(task, g, torch.rand(4, 1, 5, 5), labels)[1].tolist() == [1, 2, 3, 0]
    assert move_scores(task, g, scores).argmax(1).tolist() == [1, 2, 3, 0]


def test_answers_that_are_no_classes_are_refused() -> None:
    with pytest.raises(ConfigError, match="the group permutes"):
        check_labels(Task(Grid(2), D(4), 1, Equivariant(D(4).standard)))


@pytest.mark.parametrize("size", [(5, 5), (4, 6)])
def test_augmentation_gives_every_example_some_element_and_repeats_with_its_seed(size: tuple[int, int]) -> None:
    task = Task(Grid(2), D(4), 1, Equivariant(2))
    among = elements(task)
    x = torch.rand(20, 1, *size)
    y = (x[:, 0] > 0.5).long()
    moved, masks = augment(task, among, x, y, seeded(1))
    assert torch.equal((moved[:, 0] > 0.5).long(), masks)
    images = [task.source.act(g, x) for g in among]
    for i, example in enumerate(moved):
        assert any(image.shape == moved.shape and torch.equal(example, image[i]) for image in images)
    assert torch.equal(moved, augment(task, among, x, y, seeded(1))[0])


def test_batches_cover_all_and_depend_on_seed_and_epoch_alone() -> None:
    batches = Batches(33, 16, seed=3)
    first = list(batches)
    assert [len(batch) for batch in first] == [16, 17]
    assert len(batches) == 2
    assert sorted(index for batch in first for index in batch) == list(range(33))
    assert list(batches) == first
    batches.set_epoch(1)
    assert list(batches) != first
    assert [len(x) for x, _ in loader(TensorPair(torch.zeros(5, 1, 2, 2), torch.zeros(5, dtype=torch.int64)), 2)] == [
        2,
        3,
    ]


def test_points_beyond_a_hexagon_are_neither_counted_nor_learnt() -> None:
    task = Task(HexGrid(), C(6), 1, Equivariant(2))
    x = torch.randn(4, 1, 7, 7) * HexGrid().mask(torch.zeros(7, 7))
    y = torch.ones(4, 7, 7, dtype=torch.int64)

    class Ones(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """The class 1 on the hexagon, and 0 (which is wrong) in the corners of the array."""
            there = HexGrid().mask(x)
            return torch.stack([1 - there, there]).expand(len(x), -1, -1, -1)

    found = evaluate(Ones(), task, TensorPair(x, y))[0]
    assert found.accuracy == 1
    assert found.confusion == ((0, 0), (0, 4 * 37))
    assert (found.tested, found.deviation) == (4, 0)
    loss, accuracy = ByClass(task)(Ones()(x), y, learning=True)
    assert float(accuracy) == 1
    assert float(loss) == pytest.approx(float(torch.nn.functional.softplus(torch.tensor(-1.0))))


# ---- what falls between the sites


def test_masks_turn_by_the_greatest_share_and_what_comes_from_beyond_is_unknown() -> None:
    """A half plane turned by 45° is the half plane on the other side of a diagonal, but for the corners."""
    task = Task(Grid(2), SO(2), 1, Equivariant(2))
    masks = torch.zeros(1, 21, 21, dtype=torch.int64)
    masks[:, :10] = 1
    x, moved = move(task, SO(2).element(math.pi / 4), masks[:, None].float(), masks)
    row, column = torch.meshgrid(torch.arange(21) - 10, torch.arange(21) - 10, indexing="ij")
    reach = (row.abs() + column.abs()) / math.sqrt(2)
    assert bool((moved[0][reach > 11.5] == UNKNOWN).all())
    inner = reach < 10
    assert bool((moved[0][inner] != UNKNOWN).all())
    depth = -(row + column) / math.sqrt(2)  # how far beyond the turned border, which lies half a site from the centre
    assert torch.equal(
        moved[0][inner & ((depth - 0.5).abs() > 0.5)], (depth > 0.5)[inner & ((depth - 0.5).abs() > 0.5)].long()
    )
    assert torch.equal((x[0, 0] > 0.5)[inner], moved[0][inner] == 1)


def test_what_the_lattice_keeps_of_a_larger_group_stays_exact() -> None:
    x, masks = torch.rand(4, 1, 5, 5), torch.randint(3, (4, 5, 5))
    for group in (C(8), SO(2), O(2)):
        task = Task(Grid(2), group, 1, Equivariant(3))
        moved = move(task, group.element(math.pi / 2), x, masks)
        assert torch.equal(moved[0], torch.rot90(x, 1, (-2, -1)))
        assert torch.equal(moved[1], torch.rot90(masks, 1, (-2, -1)))


def test_augmentation_draws_from_the_whole_of_an_infinite_group_and_repeats_with_its_seed() -> None:
    task = Task(Grid(2), SO(2), 1, Equivariant(2))
    assert drawn_from(task) == ()
    x, y = torch.rand(1, 1, 9, 9).expand(32, -1, -1, -1), torch.ones(32, 9, 9, dtype=torch.int64)
    moved, labels = augment(task, (), x, y, seeded(3))
    assert len(moved.flatten(1).unique(dim=0)) == 32
    assert bool(((labels == 1) | (labels == UNKNOWN)).all())
    assert bool((labels[:, 1:8, 4] == 1).all())
    assert bool((labels == UNKNOWN).any())
    again = augment(task, (), x, y, seeded(3))
    assert torch.equal(moved, again[0])
    assert torch.equal(labels, again[1])


def test_classes_that_mirrors_exchange_are_exchanged_by_drawn_ones() -> None:
    group = O(2)
    task = Task(Grid(2), group, 1, Equivariant(group.quotient(SO(2)), pooled=True))
    x, y = torch.rand(1, 1, 9, 9).expand(24, -1, -1, -1), torch.zeros(24, dtype=torch.int64)
    drawn = group.sample(24, int(torch.randint(2**31, (), generator=seeded(5))))
    moved, labels = augment(task, drawn_from(task), x, y, seeded(5))
    mirrored = [bool(torch.linalg.det(torch.from_numpy(group.matrix(g))) < 0) for g in drawn]
    assert labels.tolist() == [int(there) for there in mirrored]
    assert {0, 1} == set(labels.tolist())
    assert torch.allclose(moved[3:4], Grid(2).warp(drawn[3], x[:1]), atol=1e-6)


def test_unknown_points_are_not_learnt_from() -> None:
    task = Task(Grid(2), SO(2), 1, Equivariant(2))
    scores = torch.randn(2, 2, 4, 4)
    labels = torch.randint(2, (2, 4, 4))
    labels[:, 0] = UNKNOWN
    loss, accuracy = ByClass(task, 0.1)(scores, labels, learning=False)
    known = scores[:, :, 1:]
    assert float(loss) == pytest.approx(float(nn.functional.cross_entropy(known, labels[:, 1:])))
    assert float(accuracy) == pytest.approx(float((known.argmax(1) == labels[:, 1:]).float().mean()))
    assert float(ByClass(task, 0.1)(scores, labels, learning=True)[0]) != float(loss)
