"""Translations along one factor of a product of domains: those of the factor itself, at every point of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor

from erlangen.auditing.motion import Motion, Output
from erlangen.auditing.shifts import whole_shifts
from erlangen.domains import Domain, Lattice, Product
from erlangen.groups import Group
from erlangen.task import Equivariant, Invariant


@dataclass(frozen=True)
class OfFactor:
    """A motion of one factor; of answers too, where these have a value at each of its points."""

    motion: Motion
    at: tuple[int, ...]
    in_answers: tuple[int, ...]

    @property
    def label(self) -> str:
        return self.motion.label

    @property
    def exact(self) -> bool:
        return self.motion.exact

    @property
    def trivial(self) -> bool:
        return self.motion.trivial

    def move(self, x: Tensor) -> Tensor:
        return _by_factor(x, self.at, self.motion.move)

    def answer(self, y: Tensor) -> Tensor:
        return _by_factor(y, self.in_answers, self.motion.answer) if self.in_answers else y

    def read(self, y: Tensor) -> Tensor:
        return _by_factor(y, self.in_answers, self.motion.read) if self.in_answers else y

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return values


@dataclass(frozen=True)
class FactorShifts:
    """A row to be: a shift by whole sites along the axes of one factor."""

    law: str
    elements: str
    motions: tuple[OfFactor, ...]
    expected: str


def factor_shifts(
    model: Any, domain: Product, output: Output, group: Group, x: tuple[int, ...], y: tuple[int, ...]
) -> list[FactorShifts]:
    """Shifts by 1 and by the total stride along each lattice of a product, for inputs and answers of these shapes."""
    laws = getattr(model, "translation_laws", None) or (None,) * len(domain.factors)
    left = axes_left(domain, output, group)
    found = []
    for place, (factor, law) in enumerate(zip(domain.factors, laws, strict=True)):
        if not isinstance(factor, Lattice):
            continue
        at, own = domain.at(place), left.get(place, ())
        sizes = tuple(x[axis] for axis in at)
        answers = Equivariant(1) if own else Invariant(1)
        there = tuple(y[axis] for axis in own)
        for name, motions, expected in whole_shifts(factor, answers, sizes, there, law):
            moved = tuple(OfFactor(motion, at, own) for motion in motions)
            found.append(FactorShifts(name, f"along {factor!r}", moved, expected))
    return found


def axes_left(domain: Product, output: Output, group: Group) -> dict[int, tuple[int, ...]]:
    """Of each factor with a value at each of its points which axes of the answer these are."""
    left = place_of(domain, output, group)
    if not isinstance(left, Product):
        return {}
    return {place: left.at(place) for place, factor in enumerate(left.factors) if factor.axes}


def place_of(domain: Domain, output: Output, group: Group) -> Domain:
    """Where answers have values."""
    return output.space(domain, group).domain


def _by_factor(values: Tensor, at: tuple[int, ...], f: Callable[[Tensor], Tensor]) -> Tensor:
    """f of `[…, 1, axes of the factor]` for every channel and every point of the others."""
    axes = [2 + axis for axis in at]
    rest = [axis for axis in range(values.dim()) if axis not in axes]
    before = values.permute(*rest, *axes)
    lead, sizes = before.shape[: len(rest)], before.shape[len(rest) :]
    after = f(before.reshape(prod(lead), 1, *sizes))
    moved = after.reshape(*lead, *after.shape[2:])
    order = [*rest, *axes]
    return moved.permute(*(order.index(axis) for axis in range(values.dim())))
