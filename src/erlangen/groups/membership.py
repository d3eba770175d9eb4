"""Order, membership and uniform sampling of a permutation group, by the cheapest way that is exact.

Up to 2,000 elements: the list. All permutations, or all even ones: parity. Otherwise a stabiliser chain
G ⊇ G_{b₁} ⊇ G_{b₁b₂} ⊇ … ⊇ 1, each the stabiliser of one more point: every g is a unique product u₁ u₂ … u_k of coset
representatives, so |G| is the product of the lengths of the orbits.  (Sims 1970; sympy.combinatorics makes the chain.)
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from erlangen.groups.enumeration import LARGEST_ENUMERATED, HashShelf, TooLargeError, dimino

Images = tuple[int, ...]


class Membership(Protocol):
    """What can be known of a permutation group without a list of its elements."""

    @property
    def order(self) -> int:
        """|G|."""
        ...

    def contains(self, images: Images) -> bool:
        """Whether a permutation of the right degree is in G."""
        ...

    def sample(self, n: int, rng: np.random.Generator) -> list[Images]:
        """n independent uniform elements."""
        ...


@lru_cache(maxsize=64)
def membership(generators: tuple[Images, ...]) -> Membership:
    """⟨generators⟩, by the list, by parity, or by a stabiliser chain.

    >>> membership(((1, 2, 3, 0),)).order
    4
    >>> membership(((1, 0, *range(2, 50)), (*range(1, 50), 0)))
    AllPermutations(degree=50, even=False)
    """
    unit = tuple(range(len(generators[0])))
    shelf: HashShelf[Images] = HashShelf(lambda images: images)
    try:
        dimino(shelf, unit, generators, compose, LARGEST_ENUMERATED)
        return Listed(shelf)
    except TooLargeError:
        return _large(generators)


def _large(generators: tuple[Images, ...]) -> Membership:
    from sympy.combinatorics import Permutation
    from sympy.combinatorics.perm_groups import PermutationGroup

    group: Any = PermutationGroup([Permutation(list(images)) for images in generators])
    if group.is_alt_sym(eps=1e-3):  # a yes is certain; a no, once in a thousand, only costs time
        return AllPermutations(len(generators[0]), even=all(map(is_even, generators)))
    transversals = [
        {image: tuple(u.array_form) for image, u in transversal.items()} for transversal in group.basic_transversals
    ]
    return StabiliserChain(len(generators[0]), tuple(zip(group.base, transversals, strict=True)))


class Listed:
    """A small group, as the list of its elements."""

    def __init__(self, shelf: HashShelf[Images]):
        self.shelf = shelf

    @property
    def order(self) -> int:
        """The length of the list."""
        return len(self.shelf.items)

    def contains(self, images: Images) -> bool:
        """Whether it is on the list."""
        return self.shelf.find(images) is not None

    def sample(self, n: int, rng: np.random.Generator) -> list[Images]:
        """Places in the list."""
        return [self.shelf.items[i] for i in rng.integers(self.order, size=n)]


class AllPermutations:
    """All n! permutations, or the n!/2 even ones."""

    def __init__(self, degree: int, *, even: bool):
        self.degree = degree
        self.even = even

    def __repr__(self) -> str:
        return f"AllPermutations(degree={self.degree}, even={self.even})"

    @property
    def order(self) -> int:
        """n! or n!/2."""
        return math.factorial(self.degree) // (2 if self.even else 1)

    def contains(self, images: Images) -> bool:
        """Whether the parity is right."""
        return not self.even or is_even(images)

    def sample(self, n: int, rng: np.random.Generator) -> list[Images]:
        """Shuffles, odd ones made even by one swap, which is a bijection."""
        return [self._draw(rng) for _ in range(n)]

    def _draw(self, rng: np.random.Generator) -> Images:
        images = tuple(rng.permutation(self.degree).tolist())
        return images if self.contains(images) else (images[1], images[0], *images[2:])


class StabiliserChain:
    """Base points, each with the coset representatives u that take it round its orbit: u(b) = image."""

    def __init__(self, degree: int, levels: tuple[tuple[int, dict[int, Images]], ...]):
        self.degree = degree
        self.levels = levels

    @property
    def order(self) -> int:
        """The product of the lengths of the orbits."""
        return math.prod(len(transversal) for _, transversal in self.levels)

    def contains(self, images: Images) -> bool:
        """Whether the permutation sifts to the identity: g ← u⁻¹ g, level by level."""
        for base, transversal in self.levels:
            representative = transversal.get(images[base])
            if representative is None:
                return False
            images = compose(inverse(representative), images)
        return images == tuple(range(self.degree))

    def sample(self, n: int, rng: np.random.Generator) -> list[Images]:
        """Products of uniform coset representatives."""
        return [self._draw(rng) for _ in range(n)]

    def _draw(self, rng: np.random.Generator) -> Images:
        images = tuple(range(self.degree))
        for _, transversal in self.levels:
            orbit = list(transversal)
            images = compose(images, transversal[orbit[rng.integers(len(orbit))]])
        return images


def compose(a: Images, b: Images) -> Images:
    """j ↦ a(b(j)).

    >>> compose((1, 2, 0), (1, 0, 2))
    (2, 1, 0)
    """
    return tuple([a[image] for image in b])


def inverse(a: Images) -> Images:
    """a(j) ↦ j.

    >>> inverse((1, 2, 0))
    (2, 0, 1)
    """
    result = [0] * len(a)
    for j, image in enumerate(a):
        result[image] = j
    return tuple(result)


def cycles(images: Images) -> list[list[int]]:
    """The cycles of length ≥ 2, each from its smallest point.

    >>> cycles((1, 0, 2, 4, 3))
    [[0, 1], [3, 4]]
    """
    found: list[list[int]] = []
    seen: set[int] = set()
    for start in range(len(images)):
        cycle: list[int] = []
        point = start
        while point not in seen:
            seen.add(point)
            cycle.append(point)
            point = images[point]
        if len(cycle) > 1:
            found.append(cycle)
    return found


def is_even(images: Images) -> bool:
    """Whether the permutation is a product of an even number of swaps.

    >>> is_even((1, 2, 0)), is_even((1, 0, 2))
    (True, False)
    """
    return sum(len(cycle) - 1 for cycle in cycles(images)) % 2 == 0
