"""What a declared symmetry makes a network unable to see: the price of the prior, said first."""

import numpy as np

from erlangen.domains import Dna, Domain, Lattice, Mesh, Nest, Points, Product, Sphere
from erlangen.domains.packed import Packed
from erlangen.domains.surfaces.operators import TUFTED
from erlangen.groups import D, Group, O
from erlangen.signal import Space

LARGEST_LISTED = 2000
STRAND = "Which strand was sequenced"


def what_it_cannot_see(
    source: Space, target: Space, warped: bool = False, isometries: bool = False, relaxed: bool = False
) -> str:
    """One sentence: which changes of the input leave the answer as it is, or only move it.

    `isometries` says that the layers on a cloud keep all turns and mirrors, whatever is declared; `relaxed` that layers
    may learn to break the symmetry.
    """
    changes = _changes(source, warped, isometries)
    if changes and relaxed:
        effect = "change nothing in its answer" if stays_put(target) else "only move its answer along"
        expected = f"Such a change of the input is expected to {effect}"
        return f"{_listed(changes)}, unless the data show that it matters. {expected}; a free part may learn otherwise."
    if not changes:
        nothing = (
            "Nothing beyond where a pattern lies: its weights are shared over positions, and the group is trivial."
        )
        return f"{nothing} Which strand was sequenced it sees." if isinstance(source.domain, Dna) else nothing
    effect = (
        "changes nothing in its answer" if stays_put(target) else "only moves its answer along, it can prefer no state"
    )
    mend = 'take layer="convolution" and declare less' if isometries else "declare less"
    told = f"{_listed(changes)}. Any such change of the input {effect}; if the task depends on it, {mend}."
    return told + _about_strands(target) if changes == [STRAND] else told


def _listed(changes: list[str]) -> str:
    return " and ".join(part for part in (", ".join(changes[:-1]), changes[-1]) if part)


def stays_put(target: Space) -> bool:
    """Whether answers of this space are invariant: scalars, and one of the whole, not one at every point."""
    whole = target.domain.axes == 0 and not target.domain.packed
    return whole and all(field.is_trivial for field, _ in target.rho.fields)


def _about_strands(target: Space) -> str:
    """When not to declare the mirror on DNA; answers that it swaps or whose sign it changes still name a strand."""
    either = all(field.is_trivial for field, _ in target.rho.fields)
    several = "RNA, splice sites and whatever else is read from one strand only"
    where = several if either else "RNA and whatever else has one strand only"
    return f" So not for {where}: declare er.Trivial() there."


def _changes(source: Space, warped: bool, isometries: bool) -> list[str]:
    domain, group = source.domain, source.group
    if warped:
        told = "where it is told how long each is (dt) and, in a stack, which of them hold one value (holds)"
        return [f"In how many steps a length of time was recorded, {told}"]
    if isinstance(domain, Product | Nest):
        return _of_parts(source)
    if group.order == 1 and not isinstance(domain, Packed):
        return []
    if isinstance(domain, Dna) and source.rho == domain.natural_input(group):
        return [STRAND]
    if isinstance(domain, Points):
        turns, mirrors = (True, True) if isometries else _of_space(domain, group)
        changes = ["In which order the points are stored", "where the cloud lies"]
        changes += ["which way it is turned"] if turns else []
        return [*changes, *(["its handedness (left and right, a glove and its mirror image)"] if mirrors else [])]
    if isinstance(domain, Sphere):
        return _of_the_sphere(domain, group)
    if isinstance(domain, Mesh):
        return _of_surfaces(domain, group)
    if isinstance(domain, Packed):
        return ["In which order the points are stored", *_of_features(group)]
    if not isinstance(domain, Lattice):
        return [f"By which of the moves of {group.label} one input comes from another"]
    turns, mirrors = _handedness(domain, group)
    upright = "Which way up a signal lies" + " (a turned 6 is a 9)" * (domain.dim == 2)
    changes = [upright] if turns else []
    if mirrors:
        handed = (
            "handedness (left and right, a glove and its mirror image)" if domain.dim > 1 else "direction (to and fro)"
        )
        changes.append(handed if changes else handed[0].upper() + handed[1:])
    return changes


def _of_parts(source: Space) -> list[str]:
    """Of each factor of a product what is not seen there; of a set of signals what is not seen of each of them."""
    domain = source.domain
    if isinstance(domain, Nest):
        own = _changes(Space(domain.of, source.group.trivial), False, False)
        return ["In which order the members stand", *(f"of each member by itself: {_lowered(told)}" for told in own)]
    made: list[str] = []
    assert isinstance(domain, Product), "it was asked of a product"
    for factor, group in zip(domain.factors, domain.split(source.group), strict=True):
        alone = Space(factor, factor.natural_input(group) or group.trivial)
        made += [f"of {factor!r}: {_lowered(told)}" for told in _changes(alone, False, False)]
    return [made[0][0].upper() + made[0][1:], *made[1:]] if made else []


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


def _of_surfaces(domain: Mesh, group: Group) -> list[str]:
    """What bending, or moving as a whole, leaves as it is."""
    changes = ["In which order vertices and faces are stored", "where and which way up the surface lies"]
    bends = domain.intrinsic and domain.laplacian != TUFTED  # of what is no surface it is nearly so alone
    changes += ["how it is bent without being stretched"] if bends else []
    return [
        *changes,
        *(["its handedness (left and right, a glove and its mirror image)"] if isinstance(group, O | D) else []),
    ]


def _of_the_sphere(domain: Sphere, group: Group) -> list[str]:
    """About the axis alone east and west are exchanged; a mirror that also exchanges north and south is handedness."""
    turns, mirrors = _handedness(domain, group)
    listed = group.generators if group.order is None or group.order > LARGEST_LISTED else group.elements
    axial = all(abs(move[1, 1]) > 1 - 1e-9 for g in listed if (move := domain.cartesian(g)) is not None)
    about = "which way it is turned about its polar axis (at which longitude something lies)"
    changes = [about if axial else "which way it is turned (where on it something lies, and which way up)"] * turns
    changes += [
        "whether east is to the right or to the left" if axial else "its handedness (left and right, mirror images)"
    ] * mirrors
    return [changes[0][0].upper() + changes[0][1:], *changes[1:]]


def _of_features(group: Group) -> list[str]:
    return [] if group.order == 1 else [f"what {group.label} does to their features"]


def _of_space(domain: Points, group: Group) -> tuple[bool, bool]:
    """Whether the group turns clouds, and whether it mirrors them."""
    return (group.order != 1, isinstance(group, O)) if group.order in (None, 1) else _handedness(domain, group)


def _handedness(domain: Domain, group: Group) -> tuple[bool, bool]:
    """Whether the group turns the lattice, and whether it mirrors it; an infinite one has turns."""
    elements = group.generators if group.order is None or group.order > LARGEST_LISTED else group.elements
    moves = [move for g in elements if (move := domain.cartesian(g)) is not None]
    signs = {round(np.linalg.det(move)) for move in moves if np.abs(move - np.eye(len(move))).max() > 1e-9}
    return 1 in signs or group.order is None, -1 in signs
