"""What lies where about a vertex, and how it is carried there: exact where it is flat, else to a known error."""

import numpy as np
import pytest

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.geodesics import Ball, geodesic_balls
from erlangen.domains.surfaces.tangents import Tangents
from tests.meshes import MESHES, cone, copies, geometry, potato, sheet, shuffled, torus


def balls(mesh, radius: float) -> tuple[Ball, Tangents]:
    made = Tangents(geometry(mesh))
    return geodesic_balls(made, radius), made


@pytest.mark.parametrize("skew", [0.0, 1.0])
@pytest.mark.parametrize("radius", [1.5, 4.0])
def test_on_a_flat_sheet_a_ball_holds_what_is_within_the_radius_and_its_vectors(skew: float, radius: float):
    points, faces = sheet(11, 13)
    points[:, 0] += skew * points[:, 1]
    ball, made = balls((points, faces), radius)
    apart = points[ball.source] - points[ball.target]
    flat = np.einsum("eix,ex->ei", made.frames[ball.target], apart)
    assert np.abs(flat[:, 0] + 1j * flat[:, 1] - ball.offset).max() < 1e-11
    far = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert len(ball.target) == ((far <= radius * (1 + 1e-9)) & (far > 0)).sum()
    carried = np.einsum("eix,ejx->eij", made.frames[ball.target], made.frames[ball.source])
    assert np.abs(np.exp(1j * ball.transport) - carried[:, 0, 0] - 1j * carried[:, 1, 0]).max() < 1e-11


def test_a_folded_sheet_has_the_balls_of_the_flat_one():
    flat, bent = (balls(sheet(11, 13, bends=bends), 3.0)[0] for bends in (False, True))
    assert (flat.target == bent.target).all() and (flat.source == bent.source).all()
    assert np.abs(flat.offset - bent.offset).max() < 1e-11
    assert np.abs(np.exp(1j * flat.transport) - np.exp(1j * bent.transport)).max() < 1e-11


@pytest.mark.parametrize("level", [2, 3])
def test_balls_on_a_sphere(level: int):
    """Which are in it as by the angle between them; lengths to a thousandth, directions to a hundredth."""
    points, faces = icosphere(level)
    ball, made = balls((points, faces), 0.6)
    angle = np.arccos(np.clip(points @ points.T, -1, 1))
    np.fill_diagonal(angle, np.inf)
    found = np.zeros(angle.shape, dtype=bool)
    found[ball.target, ball.source] = True
    assert (found == (angle <= 0.6))[np.abs(angle - 0.6) > 2e-3].all()
    assert np.abs(np.abs(ball.offset) - angle[ball.target, ball.source]).max() < 2e-3
    flat = np.einsum("eix,ex->ei", made.frames[ball.target], points[ball.source] - points[ball.target])
    assert np.abs(np.angle((flat[:, 0] + 1j * flat[:, 1]) * ball.offset.conj())).max() < 0.02


@pytest.mark.parametrize("shape", MESHES)
def test_balls_do_not_see_orders_and_units(shape: str):
    points, faces = MESHES[shape]()
    here, _ = balls((points, faces), 1.2)
    (moved, other), images = shuffled((1e3 * points, faces))
    there, _ = balls((moved, other), 1.2e3)
    n = len(points)
    order = np.argsort(there.target * n + there.source)
    renamed = np.argsort(images[here.target] * n + images[here.source])
    assert (there.target[order] == images[here.target][renamed]).all()
    assert (there.source[order] == images[here.source][renamed]).all()
    assert np.abs(np.abs(there.offset[order]) / 1e3 - np.abs(here.offset[renamed])).max() < 1e-12


def test_a_ball_as_large_as_the_surface_ends():
    ball, _ = balls(sheet(5, 6), 1e9)
    assert len(ball.target) == 30 * 29
    for mesh in (icosphere(1), torus(), cone(), copies(potato(1), 2)):
        assert len(balls(mesh, 1e9)[0].target) > 0
