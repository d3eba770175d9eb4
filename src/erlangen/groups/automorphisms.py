"""Automorphisms of a finite group from what they do to its generators, and groups that act by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.base import Group
from erlangen.groups.element import Element
from erlangen.groups.enumeration import Indices


def automorphism(group: Group, images: Sequence[Element]) -> Indices:
    """α(g h) = α(g) α(h), extended from α(s) = images[s] along words: index of e_i ↦ index of α(e_i), [order].

    GroupError where a relation between the generators is not kept, or where two elements become one.

    >>> from erlangen.groups import C
    >>> automorphism(C(5), [C(5).elements[2]]).tolist()
    [0, 2, 4, 1, 3]
    """
    listing = group.enumeration
    steps = [group.table[group.index(image)] for image in images]
    extended = np.zeros(len(listing.keys), dtype=np.intp)
    for i, s, p in listing.tree:
        extended[i] = steps[s][extended[p]]
    for s, step in enumerate(steps):
        wrong = extended[listing.left[s]] != step[extended]
        if wrong.any():
            raise GroupError(
                f"{_map(group, images)}, which does not keep {_relation(group, s, int(wrong.argmax()))}",
                f"an automorphism of {group.label}",
                "Send each generator to an element that satisfies the same relations.",
            )
    if len(np.unique(extended)) < len(extended):
        raise GroupError(
            f"{_map(group, images)}, which sends two elements to one",
            f"an automorphism of {group.label}, which can be undone",
            "Send the generators to elements that generate the whole group again.",
        )
    return extended


def extend_action(acting: Group, on_generators: Sequence[Indices], size: int) -> Indices:
    """α_{g h} = α_g ∘ α_h, extended from the automorphisms of the generators: indices [order of acting, size].

    GroupError where a relation between the generators of the acting group is not kept.
    """
    listing = acting.enumeration
    extended = np.empty((len(listing.keys), size), dtype=np.intp)
    extended[0] = np.arange(size)
    for i, t, p in listing.tree:
        extended[i] = on_generators[t][extended[p]]
    for t, step in enumerate(on_generators):
        wrong = (extended[listing.left[t]] != step[extended]).any(axis=1)
        if wrong.any():
            relation = _relation(acting, t, int(wrong.argmax()))
            raise GroupError(
                f"automorphisms that do not keep {relation} of {acting.label}",
                "a homomorphism from the acting group to the automorphisms of the normal one",
                "Choose for each generator an automorphism whose order divides that of the generator.",
            )
    return extended


def _map(group: Group, images: Sequence[Element]) -> str:
    return ", ".join(f"{g} ↦ {image}" for g, image in zip(group.generators, images, strict=True))


def _relation(group: Group, s: int, j: int) -> str:
    """The relation s · word(e_j) = word(s · e_j), in the names of the generators."""
    listing = group.enumeration

    def written(word: Iterable[int]) -> str:
        return " ".join(str(group.generators[t]) for t in word) or "e"

    return f"{written((s, *listing.word(j)))} = {written(listing.word(int(listing.left[s, j])))}"
