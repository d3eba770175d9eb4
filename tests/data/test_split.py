"""Parts are disjoint, stratified, and equal for equal seeds."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from erlangen.data import TensorPair
from erlangen.data.split import few, split
from erlangen.errors import DataError


def numbered(labels: torch.Tensor) -> TensorPair:
    return TensorPair(torch.arange(len(labels), dtype=torch.float32).reshape(-1, 1, 1), labels)


@given(st.lists(st.integers(6, 40), min_size=1, max_size=5), st.integers(0, 1000))
def test_the_parts_are_disjoint_and_cover_and_keep_proportions(counts: list[int], seed: int) -> None:
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    parts = split(numbered(labels), [0.2, 0.3], seed)
    assert sorted(torch.cat([part.inputs.flatten() for part in parts]).tolist()) == list(range(len(labels)))
    for label, count in enumerate(counts):
        expected = [max(1, round(fraction * count)) for fraction in (0.2, 0.3)]
        assert [int((part.targets == label).sum()) for part in parts[1:]] == expected


def test_equal_seeds_give_equal_parts_and_others_do_not() -> None:
    pair = numbered(torch.arange(100) % 4)
    first, again, other = (split(pair, [0.25, 0.25], seed)[0].inputs for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_masks_are_split_at_random() -> None:
    parts = split(TensorPair(torch.zeros(10, 1, 4, 4), torch.zeros(10, 4, 4, dtype=torch.int64)), [0.2, 0.2], 0)
    assert [len(part) for part in parts] == [6, 2, 2]


@pytest.mark.parametrize("fractions", [[0.0, 0.5], [0.5, 0.5], [-0.1, 0.2]])
def test_fractions_that_leave_nothing_are_refused(fractions: list[float]) -> None:
    with pytest.raises(DataError, match="sum below 1"):
        split(numbered(torch.arange(100) % 4), fractions, 0)


def test_a_class_too_small_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="the class 'cat'"):
        split(numbered(torch.tensor([0] * 9 + [1])), [0.2, 0.2], 0, ["dog", "cat"])


def test_few_takes_the_classes_evenly() -> None:
    kept = few(numbered(torch.tensor([0] * 90 + [1] * 10)), 20, 0)
    assert torch.bincount(kept.targets).tolist() == [10, 10]
