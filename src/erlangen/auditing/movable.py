"""Inputs that know what they are samples of: they are moved first and sampled then, so that nothing is interpolated."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from erlangen.auditing.motion import Output, Turn
from erlangen.auditing.translations import Drift
from erlangen.domains import Domain, Lattice
from erlangen.errors import InputError
from erlangen.groups import Element
from erlangen.representations import Representation


@runtime_checkable
class Movable(Protocol):
    """Samples of things that can be moved exactly, such as `er.testing.scene(domain).at(32)`."""

    @property
    def domain(self) -> Lattice:
        """Where they are sampled."""
        ...

    @property
    def values(self) -> Tensor:
        """The samples, `[n, c, …]`."""
        ...

    def moved(self, g: Element) -> "Movable":
        """What is sampled after g."""
        ...

    def shifted(self, sites: tuple[float, ...]) -> "Movable":
        """What is sampled after a translation by so many sites along each axis."""
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
        moved = _first(self.source.moved(self.g), x)
        return moved if self.rho_in is None else self._channels(self.rho_in, self.g, moved)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return super().round_trip(values, answers) if answers else values


@dataclass(frozen=True)
class Carried(Drift):
    """S(x(u − s)) for a fraction of a site: what leaves the picture is lost, and a dense answer moves by Fourier."""

    source: Movable

    def move(self, x: Tensor) -> Tensor:
        """S(g·s)."""
        return _first(self.source.shifted(self.shifts), x)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        """g⁻¹·g·values of dense answers alone: the things themselves lose nothing."""
        return super().round_trip(values, answers) if answers else values


def turn(
    g: Element, domain: Domain, rho_in: Representation | None, output: Output, source: Movable | None = None
) -> Turn:
    """g as what is done to inputs and answers; to what the inputs are samples of, where they know it."""
    if source is None:
        return Turn(g, domain, rho_in, output)
    return Resampled(g, domain, rho_in, output, source)


def source_of(inputs: Any, domain: Domain) -> tuple[Movable | None, Any]:
    """(what the inputs are samples of, where they know it; the inputs as an array). Raises InputError for another's."""
    if not isinstance(inputs, Movable):
        return None, inputs
    if inputs.domain != domain:
        raise InputError(
            f"scenes on {inputs.domain!r} for a model on {domain!r}",
            "scenes on the domain that is named",
            f"Make them with er.testing.scene(er.{domain!r}).",
        )
    return inputs, inputs.values


def _first(moved: Movable, x: Tensor) -> Tensor:
    """As many of them as there are in x: causes are sought on the first inputs alone."""
    return moved.values[: len(x)].to(x)
