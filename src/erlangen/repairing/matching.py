"""How a group moves channels that nobody told to move: read off what they answer, else the fields that come nearest."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import SymmetryError
from erlangen.groups import Element, Group
from erlangen.representations import Representation, direct_sum, from_permutations

MOVES = 0.99  # the least correlation of a channel with what it moves to, where an action is said to be found
NOBODY = -1  # stands at a free place
Array = np.ndarray


@dataclass(frozen=True)
class Fields:
    """Channels as fields: new channel i is the old channel `order[i]`, and they move by `rho`.

    `agreement` is the mean correlation of each channel on g·x with what it should be, over all g but 1; `found` whether
    the channels move so already. At places in `free` no old channel stands: these are new, and there `order` has one of
    the same field, whose statistics they begin with.

    >>> from erlangen.groups import C
    >>> fields = Fields(C(2).regular, order=(0, 3), agreement=0.8, found=False, free=frozenset({1}))
    >>> fields.rho.dim, fields.filled
    (2, [0])
    """

    rho: Representation
    order: tuple[int, ...]
    agreement: float
    found: bool
    free: frozenset[int] = frozenset()

    @property
    def filled(self) -> list[int]:
        """The places at which an old channel stands."""
        return [i for i in range(len(self.order)) if i not in self.free]


def correlation(there: Tensor, here: Tensor) -> Array:
    """c[i, j] = corr(a_i, b_j) over examples and points, `[n, c, …]` → `[c, c]`; 1 of two that are constant."""
    a, b = (values.transpose(0, 1).flatten(1).double() for values in (there, here))
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    ends = a.norm(dim=1), b.norm(dim=1)
    size, constant = torch.outer(*ends), torch.outer(ends[0] == 0, ends[1] == 0)
    return torch.where(size > 0, a @ b.T / size.clamp(min=1e-300), constant.double()).numpy()


def fields_of(group: Group, correlated: Array, width: int = 1) -> Fields:
    """The action of the group on channels if there is one, else regular fields, and single channels that are left.

    `correlated` `[|G|, c, c]` is c_g[i, j] = corr(h_i(g·x), (g·h_j)(x)), in the order of the group's elements.
    Where every generator permutes the channels, up to a correlation of 0.99, these permutations make the action, and
    its orbits the fields. Else channels are put together to regular fields so that their mean agreement is large: each
    by the best assignment to the elements of the group, then by exchanging two for as long as that helps. With a
    `width` only |G|/width channels go into each field, at the places where they agree most; the others stay free.
    """
    return _found(group, correlated) or _matched(group, correlated, width)


# ---- an action that is there ---------------------------------------------------------------------------------------
def _found(group: Group, correlated: Array) -> Fields | None:
    from scipy.optimize import linear_sum_assignment

    number = {g: i for i, g in enumerate(group.elements)}
    images = []
    for g in group.generators:
        corr = correlated[number[g]]
        rows, columns = linear_sum_assignment(-corr)
        if corr[rows, columns].min() < MOVES:
            return None
        image = np.empty(len(corr), dtype=int)
        image[columns] = rows
        images.append(tuple(image.tolist()))
    try:
        action = from_permutations(group, images)
    except SymmetryError:  # each moves channels, but not together as the group does
        return None
    moved = np.array([action.permutation(g) for g in group.elements])
    fields, order = _orbits(group, moved)
    return Fields(
        direct_sum(*((field, 1) for field in fields)), order, _agreement(group, correlated, fields, order), True
    )


def _orbits(group: Group, moved: Array) -> tuple[list[Representation], tuple[int, ...]]:
    """Each orbit of channels as the cosets of the subgroup that keeps its first: `moved[g, j]` is where j goes."""
    elements = group.elements
    known: dict[frozenset[int], Representation] = {}
    runs: dict[frozenset[int], list[int]] = {}
    seen: set[int] = set()
    for first in range(moved.shape[1]):
        if first in seen:
            continue
        orbit = sorted(set(moved[:, first].tolist()))
        seen.update(orbit)
        keeps = {j: frozenset(np.flatnonzero(moved[:, j] == j).tolist()) for j in orbit}
        base = next((j for j in orbit if keeps[j] in known), first)
        kept = keeps[base]
        if kept not in known:
            known[kept] = _quotient(group, [elements[i] for i in sorted(kept)])
        at = [known[kept].permutation(g)[0] for g in elements]
        places = dict(zip(at, moved[:, base].tolist(), strict=True))
        runs.setdefault(kept, []).extend(places[i] for i in range(known[kept].dim))
    fields = [known[kept] for kept, channels in runs.items() for _ in range(len(channels) // known[kept].dim)]
    return fields, tuple(j for channels in runs.values() for j in channels)


def _quotient(group: Group, kept: Sequence[Element]) -> Representation:
    """The representation on the cosets of the subgroup of these elements."""
    if len(kept) == 1:
        return group.regular
    return group.trivial if len(kept) == group.order else group.quotient(group.subgroup(list(kept)))


# ---- fields that come nearest --------------------------------------------------------------------------------------
def _matched(group: Group, correlated: Array, width: int) -> Fields:
    n, c = len(group.elements), correlated.shape[1]
    if n == 1:
        return Fields(c * group.trivial, tuple(range(c)), 1.0, True)
    slots = _Slots(group, correlated)
    still = np.einsum("gjj->j", correlated)
    single = np.argsort(-still, kind="stable")[: c % n].tolist() if c >= n and width == 1 else []
    left = [j for j in range(c) if j not in single]
    fields = [slots.of_few(c)] if c < n and width == 1 else slots.exchanged(slots.greedy(left, n // width))
    places = [j for field in fields for j in field] + single
    free = frozenset(i for i, j in enumerate(places) if j == NOBODY)
    order = tuple(j for field in fields for j in _stand_ins(field)) + tuple(single)
    rho = len(fields) * group.regular + len(single) * group.trivial if single else len(fields) * group.regular
    kinds = [group.regular] * len(fields) + [group.trivial] * len(single)
    return Fields(rho, order, _agreement(group, correlated, kinds, places), False, free)


def _stand_ins(field: Sequence[int]) -> list[int]:
    """The field with its own channels in turn at the places where nobody stands."""
    own = cycle([j for j in field if j != NOBODY])
    return [next(own) if j == NOBODY else j for j in field]


class _Slots:
    """What it says for a channel to stand at an element a of the group while another stands at b: c_g of the one with
    the other, b = g a, and back."""

    def __init__(self, group: Group, correlated: Array):
        self.correlated = correlated
        moved = np.array([group.regular.permutation(g) for g in group.elements])  # [g, a] → g a
        self.n = n = moved.shape[1]
        self.between = np.empty((n, n), dtype=int)  # [a, b] → the g that takes a to b
        for g, images in enumerate(moved):
            self.between[np.arange(n), images] = g

    def for_others(self, field: Sequence[int] | Array) -> Array:
        """How well each channel would stand at each place beside what is at the others, `[n, c]`."""
        chosen = np.array(field)
        found = np.zeros((self.n, self.correlated.shape[1]))
        for a in range(self.n):
            for b in np.flatnonzero(chosen != NOBODY):
                if a != b:
                    ahead = self.correlated[self.between[a, b], chosen[b]]
                    found[a] += ahead + self.correlated[self.between[b, a], :, chosen[b]]
        return found

    def beside(self, seed: int) -> Array:
        """How well each channel would stand at each place beside one at the first, `[n, c]`."""
        ahead = self.correlated[self.between[0], :, seed]
        return ahead + self.correlated[self.between[:, 0], seed]

    def value(self, field: Sequence[int]) -> float:
        """How well they stand together."""
        chosen = np.array(field)
        at = np.flatnonzero(chosen != NOBODY)
        return float(self.for_others(field)[at, chosen[at]].sum()) / 2

    def greedy(self, channels: Sequence[int], many: int) -> list[list[int]]:
        """One field of so `many` channels after the other, each the best that those left make about one of them."""
        left, fields = list(channels), []
        while left:
            field = max((self._about(seed, left, many) for seed in left), key=self.value)
            fields.append(field)
            left = [j for j in left if j not in field]
        return fields

    def _about(self, seed: int, left: Sequence[int], many: int) -> list[int]:
        from scipy.optimize import linear_sum_assignment

        others = [j for j in left if j != seed]
        beside = self.beside(seed)[1:, others]
        rows, columns = linear_sum_assignment(-beside)
        best = np.argsort(-beside[rows, columns], kind="stable")[: many - 1]
        field = [seed, *[NOBODY] * (self.n - 1)]
        for k in best:
            field[1 + rows[k]] = others[columns[k]]
        return field

    def of_few(self, c: int) -> list[int]:
        """One field of fewer channels than the group has elements: each stands several times."""
        from scipy.optimize import linear_sum_assignment

        many = np.tile(np.arange(c), -(-self.n // c))

        def about(seed: int) -> list[int]:
            rest = np.delete(many, seed)
            needed = 1e3 * (np.arange(len(rest)) < c - 1)  # every channel once, before one stands again
            _, columns = linear_sum_assignment(-self.beside(seed)[1:, rest] - needed)
            return [seed, *rest[columns].tolist()]

        return max(map(about, range(c)), key=self.value)

    def exchanged(self, fields: list[list[int]]) -> list[list[int]]:
        """Channels of two fields exchanged, the best exchange first, for as long as one helps."""
        chosen = np.array(fields)
        values = np.stack([self.for_others(field) for field in fields])  # [field, place, channel]
        own = np.repeat(np.arange(len(fields)), self.n)
        while True:
            at = values.reshape(-1, values.shape[2])[:, chosen.reshape(-1)]  # [place, the channel at a place]
            gain = at + at.T - np.diag(at)[:, None] - np.diag(at)[None]
            nobody = chosen.reshape(-1) == NOBODY
            gain[(own[:, None] == own[None]) | nobody[:, None] | nobody[None]] = 0
            u, v = np.unravel_index(gain.argmax(), gain.shape)
            if gain[u, v] <= 1e-9:
                return chosen.tolist()
            flat = chosen.reshape(-1)
            flat[u], flat[v] = flat[v], flat[u]
            for i in (own[u], own[v]):
                values[i] = self.for_others(chosen[i])


def _agreement(group: Group, correlated: Array, fields: Sequence[Representation], order: Sequence[int]) -> float:
    """The mean of c_g between each channel and that to which it is to move, over all g but 1 and all places at which
    both stand; 1 where no two do."""
    start = np.cumsum([0, *(field.dim for field in fields)])
    found = []
    for g, corr in zip(group.elements, correlated, strict=True):
        if g == group.identity:
            continue
        for first, field in zip(start, fields, strict=False):
            channels = np.array(order[first : first + field.dim])
            moved = channels[field.permutation(g)]
            both = (moved != NOBODY) & (channels != NOBODY)
            found.append(corr[moved[both], channels[both]])
    pairs = np.concatenate(found)
    return float(pairs.mean()) if len(pairs) else 1.0
