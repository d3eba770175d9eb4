"""Kernels in tangent planes: as many as theory says, and each keeps turns and mirrors."""

import numpy as np
import pytest

import erlangen as er
from erlangen.solve.in_tangent_planes import Frames, Kind, at_itself, fields_of, kinds_of, routes

KINDS = [Kind(0, False), Kind(0, True), Kind(1, False), Kind(2, False)]
MIRROR = np.diag([1.0, -1.0])


def turn(kind: Kind, angle: float) -> np.ndarray:
    c, s = np.cos(kind.order * angle), np.sin(kind.order * angle)
    return np.ones((1, 1)) if kind.order == 0 else np.array([[c, -s], [s, c]])


def mirror(kind: Kind) -> np.ndarray:
    return (-1.0 if kind.twisted else 1.0) * (np.ones((1, 1)) if kind.order == 0 else MIRROR)


def kernels(source: Kind, target: Kind, mirrors: bool, angle: float, carried: float) -> list[np.ndarray]:
    """What stands between x(q) and y(p), `[answer, field]`, one for each weight."""
    found = []
    for route in routes(source, target, Frames(None, mirrors)):
        a = route.turns * angle + route.carried * carried
        z = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])[: route.numbers]
        z = z[:, :1] if source.order == 0 else z @ MIRROR if route.conjugate else z
        found += [pattern @ z for pattern in route.patterns]
    return found


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_there_are_as_many_as_functions_on_a_circle_allow(source: Kind, target: Kind):
    """Of one distance all matrices, and half of them where a mirror leaves the direction as it is; at the point itself
    what commutes."""
    everything = source.dim * target.dim
    assert sum(len(route.patterns) for route in routes(source, target, Frames(None, False))) == everything
    kept = np.trace(mirror(source)) * np.trace(mirror(target))
    assert sum(len(route.patterns) for route in routes(source, target, Frames(None, True))) == (everything + kept) / 2
    same = source.order == target.order
    assert len(at_itself(source, target, False)) == same * max(1, source.dim)
    assert len(at_itself(source, target, True)) == same * (source.order > 0 or source.twisted == target.twisted)


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("mirrors", [False, True])
def test_frames_may_be_chosen_freely(source: Kind, target: Kind, mirrors: bool):
    """K(θ − α, g − α + β) = ρ_out(−α) K(θ, g) ρ_in(β): frames turned by α at p and by β at q; and mirrored, both."""
    angle, carried, alpha, beta = 0.7, 1.9, 0.4, -1.1
    plain = kernels(source, target, mirrors, angle, carried)
    assert len(plain) == np.linalg.matrix_rank(np.array(plain).reshape(len(plain), -1)) if plain else mirrors
    for before, after in zip(
        plain, kernels(source, target, mirrors, angle - alpha, carried - alpha + beta), strict=True
    ):
        np.testing.assert_allclose(after, turn(target, -alpha) @ before @ turn(source, beta), atol=1e-12)
    if mirrors:
        for before, after in zip(plain, kernels(source, target, mirrors, -angle, -carried), strict=True):
            np.testing.assert_allclose(after, mirror(target) @ before @ mirror(source), atol=1e-12)


# ---- finite groups -------------------------------------------------------------------------------------------------
FINITE = pytest.mark.parametrize(
    "group", [er.C(1), er.C(2), er.C(4), er.C(5), er.C(6), er.D(1), er.D(3), er.D(4)], ids=str
)


@FINITE
@pytest.mark.parametrize("highest", [0, 3, 6])
def test_of_finite_groups_there_are_as_many_as_characters_count(group: er.groups.Group, highest: int):
    """dim Hom(ρ ⊗ functions on the circle up to a frequency, ρ′) = mean of χ χ_circle χ′ over the group."""

    def circle(matrix: np.ndarray) -> float:
        angle = np.arctan2(matrix[1, 0], matrix[0, 0])
        return 1 + 2 * sum(np.cos(k * angle) for k in range(1, highest + 1)) if np.linalg.det(matrix) > 0 else 1.0

    frames = Frames.of(group)
    for rho in er.representations.irreps(group):
        for other in er.representations.irreps(group):
            both = [rho.character(g) * other.character(g) for g in group.elements]
            expected = np.dot(both, [circle(group.matrix(g)) for g in group.elements]) / group.order
            (source,), (target,) = kinds_of(rho), kinds_of(other)
            assert sum(len(r.patterns) for r in routes(source, target, frames, highest)) == round(expected)
            assert len(at_itself(source, target, frames.mirrors)) == round(np.mean(both))


@FINITE
def test_fields_of_finite_groups_are_sums_of_irreps_in_a_basis(group: er.groups.Group):
    rho = 2 * group.regular + group.trivial
    fields, basis = fields_of(rho)
    q = np.eye(rho.dim) if basis is None else basis
    assert np.abs(q.T @ q - np.eye(rho.dim)).max() < 1e-12
    for g in group.elements:
        told = q.T @ np.asarray(rho(g)) @ q
        for kind, channels in fields.items():
            for at in channels:
                angle = np.arctan2(*group.matrix(g)[::-1, 0])
                over = np.linalg.det(group.matrix(g)) < 0
                c, s = np.cos(kind.order * angle), np.sin(kind.order * angle)
                turned = np.array([[c, -s], [s, c]])[: kind.dim, : kind.dim]
                expected = turned @ np.diag(np.where(np.array(kind.odd) & over, -1.0, 1.0))
                assert np.abs(told[np.ix_(at, at)] - expected).max() < 1e-9
