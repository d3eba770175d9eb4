"""examples/chirality.py: the theorem holds for trained networks, and the page says what was measured."""

import json
from dataclasses import replace

import torch

from erlangen.data import DataSet, TensorPair
from examples import chirality as example

FIXED, FREE, SWAPPED = example.tasks()


def mirrored(n: int, seed: int) -> TensorPair:
    """Noise that is its own mirror image, with a side each for the darker voxels."""
    x = torch.rand(n, 1, 6, 6, 6, generator=torch.Generator().manual_seed(seed))
    x = (x + x.flip(2)) / 2
    side = torch.tensor([1, 1, 1, 2, 2, 2])[:, None, None]
    return TensorPair(x, torch.where(x[:, 0] < 0.4, side, 0))


def test_left_and_right_are_told_apart_by_the_right_declaration():
    data = DataSet(*(mirrored(n, n) for n in (8, 4, 2)), ("other", "left", "right"), "noise", "CC0", "made here")
    settings = replace(example.SETTINGS, seeds=(0,), epochs=1)
    rows = example.measured(data, data.test.inputs[:1], data.test.targets[:1], settings)
    assert rows[FIXED]["apart"][0] <= 1e-5
    assert rows[FREE]["apart"][0] > 1e-3 and rows[SWAPPED]["apart"][0] > 1e-3


def test_told_counts_the_sides_alone():
    labels = torch.tensor([[0, 1, 2, 2]])
    scores = torch.tensor([[[9.0, 0, 0, 0], [0.0, 2, 1, 1], [9.0, 1, 2, 1]]])
    assert example.told(scores, labels) == (1 + 1 + 0.5) / 3


def test_the_page_says_what_was_measured():
    rows = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]
    assert example.table(rows) in (example.HOME / "docs" / "heads.md").read_text(encoding="utf-8")
    assert max(rows[FIXED]["apart"]) <= 1e-5 < min(rows[SWAPPED]["apart"])
