"""What is done to sets and graphs: points and edges stored in another order, or channels moved by a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from erlangen.auditing.packed.signals import EDGES, POINTS, Sample
from erlangen.groups import Element
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Invariant


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
    dense: bool
    exact: bool = True

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        generator, moved = torch.Generator().manual_seed(self.seed), []
        for sample in samples:
            images = torch.randperm(sample.size, generator=generator)
            count = next((v.shape[-1] for v in sample.edges.values()), 0)
            order = torch.randperm(count, generator=generator)
            moved.append(sample.moved(images if POINTS in self.what else None, order if EDGES in self.what else None))
        return moved

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if not self.dense or POINTS not in self.what:
            return y
        generator, parts = torch.Generator().manual_seed(self.seed), []
        for part, sample in zip(y.split([s.size for s in samples]), samples, strict=True):
            images = torch.randperm(sample.size, generator=generator)
            torch.randperm(next((v.shape[-1] for v in sample.edges.values()), 0), generator=generator)
            parts.append(part[torch.argsort(images)])
        return torch.cat(parts)


@dataclass(frozen=True)
class Channels:
    """ρ(g) on the features of every point, and on the answer by its own representation."""

    g: Element
    rho: Representation
    output: Invariant | Equivariant
    exact: bool = True

    @property
    def label(self) -> str:
        return str(self.g)

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [
            Sample({**s.points, "x": act_on_channels(self.rho, self.g, s.points["x"])}, s.edges, s.whole)
            for s in samples
        ]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        return y if isinstance(rho, int) else act_on_channels(rho, self.g, y)
