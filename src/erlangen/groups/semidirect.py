"""Semidirect products: one symmetry acting on another, as rotations act on translations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import shorten
from erlangen.groups.automorphisms import automorphism, extend_action
from erlangen.groups.base import Group, as_group
from erlangen.groups.element import Element, Key
from erlangen.groups.enumeration import Indices
from erlangen.groups.membership import Images
from erlangen.groups.permutations import Permuting


def semidirect(normal: Group, acting: Group, action: Mapping[Any, Any] | Callable[[Element], Any]) -> SemidirectProduct:
    """N ⋊ H: (n, h)(n′, h′) = (n · α_h(n′), h h′), where h ↦ α_h is a homomorphism from H to the automorphisms of N.

    `action` gives α_h for each generator h of H, and α_h(n) for each generator n of N: {h: {n: n′}}, a function
    h ↦ (n ↦ n′), or one inside the other. GroupError names the relation that fails.

    >>> from erlangen.groups import C
    >>> turns, flip = C(4), C(2)
    >>> G = semidirect(turns, flip, lambda h: lambda n: ~n)  # D(4) once more, as permutations of four points
    >>> G.order, len(G.conjugacy_classes), G.degree
    (8, 5, 4)
    """
    for group, role in ((normal, "the normal group"), (acting, "the acting group")):
        as_group(group, role)
    images: list[tuple[Element, ...]] = []
    for h in acting.generators:
        by_h = _image(action, h, acting, f"the automorphism for {h}")
        row = (_image(by_h, n, normal, f"the image of {n} under {h}") for n in normal.generators)
        images.append(tuple(normal.element(image) for image in row))
    return SemidirectProduct(normal, acting, tuple(images))


@dataclass(frozen=True, repr=False)
class SemidirectProduct(Permuting):
    """N ⋊ H, as `semidirect` makes it; images[t][s] = α_t(s) for the generators t of H and s of N.

    Keys: pairs (index in N, index in H). Generators: those of N, then those of H. Permutes the elements of N by
    (n, h) x = n α_h(x), and also those of H, by h y, where that alone would not tell all elements apart.

    >>> import erlangen as er
    >>> G = er.semidirect(er.C(4), er.C(2), lambda h: lambda n: ~n)
    >>> isinstance(G, er.groups.SemidirectProduct), G.order
    (True, 8)
    """

    normal: Group
    acting: Group
    images: tuple[tuple[Element, ...], ...]

    def __post_init__(self) -> None:
        expected = (len(self.acting.generators), len(self.normal.generators))
        if len(self.images) != expected[0] or any(len(row) != expected[1] for row in self.images):
            raise GroupError(
                f"images in rows of {[len(row) for row in self.images]}",
                f"{expected[0]} rows of {expected[1]}: a row for each generator of {self.acting.label}",
                "Use semidirect(N, H, action).",
            )
        _ = self.automorphisms  # an action that is none is refused here, not later

    @cached_property
    def automorphisms(self) -> Indices:
        """automorphisms[j, i] = index of α_{h_j}(n_i), integers [|H|, |N|]."""
        on_generators = [automorphism(self.normal, row) for row in self.images]
        automorphisms = extend_action(self.acting, on_generators, len(self.normal.enumeration.keys))
        automorphisms.setflags(write=False)
        return automorphisms

    @property
    def order(self) -> int:
        """|N| |H|."""
        return self.automorphisms.size

    def parts(self, g: Element) -> tuple[Element, Element]:
        """g = n h as the pair of n in N and h in H."""
        i, j = self.element(g).key
        return self.normal.elements[i], self.acting.elements[j]

    def unit(self) -> Key:
        """(0, 0)."""
        return (0, 0)

    def generator_keys(self) -> Sequence[Key]:
        """(n, e), then (e, h)."""
        normal = [(int(i), 0) for i in self.normal.enumeration.left[:, 0]]
        return (*normal, *((0, int(j)) for j in self.acting.enumeration.left[:, 0]))

    def multiply(self, a: Key, b: Key) -> Key:
        """(n α_h(n′), h h′)."""
        moved = self.automorphisms[a[1], b[0]]
        return int(self.normal.table[a[0], moved]), int(self.acting.table[a[1], b[1]])

    def invert(self, a: Key) -> Key:
        """(α_h⁻¹(n⁻¹), h⁻¹)."""
        back = self.acting.inverses[a[1]]
        return int(self.automorphisms[back, self.normal.inverses[a[0]]]), int(back)

    def text_of(self, a: Key) -> str:
        """(n, h)."""
        return f"({self.normal.elements[a[0]]}, {self.acting.elements[a[1]]})"

    def read(self, thing: Any) -> Key | None:
        """A pair of what N and H read, or anything that is read as a permutation of the points."""
        if isinstance(thing, (tuple, list)) and len(thing) == 2:
            n, h = thing
            if self.normal.contains(n) and self.acting.contains(h):
                return self.normal.index(n), self.acting.index(h)
        return super().read(thing)

    @cached_property
    def is_faithful_on_normal(self) -> bool:
        """Whether no two elements of H act alike, so that the elements of N are points enough."""
        return len(np.unique(self.automorphisms, axis=0)) == len(self.automorphisms)

    @property
    def degree(self) -> int:
        """|N|, or |N| + |H|."""
        acting, normal = self.automorphisms.shape
        return normal if self.is_faithful_on_normal else normal + acting

    def images_of(self, a: Key) -> Images:
        """x ↦ n α_h(x), and then y ↦ h y."""
        points = self.normal.table[a[0], self.automorphisms[a[1]]].tolist()
        if not self.is_faithful_on_normal:
            points += (len(points) + self.acting.table[a[1]]).tolist()
        return tuple(points)

    def from_images(self, images: Images) -> Key | None:
        """n is where e goes; h is what is left."""
        size = self.automorphisms.shape[1]
        if len(images) != self.degree or images[0] >= size:
            return None
        moved = self.normal.table[images[0], self.automorphisms] == images[:size]
        alike = np.flatnonzero(moved.all(axis=1)).tolist()
        return next(((images[0], j) for j in alike if self.images_of((images[0], j)) == images), None)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """Uniform pairs."""
        acting, normal = self.automorphisms.shape
        return list(zip(rng.integers(normal, size=n).tolist(), rng.integers(acting, size=n).tolist(), strict=True))

    def __repr__(self) -> str:
        rows = [
            f"{t}: {{{', '.join(f'{n}: {image}' for n, image in zip(self.normal.generators, row, strict=True))}}}"
            for t, row in zip(self.acting.generators, self.images, strict=True)
        ]
        return f"semidirect({self.normal!r}, {self.acting!r}, {{{', '.join(rows)}}})"

    def __str__(self) -> str:
        return f"({self.normal} ⋊ {self.acting})"


def _image(mapping: Any, g: Element, group: Group, what: str) -> Any:
    """mapping[g], or mapping(g); the keys of a mapping are anything that the group reads."""
    if callable(mapping):
        return mapping(g)
    if isinstance(mapping, Mapping):
        for key, value in mapping.items():
            if group.read(key) is not None and group.element(key) == g:
                return value
    raise GroupError(
        f"an action without {what}: {shorten(mapping)}",
        "{h: {n: image}} for every generator h of the acting and n of the normal group, or functions",
        f"The generators of {group.label} are {', '.join(map(str, group.generators))}.",
    )
