"""Signals on the sphere as sums of irreps of a closed group of isometries: by Schur's lemma, all maps between them.

Coefficients of degree l move by D_l(R), those of curls and of what changes its sign in a mirror by det(R) D_l(R). Under
SO(3) and O(3) these are irreducible. Under turns about the polar axis the pair (c_lm, c_l,−m) is, whatever l is, and
under a finite one of those pairs whose orders are alike up to n are. Under other finite groups each degree is taken
apart by numbers.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.domains import Sphere
from erlangen.domains.spherical_transform import wigner
from erlangen.errors import RepresentationError
from erlangen.groups import SO, Group, O
from erlangen.representations import Representation, from_matrices, intertwiner_basis
from erlangen.representations.tangent import Tangent
from erlangen.solve.in_tangent_planes import Kind

Array = np.ndarray
LARGEST_LISTED = 240
WAYS = {
    "degrees": "closed form: under {group} each degree is irreducible, so the maps are one number a degree and pair of "
    "channels",
    "orders": "closed form: for each order m all maps between the degrees l ≥ |m|, numbers a + ib where no mirror asks "
    "for real ones",
    "numbers": "the irreps of {group} in each degree, found by numbers: all maps between equal ones",
    "some": "one number a degree and pair of channels, as for every rotation: exact for {group}, and not all maps",
}


@dataclass(frozen=True, eq=False)
class Copies:
    """The copies of one irrep: of each its degree, and which coordinates it is, `[copy, dim]`, up to signs.

    `commutant` are orthogonal matrices that span what commutes with the irrep, `[k, dim, dim]`.
    """

    degrees: Array
    places: Array
    signs: Array
    commutant: Array
    is_trivial: bool


@dataclass(frozen=True, eq=False)
class Adapted:
    """All copies in the coefficients up to a band, by irrep; coordinates are `change` @ coefficients, if not these."""

    way: str
    copies: dict[Hashable, Copies]
    change: Array | None = None


def kinds(domain: Sphere, rho: Representation) -> tuple[tuple[bool, int], ...]:
    """Of each channel of the coefficients of a signal whether a mirror changes its sign, and its least degree.

    (gradient, curl) stands where (east, north) stood. Raises RepresentationError for other fields.
    """
    mirrors = has_mirrors(domain, rho.group)
    found: list[tuple[bool, int]] = []
    for field, times in rho.fields:
        if isinstance(field, Tangent):
            found += [(False, 1), (mirrors, 1)] * times
        elif field.is_trivial:
            found += [(False, 0)] * field.dim * times
        elif field.dim == 1 and all(abs(field(g)[0, 0] - handedness(domain, g)) < 1e-9 for g in rho.group.generators):
            found += [(True, 0)] * times
        else:
            raise RepresentationError(
                f"{field} on {domain!r}",
                "scalars, what changes its sign in mirrors, and tangent vectors",
                "Take n * G.trivial, G.sign, or er.Sphere().vectors(G).",
            )
    return tuple(found)


def has_mirrors(domain: Sphere, group: Group) -> bool:
    """Whether some element turns left into right."""
    return any(handedness(domain, g) < 0 for g in group.generators)


def channels_by_kind(domain: Sphere, rho: Representation) -> dict[Kind, Array]:
    """The channels of the fields of each kind, at a point of the sphere, `[copy, number]`."""
    found: dict[Kind, list[tuple[int, ...]]] = {}
    channels = iter(enumerate(kinds(domain, rho)))
    for channel, (twisted, least) in channels:
        found.setdefault(Kind(least, twisted), []).append((channel, channel + 1)[: 1 + least])
        if least:
            next(channels)  # north behind east
    return {kind: np.array(places) for kind, places in found.items()}


@lru_cache(maxsize=64)
def adapted(domain: Sphere, group: Group, twisted: bool, least: int, band: int) -> Adapted:
    """Coefficients of degrees from `least` to `band` as copies of irreps; `twisted` where mirrors change the sign."""
    axis = about_the_axis(domain, group)
    if axis is not None:
        return Adapted("orders", _by_orders(axis, twisted, least, band))
    if group.order is not None and group.order <= LARGEST_LISTED:
        return _by_numbers(domain, group, twisted, least, band)
    whole = isinstance(group, SO | O) and group.n == 3
    return Adapted("degrees" if whole else "some", _by_degrees(twisted, least, band))


def _by_degrees(twisted: bool, least: int, band: int) -> dict[Hashable, Copies]:
    return {
        (l, twisted): Copies(
            np.array([l]),
            np.arange(l * l, (l + 1) ** 2)[None],
            np.ones((1, 2 * l + 1)),
            np.eye(2 * l + 1)[None],
            (l, twisted) == (0, False),
        )
        for l in range(least, band + 1)
    }


# ---- about the polar axis ------------------------------------------------------------------------------------------
Axis = tuple[int | None, bool]  # how many turns, None for all; and whether φ ↦ −φ belongs to them


def about_the_axis(domain: Sphere, group: Group) -> Axis | None:
    """The turns about the polar axis of a group that has no other elements but them and mirrors with φ ↦ −φ."""
    if isinstance(group, SO | O) and group.n == 2:
        return None, isinstance(group, O)
    if group.order is None or group.order > 100 * LARGEST_LISTED:
        return None
    moves = [m for g in group.elements if (m := domain.cartesian(g)) is not None]
    mirrors = [m for m in moves if np.linalg.det(m) < 0]
    if any(abs(m[1, 1] - 1) > 1e-9 for m in moves):
        return None
    if mirrors and not any(np.allclose(m, np.diag([-1.0, 1, 1]), atol=1e-9) for m in mirrors):
        return None
    return len(moves) - len(mirrors), bool(mirrors)


def _by_orders(axis: Axis, twisted: bool, least: int, band: int) -> dict[Hashable, Copies]:
    """Of each pair (c_m, c_−m) the irrep under n turns: that of m mod n, the other way round beyond n/2.

    A mirror is diag(1, −1) on it, or −diag(1, −1) where it is twisted: then −c_−m stands before c_m.
    """
    turns, mirrored = axis
    found: dict[Hashable, list[tuple[int, tuple[int, ...], tuple[float, ...]]]] = {}
    for m in range(band + 1):
        rest = m if turns is None else m % turns
        order = rest if turns is None else min(rest, turns - rest)
        way = 1.0 if rest == order else -1.0
        single = order == 0 or (turns is not None and 2 * order == turns)
        for l in range(max(m, least), band + 1):
            cosine, sine = l * l + l + m, l * l + l - m
            if single:
                found.setdefault((order, mirrored and twisted), []).append((l, (cosine,), (1.0,)))
                if m:
                    found.setdefault((order, mirrored and not twisted), []).append((l, (sine,), (1.0,)))
            elif mirrored and twisted:
                found.setdefault((order, None), []).append((l, (sine, cosine), (-way, 1.0)))
            else:
                found.setdefault((order, None), []).append((l, (cosine, sine), (1.0, way)))
    return {key: _listed(rows, mirrored, key == (0, False)) for key, rows in found.items()}


def _listed(rows: list[tuple[int, tuple[int, ...], tuple[float, ...]]], mirrored: bool, is_trivial: bool) -> Copies:
    degrees, places, signs = (np.array(part) for part in zip(*rows, strict=True))
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    pairs = np.eye(2)[None] if mirrored else np.stack([np.eye(2), turn])
    return Copies(degrees, places, signs, pairs if places.shape[1] == 2 else np.ones((1, 1, 1)), is_trivial)


# ---- other finite groups -------------------------------------------------------------------------------------------
def _by_numbers(domain: Sphere, group: Group, twisted: bool, least: int, band: int) -> Adapted:
    """Each degree taken apart: D_l = Q (⊕ m_i σ_i) Qᵀ."""
    generators = [(wigner(band, matrix_of(domain, g)), handedness(domain, g)) for g in group.generators]
    change = np.zeros(((band + 1) ** 2,) * 2)
    rows: dict[Representation, list[tuple[int, Array]]] = {}
    for l in range(least, band + 1):
        moves = [degrees[l] * (handed if twisted else 1) for degrees, handed in generators]
        apart, at = from_matrices(group, moves).decompose(), l * l
        change[at : at + 2 * l + 1, at : at + 2 * l + 1] = apart.basis.T
        for sigma, times in apart.parts:
            for _ in range(times):
                rows.setdefault(sigma, []).append((l, np.arange(at, at + sigma.dim)))
                at += sigma.dim
    return Adapted("numbers", {sigma: _numbered(sigma, found) for sigma, found in rows.items()}, change)


def _numbered(sigma: Representation, rows: list[tuple[int, Array]]) -> Copies:
    degrees, places = np.array([l for l, _ in rows]), np.stack([at for _, at in rows])
    basis = intertwiner_basis(sigma, sigma)
    basis = basis if isinstance(basis, np.ndarray) else basis.numpy()
    commutant = basis * np.sqrt(sigma.dim)  # of norm √dim; what commutes with an irrep is a number times an isometry
    return Copies(degrees, places, np.ones(places.shape), commutant, sigma.is_trivial)


def matrix_of(domain: Sphere, g: object) -> Array:
    """How an element of a group that was checked moves space, 3 × 3."""
    matrix = domain.cartesian(g)  # pyright: ignore[reportArgumentType]
    assert matrix is not None, "the group was checked"
    return matrix


def handedness(domain: Sphere, g: object) -> int:
    """det of the motion of space: −1 for mirrors."""
    return int(np.sign(np.linalg.det(matrix_of(domain, g))))
