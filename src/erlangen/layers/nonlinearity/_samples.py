"""Where on the group the functions in a signal's channels are sampled, and the matrices there and back.

Channels x_l that move by irreps ρ_l are the function f(g) = Σ_l ⟨√d_l ρ_l(g) v_l, x_l⟩ on the group, band-limited to
the irreps there are. A set of samples that H maps to itself, h g_n = g_m, keeps H exactly: a union of its cosets.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import SO, DirectProduct, Element, Group, O, Octahedral
from erlangen.groups.tidy import rotation
from erlangen.layers._functions import Parts
from erlangen.representations import Representation
from erlangen.representations.base import Matrix

# Rotation vectors of g_i: the first m of the cosets O g_i of the octahedral group lie evenly in SO(3). Found by a
# search that lets the octahedral invariants of degree 4, 6 and 8 cancel; with 3 of them degree 2, with 7 degree 3 is
# well conditioned.
_COSETS = (
    (0.0, 0.0, 0.0),
    (-1.018, -2.457, -1.018),
    (-0.744, -0.308, -0.744),
    (2.085, -0.863, 1.475),
    (-1.751, -1.416, 0.251),
    (0.709, -1.747, 1.761),
    (-0.607, -0.608, -1.484),
    (-0.302, -1.207, -1.346),
)
MOST_TURNS = 10_000
OVERSAMPLING = 2  # by default at least so many samples a channel: what a pointwise function adds beyond is cut off
_WORST = 4.0  # the largest condition number of a set that is chosen


@dataclass(frozen=True, eq=False)
class Samples:
    """f(g_n) = Σ_d there[n, d] x_d; `back` is the pseudo-inverse. White channels give samples of second moment 1."""

    there: Matrix
    back: Matrix
    elements: int


@lru_cache(maxsize=64)
def samples_for(parts: Parts, kept: Group, count: int | None = None) -> Samples:
    """The samples of functions of these irreps: `count` elements of the group, or the fewest that carry them well.

    Raises RepresentationError where the set is not closed under `kept`, the subgroup that the lattice keeps, or cannot
    tell the functions apart.
    """
    group, dim = parts[0][0].group, sum(field.dim * times for field, times in parts)
    if kept.order is None:
        raise RepresentationError(
            f"samples of {group!r} that all of {kept!r} maps to themselves",
            "a finite group to keep, as a lattice has",
            "At one point take a norm or a gate nonlinearity, which are exact.",
        )
    made = _chosen(parts, group, kept, dim) if count is None else _at(parts, _elements(group, count), dim)
    if not _is_closed(made.there, parts, kept):
        raise RepresentationError(
            f"{made.elements} samples of {group!r}",
            f"a union of cosets of {kept!r}, which the lattice keeps, so that it stays exact",
            f"Take a multiple of {kept.order}, or leave samples out.",
        )
    return made


def _chosen(parts: Parts, group: Group, kept: Group, dim: int) -> Samples:
    if group.order is not None:
        return _at(parts, _elements(group, group.order), dim)
    step = _step(group, kept)
    fewest, before = -(-OVERSAMPLING * dim // step), 0
    for times in range(fewest, 4 * fewest + 4):
        made = _at(parts, _elements(group, step * times), dim, strict=False)
        enough = len(made.there) >= OVERSAMPLING * dim or len(made.there) == before  # as on O(2)/SO(2), two points
        if enough and len(made.there) >= dim and np.linalg.cond(made.there) <= _WORST:
            return made
        before = len(made.there)
    raise _unresolved(parts, fewest * step)


def _step(group: Group, kept: Group) -> int:
    """How many elements a union of cosets has more than the one before."""
    if isinstance(group, DirectProduct):
        return prod(factor.order or _step(factor, kept) for factor in group.factors)
    if isinstance(group, SO | O) and group.n == 3:
        return 24 if isinstance(group, SO) else 48
    return kept.order or 1


def _elements(group: Group, count: int) -> list[Element]:
    """So many elements, evenly spread: a whole finite group, even turns of the plane, cosets of the cube's turns."""
    if group.order is not None:
        return list(group.elements) if count == group.order else _refuse(group, count, group.order)
    if isinstance(group, DirectProduct):
        return _of_product(group, count)
    assert isinstance(group, SO | O), "what is infinite and no product is SO(n) or O(n)"
    step = (1 if group.n == 2 else 24) * (2 if isinstance(group, O) else 1)
    most = MOST_TURNS if group.n == 2 else len(_COSETS)
    if count % step or not 0 < count // step <= most:
        _refuse(group, count, step, most * step)
    turns = _turns_of_plane(count // step) if group.n == 2 else _turns_of_space(count // step)
    mirror = np.diag([1.0, -1.0]) if group.n == 2 else -np.eye(3)
    return [group.element(turn @ m) for m in ([np.eye(group.n), mirror][: len(group.determinants)]) for turn in turns]


def _of_product(group: DirectProduct, count: int) -> list[Element]:
    """All of the finite factors, and the rest of the count from the one that is not."""
    finite = prod(factor.order for factor in group.factors if factor.order is not None)
    sets = [list(f.elements) if f.order is not None else _elements(f, max(1, count // finite)) for f in group.factors]
    if prod(map(len, sets)) != count:
        _refuse(group, count, finite)
    return [group.element(each) for each in product(*sets)]


def _turns_of_plane(n: int) -> list[Matrix]:
    return [rotation(2 * np.pi * i / n) for i in range(n)]


def _turns_of_space(cosets: int) -> list[Matrix]:
    return [np.asarray(o.matrix) @ _about(vector) for vector in _COSETS[:cosets] for o in Octahedral().elements]


def _about(vector: tuple[float, ...]) -> Matrix:
    """Rodrigues' formula: the turn about a vector by its length."""
    angle = float(np.linalg.norm(vector))
    if not angle:
        return np.eye(3)
    x, y, z = np.array(vector) / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def _at(parts: Parts, elements: list[Element], dim: int, strict: bool = True) -> Samples:
    """The matrix of f at these elements; those at which all such functions agree count once."""
    columns = [_columns(field, times, elements) for field, times in parts]
    if any(c is None for c in columns):
        if strict:
            raise _unresolved(parts, len(elements))
        return Samples(np.zeros((0, dim)), np.zeros((dim, 0)), len(elements))
    rows = np.concatenate([c for c in columns if c is not None], axis=1) / np.sqrt(dim)
    _, first = np.unique(np.round(rows, 6) + 0.0, axis=0, return_index=True)
    there = rows[np.sort(first)]
    if strict and np.linalg.matrix_rank(there, tol=1e-6) < dim:
        raise _unresolved(parts, len(elements))
    return Samples(there, np.linalg.pinv(there), len(elements))


def _columns(field: Representation, times: int, elements: list[Element]) -> Matrix | None:
    """√d ρ(g_n) v for as many independent vectors v as the function holds the irrep; None where it holds too many.

    The middle vector of an odd irrep first: it is the zonal one, which makes a function on the sphere.
    """
    matrices = np.sqrt(field.dim) * np.stack([field(g) for g in elements])
    middle = field.dim // 2 if field.dim % 2 else 0
    found: list[Matrix] = []
    for v in (middle, *(i for i in range(field.dim) if i != middle)):
        if len(found) < times:
            candidate = [*found, matrices[:, :, v]]
            if np.linalg.matrix_rank(np.concatenate(candidate, axis=1), tol=1e-6) == len(candidate) * field.dim:
                found = candidate
    return np.concatenate(found, axis=1) if len(found) == times else None


def _is_closed(there: Matrix, parts: Parts, kept: Group) -> bool:
    """Whether the samples of every moved function are the samples of the function, in another order."""
    group = parts[0][0].group
    if group.order is not None:
        return True
    probe = np.random.default_rng(0).standard_normal((there.shape[1], 2))  # tells rows apart, and sorts them as one
    here = np.sort(there @ probe, axis=0)
    for h in kept.generators:
        g = h if h.group == group else group.element(h.group.matrix(h))
        moves = [field(g) for field, times in parts for _ in range(times)]
        at = 0
        moved = np.empty_like(there)
        for m in moves:
            moved[:, at : at + len(m)] = there[:, at : at + len(m)] @ m
            at += len(m)
        if np.abs(np.sort(moved @ probe, axis=0) - here).max() > 1e-6:
            return False
    return True


def _refuse(group: Group, count: int, step: int, most: int | None = None) -> list[Element]:
    limit = f", at most {most}" if most and most > step else ""
    raise RepresentationError(
        f"{count} samples of {group!r}",
        f"a multiple of {step}{limit}",
        "Leave samples out to have it chosen, or take lower frequencies, or a norm or gate nonlinearity.",
    )


def _unresolved(parts: Parts, count: int) -> RepresentationError:
    held = " + ".join(f"{times} × {field.name}" if times > 1 else field.name for field, times in parts)
    return RepresentationError(
        f"functions of {held} at {count} elements of {parts[0][0].group!r}",
        "irreps of the regular representation, each no more often than it holds them, and samples that tell them apart",
        "Take more samples, lower frequencies, G.band_limited_regular(m), or a norm or gate nonlinearity.",
    )
