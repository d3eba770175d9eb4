"""The ways in which one linear map is computed: different arithmetic, the same weights and the same values.

A way is a module without weights. Which one a layer takes is chosen by counting, once, when it is built; `way="…"` asks
for one by name. What is counted is the work at one site: multiply-adds, and channels moved through memory, which on the
machines measured takes one thread as long as `MOVED` multiply-adds each. Several threads share the memory: with them
a channel counts `SHARED` times as much, and wider layers alone take another way (benchmarks/isotypic.py has both).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.layers.linear._kernel import Bias

MOVED = 70.0  # multiply-adds in the time in which one channel passes a fibre transform and what belongs to it
SHARED = 2.0  # times as many with several threads, which multiply faster together and move no faster
WORTH = 0.85  # another way than the plain one is taken where it is counted as less than this share of its work


class Weighted(Protocol):
    """What a way computes with: a linear layer's kernel, its bias, and its full weight."""

    @property
    def kernel(self) -> Any:
        """Its free weights, spread to the kernel."""
        ...

    @property
    def bias(self) -> Bias | None:
        """Its bias, if it has one."""
        ...

    def weight(self) -> Tensor:
        """The full kernel as torch's own layer takes it."""
        ...


@dataclass(frozen=True)
class Work:
    """What a way does at one site, and in words."""

    multiply_adds: int
    moved: int = 0
    words: str = ""

    @property
    def cost(self) -> float:
        """Both together, in multiply-adds."""
        shared = SHARED if torch.get_num_threads() > 1 else 1.0
        return self.multiply_adds + MOVED * shared * self.moved


class Way(nn.Module):
    """One way to compute y = K ⋆ x + b from the weights of a layer; it has none of its own."""

    name: ClassVar[str]

    def forward(self, layer: Any, values: Tensor) -> Tensor:
        """The values of the layer's map."""
        raise InputError(f"{type(self).__name__} without a forward", "a way that computes", "Write its forward.")

    def work(self) -> Work:
        """What it does at one site."""
        raise InputError(f"{type(self).__name__} without its work", "a way that counts", "Write its work().")

    def shares(self, other: "Way") -> bool:
        """Whether a layer that computes in the other way, right behind, can begin where this one has its transform."""
        return False

    def through(self, row: "Sequence[tuple[Way, Any]]", values: Tensor) -> Tensor:
        """The values of several layers in a row, of which each shares with the next."""
        raise InputError(f"{type(self).__name__} in a row", "a way that shares", "Write its through().")

    def follow(self, like: Tensor) -> None:
        """Bring its constants to the dtype and device of `like`; a way without constants has nothing to bring."""


def follow_weights(layer: nn.Module, _: Any) -> None:
    """After a state dict was loaded, which with `assign=True` may bring the weights to another device."""
    way = getattr(layer, "way", None)
    if isinstance(way, Way):
        way.follow(next(layer.parameters()))


def choose_way(plain: Way, others: Sequence[Way], wanted: str | None, who: str) -> tuple[Way, str]:
    """The way asked for, or the cheapest by count; and why, in words.

    Raises InputError for a name that is none, or of a way that does not exist for these fields and this domain.
    """
    known = {way.name: way for way in (plain, *others)}
    if wanted is not None:
        if wanted not in known:
            raise InputError(
                f"way={wanted!r}",
                f"{' or '.join(repr(name) for name in known)} for {who}",
                '"isotypic" is for 1 × 1 maps between regular fields, "spectral" for periodic grids; leave it out.',
            )
        return known[wanted], f"{wanted}, as asked: {known[wanted].work().words}"
    if not others:
        return plain, ""
    best = min(others, key=lambda way: way.work().cost)
    share = best.work().cost / plain.work().cost
    if share > WORTH:
        return plain, f"{plain.name}: {best.name} is counted as {share:.2g} times its work, and taken below {WORTH}"
    return best, f"{best.name}: {best.work().words}; counted as {share:.0%} of the work, memory included"
