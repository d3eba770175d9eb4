"""Scalars and tangent vectors side by side on the sphere: each by its own transform, in the order of the channels."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from erlangen.domains.spherical_transform import SphericalTransform
from erlangen.domains.vector_transform import VectorTransform
from erlangen.representations import Representation
from erlangen.representations.sums import direct_sum
from erlangen.representations.tangent import Tangent, places

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class FieldTransform:
    """The transform of signals `[b, channel, latitude, longitude]` whose channels are scalars or (east, north).

    In the coefficients `[b, channel, l, part, m]` a vector has (gradient, curl) where it had (east, north).
    """

    scalars: SphericalTransform
    vectors: VectorTransform
    rho: Representation

    @classmethod
    def of(cls, made: SphericalTransform, rho: Representation) -> "FieldTransform":
        """The transform of fields on the grid of a transform of scalars."""
        return cls(made, VectorTransform(made.sampling, made.latitudes, made.longitudes, made.band), rho)

    def spectrum(self, values: Tensor) -> Tensor:
        """`[b, channel, latitude, longitude]` → `[b, channel, l, part, m]`."""
        return by_kind(values, self.rho, self.scalars.spectrum, self.vectors.spectrum)

    def values(self, spectrum: Tensor) -> Tensor:
        """`[b, channel, l, part, m]` → `[b, channel, latitude, longitude]`."""
        return by_kind(spectrum, self.rho, self.scalars.values, self.vectors.values)


def by_kind(values: Tensor, rho: Representation, scalars: Map, vectors: Map) -> Tensor:
    """What the two maps make of scalars `[b, n, …]` and vectors `[b, n, 2, …]`, in the order of the channels."""
    apart, back = _order(rho)
    count = len(places(rho))
    if not count:
        return scalars(values)
    if rho.dim == 2 * count:
        return vectors(values.unflatten(1, (count, 2))).flatten(1, 2)
    ordered = values if apart is None else values.index_select(1, torch.as_tensor(apart, device=values.device))
    first, rest = ordered.split([rho.dim - 2 * count, 2 * count], dim=1)
    made = torch.cat([scalars(first), vectors(rest.unflatten(1, (count, 2))).flatten(1, 2)], dim=1)
    return made if back is None else made.index_select(1, torch.as_tensor(back, device=values.device))


def scalars_of(rho: Representation) -> Representation:
    """The fields of ρ that are no tangent vectors, of which there are some."""
    return direct_sum(*(run for run in rho.fields if not isinstance(run[0], Tangent)))


@lru_cache(maxsize=256)
def _order(rho: Representation) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The channels with scalars first, and the way back; None where they are so."""
    tangent = {channel for first in places(rho) for channel in (first, first + 1)}
    apart = np.array([c for c in range(rho.dim) if c not in tangent] + sorted(tangent))
    return (None, None) if (np.diff(apart) == 1).all() else (apart, np.argsort(apart))
