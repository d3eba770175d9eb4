"""Permutation representations of one's own, by the images of the generators; of groups of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Element, Group, Permutations, Subgroup
from erlangen.groups.arguments import as_array, is_permutation, shorten
from erlangen.groups.base import as_group
from erlangen.groups.chain import Chain
from erlangen.representations.base import Images, Matrix, Representation, is_listed, matrix_of
from erlangen.representations.relations import broken_relation


@dataclass(frozen=True, repr=False)
class Action(Representation):
    """ρ(g) e_j = e_{g·j}, along words in the generators, whose images were given."""

    images: tuple[tuple[int, ...], ...]
    points: int

    @property
    def dim(self) -> int:
        return self.points

    @property
    def name(self) -> str:
        return f"action on {self.points} points"

    @cached_property
    def generator_images(self) -> tuple[Images, ...]:
        return tuple(np.array(images, dtype=np.int64) for images in self.images)

    @cached_property
    def _listed(self) -> Images:
        """The images of all elements of a group that can be listed, `[order, points]`."""
        found = np.empty((len(self.group.elements), self.points), dtype=np.int64)
        found[0] = np.arange(self.points)
        for child, generator, parent in self.group.enumeration.tree:
            found[child] = self.generator_images[generator][found[parent]]
        return found

    @cached_property
    def _chain(self) -> Chain:
        """The chain of a group of permutations too large for a list, with these points as passengers."""
        own = [np.array(g.key) for g in self.group.generators]
        both = [np.concatenate([a, len(a) + b]) for a, b in zip(own, self.generator_images, strict=True)]
        return Chain(both, len(own[0]), self.group.order or 0)

    def _images(self, g: Element) -> Images:
        if is_listed(self.group):
            return self._listed[self.group.index(g)]
        return self._chain.passengers(g.key)

    def _matrix(self, g: Element) -> Matrix:
        return matrix_of(self._images(g))

    def is_homomorphism(self) -> bool:
        """Whether (gh)·j = g·(h·j): every relation of the group holds among the images."""
        if not is_listed(self.group):
            return self._chain.is_faithful()
        moves = np.array(self.generator_images, dtype=np.int64).reshape(-1, self.points)
        left = self.group.enumeration.left
        return all(np.array_equal(move[self._listed], self._listed[to]) for move, to in zip(moves, left, strict=True))


def from_permutations(group: Group, images: Sequence[Sequence[int] | Images], points: int | None = None) -> Action:
    """The permutation representation whose generators move points as given: ρ(s) e_j = e_{images[j]}.

    Shapes: one image tuple of 0 … n−1 per generator, in the order of `group.generators`; `points` says n for a group
    without generators. Errors: RepresentationError where they are no permutations, or no action: it names a relation of
    the group that they break.

    >>> import erlangen as er
    >>> from erlangen.representations import from_permutations
    >>> from_permutations(er.C(2), [(1, 0, 2)]).decompose().parts
    ((trivial of C2, 2), (irrep(1) of C2, 1))"""
    as_group(group, "the group of an action")
    found = _read(group, images, points)
    rho = Action(group, found, len(found[0]) if found else points or 1)
    _require_words(group)
    if not rho.is_homomorphism():
        raise no_homomorphism(group, "images", broken_relation(group, rho.generator_images))
    return rho


def no_homomorphism(group: Group, what: str, relation: str) -> RepresentationError:
    """The refusal of moves of generators that do not multiply as the generators do."""
    word = relation or "some long product of generators"
    listed = ", ".join(map(str, group.generators))
    each = listed if len(listed) <= 80 else f"its {len(group.generators)} generators"
    made = f"er.Group.from_{'permutations' if what == 'images' else 'matrices'}(...)"
    return RepresentationError(
        f"{what} of the generators of {group} for which {word} is not the identity, as it is in the group",
        f"{what} that multiply as the group does",
        f"Give one for each of {each}, in this order; or let the group be what they generate, {made}.",
    )


def _read(group: Group, images: Sequence[Sequence[int] | Images], points: int | None) -> tuple[tuple[int, ...], ...]:
    arrays = [as_array(each) for each in images]
    sizes = {None if a is None or a.ndim != 1 or not is_permutation(a) else len(a) for a in arrays}
    sizes |= set() if points is None else {points if isinstance(points, int) else None}
    if len(arrays) != len(group.generators) or None in sizes or len(sizes) != 1:
        raise RepresentationError(
            shorten(images),
            f"{len(group.generators)} image tuples of 0 … n−1, one for each generator of {group}",
            "Points are numbered from 0; (1, 0, 2) swaps the first two of three.",
        )
    return tuple(tuple(int(i) for i in a) for a in arrays if a is not None)


def _require_words(group: Group) -> None:
    """Refuse a group whose elements are known neither by a list nor as permutations."""
    root = group
    while isinstance(root, Subgroup):
        root = root.parent
    if not is_listed(group) and not isinstance(root, Permutations):
        raise RepresentationError(
            f"an action of {group}",
            "a group of at most 2,000 elements, or one of permutations",
            "Make it from the permutations that generate it, er.Group.from_permutations(...).",
        )
