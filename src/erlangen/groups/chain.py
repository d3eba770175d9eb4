"""The stabiliser chain of a permutation group: order, membership and uniform sampling without a list of elements.

G ⊇ G_{b₁} ⊇ G_{b₁b₂} ⊇ … ⊇ 1, each the stabiliser of one more point; every g is a unique product u₁ u₂ … u_k of coset
representatives, so |G| is the product of the orbits' lengths.  (Sims 1970; sympy.combinatorics does the work.)
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from erlangen.groups.enumeration import LARGEST_ENUMERATED, HashShelf, TooLargeError, dimino

Images = tuple[int, ...]


class StabiliserChain:
    """The chain of ⟨generators⟩; a group of up to 2,000 elements is listed instead: quicker, and without SymPy.

    >>> StabiliserChain(((1, 2, 3, 0),)).order
    4
    """

    def __init__(self, generators: tuple[Images, ...]):
        self.generators = generators
        self.degree = len(generators[0])

    @cached_property
    def listed(self) -> HashShelf[Images] | None:
        """All elements, None where there are more than 2,000."""
        shelf: HashShelf[Images] = HashShelf(lambda images: images)
        try:
            dimino(shelf, tuple(range(self.degree)), self.generators, compose, LARGEST_ENUMERATED)
        except TooLargeError:
            return None
        return shelf

    @cached_property
    def levels(self) -> list[tuple[int, dict[int, Images]]]:
        """The base points, each with the coset representatives u that take it round its orbit: u(b) = image."""
        from sympy.combinatorics import Permutation
        from sympy.combinatorics.perm_groups import PermutationGroup

        group: Any = PermutationGroup([Permutation(list(images)) for images in self.generators])
        return [
            (base, {image: tuple(u.array_form) for image, u in transversal.items()})
            for base, transversal in zip(group.base, group.basic_transversals, strict=True)
        ]

    @cached_property
    def order(self) -> int:
        """|G|."""
        if self.listed is not None:
            return len(self.listed.items)
        return math.prod(len(transversal) for _, transversal in self.levels)

    def contains(self, images: Images) -> bool:
        """Whether the permutation sifts to the identity: g ← u⁻¹ g, level by level."""
        if self.listed is not None:
            return self.listed.find(images) is not None
        for base, transversal in self.levels:
            representative = transversal.get(images[base])
            if representative is None:
                return False
            images = compose(inverse(representative), images)
        return images == tuple(range(self.degree))

    def sample(self, n: int, rng: np.random.Generator) -> list[Images]:
        """n independent uniform elements."""
        if self.listed is not None:
            return [self.listed.items[i] for i in rng.integers(len(self.listed.items), size=n)]
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
