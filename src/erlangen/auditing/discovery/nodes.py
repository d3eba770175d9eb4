"""The lattice of subgroups of the candidates: every subgroup once, by how its elements move space."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from erlangen.auditing.discovery.place import Place
from erlangen.errors import DomainError, GroupError
from erlangen.groups import SO, C, D, Element, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral

Key: TypeAlias = tuple[float, ...]

LARGEST = 200  # elements of a candidate
MOST = 1000  # subgroups
STAND_INS: dict[Group, tuple[Group, ...]] = {
    SO(2): (C(24),),
    O(2): (D(24),),
    SO(3): (Octahedral(), Icosahedral()),
    O(3): (FullOctahedral(), Icosahedral()),
}


@dataclass(frozen=True, eq=False)
class Node:
    """A group that may or may not be kept: its motions of space by their matrices, the identity first."""

    group: Group
    motions: dict[Key, Element]
    generator: Element | None  # of a cyclic one

    @property
    def order(self) -> int:
        """How many motions of space it has."""
        return len(self.motions)

    @cached_property
    def keys(self) -> frozenset[Key]:
        """What it is compared with others by."""
        return frozenset(self.motions)

    def contains(self, other: "Node") -> bool:
        """Whether the other is a subgroup of it, or the same."""
        return other.keys <= self.keys


def key_of(matrix: np.ndarray) -> Key:
    """A matrix to six digits, as something to be looked up by."""
    return tuple((np.round(matrix, 6) + 0.0).ravel().tolist())


def finite(candidates: Sequence[Group]) -> list[tuple[Group, Group]]:
    """(what is listed, what it stands for): a continuous group is sought by finite subgroups of it.

    >>> finite([C(4), SO(2)])
    [(C(4), C(4)), (C(24), SO(2))]
    """
    found = []
    for group in candidates:
        if not isinstance(group, Group) or getattr(group, "is_declaration", False):
            raise GroupError(f"the candidate {group!r}", "a group with elements", "For quarter turns: er.C(4).")
        if group.order is not None and group.order > LARGEST:
            raise GroupError(
                f"the candidate {group.label} of {group.order:,} elements",
                f"groups of at most {LARGEST}, whose subgroups can be listed",
                "Name subgroups of it that you have in mind.",
            )
        listed = (group,) if group.order is not None else STAND_INS.get(group, ())
        if not listed:
            raise GroupError(f"the candidate {group.label}", "a finite group, SO(n) or O(n)", "Name a finite subgroup.")
        found += [(each, group) for each in listed]
    return found


def nodes_of(groups: Sequence[Group], place: Place) -> list[Node]:
    """All subgroups of the groups but the trivial one, each once, from small to large."""
    found: dict[frozenset[Key], Node] = {}
    names = _Names(groups, place)
    for group in groups:
        keys = [_key(place, g) for g in group.elements]
        for members in subgroups(group):
            motions = {keys[i]: group.elements[i] for i in reversed(members)}
            motions = {key: motions[key] for key in dict.fromkeys(keys[i] for i in members)}
            if len(motions) > 1:
                found.setdefault(frozenset(motions), _node(group, members, motions, names))
    return sorted(found.values(), key=lambda node: node.order)


def subgroups(group: Group) -> list[tuple[int, ...]]:
    """Every subgroup as the indices of its elements: the cyclic ones, and what they generate together.

    >>> len(subgroups(D(4))), len(subgroups(Octahedral()))
    (10, 30)
    """
    table = np.asarray(group.table)
    cyclic = {_closure(table, frozenset((i,))) for i in range(len(table))}
    found, frontier = set(cyclic), set(cyclic)
    while frontier:
        joined = {_closure(table, h | c) for h in frontier for c in cyclic if not c <= h}
        frontier = joined - found
        found |= frontier
        if len(found) > MOST:
            raise GroupError(
                f"{group.label}, of more than {MOST:,} subgroups", "a group of fewer", "Name those you have in mind."
            )
    return [tuple(sorted(members)) for members in sorted(found, key=lambda m: (len(m), sorted(m)))]


def _closure(table: np.ndarray, members: frozenset[int]) -> frozenset[int]:
    inside = np.unique([0, *members])
    while True:
        grown = np.unique(table[np.ix_(inside, inside)])
        if len(grown) == len(inside):
            return frozenset(inside.tolist())
        inside = grown


def _key(place: Place, g: Element) -> Key:
    matrix = place.matrix(g)
    if matrix is None:
        raise DomainError(
            f"the candidate {g.group.label}, which does not move {place.dim} dimensions",
            f"a group that acts on {place.dim}-dimensional space",
            "For planes such as er.D(4), for volumes such as er.Octahedral().",
        )
    return key_of(matrix)


def _node(group: Group, members: tuple[int, ...], motions: dict[Key, Element], names: "_Names") -> Node:
    table = np.asarray(group.table)
    whole = _closure(table, frozenset())
    generating: list[int] = []
    for i in sorted(members, key=lambda i: -_order_of(table, i)):
        if i not in whole:
            generating.append(i)
            whole = _closure(table, whole | {i})
    made = names.of(frozenset(motions)) or group.subgroup(*(group.elements[i] for i in generating))
    return Node(made, motions, group.elements[generating[0]] if len(generating) == 1 else None)


def _order_of(table: np.ndarray, i: int) -> int:
    power, count = i, 1
    while power:
        power, count = int(table[power, i]), count + 1
    return count


class _Names:
    """Groups that have names of their own, by their motions: the candidates first."""

    def __init__(self, candidates: Sequence[Group], place: Place):
        self.candidates, self.place = candidates, place
        self.by_order: dict[int, list[tuple[frozenset[Key], Group]]] = {}

    def of(self, keys: frozenset[Key]) -> Group | None:
        """The group that moves so, None where it has no name."""
        if len(keys) not in self.by_order:
            named = [k for k in (*self.candidates, *_named(len(keys), self.place)) if k.order == len(keys)]
            self.by_order[len(keys)] = [(self._moves(k), k) for k in named]
        return next((group for moves, group in self.by_order[len(keys)] if moves == keys), None)

    def _moves(self, group: Group) -> frozenset[Key]:
        matrices = [self.place.matrix(g) for g in group.elements]
        return frozenset(key_of(matrix) for matrix in matrices if matrix is not None)


def _named(order: int, place: Place) -> list[Group]:
    """Groups of that order with names of their own."""
    if place.dim not in (1, 2, 3):
        return []
    found: list[Group] = [Mirror()] if order == 2 else []
    if place.dim > 1:
        found += [C(order), *([D(order // 2)] if order % 2 == 0 else [])]
    if place.dim == 3:
        found += [C(order, axis=axis) for axis in (0, 1, 2)]
        found += [D(order // 2, axis=axis) for axis in (0, 1, 2) if order % 2 == 0]
        found += [k for k in (Octahedral(), FullOctahedral(), Icosahedral()) if k.order == order]
    return found
