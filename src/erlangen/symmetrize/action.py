"""How the elements of a group move inputs and answers: ρ_in and ρ_out, exact where the domain keeps them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Domain, Lattice, Product, Sphere
from erlangen.errors import InputError, TaskError
from erlangen.given import shortened
from erlangen.groups import Declaration, Element, Group, TimeWarp, Translations
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Invariant, Task

Output = Invariant | Equivariant
Gs = Element | Sequence[Element]


@dataclass(frozen=True)
class Action:
    """x ↦ g·x and y ↦ g·y, by index where g maps the domain to itself, by `domain.warp` elsewhere.

    Shapes: inputs `[n, c, …points]`, answers as `output` says. `rho_in` None: the channels of the input stay as they
    are, whatever their number. A value; copies of a module share it.

    >>> import torch, erlangen as er
    >>> action = read_action(er.Grid(2), er.C(4), er.Equivariant(1), 1)
    >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> action.inputs(er.C(4).generators[0], x)[0, 0].tolist()
    [[1.0, 3.0], [0.0, 2.0]]
    """

    domain: Domain
    group: Group
    rho_in: Representation | None
    output: Output

    def __deepcopy__(self, memo: dict[int, Any]) -> "Action":
        return self

    @property
    def place(self) -> Domain:
        """Where the answer is: on the domain, at one point, or on the factors of a product that are not pooled over."""
        return self.output.space(self.domain, self.group).domain

    @property
    def dense(self) -> bool:
        """Whether the answer has a value at each of several points."""
        return bool(self.place.axes)

    @property
    def rho_out(self) -> Representation | None:
        """How the channels of the answer move; None: not at all."""
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else None
        return rho if isinstance(rho, Representation) and not rho.is_trivial else None

    @property
    def answer_channels(self) -> int:
        """The length of axis 1 of an answer."""
        if isinstance(self.output, Invariant):
            return self.output.n
        rho = self.output.n_or_representation
        return rho if isinstance(rho, int) else rho.dim

    def keeps(self, g: Element) -> bool:
        """Whether g only moves sites to sites."""
        return not isinstance(self.domain, Lattice | Product) or self.domain.keeps(g)

    def inputs(self, g: Gs, x: Tensor) -> Tensor:
        """g·x; of several elements each moves the signal at its place, by interpolation."""
        return self._points_and_channels(self.domain, self.rho_in, g, x)

    def answers(self, g: Gs, y: Tensor) -> Tensor:
        """g·y: what a symmetric model answers to g·x, of its answer y to x."""
        if isinstance(self.output, Invariant):
            return y
        return (
            self._points_and_channels(self.place, self.rho_out, g, y) if self.dense else _channels(self.rho_out, g, y)
        )

    def _points_and_channels(self, place: Domain, rho: Representation | None, g: Gs, values: Tensor) -> Tensor:
        if rho is not None and isinstance(place, Product) and isinstance(g, Element):
            return place.move(g, values, rho)
        if rho is None or not isinstance(place, Sphere):
            return _channels(rho, g, _points(place, g, values))
        if isinstance(g, Element):  # where a vector is says which way is east
            return place.move(g, values, rho)
        return place.move_each(g, values, rho)

    def points(self, g: Gs, values: Tensor) -> Tensor:
        """The points of the answer alone; channels stay as they are. What is moved beyond the border is lost."""
        return _points(self.place, g, values)

    def check_input(self, x: Any) -> Tensor:
        """x, if it is a batch of signals on the domain; else the InputError that says why not."""
        if not isinstance(x, Tensor):
            raise InputError(f"an input of type {type(x).__name__}", "a tensor", "Of a Signal take .values.")
        if not x.dtype.is_floating_point:
            raise InputError(f"values of dtype {x.dtype}", "a floating dtype", "Convert with .float() or .double().")
        self.domain.check_values(x)
        if self.rho_in is not None and x.shape[1] != self.rho_in.dim:
            raise InputError(f"{x.shape[1]} channels", f"{self.rho_in.dim} on axis 1", "Say how they move by input=….")
        return x

    def check_answer(self, y: Any, count: int, place: str = "") -> Tensor:
        """y, if it is `count` answers of the kind that `output` says; else the InputError that says why not."""
        axes = ", n" * self.place.axes
        expected = f"[{count}, {self.answer_channels}{axes}] for output={self.output!r}"
        at = f" at {place}" if place else ""
        if not isinstance(y, Tensor):
            mend = "Wrap the model so that it returns tensors, alone or in a tuple or dictionary."
            raise InputError(f"answers of type {type(y).__name__}{at}", expected, mend)
        wanted = (count, self.answer_channels)
        whole = all(n == 1 for n in y.shape[2:])
        if tuple(y.shape[:2]) != wanted or (y.dim() != 2 + self.place.axes if self.dense else not whole):
            given = f"answers of shape {tuple(y.shape)}{at}"
            mend = "Name the output that the model has: of answers at every point er.Equivariant(n)."
            raise InputError(given, expected, mend)
        return y


def read_action(domain: Any, symmetry: Any, output: Any, input: Any, model: Any = None) -> Action:
    """What was said of domain, symmetry, output and input, read as `er.Task` reads it and refused as it refuses it.

    `output` left out: that of the model's own task, if it has one, else the answer stays put with any channels.
    `input` left out: the model's own, the domain's natural channels, or scalars of any number.
    """
    if not _is_symmetry(symmetry):
        raise TaskError(f"symmetry={shortened(symmetry)}", "a group", "For quarter turns: er.C(4).")
    if symmetry == TimeWarp():
        given = f"symmetry={symmetry!r}, which is no group that moves samples"
        raise TaskError(given, "a group", "Derive for it, er.Task(er.Sequence(), er.TimeWarp(), …), or give it dt.")
    if symmetry == Translations():
        given, expected = f"symmetry={symmetry!r}", "a group of rotations and mirrors that can be drawn or listed"
        raise TaskError(
            given,
            expected,
            "Convolutions share weights over positions already; for the rest pad and crop, or augment with shifts=4.",
        )
    own = getattr(model, "task", None)
    if isinstance(own, Task) and own.domain == domain and own.symmetry == _or_natural(domain, symmetry):
        output, input = output or own.output, own.input if input is None else input
    if output is None:
        raise TaskError("no output", "er.Invariant(n) or er.Equivariant(n)", "Say whether the answer moves along.")
    channels = 1 if input is None and _natural(domain, symmetry) is None else input
    task = Task(domain, symmetry, channels, output)
    task.target  # noqa: B018  # refuses outputs that this domain cannot have
    known = input is not None or _natural(domain, task.symmetry) is not None
    return Action(domain, task.symmetry, task.input if known else None, output)


def _natural(domain: Any, symmetry: Any) -> Representation | None:
    if not isinstance(domain, Domain) or not (symmetry is None or isinstance(symmetry, Group)):
        return None  # refused by the task
    return domain.natural_input(_or_natural(domain, symmetry))


def _or_natural(domain: Domain, symmetry: Group | None) -> Group:
    """The symmetry that was named, else the domain's own, as `er.Task` takes it."""
    return domain.natural_symmetry() if symmetry is None else symmetry


def _points(place: Domain, g: Gs, values: Tensor) -> Tensor:
    if isinstance(place, Lattice) and not (isinstance(g, Element) and place.keeps(g)):
        return place.clear(place.warp(g, values))
    return place.act(g, values) if isinstance(g, Element) else place.act_each(g, values)


def _channels(rho: Representation | None, g: Gs, values: Tensor) -> Tensor:
    if rho is None or rho.is_trivial:
        return values
    if isinstance(g, Element):
        return act_on_channels(rho, g, values)
    return torch.cat([act_on_channels(rho, each, value[None]) for each, value in zip(g, values, strict=True)])


def each(gs: Sequence[Element], move: Callable[[Gs, Tensor], Tensor], values: Tensor) -> Tensor:
    """move(gᵢ, xᵢ), every example by the element at its place; equal elements of a finite group together.

    >>> import torch, erlangen as er
    >>> each(er.Mirror().elements, er.Grid(1).act, torch.arange(6.0).reshape(2, 1, 3)).tolist()
    [[[0.0, 1.0, 2.0]], [[5.0, 4.0, 3.0]]]
    """
    if not gs or gs[0].group.order is None:
        return move(gs, values) if gs else values
    places: dict[Element, list[int]] = {}
    for place, g in enumerate(gs):
        places.setdefault(g, []).append(place)
    if len(places) == 1:
        return move(gs[0], values)
    moved = [move(g, values[at]) for g, at in places.items()]
    order = torch.tensor([place for at in places.values() for place in at], device=values.device).argsort()
    return torch.cat(moved)[order]


def _is_symmetry(given: object) -> bool:
    return given is None or isinstance(given, Group | Declaration)
