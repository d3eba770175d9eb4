"""Inputs that know what they are samples of: they are moved first and sampled then, so that nothing is interpolated."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from erlangen.auditing.motion import Turn
from erlangen.groups import Element


@runtime_checkable
class Movable(Protocol):
    """Samples of things that can be moved exactly, such as `er.testing.scene(domain).at(32)`."""

    @property
    def values(self) -> Tensor:
        """The samples, `[n, c, …]`."""
        ...

    def moved(self, g: Element) -> "Movable":
        """What is sampled after g."""
        ...


@dataclass(frozen=True)
class Resampled(Turn):
    """S(g·s) for the inputs S s: where g maps no sites to sites, the things are moved, and the round trip is no floor.

    A dense answer has to be interpolated all the same, and its round trip counts.
    """

    source: Movable

    def move(self, x: Tensor) -> Tensor:
        if self.exact:
            return super().move(x)
        moved = self.source.moved(self.g).values.to(x)
        return moved if self.rho_in is None else self._channels(self.rho_in, self.g, moved)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return super().round_trip(values, answers) if answers else values
