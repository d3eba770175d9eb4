"""Local pooling at the vertices of a subdivided icosahedron, and the way back: one subdivision less, or more."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._icosphere_charts import Means, children, parents
from erlangen.domains.fields_on_sphere import by_kind
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._constants import Constants
from erlangen.layers._harmonic import sphere_of
from erlangen.layers._vertices import subdivided
from erlangen.signal import Space


class _Mean(Constants, Layer, ABC):
    """y(p) = Σ_q w_pq g_qp x(q), Σ_q w_pq = 1, g_qp what carries tangent vectors from q to p."""

    kind = "pooling"
    index: Tensor
    weight: Tensor
    turn: Tensor

    def __init__(self, source: Space, target: Space):
        super().__init__(source, target)
        near = self._neighbours()
        cosine, sine = near.weight * np.cos(near.transport), near.weight * np.sin(near.transport)
        self.hold({"index": near.index, "weight": near.weight, "turn": np.stack([cosine, sine])})

    @abstractmethod
    def _neighbours(self) -> Means:
        """Whom each vertex of the answer hears."""

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return by_kind(values, self.source.rho, self._scalars, self._vectors)

    def _scalars(self, values: Tensor) -> Tensor:
        """`[…, vertex]` → `[…, vertex]`."""
        near = values.index_select(-1, self.index.flatten()).unflatten(-1, self.index.shape)
        return (near * self.weight.to(values.dtype)).sum(-1)

    def _vectors(self, values: Tensor) -> Tensor:
        """`[…, 2, vertex]` → `[…, 2, vertex]`."""
        near = values.index_select(-1, self.index.flatten()).unflatten(-1, self.index.shape)
        (east, north), (cosine, sine) = near.unbind(-3), self.turn.to(values.dtype)
        return torch.stack([cosine * east - sine * north, sine * east + cosine * north], dim=-3).sum(-1)

    def footprint(self) -> Footprint:
        return Footprint(None)


class VertexPool(_Mean):
    """y(p) = Σ_q a_q w_q g_qp x(q) / Σ_q a_q w_q over p and the vertices around it, a = 1 for p and ½ for these.

    A vertex that goes counts half at each of its two ends, so that all count alike. Exact for the isometries of the
    icosahedron, which exchange vertices; nearly so for other rotations.

    `times` in a row, each on one subdivision less.

    Shapes: `[b, c, 10 · 4^k + 2]` → `[b, c, 10 · 4^(k − times) + 2]`. Raises SpaceError where there are not so many.

    >>> import torch, erlangen as er
    >>> pool = er.layers.VertexPool(er.Space(er.Sphere("icosahedral", subdivisions=3), er.SO(3).trivial))
    >>> pool.target, pool(torch.ones(1, 1, 642)).shape
    (X(Sphere('icosahedral', subdivisions=2), trivial of SO(3)), torch.Size([1, 1, 162]))
    """

    built_from = ("source",)
    options = ("times",)
    because = Reason(
        prior="scale separation: what matters is understood from coarse features upwards",
        law="isometries of the icosahedron exchange its vertices on every level",
        reference="Baumgardner and Frederickson 1985, doi:10.1137/0722066",
    )

    def __init__(self, source: Space, times: int = 1):
        level = subdivided(source, "VertexPool")
        if whole("times", times, SpaceError, mend="1 leaves one subdivision out.") > level:
            raise SpaceError(f"times={times} of a pool on {source!r}", f"at most {level}", "Pool over all of it.")
        super().__init__(source, Space(replace(sphere_of(source), subdivisions=level - times), source.rho))

    @property
    def times(self) -> int:
        """How many subdivisions it leaves out."""
        return subdivided(self.source, "VertexPool") - subdivided(self.target, "VertexPool")

    def _neighbours(self) -> Means:
        return parents(subdivided(self.source, "VertexPool"), self.times)


class VertexUpsample(_Mean):
    """y(p) = x(p), and in the middle of an edge the mean of its ends, tangent vectors carried there; again and again.

    Shapes: `[b, c, 10 · 4^k + 2]` → `[b, c, 10 · 4^l + 2]`, to the sphere of `like`, of l > k subdivisions.

    >>> import torch, erlangen as er
    >>> fine = er.Space(er.Sphere("icosahedral", subdivisions=2), er.SO(3).trivial)
    >>> er.layers.VertexUpsample(er.layers.VertexPool(fine).target, fine)(torch.ones(1, 1, 42)).shape
    torch.Size([1, 1, 162])
    """

    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="isometries of the icosahedron exchange its vertices on every level",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )

    def __init__(self, source: Space, like: Space):
        if subdivided(like, "VertexUpsample") <= subdivided(source, "VertexUpsample"):
            raise SpaceError(f"upsampling {source!r} to {like!r}", "more subdivisions", "Pool on the way down.")
        super().__init__(source, Space(like.domain, source.rho))

    def _neighbours(self) -> Means:
        level = subdivided(self.target, "VertexUpsample")
        return children(level, level - subdivided(self.source, "VertexUpsample"))

    @classmethod
    def remake(cls, source: Space, target: Space, choices: dict[str, object]) -> "VertexUpsample":
        return cls(source, target)
