"""Invariants of signals on finite domains: each orbit of points by itself, since no motion mixes two."""

from typing import Any

from torch import Tensor

from erlangen.domains import Finite, Point
from erlangen.errors import SpaceError
from erlangen.given import instance
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._vectors import as_vectors
from erlangen.layers.invariant.fibre import FibrePool
from erlangen.signal import Space


class OrbitPool(Layer):
    """y = max_{j in orbit} x_j, or the mean, for each channel and each orbit of the group on the points.

    Corners and edges of a board, which no symmetry exchanges, are pooled apart. Of fields that are permuted the orbits
    are those on channels and points together; of every other field the length |x| over channels and points.

    Shapes: `[b, c, n]` → `[b, invariants]`, all trivial.

    >>> import erlangen as er
    >>> line = er.Finite(er.C(2), [(2, 1, 0)])  # three points, of which the middle one stays
    >>> er.layers.OrbitPool(er.Space(line, 4 * er.C(2).trivial)).target
    X(Point(), 8 × trivial of C2)
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)
    because = Reason(
        prior="the task asks for one answer that does not move, and no motion mixes two orbits of points",
        law="y(g·x) = y(x)",
        reference="Zaheer et al. 2017, arXiv:1703.06114",
    )

    def __init__(self, source: Space, method: str = "max"):
        domain = require_space("OrbitPool", source).domain
        instance("OrbitPool on a domain", domain, Finite, SpaceError, "Lattices have FibrePool and DomainPool.")
        fibre = FibrePool(as_vectors(source), method)
        super().__init__(source, Space(Point(), fibre.target.rho))
        self.method, self.fibre = method, fibre

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.fibre.compute(values.flatten(1))

    def footprint(self) -> Footprint:
        return Footprint(None)
