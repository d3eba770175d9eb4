"""Points without triangles: orders, turns and mirrors change nothing; heat is that of the surface, and of the reference
where no triangle is obtuse."""

import numpy as np
import pytest
import robust_laplacian
from scipy.sparse import diags_array
from scipy.sparse.linalg import eigsh
from scipy.spatial import Voronoi

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces import clouds
from erlangen.domains.surfaces.clouds import cloud_of, nearest
from erlangen.domains.surfaces.operators import TUFTED, Asked, Operators, computed
from erlangen.errors import InputError
from tests.clouds import CLOUDS, cube, disc, globe, ring, sphere, tube
from tests.meshes import geometry, sheet, torus

NONE = np.zeros((0, 3), dtype=np.int64)
ALL = pytest.mark.parametrize("shape", CLOUDS)


def lowest(laplacian: object, mass: np.ndarray, count: int = 21) -> np.ndarray:
    """The eigenvalues behind 0."""
    return np.sort(eigsh(laplacian, count, M=diags_array(mass).tocsc(), sigma=-1e-2, return_eigenvectors=False))[1:]


def slope_sizes(made: Operators, x: np.ndarray) -> np.ndarray:
    slope = np.zeros((len(x), 2))
    np.add.at(slope, made.beside[0], made.slopes * (x[made.beside[1]] - x[made.beside[0]])[:, None])
    return np.linalg.norm(slope, axis=1)


@ALL
@pytest.mark.parametrize("seed", [0, 1])
def test_orders_turns_shifts_and_mirrors_change_nothing(shape: str, seed: int):
    points, rng = CLOUDS[shape](), np.random.default_rng(seed)
    images, turn = rng.permutation(len(points)), np.linalg.qr(rng.standard_normal((3, 3))).Q
    moved = np.empty_like(points)
    moved[images] = points @ turn.T - 3
    before, after = (computed(given, NONE, Asked(16, None, TUFTED)) for given in (points, moved))
    assert np.abs(after.mass[images] - before.mass).max() < 1e-10 * before.mass.max()
    assert len(after.values) == len(before.values)
    assert np.abs(after.values - before.values).max() < 1e-9 * before.values.max()
    spread = before.functions @ np.diag(np.exp(-before.values / before.values[-1])) @ before.functions.T
    again = after.functions @ np.diag(np.exp(-after.values / after.values[-1])) @ after.functions.T
    assert np.abs(again[np.ix_(images, images)] - spread).max() < 1e-8 * np.abs(spread).max()
    x = rng.standard_normal(len(points))
    there = np.empty_like(x)
    there[images] = x
    sizes = slope_sizes(before, x)
    assert np.abs(slope_sizes(after, there)[images] - sizes).max() < 1e-9 * sizes.max()


@pytest.mark.parametrize("level", [1, 2, 3])
def test_of_acute_triangles_it_is_that_of_the_reference(level: int):
    points = icosphere(level)[0]
    laplacian, mass = robust_laplacian.point_cloud_laplacian(points)
    made = cloud_of(points)
    assert abs(made.laplacian - laplacian).max() < 1e-10 * abs(laplacian).max()
    assert np.abs(made.heat.mass - mass.diagonal()).max() < 1e-10 * mass.max()


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_on_a_sphere_its_vibrations_are_near_the_true_ones(noise: float):
    """l(l + 1), 2l + 1 times. The reference glues three copies of a triangle to each other, and is farther off."""
    points, degree = sphere(1000, noise), np.repeat(np.arange(1, 5), 2 * np.arange(1, 5) + 1)[:20]
    made, (laplacian, mass) = cloud_of(points), robust_laplacian.point_cloud_laplacian(points)
    true = degree * (degree + 1)
    ours, theirs = lowest(made.laplacian, made.mass), lowest(laplacian, mass.diagonal())
    assert made.mass.sum() == pytest.approx(mass.sum(), rel=0.01)
    off, their_off = (np.abs(found / true - 1).mean() for found in (ours, theirs))
    assert off < 0.7 * their_off and off < (0.03 if not noise else 0.08)
    assert np.abs(ours / theirs - 1).max() < 0.12


@pytest.mark.parametrize(
    ("points", "mesh"), [(torus(20, 30)[0], torus(20, 30)), (icosphere(2)[0], icosphere(2)), (sheet()[0], sheet())]
)
def test_in_rows_and_columns_it_is_that_of_the_surface_through_them(points: np.ndarray, mesh: object):
    """Where four points lie on a circle all of them see that, and either way to cut it is the same."""
    made, plain = cloud_of(points), geometry(mesh).laplacian
    area = geometry(mesh).areas.sum()
    assert abs(made.laplacian - plain).max() < 1e-10 * abs(plain).max()
    assert made.mass.sum() == pytest.approx(area, rel=1e-12)


def test_cells_are_those_of_voronoi():
    points = disc()
    cells, made = Voronoi(points[:, :2]), cloud_of(points)
    inner = np.flatnonzero(np.linalg.norm(points, axis=1) < 0.75)
    areas = []
    for region in cells.point_region[inner]:
        corner = cells.vertices[cells.regions[region]] @ np.array([1, 1j])
        areas.append(abs((corner.conj() * np.roll(corner, -1)).imag.sum()) / 2)
    assert np.abs(made.mass[inner] - areas).max() < 1e-10


@pytest.mark.parametrize("count", [3, 4, 5, 8, 31])
def test_a_regular_polygon_has_equal_cells(count: int):
    made = cloud_of(ring(count))
    assert np.ptp(made.mass) < 1e-10 and made.mass.sum() == pytest.approx(count / 2 * np.sin(2 * np.pi / count))


def test_masses_do_not_jump_where_triangles_change():
    """A square is pulled to both sides of being one: the diagonal is another one then."""
    points = sheet(9, 9)[0]
    points[40, :2] += [1e-4, 2e-4]
    pulled = points.copy()
    pulled[40, :2] -= [2e-4, 4e-4]
    one, other = cloud_of(points), cloud_of(pulled)
    assert 1e-5 < np.abs(one.mass - other.mass).max() < 1e-3
    assert abs(one.laplacian - other.laplacian).max() < 5e-3


def test_on_a_plane_slopes_and_energies_of_linear_functions_are_exact():
    points, slope = sheet(9, 11)[0], np.array([0.3, -1.1, 0.0])
    made, x = computed(points, NONE, Asked(9, None, TUFTED)), points @ slope
    assert slope_sizes(made, x) == pytest.approx(np.full(99, np.linalg.norm(slope)), rel=1e-4)
    assert x @ cloud_of(points).laplacian @ x == pytest.approx(slope @ slope * made.mass.sum(), rel=1e-12)
    assert np.abs(np.abs(made.normals) - [0, 0, 1]).max() < 1e-12


@pytest.mark.parametrize("make", [tube, globe, lambda: cube(6)])
def test_vibrations_are_those_of_what_they_lie_on(make: object):
    """The ends of a tube stay open, and the poles of a globe, round which there are few points, are closed."""
    closed = {tube: 2 * np.pi * 2.4, globe: 4 * np.pi}.get(make, 24.0)
    assert cloud_of(make()).mass.sum() == pytest.approx(closed, rel=0.07)


def test_parts_far_apart_do_not_touch():
    made = cloud_of(np.concatenate([sphere(60), sphere(60, seed=1) + 50]))
    assert set(made.parts) == {0, 1} and len(set(made.parts[:60])) == 1


def test_neighbours_that_are_as_near_are_all_there(monkeypatch: pytest.MonkeyPatch):
    grid = sheet(9, 9)[0] / [1, 0.9, 1]
    monkeypatch.setattr(clouds, "NEAREST", 10)  # 4, 4 and then 4
    near = nearest(grid)
    assert (near[40] >= 0).sum() == 12 and 40 not in near[40]
    assert set(np.linalg.norm(grid[near[40][near[40] >= 0]] - grid[40], axis=1).round(9)) == {1, round(2**0.5, 9), 2}
    assert nearest(grid[:5]).shape == (5, 4)


def test_many_points_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch):
    whole = cloud_of(sphere())
    monkeypatch.setattr(clouds, "AT_ONCE", 150)
    parts = cloud_of(sphere())
    assert abs(whole.laplacian - parts.laplacian).max() == 0 and np.array_equal(whole.beside, parts.beside)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (sphere(2), "points in 2 places"),
        (np.repeat(sphere(2), 5, axis=0), "points in 2 places"),
        (np.outer(np.arange(30.0), [1, 2, 3]), "30 points, the first number 0, with neighbours on a line"),
        (ring(64), "neighbours on a line"),
        (np.where(np.arange(90).reshape(30, 3) == 40, np.nan, 1.0), "not finite"),
        (np.concatenate([sphere(1000), np.zeros((1, 3))]), "point 1000 with 1000 neighbours, all as near"),
        (np.stack(np.meshgrid(*[np.arange(7.0)] * 3), axis=-1).reshape(-1, 3), "on all sides alike"),
    ],
)
def test_what_is_no_surface_of_points_is_refused_in_words(points: np.ndarray, said: str):
    with pytest.raises(InputError, match=said):
        computed(points, NONE, Asked(4, None, TUFTED))
