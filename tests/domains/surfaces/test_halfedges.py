"""How faces meet: twins, boundaries, and the fan of faces about each vertex, beside plain loops over the faces."""

import numpy as np
import pytest

from tests.meshes import MESHES, cone, geometry, pillow, sheet, shuffled, torus


def tube():
    """A torus cut open twice: of its eight rings of faces two are gone."""
    points, faces = torus()
    ring = faces // 12  # of each corner
    kept = np.array([set(rows) != {0, 1} and set(rows) != {4, 5} for rows in ring.tolist()])
    return points, faces[kept]


SHAPES = {
    **MESHES,
    "pillow": pillow,
    "cone": cone,
    "tubes": tube,
    "one face": lambda: (np.eye(3), np.array([[0, 1, 2]])),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_twins_run_the_other_way_and_back(shape: str):
    half = geometry(shuffled(SHAPES[shape]())[0]).half
    sides = {(int(a), int(b)): h for h, (a, b) in enumerate(zip(half.tail, half.head, strict=True))}
    expected = [sides.get((int(b), int(a)), -1) for a, b in zip(half.tail, half.head, strict=True)]
    assert half.twin.tolist() == expected
    assert (half.head[half.before] == half.tail).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_go_round_every_vertex_one_face_after_the_other(shape: str):
    half = geometry(shuffled(SHAPES[shape]())[0]).half
    fans = half.fans
    for p in range(half.count):
        mine = np.flatnonzero(half.tail == p)
        mine = mine[np.argsort(fans.place[mine])]
        assert fans.place[mine].tolist() == list(range(len(mine)))
        onward = half.twin[half.before[mine]]
        assert onward[:-1].tolist() == mine[1:].tolist()
        if onward[-1] < 0:
            assert half.twin[mine[0]] < 0 and fans.last[p] == half.before[mine[-1]]
        else:
            assert onward[-1] == mine[0] and fans.last[p] == -1


def test_all_ends_of_two_tubes_are_boundaries():
    half = geometry(tube()).half
    assert half.parts.max() == 1
    ends = half.tail[half.twin < 0]
    assert sorted(ends.tolist()) == [*range(0, 24), *range(48, 72)]


def test_fans_of_two_and_of_many_faces():
    assert np.bincount(geometry(pillow()).half.tail).tolist() == [2, 2, 2]
    wide = geometry(cone(300)).half
    assert wide.fans.place[wide.tail == 0].max() == 299 and wide.fans.last[0] == -1


def test_the_first_of_a_fan_on_the_boundary_runs_along_it():
    half = geometry(sheet()).half
    on_boundary = half.fans.last >= 0
    assert (half.twin[half.start[on_boundary]] == -1).all()
    assert (half.twin[half.start[~on_boundary]] >= 0).all()
