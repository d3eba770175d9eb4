"""Global pooling: the mean or the maximum over the whole domain, which no motion of it changes."""

from typing import Any

from torch import Tensor

from erlangen.domains import Point
from erlangen.errors import SpaceError
from erlangen.given import among
from erlangen.layers._base import Footprint, Layer, Reason, refuse_aliasing, require_space
from erlangen.representations.tangent import places
from erlangen.signal import Space

METHODS = ("mean", "max")


class DomainPool(Layer):
    """y = mean_{u in Ω} x(u), or the maximum: invariant to every permutation of the points; channels still move by ρ.

    A mean says how much of it there is, a maximum that it is there at all: a motif somewhere in a long sequence. The
    maximum of each channel moves by ρ only where ρ permutes channels; else a SpaceError.

    Shapes: `[b, c, …points]` → `[b, c]`.

    >>> import erlangen as er
    >>> er.layers.DomainPool(er.Space(er.Grid(3), er.Octahedral().trivial)).target
    X(Point(), trivial of Octahedral)
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)
    because = Reason(
        prior="the task asks for one answer for the whole signal, wherever it lies",
        law="a mean or a maximum over the domain does not change when its points are permuted",
        reference="Lin, Chen, Yan 2013, arXiv:1312.4400",
    )

    def __init__(self, source: Space, method: str = "mean"):
        require_space("DomainPool", source)
        among("method", method, METHODS, SpaceError, "Check the spelling.")
        if method == "max" and not source.rho.is_permutation:
            given = f"the maximum over the domain of {source!r}"
            raise SpaceError(given, "channels that the group permutes", 'Pool the fibre first, or take "mean".')
        if places(source.rho):
            mend = "Map to scalars first; a mean of the channels east and north is no vector."
            raise SpaceError(f"a mean over the sphere of {source!r}", "scalars", mend)
        if method == "max":
            refuse_aliasing("the maximum", source, 'Take "mean", which is exact: the highest point lies between them.')
        super().__init__(source, Space(Point(), source.rho))
        self.method = method

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        domain = self.source.domain
        return domain.mean(values, support) if self.method == "mean" else domain.greatest(values, support)

    @property
    def is_linear(self) -> bool:
        return self.method == "mean"

    def footprint(self) -> Footprint:
        return Footprint(None)
