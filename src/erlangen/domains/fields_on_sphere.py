"""Scalars and tangent vectors side by side on the sphere: each by its own transform, in the order of the channels."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from erlangen.domains._sampling import Transform
from erlangen.representations import Representation
from erlangen.representations.sums import direct_sum
from erlangen.representations.tangent import Tangent, places

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class FieldTransform:
    """The transform of signals `[b, channel, *size]` whose channels are scalars or (east, north).

    In the coefficients `[b, channel, l, part, m]` a vector has (gradient, curl) where it had (east, north).
    """

    scalars: Transform
    vectors: Transform
    rho: Representation

    def spectrum(self, values: Tensor) -> Tensor:
        """`[b, channel, *size]` → `[b, channel, l, part, m]`."""
        return by_kind(values, self.rho, self.scalars.spectrum, self.vectors.spectrum)

    def values(self, spectrum: Tensor) -> Tensor:
        """`[b, channel, l, part, m]` → `[b, channel, *size]`."""
        return by_kind(spectrum, self.rho, self.scalars.values, self.vectors.values)


def by_kind(values: Tensor, rho: Representation, scalars: Map, vectors: Map) -> Tensor:
    """What the two maps make of scalars `[b, n, …]` and vectors `[b, n, 2, …]`, in the order of the channels."""
    count = len(places(rho))
    if not count:
        return scalars(values)
    if rho.dim == 2 * count:
        return vectors(values.unflatten(1, (count, 2))).flatten(1, 2)
    apart = _order(rho)
    straight = all(at == channel for at, channel in enumerate(apart))
    ordered = values if straight else values.index_select(1, torch.tensor(apart, device=values.device))
    first, rest = ordered.split([rho.dim - 2 * count, 2 * count], dim=1)
    made = torch.cat([scalars(first), vectors(rest.unflatten(1, (count, 2))).flatten(1, 2)], dim=1)
    return made if straight else made.index_select(1, torch.tensor(apart, device=values.device).argsort())


def scalars_of(rho: Representation) -> Representation:
    """The fields of ρ that are no tangent vectors, of which there are some."""
    return direct_sum(*(run for run in rho.fields if not isinstance(run[0], Tangent)))


def _order(rho: Representation) -> list[int]:
    """The channels, scalars first."""
    tangent = [channel for first in places(rho) for channel in (first, first + 1)]
    return [channel for channel in range(rho.dim) if channel not in tangent] + tangent
