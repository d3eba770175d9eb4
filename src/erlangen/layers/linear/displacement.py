"""From a vector at each point to the point moved by it."""

from typing import Any

from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.points import require_cloud
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space


class Displacement(Layer):
    """y_i = p_i + v_i: the positions moved by vectors, so f(R p + t) = R f(p) + t where v turns with R.

    Shapes: `[points, d]` and a cloud → `[points, d]`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Points(2), er.O(2).standard)
    >>> net = er.Blueprint([er.layers.Displacement(space)])
    >>> net({"x": torch.tensor([[1.0, 0.0]]), "pos": torch.tensor([[2.0, 3.0]])}).tolist()
    [[3.0, 3.0]]

    Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844.
    """

    built_from = ("source",)
    because = Reason(
        prior="where a point will be is where it is, and how far it goes from there",
        law="f(R p + t) = R f(p) + t",
        reference="Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844",
    )

    def __init__(self, source: Space):
        domain = require_space("Displacement", source).domain
        if not isinstance(domain, Points) or source.rho != domain.vectors(source.group):
            given = f"Displacement({source!r})"
            raise SpaceError(given, "one vector at each point", "Take domain.vectors(group).")
        super().__init__(source, source)
        self.domain = domain

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return require_cloud(support, self.domain).position + values

    def footprint(self) -> Footprint:
        return Footprint(0)
