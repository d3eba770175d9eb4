"""The weights of a kernel of finite radius on the sphere, and the matrices that they make of its rings."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Sphere
from erlangen.layers._constants import Constants
from erlangen.representations import Representation
from erlangen.solve.in_tangent_planes import Kind, Route, at_itself, routes
from erlangen.solve.on_sphere import channels_by_kind, has_mirrors
from erlangen.solve.rings_on_sphere import multipliers

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Way:
    """From the fields of one kind to those of another: at the point itself where `route` is None, else along rings.

    `multipliers` `[ring, l, number]` of its phases are scaled so that white signals keep their variance.
    """

    source: Kind
    target: Kind
    route: Route | None
    patterns: Array
    multipliers: Array
    scales: Array  # of each ring

    @property
    def share(self) -> float:
        """The variance of a number of an answer of weight 1: a scalar is shared by the two of a vector."""
        return 0.5 if self.target.order > self.source.order == 0 else 1.0


class LocalKernel(Constants):
    """Σ over ways of w `[pattern, ring, out, in]`: matrices from the numbers of a field along rings to an answer's.

    `even` are the channels of scalars that mirrors leave as they are, which have a bias.
    """

    even: Tensor

    def __init__(
        self, domain: Sphere, rhos: tuple[Representation, Representation], rings: int, radius: float, band: int
    ):
        super().__init__()
        self.there, self.back = (channels_by_kind(domain, rho) for rho in rhos)
        mirrors = has_mirrors(domain, rhos[0].group)
        self.ways = [
            way
            for target in self.back
            for source in self.there
            for way in _ways(source, target, mirrors, rings, radius, band)
        ]
        self.weights = nn.ParameterList()
        held = {f"patterns_{i}": way.patterns for i, way in enumerate(self.ways)}
        held |= {f"there_{j}": channels.ravel() for j, channels in enumerate(self.there.values())}
        held |= {f"back_{j}": channels.ravel() for j, channels in enumerate(self.back.values())}
        self.hold({**held, "even": self.back.get(Kind(0, False), np.zeros((0, 1), dtype=int))[:, 0]})

    def hold_also(self, constants: dict[str, Array]) -> None:
        """Further arrays beside the patterns."""
        self.hold({**self._constants, **constants})

    def draw(self, gain: float) -> None:
        """Weights such that white signals of variance 1 become such of variance gain²."""
        terms = {target: 0 for target in self.back}
        for way in self.ways:
            terms[way.target] += len(way.patterns) * len(way.multipliers) * len(self.there[way.source])
        for way in self.ways:
            shape = len(way.patterns), len(way.multipliers), len(self.back[way.target]), len(self.there[way.source])
            deviation = gain / sqrt(terms[way.target] * way.share)
            self.weights.append(nn.Parameter(torch.randn(*shape) * deviation))

    def matrix(self, i: int) -> Tensor:
        """Of the i-th way, `[out, answer's number, ring, in, phase's number]`."""
        return torch.einsum("nyp,nkoi->oykip", getattr(self, f"patterns_{i}"), self.weights[i])


def _ways(source: Kind, target: Kind, mirrors: bool, rings: int, radius: float, band: int) -> list[Way]:
    found = []
    itself = at_itself(source, target, mirrors)
    if len(itself):
        found.append(Way(source, target, None, itself, np.ones((1, band + 1, source.dim)), np.ones(1)))
    for route in routes(source, target, mirrors):
        plain = multipliers(source, target, route, radius, rings, band)
        least = max(source.order, target.order)
        power = (2 * np.arange(band + 1) + 1.0)[least:]
        variance = np.einsum("l,klp->k", power / power.sum(), plain[:, least:] ** 2) / plain.shape[2]
        scales = 1 / np.sqrt(variance)
        found.append(Way(source, target, route, route.patterns, plain * scales[:, None, None], scales))
    return found
