"""What is no surface is refused, with what is wrong, where, and the mend."""

import numpy as np
import pytest

from erlangen.domains.surfaces.checks import checked
from erlangen.errors import InputError
from tests.meshes import MESHES, pillow, potato, sheet

ONE = np.array([[0, 1, 2]])
CORNERS = np.eye(3)
BOOK = np.array([[0.0, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [-1, 0, 0]])  # three pages at one spine
SQUARE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
BOW_TIE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [-1, 0, 0], [-1, -1, 0]])
WITH_NAN = np.where(np.arange(3)[:, None] == 1, np.nan, CORNERS)
LINE = np.array([[0.0, 0, 0], [1, 1, 1], [3, 3, 3]])

WRONG = {
    "not finite": (WITH_NAN, ONE, "vertex 1 not finite"),
    "infinite": (np.where(CORNERS, np.inf, 0), ONE, "3 vertices, the first number 0, not finite"),
    "flat vertices": (CORNERS[:, :2], ONE, "vertices of shape (3, 2)"),
    "no vertices": (np.zeros((0, 3)), ONE, "vertices of shape (0, 3)"),
    "vertices of different lengths": ([[1.0, 2], [3.0]], ONE, "no array"),
    "faces of different lengths": (CORNERS, [[0, 1, 2], [0, 1]], "different lengths"),
    "no faces": (CORNERS, np.zeros((0, 3), int), "faces of shape (0, 3)"),
    "squares": (SQUARE, np.arange(4)[None], "faces of shape (1, 4)"),
    "faces of floats": (CORNERS, ONE.astype(float), "dtype float64"),
    "a vertex that is not there": (CORNERS, [[0, 1, 3]], "face 0 with a vertex that is not there; expected 0 … 2"),
    "a negative vertex": (CORNERS, [[0, 1, -1]], "face 0 with a vertex that is not there"),
    "a vertex twice": (SQUARE, [[0, 1, 2], [0, 2, 2]], "face 1 with one vertex twice"),
    "on a line": (LINE, ONE, "face 0 without area"),
    "in one point": (np.ones((3, 3)), ONE, "face 0 without area"),
    "a book": (BOOK, [[0, 1, 2], [0, 1, 3], [0, 1, 4]], "the edge (0, 1) in three faces or more"),
    "a face turned over": (SQUARE, [[0, 1, 2], [0, 3, 2]], "the edge (2, 0) between faces that are not oriented alike"),
    "the same face twice": (CORNERS, [[0, 1, 2], [1, 2, 0]], "3 edges, the first (0, 1), between faces"),
    "a vertex left over": (SQUARE, ONE, "vertex 3 in no face"),
    "two vertices left over": (np.eye(5)[:, :3] + np.eye(5)[:, 2:], ONE, "2 vertices, the first number 3, in no face"),
    "a bow tie": (BOW_TIE, [[0, 1, 2], [0, 3, 4]], "vertex 0 where parts of the surface touch in a point"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_surface_is_refused_in_words(case: str):
    vertices, faces, said = WRONG[case]
    with pytest.raises(InputError) as refused:
        checked(vertices, faces)
    assert said in str(refused.value)
    assert refused.value.mend


@pytest.mark.parametrize("shape", MESHES)
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_surfaces_pass_in_every_unit_and_type_of_number(shape: str, unit: float):
    points, faces = MESHES[shape]()
    for kind in (np.int32, np.uint16, np.int64):
        given, half = checked((unit * points).astype(np.float32), faces.astype(kind))
        assert given.dtype == np.float64 and half.faces.dtype == np.int64
        assert half.count == len(points) and len(half.tail) == 3 * len(faces)


def test_two_closed_fans_at_one_vertex_touch_in_a_point():
    """Two closed surfaces with one vertex in common: no boundary tells."""
    points, faces = potato(1)
    both = np.concatenate([points, 2 * points[0] - points[1:]])
    other = np.where(faces == 0, 0, faces + len(points) - 1)
    with pytest.raises(InputError, match="vertex 0 where parts"):
        checked(both, np.concatenate([faces, other]))


def test_slivers_pass_until_rounding_eats_them():
    points, faces = sheet()
    for thin, passes in ((1e-6, True), (1e-14, False)):
        squeezed = points * [1.0, thin, 1.0]
        if passes:
            checked(squeezed, faces)
        else:
            with pytest.raises(InputError, match="without area"):
                checked(squeezed, faces)


def test_two_faces_back_to_back_are_a_closed_surface():
    _, half = checked(*pillow())
    assert (half.twin >= 0).all() and (half.fans.last < 0).all()
