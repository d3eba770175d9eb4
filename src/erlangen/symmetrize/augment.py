"""Augmentation: examples moved at random by the group, with their targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Domain, Lattice
from erlangen.errors import DomainError, InputError
from erlangen.given import instance
from erlangen.groups import Element, Group
from erlangen.groups.enumeration import LARGEST_ENUMERATED
from erlangen.representations import Representation
from erlangen.symmetrize.action import Action, Gs, Output, each, read_action
from erlangen.symmetrize.labels import UNKNOWN, move_labels, points_of
from erlangen.symmetrize.shift import drawn_shifts, read_reach, shifted, shifted_labels
from erlangen.symmetrize.transform import Transform
from erlangen.symmetrize.turns import near_identity, read_most
from erlangen.task import Equivariant, Invariant


def augment(
    domain: Domain,
    symmetry: Group | None = None,
    *,
    output: Output | None = None,
    input: int | Representation | None = None,
    unknown: int = UNKNOWN,
    shifts: int | Sequence[int] = 0,
    most: float | None = None,
) -> "Augment":
    """(x, y) ↦ (g·x, g·y), g uniform on the group (a turn of the plane by a uniform angle), drawn for each example.

    A transform for data sets and loaders: `t(x)` or `t(x, y)`, x one example `[c, …points]` or a batch
    `[n, c, …points]`, with `generator=…` for numbers of one's own; see `Transform`. Where g maps the domain to itself
    sites are moved by index and no value is rounded; elsewhere `domain.warp` interpolates, and zeros come in from
    beyond the border: `t.round_trip(x)` measures what that loses. Where some g changes the shape of an array, pictures
    that are not square under quarter turns, a batch is moved by one g, and single examples come out in two shapes.

    `output` says how targets move: with `er.Equivariant(n)` class maps (whole numbers) take the class of the greatest
    share and are never interpolated (`unknown` marks what comes from beyond the border), fields (floating,
    `[c, …points]`) are moved as the input is; a representation moves their channels too, and permutes classes. Left
    out, targets stay as they are. `input` is the representation by which the input's channels move.

    `shifts=4` then translates, too, by up to 4 whole sites each way along every axis (or one number an axis), uniform,
    by index: around a periodic domain; on an open one what leaves is lost, and zeros enter, in class maps `unknown`.
    For translations alone name `er.Trivial()`. `most=math.pi / 12` draws small elements of a continuous group alone:
    turns by an angle uniform in ±15°, in space about a uniform axis, of O(2) and O(3) with and without a reflection.

    Augmentation teaches a symmetry, and guarantees none. Errors: what `er.Task` refuses, a TaskError or a DomainError.

    >>> import torch, erlangen as er
    >>> t = er.symmetrize.augment(er.Grid(2), er.D(4), output=er.Equivariant(2))
    >>> picture = torch.rand(3, 8, 8)
    >>> moved, mask = t(picture, (picture[0] > 0.5).long(), generator=torch.Generator().manual_seed(0))
    >>> torch.equal(mask, (moved[0] > 0.5).long())
    True

    Chen, Dobriban, Lee 2020, arXiv:1907.10905, for what it does to the risk.
    """
    action = read_action(domain, symmetry, Invariant(1) if output is None else output, input)
    return Augment(
        action,
        output,
        instance("unknown", unknown, int, InputError, "Such as -100."),
        read_reach(action.domain, shifts),
        read_most(action.group, most),
    )


@dataclass(frozen=True, repr=False)
class Augment(Transform):
    """The transform that `augment` makes; see there."""

    action: Action
    output: Output | None
    unknown: int = UNKNOWN
    reach: tuple[int, ...] = ()
    most: float | None = None

    @property
    def domain(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where the examples live."""
        return self.action.domain

    def draw(self, count: int, generator: torch.Generator | None) -> Sequence[Element]:
        """`count` elements, independent and uniform."""
        group = self.action.group
        if self.most is not None:
            return near_identity(group, self.most, count, generator)
        if group.order is None or group.order > LARGEST_ENUMERATED:
            return group.sample(count, int(torch.randint(2**31, (), generator=generator)))
        picks = torch.randint(group.order, (count,), generator=generator)
        return [group.elements[pick] for pick in picks.tolist()]

    def batch(self, x: Tensor, y: Tensor | None, generator: torch.Generator | None) -> tuple[Tensor, Tensor | None]:
        self.action.check_input(x)
        gs = self._drawn_for(x, generator)
        moved = each(gs, self.action.inputs, x)
        along = None if y is None else each(gs, self._target, y)
        if not self.reach:
            return moved, along
        shifts = drawn_shifts(self.reach, len(x), generator)
        carried = None if along is None else self._carried(along, shifts, tuple(moved.shape[2:]))
        return shifted(self._lattice, moved, shifts), carried

    def round_trip(self, x: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """‖g⁻¹·g·x − x‖ / ‖x‖ of a batch `[n, c, …points]`, `[n]`: what moving loses, 0 where sites go to sites.

        What a shift drives over an open border is lost as well.
        """
        self.action.check_input(x)
        gs = self._drawn_for(x, generator)
        there = each(gs, self.action.inputs, x)
        if self.reach:
            shifts = drawn_shifts(self.reach, len(x), generator)
            there = shifted(self._lattice, shifted(self._lattice, there, shifts), -shifts)
        back = each([~g for g in gs], self.action.inputs, there)
        return (back - x).flatten(1).norm(dim=1) / x.flatten(1).norm(dim=1)

    def _target(self, g: Gs, y: Tensor) -> Tensor:
        if not y.dtype.is_floating_point:
            return move_labels(self.action, g, y, self.unknown)
        axes = 2 + self.action.place.axes
        if y.dim() != axes or y.shape[1] != self.action.answer_channels:
            given = f"targets of shape {tuple(y.shape)} for output={self.output!r}"
            expected = f"{self.action.answer_channels} channels{' at every point' if self.action.dense else ''}"
            raise InputError(given, expected, "Class maps are whole numbers without an axis of channels.")
        return self.action.answers(g, y)

    @property
    def _lattice(self) -> Lattice:
        return instance("domain", self.domain, Lattice, DomainError, "Such as er.Grid(2).")

    def _carried(self, y: Tensor, shifts: Tensor, size: tuple[int, ...]) -> Tensor:
        """Targets at every point, shifted as the inputs are."""
        if not self.action.dense:
            return y
        if tuple(y.shape[-self.domain.axes :]) != size:
            given = (
                f"targets on {tuple(y.shape[-self.domain.axes :])} points for inputs on {size}, moved by whole sites"
            )
            raise InputError(given, "targets on the same points", "Leave shifts out for targets of another resolution.")
        if y.dtype.is_floating_point:
            return shifted(self._lattice, y, shifts)
        return shifted_labels(self._lattice, y, shifts, points_of(self.domain, y), self.unknown)

    def _drawn_for(self, x: Tensor, generator: torch.Generator | None) -> Sequence[Element]:
        """One for each example; the same for all where some would change its shape."""
        if self._changes_shape(tuple(x.shape[2:])):
            return list(self.draw(1, generator)) * len(x)
        return self.draw(len(x), generator)

    def _changes_shape(self, size: tuple[int, ...]) -> bool:
        """Whether some element that the domain keeps gives arrays of this size another one."""
        if len(set(size)) < 2 or self.action.group.order is None:
            return False  # of an infinite group what is drawn lies between the sites, and warp keeps the shape
        probe, kept = torch.empty(size, device="meta"), self.domain.kept(self.action.group)
        return any(self.domain.act(g, probe).shape != probe.shape for g in kept.generators)

    def __repr__(self) -> str:
        reach = self.reach[0] if len(set(self.reach)) == 1 else self.reach
        more = f", shifts={reach}" * bool(self.reach) + ("" if self.most is None else f", most={self.most:.4g}")
        return f"augment({self.domain!r}, {self.action.group!r}{said(self.output)}{more})"


def said(output: Any) -> str:
    """How an output that moves along is written among arguments."""
    return f", output={output!r}" if isinstance(output, Equivariant) else ""
