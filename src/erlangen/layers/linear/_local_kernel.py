"""The weights of kernels in tangent planes, and the matrices that they make of sums over neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.layers._constants import Constants
from erlangen.solve.in_tangent_planes import Fields, Kind, Route

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Way:
    """From the fields of one kind to those of another: at the point itself where `route` is None, else along rings.

    `scales` are what the phases of each ring are multiplied by, so that white signals keep their variance;
    `multipliers` `[ring, l, number]` what they do to coefficients on the sphere, where that is known.
    """

    source: Kind
    target: Kind
    route: Route | None
    patterns: Array
    scales: Array
    multipliers: Array | None = None

    @property
    def share(self) -> float:
        """The variance of a number of an answer of weight 1: real numbers are shared by cosine and sine."""
        return 0.5 if self.source.dim == 1 and self.route is not None and self.route.turns else 1.0


class Term(NamedTuple):
    """A way, the kind of fields it leads to, and the phases that it takes; none at the point itself."""

    way: int
    target: int
    first: int
    last: int


class Part(NamedTuple):
    """The fields of one kind: how many there are, of how many numbers, and what is made of them."""

    kind: int
    copies: int
    dim: int
    terms: tuple[Term, ...]


class LocalKernel(Constants):
    """Σ over ways of w `[pattern, ring, out, in]`: matrices from the numbers of a field along rings to an answer's.

    `even` are the channels of scalars that mirrors leave as they are, which have a bias.
    """

    even: Tensor

    def __init__(self, there: Fields, back: Fields, ways_of: Callable[[Kind, Kind], list[Way]], gain: float):
        super().__init__()
        self.there, self.back = there, back
        self.ways = [way for target in back for source in there for way in ways_of(source, target)]
        held = {f"patterns_{i}": way.patterns for i, way in enumerate(self.ways)}
        held |= {f"there_{j}": channels.ravel() for j, channels in enumerate(there.values())}
        held |= {f"back_{j}": channels.ravel() for j, channels in enumerate(back.values())}
        self.hold({**held, "even": back.get(Kind(0, False), np.zeros((0, 1), dtype=int))[:, 0]})
        self.channels = sum(channels.size for channels in back.values())
        self.weights = self._drawn(gain)
        self.parts = self._parts()

    def hold_also(self, constants: dict[str, Array]) -> None:
        """Further arrays beside the patterns."""
        self.hold({**self._constants, **constants})

    def _drawn(self, gain: float) -> nn.ParameterList:
        """Weights such that white signals of variance 1 become such of variance gain²."""
        terms = {target: 0 for target in self.back}
        for way in self.ways:
            terms[way.target] += len(way.patterns) * len(way.scales) * len(self.there[way.source])
        drawn = nn.ParameterList()
        for way in self.ways:
            shape = len(way.patterns), len(way.scales), len(self.back[way.target]), len(self.there[way.source])
            drawn.append(nn.Parameter(torch.randn(*shape) * gain / sqrt(terms[way.target] * way.share)))
        return drawn

    def _parts(self) -> tuple[Part, ...]:
        targets, found = list(self.back), []
        for j, (source, channels) in enumerate(self.there.items()):
            terms, at = [], 0
            for i, way in enumerate(self.ways):
                if way.source == source:
                    size = 0 if way.route is None else len(way.scales) * way.route.numbers
                    terms.append(Term(i, targets.index(way.target), at, at + size))
                    at += size
            copies, dim = channels.shape
            found.append(Part(j, copies, dim, tuple(terms)))
        return tuple(found)

    def matrix(self, i: int) -> Tensor:
        """Of the i-th way, `[out, answer's number, ring, in, phase's number]`."""
        return torch.einsum("nyp,nkoi->oykip", getattr(self, f"patterns_{i}"), self.weights[i])

    # ---- sums over neighbours ----------------------------------------------------------------------------------------
    def answers(self, rows: Tensor, heard: Callable[[Part, Tensor], Tensor], bias: Tensor | None) -> Tensor:
        """The answers at points, from what they hold, `[point, batch, channel]`, and what `heard` sums over neighbours:
        of the numbers of the fields of one kind, `[point, number, batch, copy]` → `[point, ring · phase, batch, copy]`.
        """
        found: dict[int, Tensor] = {}
        for part in self.parts:
            numbers = rows.index_select(2, getattr(self, f"there_{part.kind}"))
            numbers = numbers.unflatten(2, (part.copies, part.dim)).permute(0, 3, 1, 2)
            summed = heard(part, numbers) if any(term.last > term.first for term in part.terms) else numbers
            for term in part.terms:
                phases = summed[:, term.first : term.last] if term.last > term.first else numbers
                taken = phases.transpose(1, 2).flatten(2)
                made = nn.functional.linear(taken, self._flat_matrix(term.way).to(taken.dtype))
                found[term.target] = found[term.target] + made if term.target in found else made
        return self._placed(found, rows, bias)

    def _flat_matrix(self, i: int) -> Tensor:
        """`[out · number, ring · phase · in]`."""
        return self.matrix(i).permute(0, 1, 2, 4, 3).flatten(2).flatten(0, 1)

    def _placed(self, found: dict[int, Tensor], rows: Tensor, bias: Tensor | None) -> Tensor:
        """The answers of all kinds in the order of their channels, and the bias."""
        made = rows.new_zeros(rows.shape[0], rows.shape[1], self.channels)
        for kind, answer in found.items():
            made = made.index_copy(2, getattr(self, f"back_{kind}"), answer.to(made.dtype))
        if bias is None or not bias.numel():
            return made
        return made + made.new_zeros(made.shape[2]).index_copy(0, self.even, bias.to(made.dtype))
