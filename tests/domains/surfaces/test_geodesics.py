"""How far it is along a surface, and what lies where about a vertex: exact where it is flat, else to a known error."""

import numpy as np
import potpourri3d
import pytest

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.geodesics import Ball, geodesic_balls, geodesic_distances
from erlangen.domains.surfaces.tangents import Tangents
from erlangen.errors import InputError
from tests.meshes import MESHES, cone, copies, geometry, potato, sheet, shuffled, torus, two_parts


def balls(mesh, radius: float) -> tuple[Ball, Tangents]:
    made = Tangents(geometry(mesh))
    return geodesic_balls(made, radius), made


# ---- distances -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", ["potato", "torus", "sheet"])
@pytest.mark.parametrize("sources", [[0], [3, 40]])
def test_distances_are_those_of_potpourri3d(shape: str, sources: list[int]):
    points, faces = {"potato": potato(3), "torus": torus(30, 40), "sheet": sheet(15, 21)}[shape]
    theirs = potpourri3d.MeshHeatMethodDistanceSolver(points, faces).compute_distance_multisource(sources)
    ours = geodesic_distances(geometry((points, faces)), sources)
    assert np.abs(ours - theirs).max() < 5e-3 * theirs.max()


@pytest.mark.parametrize(("level", "error"), [(3, 0.03), (4, 0.015)])
def test_distances_on_a_sphere_are_angles(level: int, error: float):
    points, faces = icosphere(level)
    found = geodesic_distances(geometry((points, faces)), 7)
    assert np.abs(found - np.arccos(np.clip(points @ points[7], -1, 1))).mean() < error


@pytest.mark.parametrize("skew", [0.0, 1.0, 3.0])
def test_obtuse_triangles_do_no_harm(skew: float):
    """Heat on the triangles as they are would be negative, and distances wrong by nine tenths."""
    points, faces = sheet(31, 41)
    points[:, 0] += skew * points[:, 1]
    true = np.linalg.norm(points - points[0], axis=1)
    assert np.abs(geodesic_distances(geometry((points, faces)), 0) - true).max() < 0.04 * true.max()


def test_heat_reaches_the_end_of_a_long_strip():
    """e^{−d/h} of 2,000 edges is nought in floating numbers."""
    points, faces = sheet(4, 2000)
    true = np.linalg.norm(points - points[0], axis=1)
    assert np.abs(geodesic_distances(geometry((points, faces)), 0) - true).max() < 2e-3 * true.max()


def test_distances_do_not_see_bending_order_or_units():
    points, faces = sheet(15, 21)
    here = geodesic_distances(geometry((points, faces)), [20])
    assert np.abs(geodesic_distances(geometry(sheet(15, 21, bends=True)), [20]) - here).max() < 1e-10 * here.max()
    for unit in (1e-6, 1e6):
        (moved, other), images = shuffled((unit * points, faces))
        there = geodesic_distances(geometry((moved, other)), images[[20]])
        assert np.abs(there[images] / unit - here).max() < 1e-10 * here.max()
    assert here.argmin() == 20 and here[20] == 0


def test_no_way_leads_to_another_part():
    made = geometry(two_parts())
    alone = geodesic_distances(made, [0])
    assert np.isinf(alone[made.half.parts == 1]).all() and np.isfinite(alone[made.half.parts == 0]).all()
    both = geodesic_distances(made, [0, 100])
    assert np.isfinite(both).all() and np.abs(both[made.half.parts == 0] - alone[made.half.parts == 0]).max() < 1e-12
    assert both[[0, 100]].tolist() == [0, 0]


@pytest.mark.parametrize("sources", [[], [-1], [42], [0.5], [True]])
def test_sources_that_are_no_vertices_are_refused(sources: list):
    with pytest.raises(InputError, match="vertices 0 … 41"):
        geodesic_distances(geometry(potato(1)), sources)


# ---- balls ---------------------------------------------------------------------------------------------------------
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
