"""The tufted Laplacian: that of its authors' own package on surfaces and on what is none, whatever the triangles."""

import numpy as np
import pytest
import robust_laplacian

from erlangen.domains.surfaces.delaunay import ROUNDING, delaunay
from erlangen.domains.surfaces.tufted import SLACK, agreed, mollified, tufted
from tests.meshes import MESHES, NO_SURFACES, ONE_SIDED, Mesh, geometry, pages, potato, sheet, shuffled, soup


def skewed(mesh: Mesh, by: float = 2.0) -> Mesh:
    points, faces = mesh
    return points @ np.array([[1.0, 0, 0], [by, 1, 0], [0, 0.2 * by, 1]]), faces


def squashed() -> Mesh:
    """Faces without area among the others: vertices drawn onto a line."""
    points, faces = potato(1)
    a, b, c = faces[0]
    points[b] = 0.3 * points[a] + 0.7 * points[c]
    return points, faces


SHAPES = {
    **MESHES,
    **ONE_SIDED,
    **NO_SURFACES,
    **{f"{name}, skewed": lambda make=make: skewed(make()) for name, make in {**ONE_SIDED, **NO_SURFACES}.items()},
    "more soup": lambda: soup(100, 200, 1),
    "thick soup": lambda: soup(12, 60, 2),
    "squashed": squashed,
}
ALL = pytest.mark.parametrize("shape", SHAPES)


@ALL
def test_it_is_that_of_its_authors(shape: str):
    points, faces = SHAPES[shape]()
    laplacian, mass = robust_laplacian.mesh_laplacian(points, faces)
    made = tufted(points, faces)
    assert abs(made.laplacian - laplacian).max() < 1e-10 * abs(laplacian).max()
    assert np.abs(made.mass - mass.diagonal()).max() < 1e-10 * mass.diagonal().max()


@ALL
def test_no_weight_is_negative_and_every_edge_is_between_two_triangles(shape: str):
    points, faces = SHAPES[shape]()
    made = tufted(points, faces)
    assert (made.twin >= 0).all() and (made.twin[made.twin] == np.arange(len(made.twin))).all()
    assert (made.cotangents + made.cotangents[made.twin]).min() >= -ROUNDING - 1e-13 * made.cotangents.max() ** 2
    off = made.laplacian.tocoo()
    assert off.data[off.row != off.col].max() <= ROUNDING * abs(off).max()
    assert abs(made.laplacian @ np.ones(len(points))).max() < 1e-10 * abs(made.laplacian).max()


@pytest.mark.parametrize("shape", MESHES)
def test_on_a_surface_it_is_that_of_delaunay_triangles(shape: str):
    """But at the boundary, where the back goes on into the front."""
    mesh = skewed(MESHES[shape]())
    made, plain = tufted(*mesh), delaunay(geometry(mesh).triangles)
    inner = np.setdiff1d(np.arange(len(mesh[0])), plain.tail[plain.twin < 0])
    if len(inner) == len(mesh[0]):
        assert abs(made.laplacian - plain.laplacian).max() < 1e-10 * abs(plain.laplacian).max()
    assert made.mass.sum() == pytest.approx(plain.mass.sum(), rel=1e-12)


@ALL
@pytest.mark.parametrize("seed", [0, 1])
def test_orders_turns_and_mirrors_change_nothing(shape: str, seed: int):
    points, faces = SHAPES[shape]()
    made, ((moved, other), images) = tufted(points, faces), shuffled((points, faces), seed)
    rng = np.random.default_rng(seed)
    over, turn = rng.random(len(faces)) < 0.5, np.linalg.qr(rng.standard_normal((3, 3))).Q
    again = tufted(moved @ turn.T + 3, np.where(over[:, None], other[:, ::-1], other))
    close = 1e-9 if shape == "squashed" else 1e-11
    assert abs(again.laplacian[np.ix_(images, images)] - made.laplacian).max() < close * abs(made.laplacian).max()
    assert np.abs(again.mass[images] - made.mass).max() < close * made.mass.max()


def test_heat_goes_from_page_to_page():
    """The energy of what is linear in space is the sum of that on all faces, or less, for Delaunay triangles have the
    least."""
    points, faces = pages(4)
    made, slope, corner = tufted(points, faces), np.array([0.3, -0.2, 1.0]), points[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = np.linalg.norm(normal, axis=1) / 2
    energy = float((area * (slope @ slope - (normal / (2 * area[:, None]) @ slope) ** 2)).sum())
    x = points @ slope
    assert 0.98 * energy < x @ made.laplacian @ x <= energy * (1 + 1e-12)
    assert set(made.parts) == {0} and made.mass.sum() == pytest.approx(area.sum(), rel=1e-12)


def test_a_face_given_twice_counts_twice():
    points, faces = sheet()
    once, twice = tufted(points, faces), tufted(points, np.concatenate([faces, faces[::-1, [1, 2, 0]]]))
    assert abs(twice.laplacian - 2 * once.laplacian).max() < 1e-12
    assert np.abs(twice.mass - 2 * once.mass).max() < 1e-14
    some = tufted(points, np.concatenate([faces, faces[:10]]))
    lone = tufted(points, faces[:10])
    assert abs(some.laplacian - once.laplacian - lone.laplacian).max() < 1e-12


def test_what_is_agreed_on_is_glued_and_the_rest_counts_by_itself():
    points, faces = sheet()
    some = np.arange(len(faces)) < 10
    share = np.where(some, 1 / 3, 1.0)
    made, rest = agreed(points, [faces], [share]), tufted(points, faces[~some])
    alone = sum(tufted(points, face[None]).laplacian for face in faces[some])
    assert abs(made.laplacian - rest.laplacian - alone / 3).max() < 1e-12
    assert made.mass.sum() == pytest.approx(rest.mass.sum() + tufted(points, faces[some]).mass.sum() / 3)
    none = agreed(points, [faces[some]], [share[some]])
    assert abs(none.laplacian - alone / 3).max() < 1e-12


def test_how_a_polygon_on_a_circle_is_cut_is_no_matter():
    """By itself, and glued to another; what weighs is no diagonal, and cells are those of the circle."""
    turn = np.array([0.1, 1.0, 2.2, 3.0, 4.9])
    points = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    points = np.concatenate([points, [[0.0, 2.0, 0.5]]])
    rolled = [np.roll(np.arange(5), k)[None] for k in range(5)]
    for share in (0.4, 1.0):
        made = [agreed(points, [np.array([[1, 2, 5]]), r], [np.ones(1), np.array([share])]) for r in rolled]
        for other in made[1:]:
            assert abs(other.laplacian - made[0].laplacian).max() < 1e-12
            assert np.abs(other.cells - made[0].cells).max() < 1e-12


def test_edges_are_made_longer_just_enough():
    points, faces = squashed()
    length = mollified(points, faces)
    plain = np.linalg.norm(np.roll(points[faces], -1, axis=1) - points[faces], axis=2)
    ends = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1), axis=-1).reshape(-1, 2)
    _, first = np.unique(ends, axis=0, return_index=True)
    longer = length.sum(1) - 2 * length.max(1)
    assert longer.min() == pytest.approx(SLACK * plain.reshape(-1)[first].mean(), rel=1e-9)
    assert np.ptp(length - plain) < 1e-15 and (length > plain).all()
    points, faces = potato(1)
    assert np.array_equal(
        mollified(points, faces)[:, 0], np.linalg.norm(points[faces[:, 1]] - points[faces[:, 0]], axis=1)
    )
