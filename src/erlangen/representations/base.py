"""ρ: how channels change. A representation sends every group element to a matrix so that ρ(gh) = ρ(g) ρ(h).

A concrete representation is a frozen value: a group and the structure that defines it, compared and hashed by both.
It writes `dim`, `name` and `_matrix`; where it permutes its basis and knows how without a matrix, also `_images`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt

from erlangen.errors import MissingError, RepresentationError
from erlangen.groups import Element, Group
from erlangen.groups.arguments import shorten
from erlangen.groups.enumeration import LARGEST_ENUMERATED

if TYPE_CHECKING:
    from erlangen.representations.decompose import Decomposition

Matrix: TypeAlias = npt.NDArray[np.float64]
Images: TypeAlias = npt.NDArray[np.int64]
Runs: TypeAlias = "tuple[tuple[Representation, int], ...]"

COMMUTANT = {"real": 1, "complex": 2, "quaternionic": 4}  # dim of what commutes with an irrep, by its type
TOLERANCE = 1e-9  # matrices are computed in float64; a difference above this is a difference of value
LARGEST_STACK = 50_000_000  # numbers in one dense answer: 400 MB of float64


@dataclass(frozen=True, repr=False)
class Representation(ABC):
    """A homomorphism ρ from a group to invertible matrices: ρ(gh) = ρ(g) ρ(h), ρ(e) = 1.

    Shapes: ρ(g) is float64 [dim, dim].

    >>> import erlangen as er
    >>> rho = 2 * er.C(4).trivial + er.C(4).irrep(1)
    >>> rho, rho.dim
    (2 × trivial + irrep(1) of C4, 4)
    >>> r = er.C(4).generators[0]
    >>> bool((rho(r @ r) == rho(r) @ rho(r)).all())
    True

    Serre 1977, Linear Representations of Finite Groups."""

    group: Group

    @property
    @abstractmethod
    def dim(self) -> int:
        """The number of channels."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is, without the group."""

    @abstractmethod
    def _matrix(self, g: Element) -> Matrix:
        """ρ(g) for an element of this group."""

    def _images(self, g: Element) -> Images | None:
        """Where ρ(g) sends each basis vector, None if it does not permute the basis."""
        return images_of(self._matrix(g))

    def __call__(self, g: object) -> Matrix:
        """ρ(g), float64 [dim, dim], for an element or whatever `group.element` makes one of.

        >>> import erlangen as er
        >>> er.SO(2).irrep(2)(0.0).tolist()
        [[1.0, 0.0], [0.0, 1.0]]"""
        return self._matrix(self._element(g))

    def permutation(self, g: object) -> Images:
        """The image array a of a permutation representation: ρ(g) e_j = e_{a[j]}.

        Shapes: int64 [dim]. Errors: RepresentationError where ρ does not permute its basis.

        >>> import erlangen as er
        >>> er.C(3).regular.permutation(er.C(3).generators[0]).tolist()
        [1, 2, 0]"""
        images = self._images(self._element(g))
        if images is None:
            raise not_a_permutation(self)
        return images

    def character(self, g: object) -> float:
        """χ(g) = trace ρ(g).

        >>> import erlangen as er
        >>> er.S(3).standard.character(er.S(3).identity)
        3.0"""
        return float(np.trace(self(g)))

    def matrices(self) -> Matrix:
        """ρ(g) for every g of a finite group, in the order of `group.elements`.

        Shapes: float64 [order, dim, dim]. Errors: GroupError where the elements cannot be listed.

        >>> import erlangen as er
        >>> er.C(4).regular.matrices().shape
        (4, 4, 4)"""
        elements = self.group.elements
        refuse_too_large(len(elements) * self.dim**2, f"all {len(elements)} matrices of {self}")
        return np.stack([self._matrix(g) for g in elements])

    @property
    def fields(self) -> Runs:
        """The direct sum it was built as: runs (ρ_i, m_i) of equal summands, in the order of the channels.

        >>> import erlangen as er
        >>> (2 * er.C(4).regular + er.C(4).trivial).fields
        ((regular of C4, 2), (trivial of C4, 1))"""
        return ((self, 1),)

    @property
    def type(self) -> str:
        """For an irrep, what commutes with it: "real", "complex" or "quaternionic" numbers.

        >>> import erlangen as er
        >>> er.D(3).irrep(1, 1).type, er.C(3).irrep(1).type
        ('real', 'complex')"""
        raise MissingError(f"{self}", "an irreducible representation", "Ask the irreps in `.decompose().parts`.")

    @cached_property
    def generator_images(self) -> tuple[Images, ...] | None:
        """The image arrays of the group's generators, None where ρ does not permute its basis."""
        images = []
        for g in self.group.generators:
            image = self._images(g)
            if image is None:
                return None
            images.append(image)
        return tuple(images)

    @cached_property
    def generator_matrices(self) -> Matrix:
        """The matrices of the group's generators, [number of generators, dim, dim]."""
        matrices = [self._matrix(g) for g in self.group.generators]
        return np.stack(matrices) if matrices else np.zeros((0, self.dim, self.dim))

    @property
    def is_permutation(self) -> bool:
        """Whether every ρ(g) permutes the basis, so that any pointwise function commutes with it."""
        return self.generator_images is not None

    @cached_property
    def is_orthogonal(self) -> bool:
        """Whether ρ(g)ᵀ ρ(g) = 1, so that lengths of fibres are invariant."""
        if self.is_permutation:
            return True
        if len(self.fields) > 1:
            return all(field.is_orthogonal for field, _ in self.fields)
        squares = self.generator_matrices.swapaxes(1, 2) @ self.generator_matrices
        return bool(np.abs(squares - np.eye(self.dim)).max(initial=0.0) < TOLERANCE)

    @cached_property
    def is_trivial(self) -> bool:
        """Whether every ρ(g) = 1."""
        identity = np.arange(self.dim)
        images = self.generator_images
        return images is not None and all(np.array_equal(image, identity) for image in images)

    @cached_property
    def dual(self) -> Representation:
        """ρ*(g) = ρ(g⁻¹)ᵀ; an orthogonal representation is its own dual."""
        from erlangen.representations.products import dual

        return dual(self)

    def tensor(self, other: Representation) -> Representation:
        """(ρ ⊗ σ)(g) = ρ(g) ⊗ σ(g), the Kronecker product; sums on the left are multiplied out.

        >>> import erlangen as er
        >>> er.S(3).standard.tensor(er.S(3).sign)
        standard ⊗ sign of S3"""
        from erlangen.representations.products import tensor

        return tensor(self, other)

    def external(self, other: Representation) -> Representation:
        """(ρ ⊠ σ)(g, h) = ρ(g) ⊗ σ(h), of the direct product of the two groups; sums are multiplied out.

        >>> import erlangen as er
        >>> er.C(4).regular.external(er.Mirror().sign)
        regular ⊠ sign of C4 × Mirror"""
        from erlangen.representations.external import external

        return external(self, other)

    def restrict(self, subgroup: Group) -> Representation:
        """ρ seen by fewer elements: h ↦ ρ(h) for h in the subgroup; sums are restricted term by term.

        >>> import erlangen as er
        >>> er.O(2).irrep(1, 3).restrict(er.SO(2)).dim
        2"""
        from erlangen.representations.subgroups import restrict

        return restrict(self, subgroup)

    def induce(self, group: Group) -> Representation:
        """ρ of H extended to G ⊇ H by one copy for each coset g_i H: ρ↑(g) e_{i,·} = e_{j,·} ρ(h) where g g_i = g_j h.

        Sums are induced term by term, and the trivial one induces to the quotient.

        >>> import erlangen as er
        >>> er.C(4).irrep(1).induce(er.D(4)).dim
        4"""
        from erlangen.representations.subgroups import induce

        return induce(self, group)

    def orthogonalized(self) -> Representation:
        """A ρ(g) A⁻¹, orthogonal for every g: A comes from the inner product averaged over the group.

        >>> import erlangen as er
        >>> hexagon = er.Group.from_matrices([[[0, -1], [1, 1]]])
        >>> hexagon.standard.is_orthogonal, hexagon.standard.orthogonalized().is_orthogonal
        (False, True)"""
        from erlangen.representations.orthogonal import orthogonalized

        return orthogonalized(self)

    def decompose(self) -> Decomposition:
        """ρ(g) = Q (⊕_i m_i σ_i(g)) Q⁻¹ with irreps σ_i; Q is orthogonal if ρ is.

        >>> import erlangen as er
        >>> print(er.C(4).regular.decompose())
        trivial + irrep(1) + irrep(2) of C4"""
        from erlangen.representations.decompose import decompose

        return decompose(self)

    def __add__(self, other: Representation) -> Representation:
        from erlangen.representations.sums import direct_sum

        return direct_sum(*self.fields, *as_representation(other, f"a summand of {self}").fields)

    def __radd__(self, other: object) -> Representation:
        """0 + ρ = ρ, where `sum` begins; anything else is refused with the reason."""
        if isinstance(other, int) and other == 0:
            return self
        return as_representation(other, f"a summand of {self}") + self

    def __mul__(self, times: SupportsIndex) -> Representation:
        from erlangen.representations.sums import direct_sum, multiple

        return direct_sum(*multiple(self, times))

    __rmul__ = __mul__

    def __getstate__(self) -> dict[str, Any]:
        """The defining data alone: what has been computed from them is computed again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        return f"{self.name} of {self.group}"

    __repr__ = __str__

    def _element(self, thing: object) -> Element:
        if isinstance(thing, Element) and thing.group is self.group:
            return thing
        return self.group.element(thing)


@dataclass(frozen=True, repr=False)
class Irrep(Representation):
    """A representation that splits no further over the real numbers; its `type` says what commutes with it.

    >>> import erlangen as er
    >>> [(irrep.dim, irrep.type) for irrep in er.C(3).irreps()]
    [(1, 'real'), (2, 'complex')]
    """

    @property
    @abstractmethod
    def type(self) -> str:
        """ "real", "complex" or "quaternionic"."""


def images_of(matrix: Matrix) -> Images | None:
    """Read a permutation off its matrix, None if it is none."""
    columns = np.arange(matrix.shape[1])
    images = matrix.argmax(0)
    rest = matrix.copy()
    rest[images, columns] -= 1
    is_bijective = bool((np.bincount(images, minlength=len(images)) == 1).all())
    return images if is_bijective and np.abs(rest).max(initial=0.0) < TOLERANCE else None


def matrix_of(images: Images) -> Matrix:
    """The permutation matrix P e_j = e_{a[j]}."""
    matrix = np.zeros((len(images), len(images)))
    matrix[images, np.arange(len(images))] = 1
    return matrix


def not_a_permutation(rho: Representation) -> RepresentationError:
    """The refusal of what needs a permutation of the channels."""
    return RepresentationError(
        f"{rho}", "a representation that permutes its channels", "Use trivial, regular or quotient fields."
    )


def is_listed(group: Group) -> bool:
    """Whether the elements can be listed."""
    return group.order is not None and group.order <= LARGEST_ENUMERATED


def as_representation(thing: object, role: str) -> Representation:
    """The thing, where it is a representation, else RepresentationError."""
    if isinstance(thing, Representation):
        return thing
    raise RepresentationError(
        f"{shorten(thing)} as {role}", "a representation", "Take one such as G.trivial, G.regular or G.irrep(1)."
    )


def refuse_too_large(numbers: int, what: str) -> None:
    """Refuse an answer that would fill the memory."""
    if numbers > LARGEST_STACK:
        raise RepresentationError(
            f"{what}, {numbers:,} numbers",
            f"at most {LARGEST_STACK:,}",
            "Use a smaller representation, or labels instead of matrices with `er.pair_orbits`.",
        )


def same_group(rho: Representation, sigma: Representation, doing: str) -> None:
    """Refuse to combine representations of two groups, and what is no representation."""
    for thing in (rho, sigma):
        as_representation(thing, "a representation")
    if rho.group != sigma.group:
        raise RepresentationError(
            f"{doing} {rho} and {sigma}",
            "two representations of one group",
            "Restrict the one of the larger group with `.restrict(H)`, or induce the other with `.induce(G)`.",
        )
