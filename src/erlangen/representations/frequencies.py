"""The irreps in a representation of SO(n) or O(n), read off the frequencies of a small turn."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import SO, Element
from erlangen.representations.base import Matrix, Representation, Runs
from erlangen.representations.irreps import irrep, is_planar, is_spatial
from erlangen.representations.planar import PlanarIrrep, planar_labels
from erlangen.representations.spatial import SpatialIrrep, spatial_labels

Labels = tuple[int, ...]
SMALL_TURN = 2 * math.pi / 720
HIGHEST = 359  # frequencies above are mistaken for lower ones


def continuous_parts(rho: Representation) -> Runs:
    """The irreps in an orthogonal representation of SO(n) or O(n), with how often each occurs."""
    group = rho.group
    if not is_planar(group) and not is_spatial(group):
        raise RepresentationError(
            f"the irreps of {group}, an infinite group",
            "SO(2), O(2), SO(3), O(3), or a finite group",
            "Restrict to one of these first, with `.restrict(H)`.",
        )
    counts: Counter[Labels] = Counter()
    for part, times in rho.fields:
        counts.update({labels: times * count for labels, count in _counts(part).items()})
    top = max(label for labels in counts for label in labels)
    ordered = planar_labels(group, top) if is_planar(group) else spatial_labels(group, top)
    parts = tuple((irrep(group, *labels), counts[labels]) for labels in ordered if counts[labels] > 0)
    if not _adds_up(rho, parts):
        raise RepresentationError(
            f"{rho}", f"frequencies up to {HIGHEST}", "Decompose it by hand: frequencies of tensor products add."
        )
    return parts


def _counts(rho: Representation) -> Counter[Labels]:
    """How often each irrep occurs, by its labels."""
    if isinstance(rho, PlanarIrrep | SpatialIrrep):
        return Counter({rho.labels: 1})
    return _plane_counts(rho) if is_planar(rho.group) else _space_counts(rho)


def _adds_up(rho: Representation, parts: Runs) -> bool:
    """Whether the parts have ρ's character at the unit and at the generators."""
    return all(
        abs(sum(times * sigma.character(g) for sigma, times in parts) - rho.character(g)) < 1e-6 * rho.dim
        for g in (rho.group.identity, *rho.group.generators)
    )


def _plane_counts(rho: Representation) -> Counter[Labels]:
    group = rho.group
    frequencies = _frequencies(rho(group.element(SMALL_TURN)))
    if isinstance(group, SO):
        return Counter({(k,): times for k, times in frequencies.items() if k >= 0})
    counts = Counter({(1, k): times for k, times in frequencies.items() if k > 0})
    constant = frequencies[0]
    difference = round(rho.character(np.diag([1.0, -1.0])))  # irreps of two dimensions have no trace at a mirror
    counts[0, 0], counts[1, 0] = (constant + difference) // 2, (constant - difference) // 2
    return counts


def _space_counts(rho: Representation) -> Counter[Labels]:
    """Degree l has each of the frequencies −l … l once, so it occurs as often as l does more than l + 1."""
    turn = rho(_small_turn_of_space(rho))
    counts: Counter[Labels] = Counter()
    for parity, basis in _parity_parts(rho):
        frequencies = _frequencies(basis.T @ turn @ basis)
        for degree in range(max(frequencies, default=-1) + 1):
            counts[degree, *parity] = frequencies[degree] - frequencies[degree + 1]
    return counts


def _small_turn_of_space(rho: Representation) -> Element:
    cosine, sine = math.cos(SMALL_TURN), math.sin(SMALL_TURN)
    return rho.group.element(np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]))


def _parity_parts(rho: Representation) -> list[tuple[Labels, Matrix]]:
    """Orthonormal bases of the channels that the inversion keeps and of those it negates; all where there is none."""
    if isinstance(rho.group, SO):
        return [((), np.eye(rho.dim))]
    signs, vectors = np.linalg.eigh(rho(-np.eye(3)))
    return [((parity,), vectors[:, parity * signs > 0]) for parity in (1, -1)]


def _frequencies(matrix: Matrix) -> Counter[int]:
    """How often each frequency k occurs in ρ of the small turn θ: its eigenvalues are e^{ikθ}."""
    angles = np.angle(np.linalg.eigvals(matrix))
    return Counter(np.round(angles / SMALL_TURN).astype(int).tolist())
