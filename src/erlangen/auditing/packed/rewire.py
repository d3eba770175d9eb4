"""Graphs with a part of their edges put elsewhere, the same part and a larger one at every larger size."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from erlangen.auditing.packed.signals import ENDS, Sample

TRIES = 20  # draws for a place that is free; a graph that is almost complete has few


@dataclass(frozen=True)
class Rewiring:
    """Where the edges of one graph go, drawn once: at size s the first s of them are rewired.

    Both directions of an edge are one where every edge has both. Loops stay; an edge without a free place does, too.
    """

    sample: Sample
    generator: torch.Generator = field(repr=False)
    units: list[Tensor] = field(init=False)
    ends: list[tuple[int, int]] = field(init=False)
    start: float = field(init=False)

    def __post_init__(self) -> None:
        index = self.sample.edges[ENDS]
        taken = set(map(tuple, index.T.tolist()))
        units = _units(index, both := all((b, a) in taken for a, b in taken))
        units = [units[i] for i in torch.randperm(len(units), generator=self.generator).tolist()]
        free = [_free(self.sample.size, taken, both, self.generator) for _ in units]
        kept = [(unit, place) for unit, place in zip(units, free, strict=True) if place is not None]
        object.__setattr__(self, "units", [unit for unit, _ in kept])
        object.__setattr__(self, "ends", [place for _, place in kept])
        object.__setattr__(self, "start", float(torch.rand((), generator=self.generator)))

    def at(self, share: float) -> Sample:
        """The graph with this share of its edges rewired, rounded up or down by chance."""
        index = self.sample.edges[ENDS].clone()
        count = math.floor(share * len(self.units) + self.start)
        for unit, (a, b) in zip(self.units[:count], self.ends, strict=False):
            forward = index[0, unit] == index[0, unit[0]]
            index[:, unit] = torch.where(forward, torch.tensor([[a], [b]]), torch.tensor([[b], [a]]))
        return Sample(self.sample.points, {**self.sample.edges, ENDS: index}, self.sample.whole)


def distance(a: Sample, b: Sample) -> tuple[float, float]:
    """‖A′ − A‖² and ‖A‖² in Frobenius norm, by the weights of the edges where there are any."""
    first, second = _matrix(a), _matrix(b)
    return float((first - second).square().sum()), float(first.square().sum())


def _matrix(sample: Sample) -> Tensor:
    source, target = sample.edges[ENDS]
    weight = sample.edges.get("edge_weight")
    held = torch.ones(len(source)) if weight is None else weight.reshape(-1)
    made = torch.zeros(sample.size, sample.size, dtype=torch.float64)
    return made.index_put_((target, source), held.double(), accumulate=True)


def _units(index: Tensor, both: bool) -> list[Tensor]:
    """The places of the edges that go together: each by itself, or all between two points."""
    places = (index[0] != index[1]).nonzero()[:, 0]
    if not both:
        return list(places.split(1))
    ends: dict[tuple[int, ...], list[int]] = {}
    for place in places.tolist():
        ends.setdefault(tuple(sorted(index[:, place].tolist())), []).append(place)
    return [torch.tensor(found) for found in ends.values()]


def _free(count: int, taken: set[tuple[int, ...]], both: bool, generator: torch.Generator) -> tuple[int, int] | None:
    """Two points without an edge between them, which they have from now on."""
    for a, b in torch.randint(count, (TRIES, 2), generator=generator).tolist():
        if a != b and (a, b) not in taken:
            taken |= {(a, b), (b, a)} if both else {(a, b)}
            return a, b
    return None
