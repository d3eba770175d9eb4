"""Sets of graphs, of clouds or of sets: one store of all their members, and which set each is of."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from erlangen.data.graphs import GraphBatch, GraphStore, shuffled
from erlangen.data.rows import cut, starts
from erlangen.errors import DataError


class SetBatch(GraphBatch):
    """Some sets one behind the other: their members as in a `GraphBatch`, and `sets`, the set of each.

    >>> batch = SetStore(GraphStore([torch.ones(2, 1)] * 3), [1, 2]).batch([1])
    >>> len(batch), batch.num_graphs, batch.sets.tolist()
    (1, 2, [0, 0])
    """

    sets: Tensor

    def __len__(self) -> int:
        return int(self.num_sets)

    def reordered(self, generator: torch.Generator) -> "tuple[SetBatch, Tensor]":
        """The members of each set in a random order, the points of each member too; and which row stands where."""
        moved, rows = super().reordered(generator)
        order = shuffled(self.sets, generator)
        places, _, _ = cut(self.ptr, order)
        held = GraphStore.of(moved).batch(order)
        return SetBatch(**vars(held), sets=self.sets, num_sets=self.num_sets), rows[places]


class SetStore:
    """All sets one behind the other: the store of their `members`, and how many each set has.

    `store[i]` is one set, `store.batch(indices)` several as networks on `er.Set(A)` take them, `store.take(indices)` a
    smaller store. What members hold is read as of their own store. Raises DataError for other counts than members.

    >>> pairs = SetStore(GraphStore([torch.ones(n, 1) for n in (2, 3, 4, 5)]), [2, 2])
    >>> len(pairs), pairs.sizes.tolist(), pairs.take([1]).members.sizes.tolist()
    (2, [5, 9], [4, 5])
    """

    def __init__(self, members: GraphStore, counts: "Sequence[int] | Tensor"):
        sizes = torch.as_tensor(counts)
        if sizes.ndim != 1 or sizes.is_floating_point() or not _adds_up(sizes, len(members)):
            given = f"sets of {sizes.tolist() if sizes.numel() < 8 else int(sizes.sum())} members"
            raise DataError(given, f"whole numbers from 1 on that add up to {len(members)}", "One number a set.")
        self.members, self.starts = members, starts(sizes.tolist())

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: int) -> SetBatch:
        return self.batch([index])

    def __iter__(self) -> Iterator[SetBatch]:
        return (self[i] for i in range(len(self)))

    def __getattr__(self, name: str) -> Any:
        if name == "members":  # while it is copied there is none yet
            raise AttributeError(name)
        return getattr(self.members, name)

    @property
    def x(self) -> Tensor:
        """The values at the points of all members."""
        return self.members.x

    @property
    def sizes(self) -> Tensor:
        """How many points each set has."""
        return self.members.nodes[self.starts].diff()

    @property
    def counts(self) -> Tensor:
        """How many members each set has."""
        return self.starts.diff()

    def batch(self, indices: "Sequence[int] | Tensor") -> SetBatch:
        """The sets at these indices one behind the other."""
        picked, which, _ = self._cut(indices)
        return SetBatch(**vars(self.members.batch(picked)), sets=which, num_sets=len(indices))

    def take(self, indices: "Sequence[int] | Tensor") -> "SetStore":
        """A store of the sets at these indices, in this order."""
        picked, _, ptr = self._cut(indices)
        return SetStore(self.members.take(picked), ptr.diff())

    def member_rows(self, indices: "Sequence[int] | Tensor") -> Tensor:
        """The numbers of the members of the sets at these indices."""
        return self._cut(indices)[0]

    def rows(self, indices: "Sequence[int] | Tensor") -> Tensor:
        """The rows of x that belong to the sets at these indices."""
        return self.members.rows(self.member_rows(indices))

    def with_values(self, x: Tensor) -> "SetStore":
        """The same points and edges with other values at the points."""
        return SetStore(self.members.with_values(x), self.counts)

    def turned(self, matrices: Tensor) -> "SetStore":
        """Every member turned by a matrix of its own, `[members, d, d]`."""
        return SetStore(self.members.turned(matrices), self.counts)

    def reordered(self, generator: torch.Generator) -> "tuple[SetStore, Tensor]":
        """Each set with its members, and their points and edges, in a random order; and which row of x stands where."""
        moved, rows = self.batch(torch.arange(len(self))).reordered(generator)
        return SetStore(GraphStore.of(moved), self.counts), rows

    def joined(self, *others: "SetStore") -> "SetStore":
        """The sets of this store, then those of the others."""
        members = self.members.joined(*(other.members for other in others))
        return SetStore(members, torch.cat([store.counts for store in (self, *others)]))

    def _cut(self, indices: "Sequence[int] | Tensor") -> tuple[Tensor, Tensor, Tensor]:
        return cut(self.starts, torch.as_tensor(indices, dtype=torch.int64))


def _adds_up(sizes: Tensor, count: int) -> bool:
    return bool(((sizes > 0) & (sizes <= count)).all()) and int(sizes.sum()) == count
