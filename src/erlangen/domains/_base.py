"""What every domain is: a place where signals live, and on which a group moves them."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from erlangen.representations.channels import act_on_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from erlangen.groups import Element, Group
    from erlangen.representations import Representation


class Domain(ABC):
    """Ω, declared. (g·x)(u) = x(g⁻¹u) moves the points of a signal; the channels are the representation's concern.

    A domain is a small frozen value, compared by what it declares, at one level of coarsening.

    >>> import erlangen as er
    >>> [isinstance(domain, er.domains.Domain) for domain in (er.Grid(2), er.Set(), er.Grid(2) * er.Sequence())]
    [True, True, True]
    """

    masked: ClassVar[bool] = False  # whether arrays hold places that the domain does not have
    aliases: ClassVar[bool] = False  # whether motions read between points, so that functions of values are not kept

    @property
    @abstractmethod
    def axes(self) -> int:
        """How many axes of a tensor `[batch, channel, …]` the points take."""

    @property
    def packed(self) -> bool:
        """Whether points stand in rows, as many as there are, in the place of the batch."""
        return False

    @property
    def coarsens(self) -> bool:
        """Whether it has a domain of fewer points that is the same for all signals, as pooling leads to."""
        return False

    def __mul__(self, other: "Domain") -> "Domain":
        """A × B, on which signals are `[batch, channel, A…, B…]`; see `er.domains.Product`."""
        from erlangen.domains.product import Product

        return Product((self, other)) if isinstance(other, Domain) else NotImplemented

    @property
    def space(self) -> int:
        """The dimension of the space in which its points lie, and in which a group turns them."""
        return self.axes

    @property
    def places(self) -> tuple[str, str]:
        """In words, where values go that are kept exactly, and the rest."""
        return "on the lattice", "between the sites"

    @abstractmethod
    def act(self, g: "Element", values: Tensor) -> Tensor:
        """(g·x)(u) = x(g⁻¹u), exactly, on the point axes of `values`; channels stay as they are."""

    def act_each(self, gs: "Sequence[Element]", values: Tensor) -> Tensor:
        """gᵢ·xᵢ: every signal of a batch moved by the element at its place."""
        return torch.cat([self.act(g, value[None]) for g, value in zip(gs, values, strict=True)])

    def move(self, g: "Element", values: Tensor, rho: "Representation") -> Tensor:
        """(g·x)(u) = ρ(g) x(g⁻¹u) of a signal `[batch, ρ.dim, …]`."""
        return act_on_channels(rho, g, self.act(g, values))

    @abstractmethod
    def check_group(self, group: "Group") -> None:
        """Raise the DomainError that says why `group` does not map this domain to itself, if so."""

    @abstractmethod
    def check_values(self, values: Tensor) -> None:
        """Raise the InputError that says why the shape of `values` cannot be a signal on this domain, if so."""

    def size(self, side: int) -> tuple[int, ...]:
        """The shape of the points of a signal: `side` along every axis, where the domain has no size of its own."""
        return (side,) * self.axes

    def mask(self, values: Tensor) -> Tensor | None:
        """1 on the points that the domain has, 0 on those that only the array has; None if the array is full."""
        return None

    def clear(self, values: Tensor) -> Tensor:
        """The same values, with zeros where the array has places that the domain does not have."""
        mask = self.mask(values)
        return values if mask is None else values.masked_fill(mask == 0, 0.0)  # NaN times 0 would be NaN

    def on(self, size: tuple[int, ...]) -> "Domain":
        """The same domain, told the size of its signals, where which elements are kept rests on that."""
        return self

    def sites(self, side: int) -> list[int]:
        """The flat indices of the domain's points in an array that has more places, of that side."""
        return list(range(side**self.axes))

    def band_limited(self, values: Tensor, rho: "Representation | None" = None) -> Tensor:
        """The same signal, whose channels move by ρ, without what some motion would lose."""
        return values

    def opened(self, data: Any) -> tuple[Any, dict[str, Any]]:
        """Values, and what goes beside them, of what users hold that is no tensor; as it is where that is not known."""
        return data, {}

    def support_of(self, values: Tensor, given: dict[str, Any]) -> Any:
        """The support of a signal, from what users give beside its values; None where there is nothing beside."""
        from erlangen.errors import InputError

        if given:
            raise InputError(f"{', '.join(given)} on {self!r}", "x alone", "Sets, graphs and sequences have more.")
        return None

    def present(self, values: Tensor, support: Any) -> Tensor | None:
        """Which points of each signal of a batch there are, `[batch, …points]`; None where there are all."""
        return None

    def move_support(self, g: "Element", support: Any) -> Any:
        """The support of g·x, from that of x: the same, but where it says where points are."""
        return support

    def mean(self, values: Tensor, support: Any = None) -> Tensor:
        """The mean over the domain's points, `[batch, channel]`."""
        return values.mean(dim=tuple(range(-self.axes, 0))) if self.axes else values

    def greatest(self, values: Tensor, support: Any = None) -> Tensor:
        """The greatest value of each channel over the domain's points, `[batch, channel]`."""
        if not self.axes:
            return values
        mask = self.mask(values)
        among = values if mask is None else values.masked_fill(mask == 0, -torch.inf)
        return among.amax(dim=tuple(range(-self.axes, 0)))

    def preserves(self, group: "Group") -> bool:
        """Whether every element of `group` maps this domain to itself exactly."""
        from erlangen.errors import DomainError

        try:
            self.check_group(group)
        except DomainError:
            return False
        return True

    def check_motion(self, group: "Group") -> None:
        """Raise the DomainError that says why `group` does not move this domain at all, exactly or nearly, if so."""
        self.check_group(group)

    def keeps(self, g: "Element") -> bool:
        """Whether g maps this domain to itself exactly; a DomainError if it does not act there at all."""
        self.check_motion(g.group)
        return True

    def cartesian(self, g: "Element") -> "np.ndarray | None":
        """The matrix by which g moves the space that the points lie in; None where there is none."""
        return None

    def kept(self, group: "Group") -> "Group":
        """The largest subgroup of a group that moves this domain which maps it to itself exactly."""
        return group

    def met_by_samples(self, group: "Group") -> "Group":
        """The subgroup for which functions sampled on the group have to be exact: what the domain keeps."""
        return self.kept(group)

    def natural_symmetry(self) -> "Group":
        """The group meant when a task names none."""
        from erlangen.groups import Trivial

        return Trivial()

    def natural_input(self, group: "Group") -> "Representation | None":
        """The channels meant when a task names none; None if the domain has no natural ones."""
        return None
