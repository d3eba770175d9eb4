"""Readings of a whole set or graph: the mean, the maximum, the sum over its points."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Point
from erlangen.domains.packed import POOLS, Packed
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._fields import require_permutation
from erlangen.representations import direct_sum
from erlangen.signal import Space


class PackedPool(Layer):
    """y_b = mean_{i in b} x_i, or the maximum, or the sum, or several of them side by side, as "mean+max".

    Shapes: `[points, c]` → `[signals, c · methods]`. The maximum is of permuted fields alone.

    >>> import torch, erlangen as er
    >>> er.layers.PackedPool(er.Space(er.Set(), er.Trivial().trivial), "mean+max")(torch.tensor([[1.0], [3.0]]))
    tensor([[2., 3.]])

    Zaheer et al. 2017, arXiv:1703.06114; Xu, Hu, Leskovec, Jegelka 2019, arXiv:1810.00826.
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)
    because = Reason(
        prior="the task asks for one answer for the whole, in whatever order its points are stored",
        law="no permutation of the points changes their mean, maximum or sum",
        reference="Zaheer et al. 2017, arXiv:1703.06114",
    )

    def __init__(self, source: Space, method: str = "mean"):
        domain = require_space("PackedPool", source).domain
        methods = method.split("+") if isinstance(method, str) else []
        if not isinstance(domain, Packed) or not methods or not set(methods) <= set(POOLS):
            raise SpaceError(
                f"PackedPool({source!r}, {method!r})",
                f"a set or a graph, and {', '.join(POOLS)}, or several joined by +",
                'For example "mean+max".',
            )
        if "max" in methods:
            require_permutation(source.rho, "the maximum over points", "Take the mean.")
        rho = direct_sum(*[run for _ in methods for run in source.rho.fields])
        super().__init__(source, Space(Point(), rho))
        self.method, self.methods, self.domain = method, methods, domain

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        return self.compute(values, support), None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return torch.cat([self.domain.pool(values, support, method) for method in self.methods], dim=1)

    @property
    def is_linear(self) -> bool:
        return "max" not in self.methods

    def footprint(self) -> Footprint:
        return Footprint(None)
