"""The window that turns leave alone: what lies beyond the largest ball inside the grid is taken as zero."""

from typing import Any

from torch import Tensor

from erlangen.domains import Lattice
from erlangen.errors import SpaceError
from erlangen.layers._base import Layer, Reason, require_space
from erlangen.signal import Space


class RadialWindow(Layer):
    """y(u) = w(|u|) x(u), w = 1 but for the last two sites of the largest ball inside the grid, where it falls to 0.

    A square has corners that a turned square lacks, and filters carry the difference inwards. Behind this window every
    turn finds the same disc; under a group that keeps an axis of space, the same cylinder.

    Shapes: `[b, c, n…]` → the same. It commutes exactly with what maps the lattice to itself.

    >>> import torch, erlangen as er
    >>> window = er.layers.RadialWindow(er.Space(er.Grid(2), er.SO(2).trivial))
    >>> [round(w, 2) for w in window(torch.ones(1, 1, 7, 7))[0, 0, 3].tolist()]
    [0.15, 0.85, 1.0, 1.0, 1.0, 0.85, 0.15]

    Cohen and Welling 2016, arXiv:1602.07576.
    """

    kind = "linear"
    built_from = ("source",)
    because = Reason(
        prior="a turned square has other corners: only the inscribed disc is seen alike in every direction",
        law="w(|g·u|) = w(|u|)",
    )

    def __init__(self, source: Space):
        domain = require_space("RadialWindow", source).domain
        if not isinstance(domain, Lattice):
            raise SpaceError(f"RadialWindow({source!r})", "a lattice", "Only a grid has a border.")
        super().__init__(source, source)
        self.ball = domain.ball(source.group)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return values * self.ball.window(values)
