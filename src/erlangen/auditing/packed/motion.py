"""What is done to sets and graphs: points and edges stored in another order, or channels moved by a group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from erlangen.auditing.motion import Asked
from erlangen.auditing.packed.signals import EDGES, POINTS, POSITION, Sample
from erlangen.domains import Domain, Points
from erlangen.domains.packed import Packed
from erlangen.groups import Element
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Positions

AnswersAt = Any  # what an answer has a row for: "whole", "points", "edges", "members", or places of packed factors


def rows_of(samples: Sequence[Sample], rows: AnswersAt) -> list[int]:
    """How many rows the answers to each sample have."""
    return [sample.count(rows) for sample in samples]


class PackedMotion(Protocol):
    """One g: on a list of samples, and on the answers to them, a row a sample or a row a point."""

    @property
    def label(self) -> str:
        """How g is called in the report."""
        ...

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded by it."""
        ...

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        """g·x of each."""
        ...

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        """g·f(x), of y = f(x)."""
        ...


@dataclass(frozen=True)
class Relabelled:
    """π·x with a π of its own for each sample, drawn from `seed`: of `what` is stored in another order."""

    label: str
    what: frozenset[str]
    seed: int
    rows: AnswersAt = "whole"
    exact: bool = True

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [sample.moved(*orders) for sample, orders in zip(samples, self.drawn(samples), strict=True)]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if self.rows == "whole":
            return y
        parts = zip(y.split(rows_of(samples, self.rows)), self.drawn(samples), strict=True)
        if self.rows == "edges":
            return torch.cat([part[order] for part, (_, order) in parts])
        return torch.cat([part[torch.argsort(images)] for part, (images, _) in parts])

    def drawn(self, samples: Sequence[Sample]) -> list[tuple[Tensor, Tensor]]:
        """Of each sample where its points go, and in which order its edges come; the same whenever it is asked."""
        points, edges = POINTS in self.what, EDGES in self.what
        return [
            (
                images if points else torch.arange(sample.size),
                order if edges else torch.arange(sample.edge_count),
            )
            for sample, (images, order) in zip(samples, self._orders(samples), strict=True)
        ]

    def _orders(self, samples: Sequence[Sample]) -> list[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(self.seed)
        return [
            (
                torch.randperm(sample.size, generator=generator),
                torch.randperm(sample.edge_count, generator=generator),
            )
            for sample in samples
        ]


@dataclass(frozen=True)
class Channels:
    """ρ(g) on the features of every point, R_g on its position where it has one, ρ_out(g) on the answer."""

    g: Element
    rho: Representation
    output: Asked
    domain: Packed
    exact: bool = True

    @property
    def label(self) -> str:
        return str(self.g)

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [turned(s, self.g, self.rho, self.domain) for s in samples]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if isinstance(self.output, Positions):
            return self.output.act(self.g, y, self.domain)
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        return y if isinstance(rho, int) else act_on_channels(rho, self.g, y)


@dataclass(frozen=True)
class Shifted:
    """x ↦ x + t for all points of a sample at once, each by a t of its own: answers stay as they are, but positions."""

    seed: int
    positions: bool = False
    exact: bool = True

    @property
    def label(self) -> str:
        return f"shifted, draw {self.seed}"

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        pairs = zip(samples, self.drawn(samples), strict=True)
        return [replace(s, points={**s.points, POSITION: s.points[POSITION] + by}) for s, by in pairs]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if not self.positions:
            return y
        parts = zip(y.split(rows_of(samples, "points")), self.drawn(samples), strict=True)
        return torch.cat([part + by.to(part) for part, by in parts])

    def drawn(self, samples: Sequence[Sample]) -> list[Tensor]:
        """t of each sample, about as long as it is wide; the same whenever it is asked."""
        generator = torch.Generator().manual_seed(self.seed)
        return [drawn_shift(sample, generator) for sample in samples]


def drawn_shift(sample: Sample, generator: torch.Generator) -> Tensor:
    """A vector about as long as a cloud is wide."""
    position = sample.points[POSITION]
    by = torch.randn(position.shape[1], generator=generator, dtype=torch.float64).to(position)
    return ((position - position.mean(0)).norm(dim=1).amax() + 1) * by


def turned(sample: Sample, g: Element, rho: Representation, domain: Packed) -> Sample:
    """g·x: features by ρ, and on clouds of points positions, and the cell where there is one, by the matrix of g."""
    x = act_on_channels(rho, g, sample.points["x"])
    return placed(replace(sample, points={**sample.points, "x": x}), g, domain)


def placed(sample: Sample, g: Element, domain: Domain) -> Sample:
    """R_g on the positions of a cloud, and on its cell where there is one."""
    if not isinstance(domain, Points):
        return sample
    matrix = torch.as_tensor(domain.cartesian(g), dtype=sample.points[POSITION].dtype)
    points = {**sample.points, POSITION: sample.points[POSITION] @ matrix.T}
    cell = {"cell": sample.whole["cell"] @ matrix.T} if "cell" in sample.whole else {}
    return replace(sample, points=points, whole={**sample.whole, **cell})
