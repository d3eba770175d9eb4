"""The torch functions that a forward calls, called otherwise: at modules and at functions written out alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

T = TypeVar("T")


class Unchangeable(Exception):
    """A call that cannot be made as asked for: a change that needs it is no evidence, and no user meets this."""


@dataclass(frozen=True)
class Sites:
    """Where the values of a dense tensor lie, along each axis: every `step` sites, on a circle of `period` sites.

    A step beyond 1 is that of a tensor whose strides were taken out: between its values lie those of other offsets.
    """

    step: tuple[int, ...]
    period: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Which axes of a tensor are those of the domain, counted from the end, and where the values lie along them."""

    axes: tuple[int, ...]
    sites: Sites


class Rewriting(TorchFunctionMode):
    """Calls what `words` name otherwise, inside; what could be changed but is not is kept in `met`.

    Each function of a signal `[n, channel, …]` on `dim` axes goes to the rule of its name, if there is one. The mode
    keeps of every tensor whether it depends on the input x, and of dense ones where their sites lie. `work` counts
    multiplications for each input, `dense_work` those that would be needed at all `whole` sites of it. `memory` is what
    outlives a call: see `kept`.
    """

    def __init__(
        self,
        dim: int,
        x: Tensor,
        words: frozenset[str],
        rules: Mapping[str, "Rule"],
        memory: dict[int, Any] | None = None,
    ):
        super().__init__()
        self.dim, self.words, self.rules = dim, words, rules
        self.memory = {} if memory is None else memory
        self._asked = 0
        self.met: set[str] = set()
        self.work = self.dense_work = 0.0
        self.whole = x.shape[2:].numel()
        self.phases: dict[Any, list[tuple[int, ...]]] = {}  # what each stride was made to begin with, by input
        self._moving, self._sites, self._layouts = WeakIdKeyDictionary(), WeakIdKeyDictionary(), WeakIdKeyDictionary()
        self._ends = WeakIdKeyDictionary()
        self._moving[x] = True
        self.place(x, self.sites(x))

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = list(tensors((args, kwargs)))
        rule = self.rules.get(getattr(func, "__name__", ""))
        moving = any(self.moves(x) for x in given)
        y = rule(self, func, args, kwargs) if rule is not None and moving else func(*args, **kwargs)
        if getattr(func, "__name__", "") in _AXES and isinstance(y, Tensor) and len(given) == 1:
            self._reorder(func, args, kwargs, y)
        for made in tensors(y):
            self._inherit(made, given, moving)
        return y

    def moves(self, x: Tensor) -> bool:
        """Whether x depends on the input: else it is a parameter, a buffer or a constant."""
        return x in self._moving

    def dense(self, x: Tensor) -> bool:
        """Whether x is `[n, channel, …]`, made of the input by functions that keep the sites of every channel."""
        return x.dim() == self.dim + 2 and x in self._sites

    def sites(self, x: Tensor) -> Sites:
        """Where x's values lie; as they come, if nothing else is known."""
        known = self._sites.get(x)
        return known if known is not None else Sites((1,) * self.dim, tuple(x.shape[2:]))

    def place(self, x: Tensor, sites: Sites) -> None:
        """Say where x's values lie."""
        self._sites[x] = sites

    def kept(self, make: Callable[[], T]) -> T:
        """What `make` made the first time that a forward came here: by the inputs that are asked about first."""
        self._asked += 1
        if self._asked not in self.memory:
            self.memory[self._asked] = make()
        return self.memory[self._asked]

    def ends(self, x: Tensor) -> tuple[tuple[int, int], ...]:
        """By how much x was continued round its circle, at both ends of each axis."""
        known = self._ends.get(x) or ((0, 0),) * self.dim
        if any(n - a - b != p for n, (a, b), p in zip(x.shape[2:], known, self.sites(x).period, strict=True)):
            raise Unchangeable("what lies beyond the circle is not a part of it")
        return known

    def extend(self, x: Tensor, ends: tuple[tuple[int, int], ...]) -> None:
        """Say by how much x was continued."""
        self._ends[x] = ends

    def position_axes(self, x: Tensor) -> tuple[int, ...]:
        """The axes of x along which positions are told apart, counted from the end: those of its sites or tokens."""
        if x in self._layouts:
            return self._layouts[x].axes
        if self.dense(x) or (self.dim > 1 and x.dim() == self.dim + 2):
            return tuple(range(-self.dim, 0))
        return (-2,) if x.dim() == 3 else ()

    def _reorder(self, func: Any, args: Any, kwargs: dict[str, Any], y: Tensor) -> None:
        """Axes in another order: where those of the domain go is read off a tensor whose sizes are all different."""
        x = args[0]
        known = Layout(tuple(range(-self.dim, 0)), self.sites(x)) if self.dense(x) else self._layouts.get(x)
        if known is None:
            return
        went = func(torch.empty(tuple(range(x.dim())), device="meta"), *args[1:], **kwargs).shape
        axes = tuple(went.index(axis % x.dim()) - x.dim() for axis in known.axes)
        if axes == tuple(range(-self.dim, 0)):
            self.place(y, known.sites)
        else:
            self._layouts[y] = Layout(axes, known.sites)

    def _inherit(self, made: Tensor, given: list[Tensor], moving: bool) -> None:
        if moving:
            self._moving[made] = True
        if made in self._layouts:
            return
        layout = next(
            (self._layouts[x] for x in given if x in self._layouts and _alike(x, made, self._layouts[x])), None
        )
        if layout is not None:
            self._layouts[made] = layout
            return
        if made in self._sites or made.dim() != self.dim + 2 or not made.dtype.is_floating_point:
            return
        source = next((x for x in given if self.dense(x) and x.shape[2:] == made.shape[2:]), None)
        if source is not None:
            self.place(made, self.sites(source))


def _alike(x: Tensor, made: Tensor, layout: Layout) -> bool:
    return made.dim() == x.dim() and all(made.shape[axis] == x.shape[axis] for axis in layout.axes)


_AXES = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims")
Rule = Callable[[Rewriting, Any, Any, dict[str, Any]], Any]


def tensors(given: Any) -> Iterator[Tensor]:
    """All tensors in nested lists, tuples and dictionaries."""
    if isinstance(given, Tensor):
        yield given
    elif isinstance(given, list | tuple | torch.Size):
        for part in given:
            yield from tensors(part)
    elif isinstance(given, dict):
        for part in given.values():
            yield from tensors(part)


def bind(names: tuple[str, ...], args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by their names: builtin functions have no signature to read."""
    return {**dict(zip(names, args, strict=False)), **kwargs}
