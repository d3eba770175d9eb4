"""Which elements of a group are tried, and in which classes they are reported."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from erlangen.auditing.motion import preserves
from erlangen.auditing.naming import class_name
from erlangen.domains import Domain
from erlangen.errors import DomainError
from erlangen.groups import Element, Group
from erlangen.pages import several

SAMPLED = 16  # of an infinite group


@dataclass(frozen=True)
class ElementClass:
    """Elements reported in one row."""

    name: str
    elements: tuple[Element, ...]


def element_classes(
    symmetry: Group, domain: Domain, elements: Iterable[Any] | None, max_elements: int, seed: int
) -> tuple[ElementClass, ...]:
    """The elements to try, without the identity, which every model keeps.

    Those in `elements` each by itself. A finite group of up to `max_elements`: all, by conjugacy class, exact moves
    apart from interpolated ones. A larger one:
    its generators and uniformly drawn words. An infinite one: the elements that map the lattice to itself, and drawn
    ones; rotations apart from mirrors, exact moves apart from interpolated ones.
    """
    if elements is not None:
        chosen = [symmetry.element(g) for g in elements]
        return _checked(symmetry, domain, [_named(domain, (g,)) for g in chosen])
    if symmetry.order is None:
        return _checked(symmetry, domain, _of_infinite(symmetry, domain, max_elements, seed))
    if symmetry.order <= max_elements:
        classes = [c for c in symmetry.conjugacy_classes if symmetry.identity not in c or symmetry.order == 1]
        return _checked(symmetry, domain, [part for c in classes for part in _by_place(domain, c)])
    return _checked(symmetry, domain, _of_large(symmetry, domain, max_elements, seed))


def _of_infinite(group: Group, domain: Domain, most: int, seed: int) -> list[ElementClass]:
    kept = domain.kept(group)
    fits = kept.dimension == group.dimension
    known = () if kept.order is None else kept.elements  # of a product whose other factor is kept whole
    listed = [group.element(g.matrix if fits else domain.cartesian(g)) for g in known if g != kept.identity]
    drawn = group.sample(max(1, min(SAMPLED, most)), rng=seed)
    thinned = _thin(listed, most, seed)
    there, between = domain.places
    whole = [(there, g) for g in thinned] + [(between, g) for g in drawn]
    return _by_kind(whole)


def _of_large(group: Group, domain: Domain, most: int, seed: int) -> list[ElementClass]:
    drawn = [g for g in group.sample(most, rng=seed) if g != group.identity]
    words = tuple(dict.fromkeys(drawn))[: max(0, most - len(group.generators))]
    generators = _named(domain, group.generators)
    classes = [ElementClass(f"generators: {generators.name}", generators.elements)]
    return [*classes, ElementClass(f"{several(len(words), 'random product')} of them", words)] if words else classes


def _thin(listed: list[Element], most: int, seed: int) -> list[Element]:
    if len(listed) <= most:
        return listed
    keep = np.random.default_rng(seed).choice(len(listed), most, replace=False)
    return [listed[i] for i in sorted(keep)]


def _by_place(domain: Domain, elements: Sequence[Element]) -> list[ElementClass]:
    """A class whole where the lattice keeps all or none of it; else apart what moves sites to sites and what does not.

    A conjugacy class of the icosahedral group holds turns of the cube as well, which must not share a row with others.
    """
    if domain.cartesian(elements[0]) is None:
        return [_named(domain, elements)]  # what does not act here is refused later
    kept = [g for g in elements if preserves(domain, g)]
    rest = [g for g in elements if not preserves(domain, g)]
    if not kept or not rest:
        return [_named(domain, elements)]
    parts = zip((kept, rest), domain.places, strict=True)
    return [ElementClass(f"{class_name(part, domain)}, {place}", tuple(part)) for part, place in parts]


def _by_kind(named: Sequence[tuple[str, Element]]) -> list[ElementClass]:
    """Rotations apart from mirrors: a network may well keep the one and not the other."""
    sorted_out: dict[tuple[str, str], list[Element]] = {}
    for place, g in named:
        kind = "rotation" if np.linalg.det(g.matrix) > 0 else "mirror"
        sorted_out.setdefault((kind, place), []).append(g)
    return [
        ElementClass(f"{several(len(found), kind)} {place}", tuple(found))
        for (kind, place), found in sorted_out.items()
    ]


def _checked(group: Group, domain: Domain, classes: list[ElementClass]) -> tuple[ElementClass, ...]:
    if not any(c.elements for c in classes):
        raise DomainError(f"no element of {group!r}", "at least one", "Leave elements out to try all of them.")
    for c in classes:
        for g in c.elements:
            preserves(domain, g)  # raises where the group does not act on this space at all
    return tuple(c for c in classes if c.elements)


def _named(domain: Domain, elements: Sequence[Element]) -> ElementClass:
    return ElementClass(class_name(elements, domain), tuple(elements))
