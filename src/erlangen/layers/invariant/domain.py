"""Global pooling: the mean over the whole domain, which no motion of it changes."""

from typing import Any

from torch import Tensor

from erlangen.domains import Point
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space


class DomainPool(Layer):
    """y = mean_{u in Ω} x(u): invariant to every permutation of the points; its channels still move by ρ.

    Shapes: `[b, c, …points]` → `[b, c]`.

    >>> import erlangen as er
    >>> er.layers.DomainPool(er.Space(er.Grid(3), er.Octahedral().trivial)).target
    X(Point(), trivial of Octahedral)
    """

    kind = "invariant"
    built_from = ("source",)
    because = Reason(
        prior="the task asks for one answer for the whole signal, wherever it lies",
        law="the mean over the domain does not change when its points are permuted",
        reference="Lin, Chen, Yan 2013, arXiv:1312.4400",
    )

    def __init__(self, source: Space):
        require_space("DomainPool", source)
        super().__init__(source, Space(Point(), source.rho))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.source.domain.mean(values, support)

    def footprint(self) -> Footprint:
        return Footprint(None)
