"""From numbers about 1 to the unit of the answer: fixed factors and shifts, which are measured and not learnt."""

from typing import Any

import torch
from torch import Tensor

from erlangen.errors import SpaceError
from erlangen.layers._base import Layer, Reason, require_space
from erlangen.representations import Representation
from erlangen.signal import Space


def field_places(rho: Representation) -> list[tuple[slice, bool]]:
    """Which channels each field of a sum takes, copy by copy, and whether it is left as it is by the group.

    >>> from erlangen.groups import SO
    >>> field_places(2 * SO(3).trivial + SO(3).standard)
    [(slice(0, 1, None), True), (slice(1, 2, None), True), (slice(2, 5, None), False)]
    """
    found, at = [], 0
    for field, copies in rho.fields:
        size = 1 if field.is_trivial else field.dim
        for _ in range(copies * field.dim // size):
            found.append((slice(at, at + size), field.is_trivial))
            at += size
    return found


class Rescale(Layer):
    """y = σ x + μ with σ one number for each field, and μ for scalars alone: it commutes with every g.

    Shapes: `[n, c, …points]` → the same. Factors are 1 and shifts 0 until `fill` says others; both are kept with the
    weights, and neither is learnt.

    >>> import erlangen as er
    >>> layer = Rescale(Space(er.Set(), 2 * er.Trivial().trivial))
    >>> layer.fill(torch.tensor([3.0, 0.0]), torch.tensor([2.0, 1.0]))(torch.tensor([[1.0, 1.0]])).tolist()
    [[5.0, 1.0]]
    """

    built_from = ("source",)
    middle: Tensor
    spread: Tensor
    because = Reason(
        prior="answers have a unit; weights learn best on numbers about 1",
        law="a number for each field commutes with ρ(g), and a shift of what g leaves alone does too",
    )

    def __init__(self, source: Space):
        super().__init__(require_space("Rescale", source), source)
        self.register_buffer("spread", torch.ones(source.channels))
        self.register_buffer("middle", torch.zeros(source.channels))

    def fill(self, middle: Tensor, spread: Tensor) -> "Rescale":
        """Take these μ and σ, `[c]` each, and give the layer back. SpaceError where they would break the symmetry."""
        for at, is_scalar in field_places(self.source.rho):
            if not is_scalar and (bool(middle[at].any()) or bool((spread[at] != spread[at][0]).any())):
                given = f"shifts {middle[at].tolist()} and factors {spread[at].tolist()} of one field"
                raise SpaceError(given, "no shift and one factor", "Only scalars may be shifted.")
        self.middle.copy_(middle)
        self.spread.copy_(spread)
        return self

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        shape = (1, -1, *(1,) * (values.dim() - 2))
        return values * self.spread.reshape(shape) + self.middle.reshape(shape)
