"""Channels of a product of domains as one factor sees them: fields ρ_i, each beside what the others have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

import torch

from erlangen.representations.external import external, parts_of
from erlangen.representations.sums import direct_sum

if TYPE_CHECKING:
    from torch import Tensor

    from erlangen.groups import Group
    from erlangen.representations import Representation


@dataclass(frozen=True)
class Strand:
    """All channels (⊠_{j<i} σ_j) ⊠ ρ_i ⊠ (⊠_{j>i} σ_j) with the same `others` σ_j: what one layer of factor i reads.

    `runs` are the (first channel, copies, dim ρ_i) in which they stand.
    """

    place: int
    others: tuple["Representation", ...]
    rho: "Representation"
    runs: tuple[tuple[int, int, int], ...]

    @property
    def before(self) -> int:
        """How many channels of factors before it there are for each of its own."""
        return prod(part.dim for part in self.others[: self.place])

    @property
    def after(self) -> int:
        """And of factors behind it."""
        return prod(part.dim for part in self.others[self.place :])

    @property
    def alone(self) -> bool:
        """Whether no other factor moves its channels."""
        return all(part.is_trivial for part in self.others)

    @property
    def permuted(self) -> bool:
        """Whether the other factors do no more than reorder its copies: any function of each keeps them."""
        return all(part.is_permutation for part in self.others)

    def joined(self, rho: "Representation") -> "Representation":
        """The fields of the whole where those of this factor are ρ."""
        first, last = self.others[: self.place], self.others[self.place :]
        return direct_sum(*((external(*first, field, *last), times) for field, times in rho.fields))

    def taken(self, values: "Tensor", axes: int, at: Sequence[int]) -> "Tensor":
        """`[rows, channel, axes…]` → `[rows, before, after, other axes…, channel of this factor, axes of it…]`."""
        parts = []
        for start, copies, dim in self.runs:
            width = copies * self.before * dim * self.after
            run = values.narrow(1, start, width).unflatten(1, (copies, self.before, dim, self.after))
            rest = [5 + k for k in range(axes) if k not in at]
            parts.append(run.permute(0, 2, 4, *rest, 1, 3, *(5 + k for k in at)).flatten(3 + len(rest), 4 + len(rest)))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1 - len(at))

    def mapped(
        self,
        values: "Tensor",
        axes: int,
        at: Sequence[int],
        f: "Callable[[Tensor], Tensor]",
        rho: "Representation",
        kept: bool,
    ) -> "Tensor":
        """f ⊗ 1, of an f that leads to fields ρ at the points of this factor, or, where they are not `kept`, to one.

        Of the `axes` of points those of this factor are `at`; all is said beforehand, so that a tracer can follow.
        """
        x = self.taken(values, axes, at)
        rest = axes - len(at)
        y = f(x.flatten(0, 2 + rest)).unflatten(0, x.shape[: 3 + rest])
        return self.given_back(y, rho, rest, at if kept else ())

    def seen_over(
        self, values: "Tensor", at: Sequence[int], f: "Callable[[Tensor], Tensor | None]", rho: "Representation"
    ) -> "Tensor | None":
        """f ⊗ 1 by an f of `[rows, channel, before, axes of this factor…, after]`, where all stands so; else None.

        It does where there is one run of fields, and no channels of factors before it, or it is of scalars itself.
        """
        others = self.before * self.after
        (start, copies, dim), *more = self.runs
        if more or (self.before > 1 and (dim > 1 or any(field.dim > 1 for field, _ in rho.fields))):
            return None
        sizes, first = tuple(values.shape[2:]), at[0] if at else values.dim() - 2
        before, after = sizes[:first], sizes[first + len(at) :]
        own = values.narrow(1, start, copies * others * dim)
        own = own.reshape(
            len(values), copies * dim, others * prod(before), *sizes[first : first + len(at)], prod(after)
        )
        y = f(own)
        return None if y is None else y.reshape(len(y), y.shape[1] * others, *before, *y.shape[3:-1], *after)

    def given_back(self, values: "Tensor", rho: "Representation", axes: int, at: Sequence[int]) -> "Tensor":
        """The way back, for fields ρ of this factor: `axes` other axes, its own at the places `at`."""
        parts, start = [], 0
        rest = [k for k in range(axes + len(at)) if k not in at]
        channel = 3 + axes
        for field, copies in rho.fields:
            run = values.narrow(channel, start, copies * field.dim).unflatten(channel, (copies, field.dim))
            places = {k: 3 + n for n, k in enumerate(rest)} | {k: channel + 2 + n for n, k in enumerate(at)}
            run = run.permute(0, channel, 1, channel + 1, 2, *(places[k] for k in range(axes + len(at))))
            parts.append(run.flatten(1, 4))
            start += copies * field.dim
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


@lru_cache(maxsize=1024)
def strands_of(rho: "Representation", groups: tuple["Group", ...], place: int) -> tuple[Strand, ...]:
    """The channels of ρ as factor `place` sees them, in the order in which the others first stand."""
    found: dict[tuple[Representation, ...], list[tuple[int, int, Representation]]] = {}
    start = 0
    for field, copies in rho.fields:
        parts = parts_of(field, groups)
        found.setdefault((*parts[:place], *parts[place + 1 :]), []).append((start, copies, parts[place]))
        start += copies * field.dim
    return tuple(
        Strand(
            place,
            others,
            direct_sum(*((field, copies) for _, copies, field in runs)),
            tuple((start, copies, field.dim) for start, copies, field in runs),
        )
        for others, runs in found.items()
    )


@lru_cache(maxsize=1024)
def places_of(strands: tuple[Strand, ...]) -> tuple[int, ...] | None:
    """Where each channel of the whole stands when they are taken strand by strand; None where they stand in order."""
    taken = [
        start + i for s in strands for start, copies, dim in s.runs for i in range(copies * s.before * dim * s.after)
    ]
    places = tuple(sorted(range(len(taken)), key=taken.__getitem__))
    return None if places == tuple(range(len(taken))) else places


def joined(strands: Sequence[Strand], rhos: "Sequence[Representation]") -> "Representation":
    """The fields of the whole, strand by strand, where those of the factor are these."""
    return direct_sum(*(run for strand, rho in zip(strands, rhos, strict=True) for run in strand.joined(rho).fields))
