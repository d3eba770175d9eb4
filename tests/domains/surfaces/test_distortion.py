"""How far surfaces are stretched: not at all where they are folded, as far as they are pulled elsewhere."""

import numpy as np
import pytest

from erlangen.domains import metric_distortion
from erlangen.errors import InputError
from tests.meshes import potato, sheet, two_parts


def test_folding_stretches_nothing():
    (flat, faces), (folded, _) = sheet(), sheet(bends=True)
    found = metric_distortion(flat, folded, faces)
    assert found.edges == pytest.approx((1,) * 5, abs=1e-12)
    assert found.vibrations < 1e-10 and found.area == pytest.approx(1)


def test_pulling_stretches_by_as_much_whatever_the_size():
    points, faces = sheet()
    pulled = points * [1.21, 1, 1]
    found = metric_distortion(points, pulled, faces)
    assert found.area == pytest.approx(1.21)
    assert (found.edges[0], found.edges[4]) == pytest.approx((1 / 1.1, 1.1))
    large = metric_distortion(points, 7 * pulled, faces)
    assert large.edges == pytest.approx(found.edges) and large.area == pytest.approx(49 * found.area)
    assert large.vibrations == pytest.approx(found.vibrations)
    assert 0.02 < found.vibrations < 0.5
    assert "edges × 0.909" in str(found) and "%" in str(found)


def test_of_several_poses_edges_are_taken_together():
    points, faces = potato(2)
    poses = np.stack([points, points * [1.2, 1, 1]])
    both, one = metric_distortion(points, poses, faces), metric_distortion(points, poses[1], faces)
    assert one.edges[0] < both.edges[1] < 1 < both.edges[3] < one.edges[4]
    assert both.vibrations == pytest.approx(one.vibrations / 2)


def test_parts_that_do_not_touch_have_each_a_vibration_of_nought():
    points, faces = two_parts()
    found = metric_distortion(points, points[:, [1, 2, 0]], faces)
    assert found.vibrations < 1e-8


def test_other_vertices_are_refused():
    points, faces = potato(1)
    with pytest.raises(InputError, match="as many"):
        metric_distortion(points, points[:-1], faces)
    with pytest.raises(InputError, match="not finite"):
        metric_distortion(points, np.full_like(points, np.nan), faces)
