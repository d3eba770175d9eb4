"""Between a group G and a subgroup H: quotient and induced representations live on the cosets gH, restrictions on H."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from erlangen.errors import GroupError, RepresentationError
from erlangen.groups import SO, Element, Group, O, Subgroup
from erlangen.groups.base import as_group
from erlangen.representations.base import Images, Matrix, Representation, matrix_of
from erlangen.representations.derived import Derived
from erlangen.representations.named import Trivial, regular, trivial
from erlangen.representations.sums import Sum, direct_sum, multiple
from erlangen.representations.tangent import Tangent


@dataclass(frozen=True)
class Cosets:
    """The left cosets t_0 H, t_1 H, … of H in G, each with the element t_i that stands for it; t_0 is in H."""

    group: Group
    subgroup: Group

    @cached_property
    def representatives(self) -> tuple[Element, ...]:
        """One element t_i of each coset."""
        if self.subgroup == self.group:
            return (self.group.identity,)
        if self.group.order is None:
            return (self.group.identity, _reflection(self.group))
        return tuple(coset[0] for coset in self.group.cosets(self.subgroup))

    @cached_property
    def number(self) -> Images:
        """For each element of a finite G, in its order, the number of its coset."""
        number = np.zeros(len(self.group.elements), dtype=np.int64)
        for i, coset in enumerate(self.group.cosets(self.subgroup)):
            number[[self.group.index(g) for g in coset]] = i
        return number

    @cached_property
    def representative_indices(self) -> Images:
        """The places of the representatives of a finite G in `group.elements`."""
        return np.array([self.group.index(t) for t in self.representatives], dtype=np.int64)

    def moved(self, g: Element) -> Images:
        """The image array of g on the cosets: g t_i H = t_{a[i]} H."""
        if self.subgroup == self.group:
            return np.zeros(1, dtype=np.int64)
        if self.group.order is None:
            flips = np.linalg.det(self.group.matrix(g)) < 0
            return np.array([1, 0] if flips else [0, 1], dtype=np.int64)
        return self.number[self.group.table[self.group.index(g), self.representative_indices]]


@dataclass(frozen=True, repr=False)
class Quotient(Representation):
    """ρ(g) e_{tH} = e_{gtH} on one channel per coset."""

    subgroup: Group

    @property
    def dim(self) -> int:
        return len(cosets(self.group, self.subgroup).representatives)

    @property
    def name(self) -> str:
        return f"quotient({self.subgroup})"

    def _matrix(self, g: Element) -> Matrix:
        return matrix_of(self._images(g))

    def _images(self, g: Element) -> Images:
        return cosets(self.group, self.subgroup).moved(g)


@dataclass(frozen=True, repr=False)
class Restricted(Derived):
    """h ↦ ρ(h) for h in a subgroup of ρ's group."""

    @property
    def name(self) -> str:
        return f"restrict({self.original})"

    def _matrix(self, g: Element) -> Matrix:
        return self.original._matrix(self.original.group.element(g))

    def _images(self, g: Element) -> Images | None:
        return self.original._images(self.original.group.element(g))


@dataclass(frozen=True, repr=False)
class Induced(Representation):
    """ρ↑(g) e_{i,v} = Σ_w ρ(h)_{wv} e_{j,w} where g t_i = t_j h. Channel order: [coset, channel of ρ]."""

    original: Representation

    @property
    def dim(self) -> int:
        return len(cosets(self.group, self.original.group).representatives) * self.original.dim

    @property
    def name(self) -> str:
        return f"induce({self.original})"

    def _matrix(self, g: Element) -> Matrix:
        size = self.original.dim
        matrix = np.zeros((self.dim, self.dim))
        for i, j, h in self._blocks(g):
            matrix[j * size : (j + 1) * size, i * size : (i + 1) * size] = self.original._matrix(h)
        return matrix

    def _images(self, g: Element) -> Images | None:
        size, parts = self.original.dim, []
        for _, j, h in self._blocks(g):
            images = self.original._images(h)
            if images is None:
                return None
            parts.append(j * size + images)
        return np.concatenate(parts)

    def _blocks(self, g: Element) -> list[tuple[int, int, Element]]:
        between = cosets(self.group, self.original.group)
        t, subgroup = between.representatives, self.original.group
        return [(i, int(j), subgroup.element(~t[j] @ g @ t[i])) for i, j in enumerate(between.moved(g))]


def quotient(group: Group, subgroup: Group) -> Representation:
    """ρ(g) e_{tH} = e_{gtH}, one channel for each left coset of H in G, in the order of `group.cosets(H)`.

    O(n).quotient(SO(n)) has two channels, swapped by what mirrors.
    Errors: RepresentationError where H is no subgroup of G, or has infinitely many cosets.

    >>> import erlangen as er
    >>> er.D(4).quotient(er.C(4)).dim, er.O(3).quotient(er.SO(3)).dim
    (2, 2)"""
    cosets(group, as_group(subgroup, "a subgroup"))
    return Quotient(group, subgroup)


def faithful_cosets(group: Group) -> Representation:
    """The functions on G/H for the largest cyclic H that holds no normal subgroup: few cosets that tell all g apart.

    The regular representation where there is no such H but the unit, as in abelian groups.

    >>> import erlangen as er
    >>> faithful_cosets(er.S(4)).dim
    6"""
    found = core_free_cyclic(group)
    return regular(group) if found is None else quotient(group, found)


def core_free_cyclic(group: Group, admits: Callable[[Element], bool] = lambda g: True) -> Subgroup | None:
    """The largest cyclic subgroup that holds no normal one but the unit, generated by an element that is admitted."""
    classes = group.conjugacy_classes[1:]
    for members in sorted(classes, key=lambda members: -members[0].order):
        cyclic = group.subgroup(members[0])
        if admits(members[0]) and not any(all(map(cyclic.contains, each)) for each in classes):
            return cyclic
    return None


def restrict(rho: Representation, subgroup: Group) -> Representation:
    """h ↦ ρ(h), term by term."""
    if as_group(subgroup, "the group of a restriction") == rho.group:
        return rho
    if isinstance(rho, Sum):
        return direct_sum(*(run for part, times in rho.runs for run in multiple(restrict(part, subgroup), times)))
    _refuse_unless_inside(rho.group, subgroup)
    if isinstance(rho, Tangent):
        return Tangent(subgroup)
    return trivial(subgroup) if isinstance(rho, Trivial) else Restricted(subgroup, rho)


def induce(rho: Representation, group: Group) -> Representation:
    """The representation of G that ρ of H induces, term by term."""
    if as_group(group, "the group that is induced to") == rho.group:
        return rho
    if isinstance(rho, Sum):
        return direct_sum(*(run for part, times in rho.runs for run in multiple(induce(part, group), times)))
    cosets(group, rho.group)
    return quotient(group, rho.group) if isinstance(rho, Trivial) else Induced(group, rho)


@lru_cache(maxsize=256)
def cosets(group: Group, subgroup: Group) -> Cosets:
    """The cosets of H in G, refused unless there are finitely many that we can list."""
    _refuse_unless_inside(group, subgroup)
    if group.order is None and group != subgroup and not _is_rotation_part(group, subgroup):
        raise RepresentationError(
            f"the cosets of {subgroup} in {group}",
            "finitely many cosets: a finite group, or O(n) and SO(n)",
            "Take a finite group such as C(n) or Octahedral(), or irreps.",
        )
    return Cosets(group, subgroup)


def _refuse_unless_inside(group: Group, subgroup: Group) -> None:
    try:
        for h in subgroup.generators:
            group.element(h)
    except GroupError as refusal:
        raise RepresentationError(
            f"{subgroup} as a subgroup of {group}",
            f"a group whose elements lie in {group}",
            f"Make one with `group.subgroup(...)`. ({refusal.given})",
        ) from None


def _is_rotation_part(group: Group, subgroup: Group) -> bool:
    return any(group == O(n) and subgroup == SO(n) for n in (2, 3))


def _reflection(group: Group) -> Element:
    """What stands for the second coset of SO(n) in O(n): the mirror of the plane, the inversion of space."""
    size = group.matrix(group.identity).shape[0]
    return group.element(np.diag([1.0, -1.0]) if size == 2 else -np.eye(size))
