"""Lengths, areas, angles and the Laplacian: equal to libigl's, and to what is known of closed surfaces."""

import igl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlangen.domains._icosphere import icosphere
from tests.meshes import MESHES, copies, geometry, pillow, potato, sheet, shuffled, torus

SHAPES = pytest.mark.parametrize("shape", MESHES)


@SHAPES
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_laplacian_and_mass_are_those_of_libigl(shape: str, unit: float):
    points, faces = MESHES[shape]()
    ours, theirs = geometry((unit * points, faces)), -igl.cotmatrix(unit * points, faces.astype(np.int64))
    mass = igl.massmatrix(unit * points, faces.astype(np.int64), igl.MASSMATRIX_TYPE_BARYCENTRIC).diagonal()
    assert abs(ours.laplacian - theirs).max() < 1e-12 * abs(theirs).max()
    assert np.abs(ours.mass - mass).max() < 1e-12 * mass.max()


@SHAPES
def test_the_laplacian_is_symmetric_forgets_constants_and_is_nowhere_negative(shape: str):
    laplacian = geometry(MESHES[shape]()).laplacian
    assert abs(laplacian - laplacian.T).max() == 0
    assert np.abs(laplacian @ np.ones(laplacian.shape[0])).max() < 1e-13
    assert np.linalg.eigvalsh(laplacian.toarray())[0] > -1e-12


def test_energy_of_a_linear_function_is_its_slope_times_the_area():
    """On a flat sheet xᵀLx = |a|² · area, whatever the triangles; and L x = 0 within it."""
    points, faces = sheet(bends=False)
    points[:, 0] += 0.8 * points[:, 1]
    made, slope = geometry((points, faces)), np.array([0.3, -1.1, 0.0])
    x = points @ slope
    assert x @ made.laplacian @ x == pytest.approx(slope @ slope * made.areas.sum(), rel=1e-12)
    within = np.setdiff1d(np.arange(len(points)), made.half.tail[made.half.twin < 0])
    assert len(within) > 10 and np.abs((made.laplacian @ x)[within]).max() < 1e-13


@pytest.mark.parametrize(("shape", "genus"), [(potato(2), 0), (torus(), 1), (pillow(), 0)])
def test_angles_add_up_as_gauss_and_bonnet_say(shape: tuple, genus: int):
    made = geometry(shape)
    around = np.bincount(made.half.tail, made.angles, minlength=made.half.count)
    assert np.abs(made.angles.reshape(-1, 3).sum(1) - np.pi).max() < 1e-13
    assert (2 * np.pi - around).sum() == pytest.approx(2 * np.pi * (2 - 2 * genus), abs=1e-10)


def test_area_of_a_sphere_and_its_normals():
    points, faces = icosphere(3)
    made = geometry((points, faces))
    assert made.areas.sum() == pytest.approx(4 * np.pi, rel=1e-2)
    assert made.mass.sum() == pytest.approx(made.areas.sum(), rel=1e-14)
    assert np.abs(made.normals - points).max() < 0.02
    assert np.abs(np.linalg.norm(made.normals, axis=1) - 1).max() < 1e-14


def test_normals_are_there_where_those_of_faces_cancel():
    made = geometry(pillow())
    assert np.abs(np.abs(made.normals) - [0, 0, 1]).max() < 1e-14


@SHAPES
@given(seed=st.integers(0, 2**16))
def test_turned_moved_and_in_another_order_it_measures_the_same(shape: str, seed: int):
    rng = np.random.default_rng(seed)
    points, faces = MESHES[shape]()
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    (moved, other), images = shuffled((points @ turn.T + rng.standard_normal(3), faces), seed)
    here, there = geometry((points, faces)), geometry((moved, other))
    assert np.abs(there.mass[images] - here.mass).max() < 1e-12
    assert abs(there.laplacian[images][:, images] - here.laplacian).max() < 1e-11


def test_parts_that_do_not_touch_are_counted():
    parts = geometry(copies(potato(1), 3)).half.parts
    assert np.bincount(parts).tolist() == [42, 42, 42]
    assert geometry(sheet()).half.parts.max() == 0
