"""Better triangles of the same surface: no negative weight, and nothing that is measured on the surface changed."""

import igl
import numpy as np
import pytest

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.delaunay import ROUNDING, delaunay
from tests.meshes import MESHES, cone, geometry, leaning, pillow, potato, sheet, torus


def skewed(mesh, by: float):
    points, faces = mesh
    return points @ np.array([[1.0, 0, 0], [by, 1, 0], [0, 0.2 * by, 1]]), faces


SURFACES = {
    **{f"{name}, skewed": lambda make=make: skewed(make(), 2.0) for name, make in MESHES.items()},
    "very skewed": lambda: skewed(sheet(9, 15), 5.0),
    "spindle": lambda: (potato(2)[0] * [6.0, 1, 1], potato(2)[1]),
    "flat torus": lambda: (torus()[0] * [1, 1, 0.05], torus()[1]),
    "pillow": lambda: skewed(pillow(), 3.0),
    "cone": lambda: skewed(cone(), 3.0),
}


@pytest.mark.parametrize("shape", SURFACES)
def test_no_weight_is_negative_and_the_surface_is_the_same(shape: str):
    before = geometry(SURFACES[shape]())
    after, twin = delaunay(before.triangles), before.half.twin
    inner = after.twin >= 0
    assert (after.cotangents[inner] + after.cotangents[after.twin[inner]]).min() >= -ROUNDING
    assert (after.twin[after.twin[inner]] == np.flatnonzero(inner)).all()
    assert (after.tail[after.twin[inner]] == after.head[inner]).all()
    assert np.abs(after.length[after.twin[inner]] - after.length[inner]).max() == 0
    assert after.areas.sum() == pytest.approx(before.areas.sum(), rel=1e-12)
    assert np.sort(after.length[~inner]) == pytest.approx(np.sort(before.lengths[twin < 0]), rel=1e-14)
    corner = np.angle(-after.sides.conj() * np.roll(after.sides, 1, axis=1)).reshape(-1)
    around = np.bincount(after.tail, np.abs(corner))
    assert np.abs(around - np.bincount(before.half.tail, before.angles)).max() < 1e-10


@pytest.mark.parametrize("shape", SURFACES)
def test_its_laplacian_is_that_of_libigl(shape: str):
    points, faces = SURFACES[shape]()
    ours = delaunay(geometry((points, faces)).triangles).laplacian
    theirs = -igl.intrinsic_delaunay_cotmatrix(points, faces)[0]
    assert abs(ours - theirs).max() < 1e-8 * abs(theirs).max()


def test_good_triangles_stay():
    before = geometry(icosphere(3))
    after = delaunay(before.triangles)
    assert (after.tail == before.half.tail).all() and (after.twin == before.half.twin).all()
    assert abs(after.laplacian - before.laplacian).max() < 1e-12
    assert np.abs(after.mass - before.mass).max() < 1e-15


def test_energy_of_a_linear_function_on_a_flat_sheet():
    points, faces = skewed(sheet(), 3.0)
    points[:, 2] = 0
    made, slope = delaunay(geometry((points, faces)).triangles), np.array([0.3, -1.1, 0.0])
    x = points @ slope
    assert x @ made.laplacian @ x == pytest.approx(slope @ slope * made.areas.sum(), rel=1e-11)


@pytest.mark.parametrize("skew", [1e2, 1e3, 1e4, 3e4])
def test_triangles_thinner_than_rounding_come_to_an_end(skew: float):
    """One edge went back and forth without end."""
    before = geometry(leaning(skew, seed=7)).triangles
    after = delaunay(before)
    assert after.areas.sum() == pytest.approx(before.areas.sum(), rel=0.1)
    assert (np.bincount(after.tail, minlength=300) > 0).all()
