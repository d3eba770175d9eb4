"""What every layer is: a map between two spaces that says what it is, and one check at the door."""

from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from erlangen.domains import Domain
from erlangen.errors import InputError, SpaceError
from erlangen.given import instance
from erlangen.signal import Signal, Space


@dataclass(frozen=True)
class Reason:
    """Why a layer is there: its prior, its law, how that was solved, who showed it, and how it is computed.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), er.C(4).regular)
    >>> er.layers.nonlinearity(space).because.law
    'φ(ρ(h) x) = ρ(h) φ(x), as ρ(h) only reorders channels'
    """

    prior: str
    law: str
    solver: str = ""
    reference: str = ""
    way: str = ""


@dataclass(frozen=True)
class Footprint:
    """How far a layer looks and how it scales: `extent` further sites an axis, `factor` input sites an output site.

    `extent=None` means that it sees the whole domain. Where a site looks further to one side than to the other, which
    may be so behind a stride, the extent counts the further side twice: a bound that holds for every site and size.

    >>> first, second = Footprint(2), Footprint(1, factor=2.0)
    >>> first.then(second), second.then(first)
    (Footprint(extent=3.0, factor=2.0), Footprint(extent=5.0, factor=2.0))
    """

    extent: float | None = 0
    factor: float = 1.0

    def then(self, other: "Footprint") -> "Footprint":
        """The footprint of one layer after another, in sites of the first one's input."""
        if self.extent is None or other.extent is None:
            return Footprint(None, self.factor * other.factor)
        return Footprint(self.extent + other.extent * self.factor, self.factor * other.factor)

    def beside(self, other: "Footprint") -> "Footprint":
        """The footprint of two layers side by side, of which this one says how the answer scales."""
        if self.extent is None or other.extent is None:
            return Footprint(None, self.factor)
        return Footprint(max(self.extent, other.extent), self.factor)

    @property
    def receptive_field(self) -> int | None:
        """How many sites an axis an answer sees at most; None for all of them."""
        return None if self.extent is None else ceil(self.extent) + 1


class Layer(nn.Module):
    """f : X(Ω, ρ) → X(Ω′, ρ′) with f(g·x) = g·f(x). Called on a Signal it gives a Signal, on a Space a Space.

    A subclass sets `source` and `target` through `__init__` and writes `compute`; the check at the door is here, once.
    Called on a plain tensor it takes it for values of its source and returns plain values.

    >>> import torch, erlangen as er
    >>> pixels, features = er.Space(er.Grid(2), er.C(4).trivial), er.Space(er.Grid(2), 2 * er.C(4).regular)
    >>> layer = er.layers.linear(pixels, features)
    >>> isinstance(layer, er.layers.Layer), layer(pixels) == features, layer(torch.zeros(1, 1, 7, 7)).shape
    (True, True, torch.Size([1, 8, 7, 7]))
    """

    kind: str = "linear"
    because: ClassVar[Reason] = Reason("", "f(g·x) = g·f(x)")
    built_from: ClassVar[tuple[str, ...]] = ("source", "target")  # the spaces that its constructor takes
    options: ClassVar[tuple[str, ...]] = ()  # and the attributes that are its further choices
    keeps_isometries: ClassVar[bool] = False  # of space, all of them, whatever group is declared
    keeps_clock: ClassVar[bool] = False  # whether it computes with how long each step is
    zero_is_fixed: ClassVar[bool] = False  # of a state in time: zeros leave it zero

    source: Space
    target: Space

    def __init__(self, source: Space, target: Space):
        super().__init__()
        require_space(type(self).__name__, source)
        require_space(type(self).__name__, target)
        if source.group != target.group:
            raise SpaceError(
                f"a layer from {source!r} to {target!r}",
                "representations of one group",
                "Restrict one of them to the common subgroup with rho.restrict(H).",
            )
        self.source, self.target = source, target

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        """The values of f(x), from those of x; what a subclass writes."""
        raise SpaceError(
            f"{type(self).__name__} without a compute", "a layer that maps values", "Write its compute(values)."
        )

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        """The values and the support of f(x); a layer that changes where the signal lives overrides it."""
        return self.compute(values, support), support

    def over(self, values: Tensor, support: Any = None) -> Tensor | None:
        """f at all points of other domains, `[b, c, before, …points, after]`, where it reads them so; else None."""
        return None

    def forward(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            return self.flow(self.admit(x))[0]
        space = x if isinstance(x, Space) else getattr(x, "space", None)
        if space is not self.source and space != self.source:
            raise SpaceError(
                f"{space!r}" if space is not None else f"a {type(x).__name__}",
                f"{self.source!r}",
                f"{type(self).__name__} maps {self.source!r} to {self.target!r}.",
            )
        if isinstance(x, Space):
            return self.target
        values, support = self.flow(self.admit(x.values), x.support)
        return Signal(values, self.target, support)

    def admit(self, values: Tensor) -> Tensor:
        """The check at the door, by shape and dtype only; clears what lies in the array but not in the domain."""
        if torch.compiler.is_exporting():  # an exported program keeps guards of its own, and needs none of ours
            return self.source.domain.clear(values)
        self.source.check(values)
        weight = next(self.parameters(), values)
        if weight.device != values.device:
            raise InputError(
                f"values on {values.device}",
                f"{weight.device}, where the weights of this {type(self).__name__} are",
                f"Move the values with .to({str(weight.device)!r}), or the module with .to({str(values.device)!r}).",
            )
        if weight.dtype != values.dtype and not torch.is_autocast_enabled(values.device.type):
            raise InputError(
                f"values of dtype {values.dtype}",
                f"{weight.dtype}, as the weights of this {type(self).__name__}",
                f"Convert the values with .to({weight.dtype}), or the weights with .to({values.dtype}).",
            )
        return self.source.domain.clear(values)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for space in (self.source, self.target):  # what a pickle leaves out is found now, not while a compiler traces
            _ = [(field.dim, field.is_permutation, field.is_trivial) for field, _ in space.rho.fields]

    # ---- what it says of itself ------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """What it is called where networks are explained."""
        return type(self).__name__

    @property
    def is_linear(self) -> bool:
        """Whether f(a x + y) = a f(x) + f(y): then it commutes with every map between copies of its signal."""
        return False

    def choices(self) -> dict[str, Any]:
        """What, besides its spaces, makes this layer again: plain data, a part of the recipe."""
        return {name: getattr(self, name) for name in self.options}

    @classmethod
    def remake(cls, source: Space, target: Space, choices: dict[str, Any]) -> "Layer":
        """The layer of these spaces and choices: the way back from a recipe."""
        spaces = {"source": source, "target": target}
        return cls(*(spaces[name] for name in cls.built_from), **choices)

    def reason(self) -> Reason:
        """Why this layer is in a network."""
        return self.because

    def footprint(self) -> Footprint:
        """How far it looks and how it scales."""
        return Footprint()

    def free_weights(self) -> int:
        """How many numbers it learns."""
        return sum(p.numel() for p in self.parameters())

    def unconstrained_weights(self) -> int:
        """How many a layer of the same shape learns without the symmetry."""
        return self.free_weights()

    def export(self) -> nn.Module:
        """An ordinary module of ordinary torch layers that gives the same outputs in eval."""
        return Exported(self)

    def extra_repr(self) -> str:
        return f"{self.source!r} → {self.target!r}"


class Exported(nn.Module):
    """A weightless layer by itself: its `compute`, and no spaces at the door."""

    def __init__(self, layer: Layer):
        super().__init__()
        self.run = layer

    def forward(self, values: Tensor) -> Tensor:
        return self.run.compute(values)


class Cleared(nn.Module):
    """Zeros where the array has places that the domain does not have."""

    def __init__(self, domain: Domain):
        super().__init__()
        self.domain = domain

    def forward(self, values: Tensor) -> Tensor:
        return self.domain.clear(values)


def require_space(who: str, given: Any) -> Space:
    """The space that a layer was given; refuses anything else."""
    return instance(f"{who} with a space", given, Space, SpaceError, "Build one with er.Space(domain, representation).")


ON_A_FINER_GRID = "Take er.layers.nonlinearity(space), which says how nearly it does."


def refuse_aliasing(who: str, space: Space, mend: str) -> None:
    """Refuse a function of values at the points where motions read between them: it would be nearly kept, silently."""
    if space.domain.aliases:
        raise SpaceError(f"{who} at the points of {space!r}", "a layer that keeps its rotations", mend)


def constant(array: Any, like: Tensor) -> Tensor:
    """A float64 array in the dtype and on the device of `like`."""
    return torch.as_tensor(array, dtype=like.dtype, device=like.device)
