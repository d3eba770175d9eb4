"""How far it is along a surface, beside closed forms, other programs and the exact way over triangles."""

import igl
import numpy as np
import potpourri3d
import pytest
import torch

from erlangen.domains import geodesic_distances
from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces import distances
from erlangen.domains.surfaces.checks import triangles
from erlangen.domains.surfaces.sides import BothSides
from erlangen.errors import InputError
from tests.meshes import geometry, klein, leaning, moebius, potato, sheet, shuffled, torus, two_parts


@pytest.mark.parametrize("shape", ["potato", "torus", "sheet"])
@pytest.mark.parametrize("sources", [[0], [3, 40]])
def test_distances_are_those_of_potpourri3d(shape: str, sources: list[int]):
    points, faces = {"potato": potato(3), "torus": torus(30, 40), "sheet": sheet(15, 21)}[shape]
    theirs = potpourri3d.MeshHeatMethodDistanceSolver(points, faces).compute_distance_multisource(sources)
    ours = geodesic_distances(points, faces, sources)
    assert np.abs(ours - theirs).max() < 5e-3 * theirs.max()


@pytest.mark.parametrize("shape", ["potato", "torus"])
def test_distances_are_near_the_exact_ones_over_triangles(shape: str):
    points, faces = {"potato": potato(3), "torus": torus(30, 40)}[shape]
    none, all_of_them = np.array([], dtype=np.int64), np.arange(len(points))
    exact = igl.exact_geodesic(points, faces.astype(np.int64), np.array([5]), none, all_of_them, none)
    assert np.abs(geodesic_distances(points, faces, 5) - exact).mean() < 0.02 * exact.max()


@pytest.mark.parametrize("factor", [1.0, 1e-3])
def test_many_sources_at_once_are_each_by_itself(monkeypatch: pytest.MonkeyPatch, factor: float):
    """Also where they are cut into several lots, and where heat of some of them alone has to be given more time."""
    monkeypatch.setattr(distances, "AT_ONCE", 2 * 7 * 200)
    mesh, chosen = sheet(7, 200), [3, 1000, 3, 1399]
    found = geodesic_distances(*mesh, chosen, each=True, factor=factor)
    alone = [geodesic_distances(*mesh, vertex, factor=factor) for vertex in chosen]
    assert np.abs(found - alone).max() < 1e-9 * found.max() and (found[0] == found[2]).all()
    assert np.abs(found[[0, 1, 2, 3], chosen]).max() == 0


@pytest.mark.parametrize(("level", "error"), [(3, 0.03), (4, 0.015)])
def test_distances_on_a_sphere_are_angles(level: int, error: float):
    points, faces = icosphere(level)
    found = geodesic_distances(points, faces, 7)
    assert np.abs(found - np.arccos(np.clip(points @ points[7], -1, 1))).mean() < error


@pytest.mark.parametrize("skew", [0.0, 1.0, 3.0])
def test_obtuse_triangles_do_no_harm(skew: float):
    """Heat on the triangles as they are would be negative, and distances wrong by nine tenths."""
    points, faces = sheet(31, 41)
    points[:, 0] += skew * points[:, 1]
    true = np.linalg.norm(points - points[0], axis=1)
    assert np.abs(geodesic_distances(points, faces, 0) - true).max() < 0.04 * true.max()


def test_heat_reaches_the_end_of_a_long_strip():
    """e^{−d/h} of 2,000 edges is nought in floating numbers."""
    points, faces = sheet(4, 2000)
    true = np.linalg.norm(points - points[0], axis=1)
    assert np.abs(geodesic_distances(points, faces, 0) - true).max() < 2e-3 * true.max()


def test_distances_do_not_see_bending_order_or_units():
    points, faces = sheet(15, 21)
    here = geodesic_distances(points, faces, [20])
    assert np.abs(geodesic_distances(*sheet(15, 21, bends=True), [20]) - here).max() < 1e-10 * here.max()
    for unit in (1e-6, 1e6):
        (moved, other), images = shuffled((unit * points, faces))
        there = geodesic_distances(moved, other, images[[20]])
        assert np.abs(there[images] / unit - here).max() < 1e-10 * here.max()
    assert here.argmin() == 20 and here[20] == 0


def test_no_way_leads_to_another_part():
    made = geometry(two_parts())
    alone = geodesic_distances(*two_parts(), [0])
    assert np.isinf(alone[made.half.parts == 1]).all() and np.isfinite(alone[made.half.parts == 0]).all()
    both = geodesic_distances(*two_parts(), [0, 100])
    assert np.isfinite(both).all() and np.abs(both[made.half.parts == 0] - alone[made.half.parts == 0]).max() < 1e-12
    assert both[[0, 100]].tolist() == [0, 0]


@pytest.mark.parametrize("sources", [[], [-1], [42], [0.5], [True]])
def test_sources_that_are_no_vertices_are_refused(sources: list):
    with pytest.raises(InputError, match="vertices 0 … 41"):
        geodesic_distances(*potato(1), sources)


# ---- sides ---------------------------------------------------------------------------------------------------------
def test_it_is_no_matter_which_way_round_faces_are():
    points, faces = potato(2)
    turned = faces.copy()
    turned[::3] = turned[::3, [1, 0, 2]]
    straight = geodesic_distances(points, faces, 5)
    assert np.abs(geodesic_distances(points, turned, 5) - straight).max() < 1e-10 * straight.max()


@pytest.mark.parametrize("shape", [moebius(9, 60), klein(12, 60)], ids=["moebius", "klein"])
def test_surfaces_with_one_side_have_distances(shape: tuple[np.ndarray, np.ndarray]):
    """As on the orientation cover, where every vertex is twice, from both of the source."""
    points, faces = shape
    both = BothSides(*triangles(points, faces))
    solver = potpourri3d.MeshHeatMethodDistanceSolver(points[both.vertex], both.cover.half.tail.reshape(-1, 3))
    theirs = solver.compute_distance_multisource(np.flatnonzero(both.vertex == 7))
    assert np.abs(geodesic_distances(*shape, 7)[both.vertex] - theirs).max() < 5e-3 * theirs.max()


@pytest.mark.parametrize("factor", [0, -1.0, float("nan"), "1"])
def test_times_that_are_none_are_refused(factor: object):
    with pytest.raises(InputError, match="factor"):
        geodesic_distances(*potato(1), 0, factor=factor)  # pyright: ignore[reportArgumentType]


def test_triangles_that_lose_all_heat_are_refused():
    with pytest.raises(InputError, match="triangles so thin"):
        geodesic_distances(*leaning(1e4, seed=1), 0)


def test_vertices_that_need_gradients_are_refused():
    points, faces = potato(1)
    with pytest.raises(InputError, match=r"no array.*pos\.detach\(\)"):
        geodesic_distances(torch.tensor(points, requires_grad=True), faces, 0)
