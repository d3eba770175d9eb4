"""Finite domains: points, or one vector, that a group of the user's own moves as its generators say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._blocks import Labels, finest_blocks, numbered, orbits
from erlangen.errors import DomainError, InputError
from erlangen.groups import Element, Group, Subgroup
from erlangen.pages import several
from erlangen.representations import Representation, from_matrices, from_permutations
from erlangen.representations.signed import from_signed_permutations


@dataclass(frozen=True, init=False, repr=False)
class Finite(Domain):
    """Ω = {0, …, n−1} with (g·x)(g·j) = x(j); or one vector with g·x = ρ(g) x.

    `action` says how each generator of the group moves, in their order:

    - image tuples, point j goes to images[j]: signals are `[batch, channel, n]`;
    - matrices `[d, d]` (lists or arrays), or signed permutations as tuples (images, signs), e_j goes to signs[j]
      e_{images[j]}: a linear action on the channels of one point, signals are `[batch, d]`;
    - or a representation: one that permutes its channels moves points, any other, or one given by matrices, a vector.

    `points` says n where the group has no generators. Raises RepresentationError where these are no action of the
    group, with a relation that fails, and DomainError for what is no list of images or matrices.

    >>> from erlangen.groups import C, D
    >>> ring = Finite(C(5), [(1, 2, 3, 4, 0)])
    >>> ring.act(C(5).generators[0], torch.arange(5.0).reshape(1, 1, 5)).flatten().tolist()
    [4.0, 0.0, 1.0, 2.0, 3.0]
    >>> Finite(D(4), D(4).standard)
    Finite(D(4), standard)

    Ravanbakhsh, Schneider, Póczos 2017, arXiv:1702.08389; Finzi, Welling, Wilson 2021, arXiv:2104.09459.
    """

    group: Group
    action: Representation

    def __init__(self, group: Group, action: "Representation | Sequence[Any]", points: int | None = None):
        if not isinstance(group, Group):
            raise DomainError(f"group={group!r}", "a finite group", "For given generators er.Group.from_permutations.")
        object.__setattr__(self, "group", group)
        object.__setattr__(self, "action", _read(group, action, points))

    @property
    def is_linear(self) -> bool:
        """Whether it is one point, whose channels the group mixes."""
        return not self.action.is_permutation or not _by_points(self.action)

    @property
    def axes(self) -> int:
        return 0 if self.is_linear else 1

    @property
    def points(self) -> int:
        """n; 1 where the action is on the channels of one point."""
        return 1 if self.is_linear else self.action.dim

    def size(self, side: int) -> tuple[int, ...]:
        return (self.points,) * self.axes

    def functions(self, group: Group) -> Representation:
        """The representation on functions of the points, `[n]`, of the group or of a subgroup."""
        if self.is_linear:
            return group.trivial
        return self.action if group == self.group else self.action.restrict(group)

    def act(self, g: Element, values: Tensor) -> Tensor:
        if self.is_linear:
            return values
        images = self.action.permutation(self.group.element(g))
        return values.index_select(-1, torch.as_tensor(np.argsort(images), device=values.device))

    def check_group(self, group: Group) -> None:
        root = group
        while isinstance(root, Subgroup) and root != self.group:
            root = root.parent
        if root != self.group and group.order != 1:
            raise DomainError(
                f"{group.label} on {self!r}",
                f"{self.group.label} or a subgroup of it, group.subgroup(...)",
                "A group that only looks like it acts otherwise; declare the domain with the group that is meant.",
            )

    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2 + self.axes or (self.axes and values.shape[-1] != self.points):
            expected = "[batch, channel]" if self.is_linear else f"[batch, channel, {self.points}]"
            raise InputError(
                f"values of shape {tuple(values.shape)}", expected, f"Signals on {self!r} have that shape."
            )

    def natural_symmetry(self) -> Group:
        return self.group

    def natural_input(self, group: Group) -> Representation | None:
        if not self.is_linear:
            return None
        return self.action if group == self.group else self.action.restrict(group)

    # ---- coarser ---------------------------------------------------------------------------------------------------
    def blocks(self, given: "Group | Sequence[int] | None" = None) -> Labels:
        """The number of each point's block, `[n]`: parts that the group moves as wholes.

        The orbits of a subgroup, where the group carries them to one another, as it does those of a normal one; or
        parts of one's own, one number a point; left out, in every orbit of points the smallest blocks that are neither
        single points nor all. Raises DomainError where there are none, and where the group tears one apart.
        """
        moves = [] if self.is_linear else [self.action.permutation(g) for g in self.group.generators]
        if given is None:
            found = finest_blocks(moves, self.points)
            if len(np.unique(found)) == self.points:
                raise DomainError(
                    f"a domain coarser than {self!r}", "points in blocks that the group keeps", _PRIMITIVE
                )
            return found
        found = self._parts(given)
        for g, move in zip(self.group.generators, moves, strict=True):
            if len(set(zip(found.tolist(), found[move].tolist(), strict=True))) != found.max() + 1:
                raise DomainError(
                    f"the parts {given!r} of {self!r}",
                    f"blocks that the group moves as wholes; {g} tears one apart",
                    "The orbits of a normal subgroup are such blocks; or leave them out to have some found.",
                )
        return found

    def _parts(self, given: "Group | Sequence[int]") -> Labels:
        if isinstance(given, Group):
            self.check_group(given)
            own = [self.action.permutation(self.group.element(h)) for h in given.generators]
            return numbered(orbits(own, self.points).tolist())
        if len(given) != self.points:
            raise DomainError(f"{len(given)} numbers of blocks", f"{self.points}, one a point", "Number every block.")
        return numbered(given)

    def coarser(self, blocks: "Group | Sequence[int] | None" = None) -> "Finite":
        """The domain whose points are the blocks: those of a subgroup, or given as the number of each point's block."""
        parts = self.blocks(blocks)
        first = np.unique(parts, return_index=True)[1]
        moves = [parts[self.action.permutation(g)][first] for g in self.group.generators]
        return Finite(self.group, from_permutations(self.group, moves, len(first)))

    def __repr__(self) -> str:
        moved = self.action.name if self.is_linear else several(self.points, "point")
        named = len(self.group.label) <= 24
        return f"Finite({self.group.label}, {moved})" if named else f"Finite({moved})"


_PRIMITIVE = "None are moved so here; pool over all points with an invariant layer, and take scales=1."


def _by_points(rho: Representation) -> bool:
    """Whether a representation that permutes was not given as matrices, which mean channels even then."""
    from erlangen.representations.given import Given
    from erlangen.representations.signed import SignedAction

    return not isinstance(rho, Given | SignedAction)


def _read(group: Group, action: Any, points: int | None) -> Representation:
    if isinstance(action, Representation):
        if action.group != group:
            raise DomainError(
                f"a representation of {action.group.label} as an action of {group.label}",
                f"a representation of {group.label}",
                "Restrict or induce it first.",
            )
        return action
    try:
        given = [_array(each) for each in action]
    except TypeError:
        given = [None]
    if len(given) != len(group.generators) or any(each is None for each in given):
        raise DomainError(
            f"action={action!r}",
            f"images, matrices or signed permutations, one for each of {len(group.generators)} generators",
            "For example er.Finite(er.C(3), [(1, 2, 0)]).",
        )
    if given and all(isinstance(each, tuple) for each in given):
        pairs = [each for each in given if isinstance(each, tuple)]
        return from_signed_permutations(group, [a for a, _ in pairs], [s for _, s in pairs])
    if given and all(isinstance(each, np.ndarray) and each.ndim == 2 for each in given):
        return from_matrices(group, given)
    return from_permutations(group, list(action), points)


def _array(thing: Any) -> np.ndarray | tuple[np.ndarray, np.ndarray] | None:
    """One generator's images or matrix as an array, its images and signs as a pair; None for what is neither."""
    try:
        array = np.asarray(thing)
    except (TypeError, ValueError, RuntimeError):
        return None
    if array.dtype.kind not in "iuf":
        return None
    if array.ndim == 2 and len(array) == 2 and isinstance(thing, tuple) and set(array[1].tolist()) <= {-1, 1}:
        images = array[0].astype(np.int64)
        if sorted(images.tolist()) == list(range(array.shape[1])):
            return images, array[1].astype(np.int64)
    return array if array.ndim in (1, 2) else None
