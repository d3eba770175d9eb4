"""Batches whose order depends on seed and epoch alone, so that a resumed run sees what an uninterrupted one would."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

if TYPE_CHECKING:
    from erlangen.train.examples import Pair


class Share(NamedTuple):
    """Which part of each batch is this process's: every `of`-th example, from the `number`-th on; alone it has all.

    >>> [0, 1, 2, 3, 4][Share(1, 2).slice]
    [1, 3]
    """

    number: int = 0
    of: int = 1

    @property
    def slice(self) -> slice:
        """As a list is cut by it."""
        return slice(self.number, None, self.of)


class Batches(Sampler[list[int]]):
    """Indices 0 … n − 1 in batches: shuffled anew for each (seed, epoch), in order where there is no seed.

    A last batch that would leave one of the processes a single example is joined to the one before it, since batch
    statistics need two. Several processes each have their share of every batch. `start` batches are passed over, once.

    >>> [sorted(batch) for batch in Batches(5, 2)]
    [[0, 1], [2, 3, 4]]
    """

    def __init__(self, n: int, size: int, seed: int | None = None, share: Share = Share()):  # noqa: B008
        self.n, self.size, self.seed, self.share = n, size, seed, share
        self.epoch = self.start = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each pass."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.arange(self.n)
        if self.seed is not None:
            order = torch.randperm(self.n, generator=seeded(self.seed, self.epoch))
        starts = [i * self.size for i in range(len(self))]
        ends, first = [*starts[1:], self.n], self.start
        self.start = 0
        for start, end in list(zip(starts, ends, strict=True))[first:]:
            yield order[start:end].tolist()[self.share.slice]

    def __len__(self) -> int:
        whole, left = divmod(self.n, self.size)
        return max(1, whole + (left >= 2 * self.share.of))


class Cut(Dataset[Any]):
    """Inputs and targets at a whole list of indices, as a network takes them."""

    def __init__(self, pair: "Pair"):
        self.pair = pair

    def __getitem__(self, index: list[int]) -> Any:
        return self.pair.batch(index)


class Loader(DataLoader[Any]):
    """A loader that knows how many batches of this pass it has given, so that Lightning resumes within an epoch."""

    given = 0

    @property
    def batches(self) -> Batches:
        """In which order they come."""
        assert isinstance(self.sampler, Batches)
        return self.sampler

    def __iter__(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.given = self.batches.start
        for batch in super().__iter__():
            self.given += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """What a checkpoint keeps."""
        return {"given": self.given}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """What the next pass begins behind; nothing of one that was whole."""
        self.batches.start = state["given"] % len(self)


def loader(
    pair: "Pair",
    size: int,
    seed: int | None = None,
    share: Share = Share(),  # noqa: B008
    workers: int = 0,
) -> Loader:
    """Whole batches cut from what is in memory or in shards, in the order of `Batches`."""
    batches = Batches(len(pair), size, seed, share)
    return Loader(Cut(pair), sampler=batches, batch_size=None, num_workers=workers, persistent_workers=workers > 0)


def seeded(*numbers: int) -> torch.Generator:
    """A generator that depends on all of these numbers and on nothing else.

    >>> bool(torch.rand(1, generator=seeded(1, 2)) == torch.rand(1, generator=seeded(1, 2)))
    True
    """
    state = 0
    for number in numbers:
        state = (state * 1_000_003 + number + 1) % (2**63 - 1)
    return torch.Generator().manual_seed(state)
