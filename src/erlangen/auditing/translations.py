"""Translations by other laws than the roll: zeros that enter, two crops of a larger input, fractions of a site."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.motion import Motion, Output, Roll, is_dense, masked
from erlangen.domains import Dna, Lattice
from erlangen.domains.calculus import drifted
from erlangen.errors import DomainError, InputError

Law = Literal["circular", "zeros", "crop"]
LAWS: tuple[Law, ...] = ("circular", "zeros", "crop")


@dataclass(frozen=True)
class Shift:
    """A translation to be tried, x(u) ↦ x(u − s), and what becomes of the border.

    `by` is s: a number of sites, tried along each axis, or one number an axis. `law`: "circular", what leaves at one
    end enters at the other; a fraction of a site by Fourier's formula, exact on band-limited signals. "zeros": what
    leaves is lost and zeros enter; dense answers are compared where both sides are defined. "crop": content leaves and
    other content enters, as when a camera moves: two crops of the inputs given, each smaller by s, so the model has to
    take that size as well.

    Raises InputError for another law, no shift at all, or a fraction where only whole sites can be moved.

    >>> Shift(1), Shift((2, 0), "zeros"), Shift(0.5)
    (Shift(by=1, law='circular'), Shift(by=(2, 0), law='zeros'), Shift(by=0.5, law='circular'))

    Zhang 2019, arXiv:1904.11486 (crops); Michaeli, Michaeli, Soudry 2023, arXiv:2303.08085 (fractions).
    """

    by: float | tuple[float, ...]
    law: Law = "circular"

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise InputError(f"law={self.law!r} of a shift", f"one of {', '.join(map(repr, LAWS))}", "See er.audit.")
        steps = self.by if isinstance(self.by, tuple | list) else (self.by,)
        real = all(isinstance(s, int | float) and not isinstance(s, bool) and abs(s) < float("inf") for s in steps)
        if not real or not any(steps):
            raise InputError(
                f"the shift {self.by!r}", "a number of sites, or one an axis, not all 0", "For example shifts=[1, 0.5]."
            )
        if self.law != "circular" and not all(float(s).is_integer() for s in steps):
            raise InputError(
                f"a shift by {self.by} with law={self.law!r}",
                "whole sites: of a border there are no fractions",
                "Fractions of a site are circular: leave the law out.",
            )
        plain = tuple(int(s) if float(s).is_integer() else float(s) for s in steps)
        object.__setattr__(self, "by", plain if isinstance(self.by, tuple | list) else plain[0])

    @property
    def whole(self) -> bool:
        """Whether sites move to sites."""
        return all(isinstance(s, int) for s in (self.by if isinstance(self.by, tuple) else (self.by,)))

    @property
    def name(self) -> str:
        """The law as the report calls it."""
        if self.law == "zeros":
            return f"zero-filled shift by {self.by}"
        if self.law == "crop":
            return f"crop shifted by {self.by}"
        return f"circular roll by {self.by}" if self.whole else f"circular shift by {self.by}, by Fourier"

    def vectors(self, dim: int) -> list[tuple[float, ...]]:
        """The shifts `[d]` that are tried: along each axis in turn, or the one given."""
        if not isinstance(self.by, tuple):
            return [tuple(self.by if i == axis else 0 for i in range(dim)) for axis in range(dim)]
        if len(self.by) != dim:
            raise InputError(f"the shift {self.by}", f"a number of sites, or {dim} of them", "Give one an axis.")
        return [self.by]

    def motion(self, vector: tuple[float, ...], domain: Lattice, output: Output, sizes: tuple[int, ...]) -> Motion:
        """One of the vectors as a motion of inputs of these sizes; a SymmetryError where the domain knows no such."""
        _check(self, vector, domain, sizes)
        if self.law == "crop":
            return Crop(vector, domain, output, tuple(n - int(abs(s)) for n, s in zip(sizes, vector, strict=True)))
        if self.law == "zeros":
            return ZeroFill(vector, domain, output, sizes)
        if self.whole:
            return Roll(tuple(int(s) for s in vector), domain, output, sizes)
        return Drift(vector, domain, output, sizes)


@dataclass(frozen=True)
class Translation:
    """x(u) ↦ x(u − s), s = `shifts` in sites of inputs of `sizes`; a dense answer moves by its share of them."""

    shifts: tuple[float, ...]
    domain: Lattice
    output: Output
    sizes: tuple[int, ...]
    exact = True
    trivial = False

    @property
    def by(self) -> str:
        """The shift in figures."""
        return str(self.shifts[0] if len(self.shifts) == 1 else self.shifts)

    def shares(self, y: Tensor) -> list[float]:
        """The shift in points of the answer."""
        points = y.shape[-self.domain.dim :]
        return [s * m / n for s, m, n in zip(self.shifts, points, self.sizes, strict=True)]

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        """Whole sites are only moved; what leaves is not compared."""
        return values


@dataclass(frozen=True)
class ZeroFill(Translation):
    """What leaves is lost, zeros enter; answers are compared where both sides are defined."""

    @property
    def label(self) -> str:
        """How it is called in the report."""
        return f"zero-filled shift by {self.by}"

    def move(self, x: Tensor) -> Tensor:
        """g·x."""
        return self.domain.clear(filled(x, [int(s) for s in self.shifts]))

    def answer(self, y: Tensor) -> Tensor:
        """g·f(x) where it is defined, zeros elsewhere."""
        return filled(y, self._whole(y)) * self.defined(y) if is_dense(self.output) else y

    def read(self, y: Tensor) -> Tensor:
        """f(g·x) at the same points."""
        return y * self.defined(y) if is_dense(self.output) else y

    def defined(self, y: Tensor) -> Tensor:
        """1 at the points of a dense answer that have a counterpart before the shift, 0 elsewhere: `[n₁ … n_d]`."""
        mask = self.domain.mask(y)
        there = torch.ones(y.shape[2:], dtype=y.dtype) if mask is None else mask
        return there * filled(there, self._whole(y))

    def _whole(self, y: Tensor) -> list[int]:
        shares = self.shares(y)
        if any(share != int(share) for share in shares):
            raise InputError(
                f"a shift by {self.shifts} of answers on {tuple(y.shape[2:])} points for inputs on {self.sizes}",
                "a shift that is whole at the answers' resolution",
                "Name such shifts with shifts=[…].",
            )
        return [int(share) for share in shares]


@dataclass(frozen=True)
class Crop(ZeroFill):
    """Two crops of a larger input: content leaves at one end, and other content enters at the other.

    `sizes` are those of the crops. `start` is the one, `move` the other, in which all is `shifts` further on.
    """

    @property
    def label(self) -> str:
        """How it is called in the report."""
        return f"crop shifted by {self.by}"

    def start(self, x: Tensor) -> Tensor:
        """The crop that stands for x."""
        return self._cut(x, [max(int(s), 0) for s in self.shifts])

    def move(self, x: Tensor) -> Tensor:
        """The crop that stands for g·x."""
        return self._cut(x, [max(-int(s), 0) for s in self.shifts])

    def _cut(self, x: Tensor, begins: list[int]) -> Tensor:
        for axis, (begin, size) in enumerate(zip(begins, self.sizes, strict=True), start=2):
            x = x.narrow(axis, begin, size)
        return x


@dataclass(frozen=True)
class Drift(Translation):
    """A circular shift by a fraction of a site, by Fourier's formula; the Nyquist wave is what its round trip loses."""

    exact = False

    @property
    def label(self) -> str:
        """How it is called in the report."""
        return f"shift by {self.by}"

    def move(self, x: Tensor) -> Tensor:
        """g·x."""
        return self.domain.clear(drifted(x, self.shifts))

    def answer(self, y: Tensor) -> Tensor:
        """g·f(x)."""
        return masked(self.domain, self.output, drifted(y, self.shares(y))) if is_dense(self.output) else y

    def read(self, y: Tensor) -> Tensor:
        """f(g·x)."""
        return masked(self.domain, self.output, y)

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        """g⁻¹·g·values; the values themselves where they come back but for rounding."""
        shifts = self.shares(values) if answers else self.shifts
        there = self.domain.clear(drifted(values, shifts))
        back = self.domain.clear(drifted(there, [-s for s in shifts]))
        rounding = 100 * torch.finfo(values.dtype).eps * float(values.abs().max())
        return values if float((back - values).abs().max()) <= rounding else back


def provable(motion: Motion) -> bool:
    """Whether a motion only reorders what an input holds, with signs: of that there can be a proof."""
    return motion.exact and not isinstance(motion, Translation)


def filled(values: Tensor, shifts: list[int]) -> Tensor:
    """x(u − s) of the last axes by whole sites, zeros where there was nothing.

    >>> filled(torch.tensor([1.0, 2.0, 3.0]), [1]), filled(torch.tensor([1.0, 2.0, 3.0]), [-1])
    (tensor([0., 1., 2.]), tensor([2., 3., 0.]))
    """
    return F.pad(values, [width for s in reversed(shifts) for width in (s, -s)])


def _check(shift: Shift, vector: tuple[float, ...], domain: Lattice, sizes: tuple[int, ...]) -> None:
    """Raise where the domain has no such shift, or where nothing would be left of the inputs."""
    if shift.law == "circular" and domain.causal:
        raise DomainError(
            f"a circular shift on {domain!r}",
            "one that does not close time to a ring",
            'Name the law: er.auditing.Shift(1, "zeros").',
        )
    if not shift.whole and isinstance(domain, Dna):
        raise DomainError(
            f"a shift by {shift.by} on {domain!r}", "whole places: between two letters is nothing", "Shift by 1."
        )
    if shift.law == "crop" and domain.masked:
        raise DomainError(
            f"a crop on {domain!r}", "a square lattice: two crops of a hexagon are no hexagons", 'Take law="zeros".'
        )
    if shift.law != "circular" and any(abs(s) >= n for s, n in zip(vector, sizes, strict=True)):
        raise InputError(
            f"the {shift.name} of inputs of {sizes}", "a shift that leaves some of them", "Pass larger inputs."
        )
