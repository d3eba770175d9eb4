"""Channels on clouds of points that are scalars and vectors of space, told apart and put together again."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.errors import SpaceError
from erlangen.layers._constants import Constants
from erlangen.representations import Representation
from erlangen.signal import Space

_EPS = 0.1  # of vectors of second moment 1: their lengths are smooth, and curve no more than ten times so much


class Places(NamedTuple):
    """The channels of each scalar, `(s,)`, and of each vector, `(v, d)`."""

    scalars: tuple[int, ...]
    vectors: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=256)
def places_in(rho: Representation, domain: Points) -> Places | None:
    """Where they stand: fields that together move as vectors of space are one, invariant ones are scalars.

    None where there are other fields. Of a group of one element, which tells them not apart, all are scalars.

    >>> from erlangen.groups import C
    >>> turns = C(4)
    >>> places_in(2 * turns.trivial + Points(3).vectors(turns), Points(3))
    Places(scalars=(0, 1), vectors=((2, 3, 4),))
    """
    fields = [field for field, copies in rho.fields for _ in range(copies)]
    starts = np.cumsum([0, *(field.dim for field in fields)]).tolist()
    scalars: list[int] = []
    vectors: list[tuple[int, ...]] = []
    at = 0
    while at < len(fields):
        end = next((e for e in range(at, len(fields) + 1) if starts[e] - starts[at] >= domain.dim), at)
        if _are_vector(tuple(fields[at:end]), domain):
            vectors.append(tuple(range(starts[at], starts[end])))
            at = end
        elif fields[at].is_trivial:
            scalars += range(starts[at], starts[at + 1])
            at += 1
        else:
            return None
    return Places(tuple(scalars), tuple(vectors))


@lru_cache(maxsize=1024)
def _are_vector(fields: tuple[Representation, ...], domain: Points) -> bool:
    """Whether these fields, side by side, move as vectors of the domain's space do."""
    if sum(field.dim for field in fields) != domain.dim or fields[0].group.order == 1:
        return False
    for g in fields[0].group.generators:
        moved, at = np.zeros((domain.dim, domain.dim)), 0
        for field in fields:
            moved[at : at + field.dim, at : at + field.dim] = field(g)
            at += field.dim
        wanted = domain.cartesian(g)
        if wanted is None or not np.allclose(moved, wanted, atol=1e-9):
            return False
    return True


class ScalarsVectors(Constants):
    """The way from `[n, c]` to scalars `[n, s]` and vectors `[n, v, d]` of a space on a cloud, and back."""

    def __init__(self, space: Space, who: str):
        super().__init__()
        domain = space.domain
        assert isinstance(domain, Points), "the layer has checked it"
        domain.check_group(space.group)
        places = places_in(space.rho, domain)
        if places is None:
            group = space.group.label
            raise SpaceError(
                f"{who} on {space!r}",
                f"scalars and vectors, n * {group}.trivial + m * domain.vectors({group})",
                "Other fields take er.layers.PointConv.",
            )
        self.scalars, self.vectors, self.dim = len(places.scalars), len(places.vectors), domain.dim
        order = np.array([*places.scalars, *(i for v in places.vectors for i in v)], dtype=np.int64)
        self.sorted = bool((order == np.arange(len(order))).all())
        self.hold({} if self.sorted else {"order": order, "back": np.argsort(order)})

    def split(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Scalars `[n, s]` and vectors `[n, v, d]`."""
        values = values if self.sorted else values.index_select(1, self.get_buffer("order"))
        return values[:, : self.scalars], values[:, self.scalars :].unflatten(1, (self.vectors, self.dim))

    def join(self, scalars: Tensor | None, vectors: Tensor | None) -> Tensor:
        """`[n, c]`; None for what there is none of."""
        parts = [part for part in (scalars, None if vectors is None else vectors.flatten(1)) if part is not None]
        values = torch.cat(parts, dim=1)
        return values if self.sorted else values.index_select(1, self.get_buffer("back"))


def lengths_of(vectors: Tensor) -> Tensor:
    """√(|v|²/d + 0.01) of each vector, `[n, v, d]` → `[n, v]`: smooth, at 0 too, and squares of halves are wide."""
    wide = vectors * vectors.new_ones(1, dtype=torch.float32)  # promotes half, leaves double, and can be traced
    return (wide.square().mean(2) + _EPS**2).sqrt().type_as(vectors)
