"""Axis 1 of a tensor as what it is: fields of a few kinds, each kind `[batch, copies, fibre, …points]`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import RepresentationError
from erlangen.representations import Representation
from erlangen.representations.sums import period


@dataclass(frozen=True)
class Kind:
    """All copies of one field: `runs` are the (first channel, copies) where they stand side by side.

    `turns` is how often all kinds stand in the same order, one turn behind the other, as those of functions do.
    """

    field: Representation
    dim: int
    permuted: bool
    runs: tuple[tuple[int, int], ...]
    turns: int = 1

    @property
    def copies(self) -> int:
        """How many fields are of this kind."""
        return sum(m for _, m in self.runs)

    @property
    def channels(self) -> int:
        """How many channels they take."""
        return self.copies * self.dim

    @property
    def starts(self) -> tuple[int, ...]:
        """The first channel of every field."""
        return tuple(first + i * self.dim for first, m in self.runs for i in range(m))

    @property
    def in_turn(self) -> tuple[tuple[int, int], ...]:
        """The runs of the first turn; the others are as many channels further on."""
        return self.runs[: len(self.runs) // self.turns]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Kind":
        return self


Kinds = tuple[Kind, ...]
_MANY = 8  # pieces, from where one gather is faster than to join them


@lru_cache(maxsize=1024)
def kinds_of(rho: Representation) -> Kinds:
    """The distinct fields of ρ, in the order in which they first stand."""
    runs: dict[Representation, list[tuple[int, int]]] = {}
    start = 0
    for field, m in rho.fields:
        runs.setdefault(field, []).append((start, m))
        start += m * field.dim
    turns = len(rho.fields) // period(rho.fields)
    return tuple(Kind(field, field.dim, field.is_permutation, tuple(places), turns) for field, places in runs.items())


def split_fields(values: Tensor, kinds: Kinds) -> list[Tensor]:
    """The fields of each kind, `[batch, m, d, …]`; views where those of a kind stand side by side."""
    turns = values.unflatten(1, (kinds[0].turns, -1))
    sizes = {start: m * kind.dim for kind in kinds for start, m in kind.in_turn}
    starts = sorted(sizes)
    pieces = _split(turns, [sizes[start] for start in starts], 2)
    piece = dict(zip(starts, pieces, strict=True))
    parts = [_joined([piece[start] for start, _ in kind.in_turn], 2) for kind in kinds]
    return [part.unflatten(2, (-1, kind.dim)).flatten(1, 2) for part, kind in zip(parts, kinds, strict=True)]


def join_fields(parts: list[Tensor], kinds: Kinds) -> Tensor:
    """The way back: `[batch, channel, …]`."""
    return in_channel_order([part.flatten(1, 2) for part in parts], kinds, 1)


def in_channel_order(parts: list[Tensor], kinds: Kinds, dim: int) -> Tensor:
    """One tensor of what belongs to each kind's channels along `dim`, in the order of the channels."""
    if len(parts) == 1:
        return parts[0]
    pieces: list[tuple[int, Tensor]] = []
    for part, kind in zip(parts, kinds, strict=True):
        sizes = [m * kind.dim for _, m in kind.in_turn]
        runs = _split(part.unflatten(dim, (kind.turns, -1)), sizes, dim + 1)
        pieces += [(start, run) for (start, _), run in zip(kind.in_turn, runs, strict=True)]
    ordered = sorted(pieces, key=lambda placed: placed[0])
    return _joined([piece for _, piece in ordered], dim + 1).flatten(dim, dim + 1)


def places(kinds: Kinds) -> np.ndarray:
    """For every channel its place where the kinds stand one behind the other."""
    return np.argsort([start + i for kind in kinds for start, m in kind.runs for i in range(m * kind.dim)])


def are_scattered(kinds: Kinds) -> bool:
    """Whether one gather of all channels is faster than to join what stands side by side."""
    return sum(len(kind.in_turn) for kind in kinds) > _MANY


def _split(whole: Tensor, sizes: list[int], dim: int) -> list[Tensor]:
    """Pieces of these sizes; the way back is one pass for all of them, and none where there is one."""
    if len(sizes) == 1:
        return [whole]
    pieces = whole.split_with_sizes(sizes, dim)
    return [pieces[i] for i in range(len(sizes))]  # not iterated over, which tracers cannot


def _joined(parts: list[Tensor], dim: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)


def root_mean_square(fields: Tensor) -> Tensor:
    """√(|x|²/d) of fields `[batch, m, d, …]`, smooth at 0; the squares of half precision are taken in float32."""
    wide = fields * fields.new_ones(1, dtype=torch.float32)  # promotes half, leaves double, and can be traced
    return (wide.square().mean(dim=2) + 1e-12).sqrt().type_as(fields)


def require_orthogonal(rho: Representation, what: str) -> None:
    """Refuse a representation whose norm the group changes."""
    if not rho.is_orthogonal:
        raise RepresentationError(f"{what} of {rho}", "an orthogonal representation", "Take rho.orthogonalized().")


def require_permutation(rho: Representation, what: str, mend: str) -> None:
    """Refuse a representation that does more than reorder channels."""
    if not rho.is_permutation:
        raise RepresentationError(f"{what} of {rho}", "a permutation representation (trivial, regular, quotient)", mend)
