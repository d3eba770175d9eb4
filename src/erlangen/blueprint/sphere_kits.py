"""The layers that a network on the sphere is put together from: maps of coefficients, or sums over neighbours."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import ceil

from erlangen import layers as L
from erlangen.blueprint.sphere_plan import LOCAL, SpherePlan
from erlangen.layers import Layer
from erlangen.layers._harmonic import sphere_of
from erlangen.representations.tangent import places
from erlangen.signal import Space


@dataclass(frozen=True)
class Kit(ABC):
    """One kind of layer for each thing that is to be done."""

    plan: SpherePlan

    @abstractmethod
    def brought_in(self, source: Space) -> list[Layer]:
        """What makes a hidden signal of the input."""

    @abstractmethod
    def convolution(self, source: Space, target: Space, bias: bool = True, gain: float = 1.0) -> Layer:
        """The linear layer."""

    @abstractmethod
    def nonlinearity(self, target: Space) -> Layer:
        """The function, between a space with gates, if it takes any, and the target."""

    @abstractmethod
    def normal(self, space: Space) -> Layer:
        """The normalisation."""

    @abstractmethod
    def pool(self, source: Space, scale: int) -> Layer:
        """Down to a scale, 0 the finest."""

    def _way(self, target: Space) -> str | None:
        scalars = target.rho.is_permutation and not places(target.rho)
        return self.plan.choices.nonlinearity or (None if scalars else "gate")


class ByCoefficients(Kit):
    """Between layers signals are coefficients up to a band."""

    def brought_in(self, source: Space) -> list[Layer]:
        """The input without the degrees beyond the hidden ones, where it may have such."""
        return [] if source.domain == self.plan.domain else [L.SpherePool(source, self.plan.band)]

    def convolution(self, source: Space, target: Space, bias: bool = True, gain: float = 1.0) -> Layer:
        if self.plan.choices.layer == LOCAL:
            return L.SphereLocalConv(source, target, self.plan.rings, bias=bias, gain=gain)
        band = min(self.plan.band, sphere_of(source).degrees)
        return L.SphereConv(source, target, band, bias=bias, gain=gain, reach=self.plan.reach)

    def nonlinearity(self, target: Space) -> Layer:
        choices = self.plan.choices
        columns = ceil(choices.oversample * (2 * self.plan.band + 2))  # of the finest grid: all keep the same turns
        return L.SphereNonlinearity(target, choices.function, choices.oversample, columns, self._way(target))

    def normal(self, space: Space) -> Layer:
        return L.SphereBatchNorm(space)

    def pool(self, source: Space, scale: int) -> Layer:
        return L.SpherePool(source, sphere_of(self.plan.hidden[scale]).degrees)


class AtVertices(Kit):
    """Signals are values at vertices."""

    def brought_in(self, source: Space) -> list[Layer]:
        return []

    def convolution(self, source: Space, target: Space, bias: bool = True, gain: float = 1.0) -> Layer:
        return L.VertexConv(source, target, self.plan.rings, bias=bias, gain=gain)

    def nonlinearity(self, target: Space) -> Layer:
        return L.VertexNonlinearity(target, self.plan.choices.function, self._way(target))

    def normal(self, space: Space) -> Layer:
        return L.VertexBatchNorm(space)

    def pool(self, source: Space, scale: int) -> Layer:
        return L.VertexPool(source)


def kit_of(plan: SpherePlan) -> Kit:
    """The layers of a plan."""
    return AtVertices(plan) if plan.at_vertices else ByCoefficients(plan)
