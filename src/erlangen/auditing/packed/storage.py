"""How a relabelling moves tensors nobody declared: by what their first axis counts, and by which order of it fits."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from erlangen.auditing.leaves import Moves
from erlangen.auditing.measure import error
from erlangen.auditing.packed.motion import Relabelled
from erlangen.auditing.packed.signals import ENDS, Sample, batch_of

MOSTLY = 0.5  # whole numbers of which more differ are no others in another order;
NUMBERS = 0.75  # where they are numbers of points, fewer agree by chance
SAME = 1e-6  # what only rounding sets apart
Rows = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Carried:
    """What takes a tensor of x to that of π·x: the word for it, the map, and how far it misses.

    `numbers`: whether its values are numbers of points, and were mapped as these.
    """

    moves: Moves
    carry: Rows
    error: float
    numbers: bool = False


@dataclass(frozen=True)
class Storage:
    """One relabelling of a whole batch: point i is stored as images[i], and edge order[k] as k."""

    samples: tuple[Sample, ...]
    images: Tensor
    order: Tensor

    @classmethod
    def of(cls, motion: Relabelled, samples: Sequence[Sample]) -> "Storage":
        """The relabellings of all samples, one behind the other."""
        images, order, points, edges = [], [], 0, 0
        for sample, (here, there) in zip(samples, motion.drawn(samples), strict=True):
            images.append(here + points)
            order.append(there + edges)
            points, edges = points + sample.size, edges + sample.edge_count
        return cls(tuple(samples), torch.cat(images), torch.cat(order))

    def fit(self, before: Tensor, after: Tensor) -> Carried | None:
        """The map that takes a tensor of x nearest to that of π·x; None where nobody can say how it moves."""
        if before.shape != after.shape:
            return None
        found = [Carried(word, carry, missed(after, carry(before)), ids) for word, carry, ids in self._maps(before)]
        likely = [one for one in found if one.error <= self._most(before, one)]
        return min(likely, key=lambda one: one.error, default=None)

    def _most(self, values: Tensor, carried: Carried) -> float:
        """The error up to which this is how a tensor moves: any, where its shape says so, else rounding."""
        if not values.dtype.is_floating_point:
            return NUMBERS if carried.numbers else MOSTLY
        counted = values.dim() and len(values) == len(self.samples)
        return SAME if carried.moves == "stays" and not counted else math.inf

    def _maps(self, values: Tensor) -> Iterator[tuple[Moves, Rows, bool]]:
        """The maps that its shape allows, those of values that are numbers of points among them."""
        for word, rows in self._rows(values):
            yield word, rows, False
            if values.dtype == torch.int64 and values.numel() and 0 <= int(values.min()) <= int(values.max()) < self.n:
                yield word, lambda v, rows=rows: self.images[rows(v)], True

    def _rows(self, values: Tensor) -> Iterator[tuple[Moves, Rows]]:
        shape = tuple(values.shape)
        if shape[:1] == (self.n,):
            yield "points", lambda v: v[self._back]
        for order in self._edge_orders if len(self.order) else ():
            along = torch.cat([order, len(order) + self._back])  # with a loop at every point behind them
            for axis in (0, 1) if shape[:1] == (2,) else (0,):
                if shape[axis : axis + 1] == (len(order),):
                    yield "edges", lambda v, order=order, axis=axis: v.index_select(axis, order)
                if shape[axis : axis + 1] == (len(along),):
                    yield "edges", lambda v, along=along, axis=axis: v.index_select(axis, along)
        if shape[:2] == (len(self.samples), self._longest):
            yield "points", lambda v: v.reshape(-1, *v.shape[2:])[self._padded].reshape(v.shape)
        yield "stays", lambda v: v

    @cached_property
    def n(self) -> int:
        """The number of points."""
        return len(self.images)

    @cached_property
    def _back(self) -> Tensor:
        return torch.argsort(self.images)

    @cached_property
    def _longest(self) -> int:
        return max(sample.size for sample in self.samples)

    @cached_property
    def _padded(self) -> Tensor:
        """Where each place of `[samples, longest]` comes from; what is no point stays."""
        places, start, found = torch.arange(len(self.samples) * self._longest).split(self._longest), 0, []
        for sample, place in zip(self.samples, places, strict=True):
            back = self._back[start : start + sample.size] - start
            found.append(torch.cat([place[back], place[sample.size :]]))
            start += sample.size
        return torch.cat(found)

    @cached_property
    def _edge_orders(self) -> list[Tensor]:
        """From where each edge comes: as they are stored, and sorted by their targets or sources, as many layers do."""
        ends = batch_of(self.samples).__dict__[ENDS]
        moved, found = self.images[ends][:, self.order], [self.order]
        for end in (1, 0):
            here, there = (torch.argsort(one[end], stable=True) for one in (ends, moved))
            found.append(torch.argsort(here)[self.order[there]])
        return found


def missed(a: Tensor, b: Tensor) -> float:
    """√(mean ‖a − b‖² / (Var a + Var b)) over rows; of whole numbers the share that differs, and 1 of other shapes."""
    if a.shape != b.shape:
        return 1.0
    if torch.equal(a, b):
        return 0.0
    if not a.dtype.is_floating_point:
        return float((a != b).double().mean())
    return error(a, b) if a.dim() and len(a) > 1 else math.nan
