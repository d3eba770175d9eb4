"""External tensor products (ρ ⊠ σ)(g, h) = ρ(g) ⊗ σ(h): two groups that move the two ends of a pair of channels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import DirectProduct, Element, Group
from erlangen.representations.base import Images, Matrix, Representation, as_representation
from erlangen.representations.named import Trivial
from erlangen.representations.outer import OuterIrrep
from erlangen.representations.sums import direct_sum


@dataclass(frozen=True, repr=False)
class External(Representation):
    """ρ ⊠ σ ⊠ … of G × H × …, on tuples of channels numbered as numpy.kron does; none of the parts a sum."""

    parts: tuple[Representation, ...]

    @property
    def dim(self) -> int:
        return math.prod(part.dim for part in self.parts)

    @property
    def name(self) -> str:
        return " ⊠ ".join(part.name for part in self.parts)

    def _matrix(self, g: Element) -> Matrix:
        made = [part._matrix(h) for part, h in zip(self.parts, self._ends(g), strict=True)]
        return np.asarray(reduce(np.kron, made), dtype=np.float64)

    def _images(self, g: Element) -> Images | None:
        made = [part._images(h) for part, h in zip(self.parts, self._ends(g), strict=True)]
        known = [images for images in made if images is not None]
        if len(known) < len(made):
            return super()._images(g)  # two changes of sign may cancel
        return reduce(lambda left, right: (left[:, None] * len(right) + right).ravel(), known)

    def _ends(self, g: Element) -> list[Element]:
        return split_element(g, [part.group for part in self.parts])


def external(*parts: Representation) -> Representation:
    """(ρ ⊠ σ)(g, h) = ρ(g) ⊗ σ(h), of the direct product of their groups; sums are multiplied out.

    Groups of one element are left out, and where all parts are trivial so is the product.

    >>> from erlangen.groups import C, Mirror, Trivial as Nothing
    >>> external(2 * C(4).regular, Mirror().sign)
    2 × regular ⊠ sign of C4 × Mirror
    >>> external(C(4).regular, 3 * Nothing().trivial)
    3 × regular of C4
    """
    if not parts:
        raise RepresentationError("a product of no representations", "at least one", "Write er.Trivial().trivial.")
    given = [as_representation(part, "a factor").fields for part in parts]
    runs = []
    for chosen in itertools.product(*given):
        runs.append((_product([part for part, _ in chosen]), math.prod(times for _, times in chosen)))
    return direct_sum(*runs)


def parts_of(field: Representation, groups: Sequence[Group]) -> tuple[Representation, ...]:
    """ρ, σ, … of a field ρ ⊠ σ ⊠ … of the product of these groups. RepresentationError where it is no such product.

    >>> from erlangen.groups import C, Mirror
    >>> parts_of(external(C(4).regular, Mirror().trivial), [C(4), Mirror()])
    (regular of C4, trivial of Mirror)
    """
    if isinstance(field, Trivial):
        return tuple(Trivial(group) for group in groups)
    moving = [i for i, group in enumerate(groups) if group.order != 1]
    known = _known(field, len(moving))
    if [part.group for part in known] != [groups[i] for i in moving]:
        raise RepresentationError(
            f"{field} where factors are moved by {', '.join(map(repr, groups))}",
            "sums of products ρ ⊠ σ, a part for each factor",
            "Build it with rho.external(sigma).",
        )
    made: list[Representation] = [Trivial(group) for group in groups]
    for i, part in zip(moving, known, strict=True):
        made[i] = part
    return tuple(made)


def split_element(g: Element, groups: Sequence[Group]) -> list[Element]:
    """(g, h, …) as an element of each of these groups, whose product its own group is; of one element, that."""
    moving = [group for group in groups if group.order != 1]
    if not moving:
        ends: list[Element] = []
    elif len(moving) == 1:
        ends = [g]
    else:
        places, ends = list(g.key), []
        for group in moving:
            count = len(group.factors) if isinstance(group, DirectProduct) else 1
            key, places = places[:count], places[count:]
            ends.append(Element(group, tuple(key) if isinstance(group, DirectProduct) else key[0]))
    found = iter(ends)
    return [group.identity if group.order == 1 else next(found) for group in groups]


def join_elements(parts: Sequence[Element]) -> Element:
    """(g, h, …) of the product of their groups: `split_element` the other way."""
    group = product_of([part.group for part in parts])
    moving = [part for part in parts if part.group.order != 1]
    if len(moving) < 2:
        return moving[0] if moving else group.identity
    keys = [part.key if isinstance(part.group, DirectProduct) else (part.key,) for part in moving]
    return Element(group, tuple(key for own in keys for key in own))


def product_of(groups: Sequence[Group]) -> Group:
    """The direct product of those of the groups that have more than one element."""
    moving = [group for group in groups if group.order != 1]
    if len(moving) > 1:
        return DirectProduct(tuple(moving))
    return moving[0] if moving else groups[0]


def _product(parts: list[Representation]) -> Representation:
    group = product_of([part.group for part in parts])
    if all(isinstance(part, Trivial) or part.group.order == 1 for part in parts):
        return Trivial(group)
    flat = [
        end for part in parts if part.group.order != 1 for end in (part.parts if isinstance(part, External) else [part])
    ]
    return flat[0] if len(flat) == 1 else External(group, tuple(flat))


def _known(field: Representation, moving: int) -> tuple[Representation, ...]:
    if moving == 1:
        return (field,)
    if isinstance(field, External):
        return field.parts
    real = isinstance(field, OuterIrrep) and sum(part.type == "complex" for part in field.parts) < 2
    if real and isinstance(field, OuterIrrep) and _in_order(field):
        return field.parts
    return ()


def _in_order(field: OuterIrrep) -> bool:
    """Whether its channels are numbered as ours: it keeps turns last, wherever they stand among the parts."""
    wide = [part for part in field.parts if part.dim > 1]
    return len(wide) < 2 or all(part.type == "real" for part in wide[:-1])
