"""Light and colour: what changes of a picture when the lamp does."""

from dataclasses import dataclass
from math import log1p

import torch
from torch import Tensor

from erlangen.domains import Domain
from erlangen.errors import DomainError, InputError
from erlangen.given import instance, number
from erlangen.symmetrize.transform import Transform, uniform


def illumination(domain: Domain, gain: float = 0.2, bias: float = 0.1, colour: float = 0.0) -> "Illumination":
    """x_c ↦ a·a_c·x_c + b: brighter by a factor a, coloured by a factor a_c a channel, lit from aside by b.

    Drawn for each example: log a uniform up to ± log(1 + gain), log a_c up to ± log(1 + colour), each independent,
    b uniform up to ± bias, in the unit of the values. So a and 1/a are as likely, and a > 0 always: these maps are a
    group, of which a small part about the identity is drawn. Values are not clipped. The corners of arrays that a
    hexagon does not have stay empty. For channels that are scalars: b is added to each of them.

    Shapes and use as of every `Transform`: `t(x)`, `t(x, y)`; y stays as it is. Errors: InputError for a strength that
    is no number from 0 up.

    >>> import torch, erlangen as er
    >>> t = er.symmetrize.illumination(er.Grid(2), gain=1.0, bias=0.0)
    >>> brighter = t(torch.ones(1, 4, 4), generator=torch.Generator().manual_seed(0))
    >>> 0.5 <= float(brighter.min()) == float(brighter.max()) <= 2
    True
    """
    mend = "For pictures: er.Grid(2)."
    return Illumination(
        instance("domain", domain, Domain, DomainError, mend),
        *(number(name, v, InputError) for name, v in (("gain", gain), ("bias", bias), ("colour", colour))),
    )


@dataclass(frozen=True, repr=False)
class Illumination(Transform):
    """The transform that `illumination` makes; see there."""

    domain: Domain
    gain: float
    bias: float
    colour: float
    output = None

    def batch(self, x: Tensor, y: Tensor | None, generator: torch.Generator | None) -> tuple[Tensor, Tensor | None]:
        each, ones = len(x), (1,) * self.domain.axes
        logarithm = uniform((each, 1, *ones), log1p(self.gain), x, generator)
        shift = uniform((each, 1, *ones), self.bias, x, generator)
        if self.colour:
            logarithm = logarithm + uniform((each, x.shape[1], *ones), log1p(self.colour), x, generator)
        return self.domain.clear(x * logarithm.exp() + shift), y

    def __repr__(self) -> str:
        colour = f", colour={self.colour:g}" if self.colour else ""
        return f"illumination({self.domain!r}, gain={self.gain:g}, bias={self.bias:g}{colour})"
