"""Triangles that make no surface: what they say of slopes, and that a surface among them is measured as one."""

from collections.abc import Callable

import numpy as np
import pytest

from erlangen.domains.surfaces.complexes import Complex, complex_of
from erlangen.domains.surfaces.operators import TUFTED, Asked, computed
from erlangen.domains.surfaces.sides import BothSides
from erlangen.domains.surfaces.tangents import Tangents
from erlangen.errors import InputError
from tests.meshes import MESHES, NO_SURFACES, ONE_SIDED, Mesh, geometry, pages, potato, sheet, shuffled, touching

ANY = pytest.mark.parametrize("make", {**MESHES, **NO_SURFACES, **ONE_SIDED}.values())


def sizes(made: Complex, x: np.ndarray) -> np.ndarray:
    """|∇x| at each vertex."""
    p, q = made.beside
    slope = np.zeros((len(x), 2))
    np.add.at(slope, p, made.slopes * (x[q] - x[p])[:, None])
    return np.linalg.norm(slope, axis=1)


@ANY
def test_orders_turns_mirrors_and_sides_change_no_slope(make: Callable[[], Mesh]):
    mesh, rng = make(), np.random.default_rng(0)
    x = rng.standard_normal(len(mesh[0]))
    before, ((points, faces), images) = sizes(complex_of(*mesh), x), shuffled(mesh)
    over, turn = rng.random(len(faces)) < 0.5, np.linalg.qr(rng.standard_normal((3, 3))).Q
    moved = np.empty_like(x)
    moved[images] = x
    again = complex_of(points @ turn.T - 2, np.where(over[:, None], faces[:, ::-1], faces))
    assert (np.diff(again.beside[0]) >= 0).all()
    assert np.abs(sizes(again, moved)[images] - before).max() < 1e-10 * before.max() and before.min() > 1e-3


@pytest.mark.parametrize("shape", MESHES)
def test_on_a_surface_frames_and_slopes_are_its_own(shape: str):
    mesh = MESHES[shape]()
    made, plain = complex_of(*mesh), Tangents(geometry(mesh))
    x = np.random.default_rng(0).standard_normal(len(mesh[0]))
    assert np.abs(np.abs((made.normals * plain.geometry.normals).sum(1)) - 1).max() < 1e-12
    there = Complex(made.heat, made.mass, plain.frames, np.stack([plain.target, plain.source]), plain.slopes)
    assert np.abs(sizes(made, x) - sizes(there, x)).max() < 1e-10


def test_bending_is_no_change_where_faces_make_a_surface():
    x = np.random.default_rng(0).standard_normal(63)
    flat, folded = complex_of(*sheet()), complex_of(*sheet(bends=True))
    assert np.abs(sizes(flat, x) - sizes(folded, x)).max() < 1e-12
    assert abs(flat.laplacian - folded.laplacian).max() < 1e-12


def test_beside_the_line_all_is_as_on_a_page_alone():
    points, faces = pages(3)
    made, x = complex_of(points, faces), np.random.default_rng(0).standard_normal(len(points))
    first = faces[(faces < 30).all(1)]
    alone = BothSides(points[:30], first)
    there = Complex(made.heat, made.mass, alone.frames, alone.beside, alone.slopes)
    far = np.setdiff1d(np.arange(30), np.arange(0, 30, 6))
    assert np.abs(sizes(made, x)[far] - sizes(there, x[:30])[far]).max() < 1e-12
    assert np.abs(sizes(made, x)[0:30:6] - sizes(there, x[:30])[0:30:6]).min() > 1e-3


def test_where_parts_touch_heat_goes_through():
    made = complex_of(*touching())
    assert set(made.parts) == {0} and set(complex_of(*MESHES["two parts"]()).parts) == {0, 1}


def test_nothing_is_carried_along():
    found = computed(*pages(), Asked(8, None, TUFTED))
    assert len(found.target) == len(found.offset) == len(found.transport) == 0
    made = complex_of(*pages())
    flow = made.laplacian @ found.functions - made.mass[:, None] * found.functions * found.values
    assert np.abs(flow).max() < 1e-9 * found.values.max()


def test_what_has_no_area_or_leaves_vertices_out_is_refused():
    points, faces = potato(1)
    for given, wanted, said in (
        (points * [1, 0, 0], faces, "without area alone"),
        (np.concatenate([points, points[:1] + 1]), faces, "in no face"),
        (points, np.concatenate([faces, [[3, 3, 4]]]), "one vertex twice"),
        (np.where(points == points[3], np.nan, points), faces, "not finite"),
    ):
        with pytest.raises(InputError, match=said):
            computed(given, wanted, Asked(4, None, TUFTED))
    with pytest.raises(InputError, match="three faces or more") as refused:
        computed(*pages(), Asked(0))
    assert 'laplacian="tufted"' in str(refused.value)
