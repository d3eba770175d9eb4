"""Groups: what can be done, done in turn, and undone.

(g h) k = g (h k), e g = g = g e, g g⁻¹ = e.  A group is an immutable value. A kind of group writes seven short methods
on keys (see `Group`) and inherits everything else.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import MISSING, fields
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import generator, in_turn, shorten, whole
from erlangen.groups.element import Element, Key
from erlangen.groups.enumeration import (
    LARGEST_ENUMERATED,
    Enumeration,
    HashShelf,
    Indices,
    TooLargeError,
    dimino,
    left_multiplication,
)
from erlangen.groups.tidy import Matrix

MOST_DRAWN = 1 << 24  # elements at once

if TYPE_CHECKING:
    from erlangen.groups.matrices import MatrixGroup
    from erlangen.groups.permutations import PermutationGroup
    from erlangen.groups.products import DirectProduct
    from erlangen.groups.subgroups import Subgroup
    from erlangen.representations import Representation

Rng: TypeAlias = "int | np.random.Generator | None"


class Group(ABC):
    """G: an associative product with a unit and inverses. Equal by kind and defining data, never by isomorphism.

    A kind of group is a frozen dataclass of its defining data with seven methods on keys: `order`, `unit`,
    `generator_keys`, `multiply`, `invert`, `matrix_of`, `text_of`. Elements, listing, table, classes, cosets,
    subgroups, products, sampling and membership follow.

    >>> from erlangen.groups import C, Mirror, S
    >>> C(4).order, len(S(4).conjugacy_classes), C(4) == C(4), C(2) == Mirror()
    (4, 5, True, False)
    """

    is_declaration: ClassVar[bool] = False

    # --- what a kind of group writes -----------------------------------------------------------------------------

    @property
    @abstractmethod
    def order(self) -> int | None:
        """|G|, None where infinite."""

    @abstractmethod
    def unit(self) -> Key:
        """The key of e."""

    @abstractmethod
    def generator_keys(self) -> Sequence[Key]:
        """The keys of the generators; topological generators where the group is continuous."""

    @abstractmethod
    def multiply(self, a: Key, b: Key) -> Key:
        """The key of a b."""

    @abstractmethod
    def invert(self, a: Key) -> Key:
        """The key of a⁻¹."""

    @abstractmethod
    def matrix_of(self, a: Key) -> Matrix:
        """The defining matrix of a, float64 [d, d]."""

    @abstractmethod
    def text_of(self, a: Key) -> str:
        """The element as people write it."""

    # --- what a kind of group may refine -------------------------------------------------------------------------

    def same(self, a: Key, b: Key) -> bool:
        """Whether two keys mean the same element."""
        return a == b

    def hashable(self, a: Key) -> Hashable:
        """A value that is equal for keys that mean the same element."""
        return a

    def fingerprint(self, a: Key) -> Hashable:
        """As `hashable`, and moreover different for different elements of any finite subgroup, up to rounding."""
        return a

    def has(self, a: Key) -> bool:
        """Whether a key of the right form belongs to the group."""
        return True

    def order_of(self, a: Key) -> int:
        """The smallest k ≥ 1 with a^k = e."""
        self._refuse_infinite()
        count, power, unit = 1, a, self.unit()
        while not self.same(power, unit):
            count, power = count + 1, self.multiply(power, a)
        return count

    def read(self, thing: Any) -> Key | None:
        """The key of what `thing` means in this group, None where it means nothing here."""
        from erlangen.groups.reading import read

        return read(self, thing)

    def from_angle(self, angle: float) -> Key | None:
        """The key of the turn by an angle (radians, counter-clockwise), None where the group has none such."""
        return None

    def from_matrix(self, matrix: Matrix) -> Key | None:
        """The key of the element with this defining matrix (within 1e-6), None where there is none."""
        if matrix.shape != (self.dimension, self.dimension):
            return None
        distances = np.abs(self.matrices - matrix).max(axis=(1, 2))
        nearest = int(distances.argmin())
        return self.enumeration.keys[nearest] if distances[nearest] < 1e-6 else None

    def from_images(self, images: tuple[int, ...]) -> Key | None:
        """The key of the element whose matrix is P e_j = e_{images[j]}, None where there is none."""
        if len(images) != self.dimension:
            return None
        matrix = np.zeros((len(images), len(images)))
        matrix[list(images), range(len(images))] = 1.0
        return self.from_matrix(matrix)

    def sample_keys(self, n: int, rng: np.random.Generator) -> list[Key]:
        """n keys, independent and uniform (Haar)."""
        keys = self.enumeration.keys
        return [keys[i] for i in rng.integers(len(keys), size=n)]

    def list_elements(self) -> Enumeration:
        """All keys in canonical order with the left multiplication by the generators; TooLargeError beyond 2,000."""
        if (self.order or 0) > LARGEST_ENUMERATED:
            raise TooLargeError
        return enumerate_keys(self)

    # --- elements ------------------------------------------------------------------------------------------------

    @cached_property
    def identity(self) -> Element:
        """e, with e g = g = g e."""
        return Element(self, self.unit())

    @cached_property
    def generators(self) -> tuple[Element, ...]:
        """Elements whose products are (dense in) the group."""
        return tuple(Element(self, key) for key in self.generator_keys())

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """All elements in canonical order (Dimino's over the generators; e first), up to order 2,000."""
        return tuple(Element(self, key) for key in self.enumeration.keys)

    def element(self, thing: Any) -> Element:
        """The element that `thing` means: an element of this group, of a subgroup, or of a group with the same matrix;
        an angle (radians, counter-clockwise), a matrix, a permutation as its tuple of images.

        >>> from erlangen.groups import C, SO
        >>> SO(2).element(C(4).generators[0]), C(4).element(np.pi)
        (rotation by 90° of SO(2), r^2 of C(4))
        """
        key = self.read(thing)
        if key is None:
            raise GroupError(
                shorten(thing),
                f"an element of {self.label}",
                "Pass an element, an angle in radians, a matrix or the images of a permutation that it contains.",
            )
        return Element(self, key)

    def contains(self, thing: Any) -> bool:
        """Whether `thing`, read as `element` reads it, is in the group."""
        return self.read(thing) is not None

    def matrix(self, g: Any) -> Matrix:
        """The defining matrix of g, float64 [d, d]: matrix(g h) = matrix(g) matrix(h)."""
        return self.matrix_of(self.element(g).key)

    @cached_property
    def dimension(self) -> int:
        """d, the size of the defining matrices."""
        return self.matrix_of(self.unit()).shape[0]

    def sample(self, n: int, rng: Rng = None) -> list[Element]:
        """n elements, independent and uniform (Haar); `rng` is a seed or a numpy Generator.

        >>> from erlangen.groups import C
        >>> C(4).sample(2, rng=0) == C(4).sample(2, rng=0)
        True
        """
        keys = self.sample_keys(whole(n, "a sample", least=0, most=MOST_DRAWN), generator(rng))
        return [Element(self, key) for key in keys]

    # --- the group as a list, up to order 2,000 ------------------------------------------------------------------

    @cached_property
    def enumeration(self) -> Enumeration:
        """The group as a list of keys with its left multiplication; GroupError beyond order 2,000."""
        self._refuse_infinite()
        try:
            return listing(self)
        except TooLargeError:
            raise GroupError(
                f"{self.label}, a group of {self._size()} elements",
                f"a group of at most {LARGEST_ENUMERATED:,} elements, where all are to be listed",
                "Use its permutation representation (G.standard), or G.sample(n), which need no list.",
            ) from None

    def index(self, g: Any) -> int:
        """i with elements[i] == g."""
        return self.enumeration.places[self.fingerprint(self.element(g).key)]

    @property
    def table(self) -> Indices:
        """table[i, j] = index(elements[i] @ elements[j]), integers [order, order], read-only."""
        return self.enumeration.table

    @property
    def inverses(self) -> Indices:
        """inverses[i] = index(~elements[i]), integers [order], read-only."""
        return self.enumeration.inverses

    @cached_property
    def matrices(self) -> Matrix:
        """All defining matrices in canonical order, float64 [order, d, d], read-only."""
        matrices = np.stack([self.matrix_of(key) for key in self.enumeration.keys])
        matrices.setflags(write=False)
        return matrices

    @cached_property
    def conjugacy_classes(self) -> tuple[tuple[Element, ...], ...]:
        """{g x g⁻¹ : g in G} for each x, by first element; that of e comes first."""
        return tuple(tuple(self.elements[i] for i in members) for members in self.enumeration.classes)

    def cosets(self, subgroup: Group) -> tuple[tuple[Element, ...], ...]:
        """The left cosets gH, each in the order of H, by their first element g; the first is H.

        >>> from erlangen.groups import S
        >>> G = S(3)
        >>> [[str(g) for g in coset] for coset in G.cosets(G.subgroup((1, 0, 2)))]
        [['e', '(0 1)'], ['(0 1 2)', '(0 2)'], ['(1 2)', '(0 2 1)']]
        """
        members = [self.index(h) for h in as_group(subgroup, "a subgroup").elements]
        return tuple(tuple(self.elements[i] for i in coset) for coset in self.enumeration.left_cosets(members))

    # --- new groups from old -------------------------------------------------------------------------------------

    def subgroup(self, *generators: Any) -> Subgroup:
        """⟨generators⟩, each anything that `element` reads, a group, which stands for its own generators, or a list."""
        from erlangen.groups.subgroups import Subgroup

        given: list[Any] = []
        for thing in generators:
            listed = isinstance(thing, list) and all(isinstance(part, Element) for part in thing)
            given += thing.generators if isinstance(thing, Group) else thing if listed else [thing]
        return Subgroup(self, tuple(given))

    def __mul__(self, other: Group) -> DirectProduct:
        """G × H: pairs, multiplied in each place."""
        from erlangen.groups.products import DirectProduct

        return DirectProduct((self, other))

    def __rmul__(self, other: object) -> DirectProduct:
        """Reached where `other` is no group: refused with the reason."""
        return as_group(other, "a factor") * self

    @staticmethod
    def from_permutations(generators: Iterable[Any]) -> PermutationGroup:
        """The group that permutations (tuples of images of 0 … n−1) generate, of any order.

        >>> Group.from_permutations([(1, 2, 0), (1, 0, 2)]).order
        6
        """
        from erlangen.groups.permutations import PermutationGroup

        return PermutationGroup(in_turn(generators, "permutations"))

    @staticmethod
    def from_matrices(generators: Iterable[Any], cap: int = LARGEST_ENUMERATED) -> MatrixGroup:
        """The finite group that square matrices generate; GroupError where their closure goes beyond `cap` elements.

        >>> Group.from_matrices([[[0, -1], [1, 1]]]).order  # a sixth of a turn of the hexagonal lattice
        6
        """
        from erlangen.groups.matrices import MatrixGroup

        return MatrixGroup(in_turn(generators, "matrices"), cap)

    # --- representations -----------------------------------------------------------------------------------------

    @property
    def trivial(self) -> Representation:
        """ρ(g) = 1."""
        from erlangen.representations import trivial

        return trivial(self)

    @property
    def regular(self) -> Representation:
        """ρ(h) e_g = e_{hg}, on one channel per element."""
        from erlangen.representations import regular

        return regular(self)

    @property
    def standard(self) -> Representation:
        """ρ(g) = matrix(g), the defining representation."""
        from erlangen.representations import standard

        return standard(self)

    @property
    def sign(self) -> Representation:
        """The parity of permutations, else ρ(g) = det(matrix(g)); MissingError where that is always 1."""
        from erlangen.representations import sign

        return sign(self)

    def quotient(self, subgroup: Group) -> Representation:
        """ρ(h) e_{gH} = e_{hgH}, on one channel per left coset of the subgroup."""
        from erlangen.representations import quotient

        return quotient(self, subgroup)

    def irrep(self, *labels: int) -> Representation:
        """A real irreducible representation by its labels: (k), (j, k), (l), (l, p) or (i), by the kind of group."""
        from erlangen.representations import irrep

        return irrep(self, *labels)

    def irreps(self, max_frequency: int | None = None) -> tuple[Representation, ...]:
        """All real irreducible representations, of frequency or degree up to `max_frequency` where one is given."""
        from erlangen.representations import irreps

        return tuple(irreps(self, max_frequency))

    def band_limited_regular(self, max_frequency: int) -> Representation:
        """The part of the functions on the group, L²(G), of frequency or degree up to `max_frequency`."""
        from erlangen.representations import band_limited_regular

        return band_limited_regular(self, max_frequency)

    # --- as a value ----------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        given: list[str] = []
        for field in fields(self):  # pyright: ignore[reportArgumentType]  # every kind of group is a dataclass
            value = getattr(self, field.name)
            if field.default is MISSING:
                given.append(repr(value))
            elif value != field.default:
                given.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(given)})"

    def __str__(self) -> str:
        return type(self).__name__

    @property
    def label(self) -> str:
        """The group in an error message: how it is made, or in words where that would be long."""
        made = repr(self)
        return made if len(made) <= 60 else str(self)

    def __getstate__(self) -> dict[str, Any]:
        """The defining data alone: what has been computed from them is computed again."""
        names = {field.name for field in fields(self)}  # pyright: ignore[reportArgumentType]
        return {name: value for name, value in self.__dict__.items() if name in names}

    def _refuse_infinite(self) -> None:
        if self.order is None:
            raise GroupError(
                f"{self.label}, an infinite group",
                "a finite one, where all elements are to be listed or counted",
                "Take a finite group of the same kind, such as C(8) for SO(2), or draw elements with G.sample(n).",
            )

    def _size(self) -> str:
        size = self.order or math.inf
        return f"{size:,}" if size < 1e12 else f"about 10^{math.floor(math.log10(size))}"


def enumerate_keys(group: Group) -> Enumeration:
    """The listing of a group by Dimino's algorithm over its generators; TooLargeError beyond 2,000 elements."""
    shelf: HashShelf[Key] = HashShelf(group.fingerprint)
    generators = group.generator_keys()
    dimino(shelf, group.unit(), generators, group.multiply, LARGEST_ENUMERATED)
    left = left_multiplication(shelf, generators, group.multiply)
    return Enumeration(tuple(shelf.items), shelf.places, left)


def as_group(thing: Any, role: str) -> Group:
    """The thing, where it is a group, else GroupError."""
    if isinstance(thing, Group):
        return thing
    raise GroupError(
        f"{shorten(thing)} as {role}",
        "a group with elements",
        "Take one such as er.C(4), or G.subgroup(...); symmetries that are only declared have no elements.",
    )


@lru_cache(maxsize=256)
def listing(group: Group) -> Enumeration:
    """One listing for all equal groups."""
    return group.list_elements()
