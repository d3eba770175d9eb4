"""Batches whose order depends on seed and epoch alone, so that a resumed run sees what an uninterrupted one would."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

if TYPE_CHECKING:
    from erlangen.train.examples import Pair


class Batches(Sampler[list[int]]):
    """Indices 0 … n − 1 in batches: shuffled anew for each (seed, epoch), in order where there is no seed.

    A last batch of one example is joined to the one before it, since batch statistics need two.

    >>> [sorted(batch) for batch in Batches(5, 2)]
    [[0, 1], [2, 3, 4]]
    """

    def __init__(self, n: int, size: int, seed: int | None = None):
        self.n, self.size, self.seed, self.epoch = n, size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each pass."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.arange(self.n)
        if self.seed is not None:
            order = torch.randperm(self.n, generator=seeded(self.seed, self.epoch))
        starts = [i * self.size for i in range(len(self))]
        for start, end in zip(starts, [*starts[1:], self.n], strict=True):
            yield order[start:end].tolist()

    def __len__(self) -> int:
        whole, left = divmod(self.n, self.size)
        return max(1, whole + (left > 1))


class Cut(Dataset[Any]):
    """Inputs and targets at a whole list of indices, as a network takes them."""

    def __init__(self, pair: "Pair"):
        self.pair = pair

    def __getitem__(self, index: list[int]) -> Any:
        return self.pair.batch(index)


def loader(pair: "Pair", size: int, seed: int | None = None) -> DataLoader:
    """Whole batches cut from what is in memory, in the order of `Batches`."""
    return DataLoader(Cut(pair), sampler=Batches(len(pair), size, seed), batch_size=None)


def seeded(*numbers: int) -> torch.Generator:
    """A generator that depends on all of these numbers and on nothing else.

    >>> bool(torch.rand(1, generator=seeded(1, 2)) == torch.rand(1, generator=seeded(1, 2)))
    True
    """
    state = 0
    for number in numbers:
        state = (state * 1_000_003 + number + 1) % (2**63 - 1)
    return torch.Generator().manual_seed(state)
