"""Invariants of the fibre: what of each field the group cannot change."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import RepresentationError
from erlangen.given import among
from erlangen.layers._base import Layer, Reason, refuse_aliasing, require_space
from erlangen.layers._fields import kinds_of, require_orthogonal, root_mean_square, split_fields
from erlangen.representations import Representation
from erlangen.signal import Space
from erlangen.solve.kernels import invariant_vectors

METHODS = ("max", "mean")


class FibrePool(Layer):
    """y = max_{i in orbit} x_i, or the mean, for each orbit of a permuted field; y = |x| for every other field.

    ρ(h) reorders an orbit or turns a field, and neither changes its maximum, mean or length.

    Shapes: `[b, c, …]` → `[b, invariants, …]`, all trivial.

    >>> import erlangen as er
    >>> er.layers.FibrePool(er.Space(er.Grid(2), 16 * er.C(4).regular)).target
    X(Grid(2), 16 × trivial of C4)
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)
    because = Reason(
        prior="the task asks for an answer that does not move: pooled over the fibre last, where it costs least",
        law="y(ρ(h) x) = y(x)",
        reference="Cohen and Welling 2016, arXiv:1602.07576",
    )

    def __init__(self, source: Space, method: str = "max"):
        among("method", method, METHODS, RepresentationError, "Irreps take their length.")
        require_space("FibrePool", source)
        require_orthogonal(source.rho, "an invariant")
        if not source.rho.is_trivial:
            refuse_aliasing("FibrePool", source, "On the sphere scalar channels alone are pooled.")
        kinds = kinds_of(source.rho)
        orbits = [_orbits(kind.field) for kind in kinds]
        count = sum(kind.copies * len(o) for kind, o in zip(kinds, orbits, strict=True))
        super().__init__(source, Space(source.domain, count * source.group.trivial))
        self.method, self.kinds, self.orbits = method, kinds, orbits
        self.clears = source.domain.masked and not source.rho.is_permutation  # the length of nothing is not quite 0

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        runs = []
        for kind, orbits, run in zip(self.kinds, self.orbits, split_fields(values, self.kinds), strict=True):
            if kind.permuted:
                whole = len(orbits) == 1
                parts = [self._reduce(run if whole else run[:, :, orbit]) for orbit in orbits]
                runs.append(parts[0] if whole else torch.stack(parts, dim=2).flatten(1, 2))
            else:
                runs.append(kind.dim**0.5 * root_mean_square(run))
        pooled = runs[0] if len(runs) == 1 else torch.cat(runs, dim=1)
        return self.source.domain.clear(pooled) if self.clears else pooled

    def _reduce(self, orbit: Tensor) -> Tensor:
        return orbit.amax(dim=2) if self.method == "max" else orbit.mean(dim=2)


def _orbits(field: Representation) -> list[list[int]]:
    """The orbits of the group on a field's channels; one of all channels where the field is not permuted."""
    if not field.is_permutation:
        return [list(range(field.dim))]
    labels = invariant_vectors(field).labels[:, 0, 0]  # type: ignore[union-attr]
    return [np.flatnonzero(labels == k).tolist() for k in range(labels.max() + 1)]
