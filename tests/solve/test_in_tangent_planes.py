"""Kernels in tangent planes: as many as theory says, and each keeps turns and mirrors."""

import numpy as np
import pytest

from erlangen.solve.in_tangent_planes import Kind, at_itself, routes

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
    for route in routes(source, target, mirrors):
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
    assert sum(len(route.patterns) for route in routes(source, target, False)) == everything
    kept = np.trace(mirror(source)) * np.trace(mirror(target))
    assert sum(len(route.patterns) for route in routes(source, target, True)) == (everything + kept) / 2
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
