"""What goes beside the values of a product of domains: the support of each factor, and which rows belong to which."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree

from erlangen.domains._among import among
from erlangen.domains._segments import lengths, starts


class Together:
    """The supports of all factors, None where one has none; of the packed ones `ptr`, where each signal begins.

    Rows are tuples of points of the packed factors, signal by signal, the last factor fastest.
    """

    __slots__ = ("_known", "of", "ptrs")

    def __init__(self, of: Sequence[Any], ptrs: Sequence[Tensor | None]):
        self.of, self.ptrs = tuple(of), tuple(ptrs)
        self._known: dict[Any, Any] = {}

    def replaced(self, place: int, support: Any, ptr: Tensor | None) -> "Together":
        """The same with another support at one place."""
        changed = support is not self.of[place] or ptr is not self.ptrs[place]
        return Together(_with(self.of, place, support), _with(self.ptrs, place, ptr)) if changed else self

    @property
    def packed(self) -> tuple[int, ...]:
        """Which factors have their points in rows."""
        return tuple(i for i, ptr in enumerate(self.ptrs) if ptr is not None)

    def sizes(self, place: int) -> Tensor:
        """How many points the signals of a packed factor have, `[signals]`."""
        ptr = self.ptrs[place]
        assert ptr is not None, "it was asked of a packed factor"
        return lengths(ptr)

    def counts(self, but: int | None = None) -> Tensor:
        """How many tuples of points of the packed factors there are, but for one of these, `[signals]`."""
        made = torch.ones_like(self.sizes(self.packed[0]))
        for i in self.packed:
            made = made if i == but else made * self.sizes(i)
        return made

    def signals(self) -> Tensor:
        """The signal of every row."""
        return self._once("signals", lambda: _numbers(self.counts()))

    def innermost(self, place: int) -> Tensor | None:
        """The order of rows in which the points of one factor stand side by side; None where they do."""
        if place == self.packed[-1]:
            return None
        return self._once(("order", place), lambda: self._order(place))

    def copies(self, place: int, times: int) -> Any:
        """The support of a packed factor, once for every tuple of points of the others, and all that `times` over."""
        if times == 1 and self.packed == (place,):
            return self.of[place]
        return self._once(("copies", place, times), lambda: among(self.of[place], self._which(place, times)))

    def _which(self, place: int, times: int) -> Tensor:
        return _numbers(self.counts(but=place)).repeat(times)

    def first(self, place: int) -> Tensor:
        """Where among its copies the first of each signal stands."""
        return starts(self.counts(but=place))[:-1]

    def each_row(self, place: int, times: int) -> Any:
        """The support of a factor with axes, for every row `times` over."""
        if self.of[place] is None:
            return None
        return self._once(
            ("rows", place, times), lambda: among(self.of[place], self._signals_of(place).repeat_interleave(times))
        )

    def _signals_of(self, place: int) -> Tensor:
        if self.packed:
            return self.signals()
        known: Tensor = next(x for x in self.of[place] if x is not None)
        return torch.arange(len(known), device=known.device)

    def _order(self, place: int) -> Tensor:
        """Sorted by signals, the other packed factors in turn, and this one."""
        signal = self.signals()
        rest = torch.arange(len(signal), device=signal.device) - starts(self.counts())[signal]
        digits: dict[int, Tensor] = {}
        for i in reversed(self.packed):
            size = self.sizes(i)[signal]
            digits[i], rest = rest % size, torch.div(rest, size, rounding_mode="floor")
        outer = torch.zeros_like(signal)
        for i in self.packed:
            outer = outer if i == place else outer * self.sizes(i)[signal] + digits[i]
        first = starts(self.counts())[signal]
        return torch.argsort(first + outer * self.sizes(place)[signal] + digits[place])

    def _once(self, key: Any, make: Any) -> Any:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]


def _numbers(counts: Tensor) -> Tensor:
    """0 as often as the first says, then 1, …"""
    return torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)


def _with(things: tuple[Any, ...], place: int, other: Any) -> tuple[Any, ...]:
    return (*things[:place], other, *things[place + 1 :])


_pytree.register_pytree_node(
    Together,
    lambda together: ([list(together.of), list(together.ptrs)], None),
    lambda parts, _: Together(*parts),
    serialized_type_name="erlangen.Together",
)
