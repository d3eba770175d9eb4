"""Signals of more than one order: tuples of points of several packed factors, and sets of signals that are packed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.packed.signals import EDGES, POINTS, Sample, batch_of

MEMBERS = "members"
What = tuple[Any, frozenset[str]]  # of which part, and whether its points, its edges or both
Orders = Callable[[Any], Tensor]  # for each kind of answer where its new rows come from


@dataclass(frozen=True)
class Tuples(Sample):
    """A signal on a product of several packed domains: a row of x for each tuple of their points, the last fastest."""

    parts: tuple[Sample, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many points each factor has."""
        return tuple(part.size for part in self.parts)

    def to(self, dtype: torch.dtype) -> "Tuples":
        return Tuples(_as(self.points, dtype), {}, {}, tuple(part.to(dtype) for part in self.parts))

    def count(self, rows: Any) -> int:
        """How many rows an answer has that is one of the whole, or one at each tuple of points of some factors."""
        return 1 if rows == "whole" else prod(self.sizes[i] for i in self._places(rows))

    def relabellings(self) -> dict[str, What]:
        """What can be stored in another order."""
        found: dict[str, What] = {}
        for place, part in enumerate(self.parts):
            found[f"points of factor {place + 1} reordered"] = place, frozenset({POINTS})
            if part.edges:
                found[f"edges of factor {place + 1} reordered"] = place, frozenset({EDGES})
        return found

    def reordered(self, what: What, generator: torch.Generator) -> tuple["Tuples", Orders]:
        """π·x, with π drawn; and how answers go along."""
        place, which = what
        images, order = _drawn(self.parts[place], which, generator)
        back = torch.argsort(images)
        parts = (*self.parts[:place], self.parts[place].moved(images, order), *self.parts[place + 1 :])

        def orders(rows: Any) -> Tensor:
            return self._rows(self._places(rows), place, back)

        points = {name: values[orders(POINTS)] for name, values in self.points.items()}
        return replace(self, points=points, parts=parts), orders

    def _places(self, rows: Any) -> tuple[int, ...]:
        return tuple(range(len(self.parts))) if rows == POINTS else rows

    def _rows(self, kept: tuple[int, ...], place: int, back: Tensor) -> Tensor:
        index = torch.arange(prod(self.sizes[i] for i in kept)).view([self.sizes[i] for i in kept])
        return (index.index_select(kept.index(place), back) if place in kept else index).flatten()

    @staticmethod
    def joined(samples: Sequence[Any]) -> SimpleNamespace:
        """A batch, as `er.domains.Product` reads it."""
        factors = tuple(batch_of(parts) for parts in zip(*(sample.parts for sample in samples), strict=True))
        return SimpleNamespace(x=torch.cat([sample.points["x"] for sample in samples]), factors=factors)


@dataclass(frozen=True)
class Gathering(Sample):
    """A set of signals that are packed themselves; x has the rows of all, one member behind the other."""

    members: tuple[Sample, ...] = ()

    @classmethod
    def of(cls, members: Sequence[Sample]) -> "Gathering":
        """The set of these."""
        return cls({"x": torch.cat([member.features for member in members])}, {}, {}, tuple(members))

    def to(self, dtype: torch.dtype) -> "Gathering":
        return Gathering.of([member.to(dtype) for member in self.members])

    def count(self, rows: Any) -> int:
        """How many rows an answer has that is one of the whole, of each member, or of each point of these."""
        return {"whole": 1, MEMBERS: len(self.members)}.get(rows, self.size)

    def relabellings(self) -> dict[str, What]:
        """What can be stored in another order."""
        found: dict[str, What] = {f"{MEMBERS} reordered": (MEMBERS, frozenset())}
        inside = self.members[0]
        if isinstance(inside, Tuples):
            return {**found, **{f"{name}, in every member": (what, frozenset()) for name, what in _inner(inside)}}
        found["points of every member reordered"] = POINTS, frozenset({POINTS})
        if inside.edges:
            found["edges of every member reordered"] = EDGES, frozenset({EDGES})
        return found

    def reordered(self, what: What, generator: torch.Generator) -> tuple["Gathering", Orders]:
        """π·x, with π drawn; and how answers go along."""
        starts = torch.arange(self.size).split([member.size for member in self.members])
        which, orders = list(range(len(self.members))), [torch.arange(len(rows)) for rows in starts]
        members = list(self.members)
        if what[0] == MEMBERS:
            which = torch.randperm(len(members), generator=generator).tolist()
        else:
            for i, member in enumerate(members):
                members[i], orders[i] = _reordered(member, what, generator)
        rows = torch.cat([starts[i][orders[i]] for i in which])
        return Gathering.of([members[i] for i in which]), {MEMBERS: torch.tensor(which), POINTS: rows}.__getitem__

    @staticmethod
    def joined(samples: Sequence[Any]) -> SimpleNamespace:
        """A batch, as `er.Set(A)` reads it: of signals on A, and of each the set it is of."""
        batch = batch_of([member for sample in samples for member in sample.members])
        counts = torch.tensor([len(sample.members) for sample in samples])
        batch.sets = torch.repeat_interleave(torch.arange(len(samples)), counts)
        return batch


@dataclass(frozen=True)
class Reordered:
    """π·x with a π of its own for each sample, drawn from `seed`: `what` of it is stored in another order."""

    label: str
    what: What
    seed: int
    rows: Any
    exact: bool = True

    def move(self, samples: Sequence[Any]) -> list[Any]:
        return [moved for moved, _ in self._all(samples)]

    def answer(self, y: Tensor, samples: Sequence[Any]) -> Tensor:
        if self.rows == "whole":
            return y
        parts = zip(y.split([sample.count(self.rows) for sample in samples]), self._all(samples), strict=True)
        return torch.cat([part[orders(self.rows)] for part, (_, orders) in parts])

    def _all(self, samples: Sequence[Any]) -> list[tuple[Any, Orders]]:
        generator = torch.Generator().manual_seed(self.seed)
        return [sample.reordered(self.what, generator) for sample in samples]


def _inner(sample: Tuples) -> list[tuple[str, What]]:
    return list(sample.relabellings().items())


def _reordered(member: Sample, what: What, generator: torch.Generator) -> tuple[Sample, Tensor]:
    if isinstance(member, Tuples):
        moved, orders = member.reordered(what[0], generator)
        return moved, orders(POINTS)
    images, order = _drawn(member, what[1], generator)
    return member.moved(images, order), torch.argsort(images)


def _drawn(part: Sample, what: frozenset[str], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Where points go, and in which order edges come."""
    images, order = torch.arange(part.size), torch.arange(part.edge_count)
    if POINTS in what:
        images = torch.randperm(part.size, generator=generator)
    if EDGES in what:
        order = torch.randperm(part.edge_count, generator=generator)
    return images, order


def _as(tensors: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    return {name: v.to(dtype) if v.dtype.is_floating_point else v for name, v in tensors.items()}
