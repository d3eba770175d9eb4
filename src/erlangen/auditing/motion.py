"""What is done to an input, and what the law says the answer then does: a point-group element, or a translation."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.common import counterpart
from erlangen.auditing.naming import element_name
from erlangen.domains import Domain, Lattice
from erlangen.errors import DomainError, InputError
from erlangen.groups import Element
from erlangen.pages import several
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Forces, Invariant, Positions

Output = Invariant | Equivariant
Asked = Output | Positions | Forces  # the last two on clouds of points alone


class Motion(Protocol):
    """One g: x ↦ g·x on inputs `[n, c, …]`, and both sides of f(g·x) = g·f(x) made comparable."""

    @property
    def label(self) -> str:
        """How g is called in the report."""
        ...

    @property
    def exact(self) -> bool:
        """Whether g only moves sites to sites; else it interpolates, and its round trip is a floor."""
        ...

    @property
    def trivial(self) -> bool:
        """Whether g is the identity, which every model keeps."""
        ...

    def move(self, x: Tensor) -> Tensor:
        """g·x."""
        ...

    def answer(self, y: Tensor) -> Tensor:
        """g·f(x), of y = f(x)."""
        ...

    def read(self, y: Tensor) -> Tensor:
        """Of y = f(g·x), what is compared with `answer(f(x))`."""
        ...

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        """g⁻¹·g·values, for inputs or for answers: differs from them by what the transform itself loses."""
        ...


@dataclass(frozen=True)
class Turn:
    """A group element, exact by index motion where it preserves the domain, else, on lattices, by interpolation."""

    g: Element
    domain: Domain
    rho_in: Representation | None
    output: Output

    @property
    def label(self) -> str:
        return element_name(self.g, self.domain)

    @property
    def exact(self) -> bool:
        return preserves(self.domain, self.g)

    @property
    def trivial(self) -> bool:
        return self.g == self.g.group.identity

    def move(self, x: Tensor) -> Tensor:
        return self._points(self.g, x, self.rho_in)

    def answer(self, y: Tensor) -> Tensor:
        return masked(self.domain, self.output, self._answer(self.g, y))

    def read(self, y: Tensor) -> Tensor:
        return masked(self.domain, self.output, y)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        if answers:
            return self._answer(~self.g, self._answer(self.g, values))
        rho = self.rho_in if self.domain.aliases else None  # elsewhere channels lose nothing, whatever moves them
        return self._points(~self.g, self._points(self.g, values, rho), rho)

    def _points(self, g: Element, values: Tensor, rho: Representation | None) -> Tensor:
        """g·values, whose channels move by ρ; None: they stay as they are."""
        # What is turned beyond the border is lost, on a hexagon as on a square: so the round trip counts it.
        if not self.exact and isinstance(self.domain, Lattice):
            moved = self.domain.clear(self.domain.warp(g, values))
            return moved if rho is None else self._channels(rho, g, moved)
        return self.domain.act(g, values) if rho is None else self.domain.move(self._own(rho, g), values, rho)

    def _answer(self, g: Element, y: Tensor) -> Tensor:
        if not isinstance(self.output, Equivariant):
            return y
        given = self.output.n_or_representation
        rho = None if isinstance(given, int) else given
        if not self.output.pooled:
            return self._points(g, y, rho)
        if self.output.pooled is not True:
            return self.output.act(g, y, self.domain)
        return y if rho is None else self._channels(rho, g, y)

    def _channels(self, rho: Representation, g: Element, values: Tensor) -> Tensor:
        return act_on_channels(rho, self._own(rho, g), values)

    def _own(self, rho: Representation, g: Element) -> Element:
        """The element of the group of ρ that moves the domain as g does."""
        return g if rho.is_trivial else counterpart(self.domain, rho.group, g) or g


@dataclass(frozen=True)
class Roll:
    """The circular translation by whole sites; a dense answer at another resolution rolls by its share of them."""

    shifts: tuple[int, ...]
    domain: Lattice
    output: Output
    sizes: tuple[int, ...]
    exact = True
    trivial = False

    @property
    def label(self) -> str:
        return "roll by " + (
            str(self.shifts[0]) if len(self.shifts) == 1 else "(" + ", ".join(map(str, self.shifts)) + ")"
        )

    def move(self, x: Tensor) -> Tensor:
        rolled = self.domain.roll(x, self.shifts)
        mask = self.domain.mask(rolled)
        return rolled if mask is None else rolled * mask

    def answer(self, y: Tensor) -> Tensor:
        if not is_dense(self.output):
            return y
        if not self.whole_at(y):
            raise InputError(
                f"a shift by {self.shifts} of answers on {tuple(y.shape[2:])} points for inputs on {self.sizes}",
                "a shift that is whole at the answers' resolution",
                "Name such shifts with shifts=[…].",
            )
        return masked(self.domain, self.output, self.domain.roll(y, tuple(int(share) for share in self._shares(y))))

    def whole_at(self, y: Tensor) -> bool:
        """Whether the shift is one by whole points of the answer, too."""
        return not is_dense(self.output) or all(share == int(share) for share in self._shares(y))

    def _shares(self, y: Tensor) -> list[float]:
        points = y.shape[-self.domain.dim :]
        return [s * m / n for s, m, n in zip(self.shifts, points, self.sizes, strict=True)]

    def read(self, y: Tensor) -> Tensor:
        return masked(self.domain, self.output, y)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return values


@dataclass(frozen=True)
class PadLeft:
    """Time shifted by zeros before the first step: the last answers must stay what they were."""

    steps: int
    output: Output
    exact = True
    trivial = False

    @property
    def label(self) -> str:
        return f"{several(self.steps, 'zero')} before"

    def move(self, x: Tensor) -> Tensor:
        return F.pad(x, (self.steps, 0))

    def answer(self, y: Tensor) -> Tensor:
        return y

    def read(self, y: Tensor) -> Tensor:
        return y[..., self.steps :] if is_dense(self.output) else y

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return values


def preserves(domain: Domain, g: Element) -> bool:
    """Whether g maps the domain to itself; a DomainError if it does not act there at all."""
    if isinstance(domain, Lattice) and domain.cartesian(g) is None:
        raise DomainError(
            f"{g.group!r} on {domain!r}",
            f"a group that acts on {domain.dim}-dimensional space",
            "Name a group of rotations and mirrors, or er.Translations().",
        )
    return domain.keeps(g)


def is_dense(output: Asked) -> bool:
    """Whether the answer has a value at each point."""
    return isinstance(output, Equivariant) and not output.pooled


def masked(domain: Domain, output: Output, y: Tensor) -> Tensor:
    """y without what lies outside the domain, where the array is larger than it (hexagons)."""
    mask = domain.mask(y) if is_dense(output) else None
    return y if mask is None else y * mask
