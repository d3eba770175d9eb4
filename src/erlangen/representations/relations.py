"""A relation of a group that permutations of its generators break: the reason why they are no action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, permutations
from typing import Any

import numpy as np

from erlangen.groups import Group
from erlangen.representations.base import Images, Matrix, is_listed

LONGEST = 200  # letters of a relation that is still worth to be read


def broken_relation(group: Group, moves: Sequence[Images] | Sequence[Matrix] | Matrix) -> str:
    """A word in the generators that is e in the group and not among the moves given for them, such as "r^4".

    Short relations are tried first: powers of generators and of products of two, then commutators' powers; of a group
    that can be listed all are. Empty where none of these fails. Moves are image arrays or matrices, one a generator.
    """
    for word in _candidates(group):
        if len(word) <= LONGEST and not _is_unit(word, moves):
            return written(group, word)
    return ""


def written(group: Group, word: Sequence[int]) -> str:
    """A word of generators' numbers as people write it; a negative number −1−s is the inverse of s."""
    names = [str(g) if len(str(g)) <= 20 else f"g{i}" for i, g in enumerate(group.generators)]
    parts = []
    for letter, run in groupby(word):
        name, times = names[letter if letter >= 0 else -1 - letter], len(list(run)) * (1 if letter >= 0 else -1)
        parts.append(name if times == 1 else f"{name}^{times}")
    return " ".join(parts) or "e"


def _candidates(group: Group) -> Iterator[list[int]]:
    """Words that are e in the group, the short kinds first."""
    count = len(group.generators)
    generators = group.generators
    for s in range(count):
        yield [s] * generators[s].order
    for s, t in permutations(range(count), 2):
        yield [s, t] * (generators[s] @ generators[t]).order
        commutator = generators[s] @ generators[t] @ ~generators[s] @ ~generators[t]
        yield [s, t, -1 - s, -1 - t] * commutator.order
    if is_listed(group):
        words = words_of(group)
        for g in sorted(range(len(words)), key=lambda i: len(words[i])):
            for s in range(count):
                yield [s, *words[g], *inverted(words[group.enumeration.left[s, g]])]


def words_of(group: Group) -> list[list[int]]:
    """A word of every element of a group that can be listed: e_i = s e_p along the tree that spans it."""
    words: list[list[int]] = [[] for _ in group.elements]
    for child, generator, parent in group.enumeration.tree:
        words[child] = [int(generator), *words[parent]]
    return words


def inverted(word: Sequence[int]) -> list[int]:
    """The word of the inverse."""
    return [-1 - letter for letter in reversed(word)]


def _is_unit(word: Sequence[int], moves: Sequence[Images] | Sequence[Matrix] | Matrix) -> bool:
    """Whether the word does nothing, by images or by matrices."""
    matrices, size = np.ndim(moves[0]) == 2, len(moves[0])
    unit: Any = np.eye(size) if matrices else np.arange(size)
    product = unit
    for letter in word:
        move = moves[letter] if letter >= 0 else _inverse(moves[-1 - letter])
        product = product @ move if matrices else product[move]
    return bool(np.allclose(product, unit, atol=1e-6))


def _inverse(move: np.ndarray) -> np.ndarray:
    return np.linalg.inv(move) if move.ndim == 2 else np.argsort(move)
