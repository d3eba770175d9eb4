"""The elements that are averaged over, each as a move between sites after one that only moves sites."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Lattice, counterpart
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import whole
from erlangen.groups import Element, Group, Trivial
from erlangen.groups.enumeration import LARGEST_ENUMERATED
from erlangen.symmetrize.action import Action


@dataclass(frozen=True)
class Step:
    """g = k r: k maps the domain to itself, r (None: the identity) is interpolated."""

    k: Element
    r: Element | None

    def pull(self, action: Action, x: Tensor) -> Tensor:
        """g⁻¹·x."""
        moved = action.inputs(~self.k, x)
        return moved if self.r is None else action.inputs(~self.r, moved)

    def push(self, action: Action, y: Tensor) -> Tensor:
        """g·y."""
        return action.answers(self.k, y if self.r is None else action.answers(self.r, y))


@dataclass(frozen=True)
class Orbit:
    """{k r : k ∈ K, r ∈ R}, K all that the domain keeps of the group: so what is kept exactly stays so."""

    steps: tuple[Step, ...]
    kept: Group
    drawn: bool

    def __deepcopy__(self, memo: dict[int, Any]) -> "Orbit":
        return self

    @property
    def exact(self) -> bool:
        """Whether these are all elements of the group, and none is interpolated."""
        return not self.drawn and all(step.r is None for step in self.steps)


def orbit(action: Action, samples: int | None, seed: int) -> Orbit:
    """All elements of a finite group, by right cosets of K; of another K times so many drawn ones, at least `samples`.

    Raises a GroupError for a group that cannot be listed where no number of samples is given, and for samples of one
    that can.

    >>> import erlangen as er
    >>> from erlangen.symmetrize.action import read_action
    >>> def steps(group, samples=None):
    ...     return len(orbit(read_action(er.Grid(2), group, er.Invariant(1), 1), samples, 0).steps)
    >>> steps(er.C(4)), steps(er.C(8)), steps(er.SO(2), 10)
    (4, 8, 12)
    """
    group, domain = action.group, action.domain
    listed = group.order is not None and group.order <= LARGEST_ENUMERATED
    if listed and samples is not None:
        given, expected = f"samples={samples!r} of {group!r}", "no samples, since all elements can be listed"
        raise GroupError(given, expected, "Leave samples out; for less work average over a subgroup.")
    if not listed and samples is None:
        mend = "Pass samples=16, say, or a finite subgroup as symmetry; both are approximate."
        raise GroupError(f"{group!r}, whose elements cannot all be listed", "a number of samples", mend)
    if listed and domain.preserves(group):
        return Orbit(tuple(Step(k, None) for k in group.elements), group, drawn=False)
    kept = domain.kept(group)
    ks = kept_elements(action, kept)
    if listed:
        part = group.subgroup(*ks)
        rs = [~coset[0] for coset in group.cosets(part)]
    else:
        rs = group.sample(ceil(whole("samples", samples, InputError) / len(ks)), whole("seed", seed, InputError, 0))
    moves = [None if r == group.identity else r for r in rs]
    part = kept if len(ks) > 1 else Trivial()
    return Orbit(tuple(Step(k, r) for r in moves for k in ks), part, drawn=not listed)


def kept_elements(action: Action, kept: Group) -> list[Element]:
    """The elements of the group that move the domain as those of K do; the identity alone where K is too large."""
    group, domain = action.group, action.domain
    if kept.order is None or kept.order > LARGEST_ENUMERATED:
        return [group.identity]
    if kept == group or not isinstance(domain, Lattice):
        return [group.element(k) for k in kept.elements]
    found = [counterpart(domain, group, k) for k in kept.elements]
    if None in found:
        given = f"{group!r} on {domain!r}, where several elements move points alike"
        raise DomainError(given, "a group each of whose elements moves points otherwise", f"Name {kept!r}.")
    return [g for g in found if g is not None]


def in_calls(moved: Iterable[tuple[Any, Tensor]], limit: int) -> Iterator[tuple[list[Any], Tensor]]:
    """Batches joined to calls of at most `limit` signals (a batch that is larger by itself is one), shapes apart.

    >>> [(names, len(x)) for names, x in in_calls([(i, torch.zeros(2, 1)) for i in "abc"], 4)]
    [(['a', 'b'], 4), (['c'], 2)]
    """
    names: list[Any] = []
    parts: list[Tensor] = []
    for name, x in moved:
        full = parts and (sum(map(len, parts)) + len(x) > limit or x.shape[1:] != parts[0].shape[1:])
        if full:
            yield names, torch.cat(parts)
            names, parts = [], []
        names, parts = [*names, name], [*parts, x]
    if parts:
        yield names, torch.cat(parts)
