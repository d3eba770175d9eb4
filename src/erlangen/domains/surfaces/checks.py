"""What a mesh must be for lengths, angles and directions on it to mean something, and how it is said if it is not."""

from typing import Any

import numpy as np

from erlangen.domains.surfaces.gluing import edge_keys
from erlangen.domains.surfaces.halfedges import Halfedges
from erlangen.errors import InputError

FLAT = 1e-12  # of a face: its area beside that of an equilateral one with its longest side
MEND = "er.domains.repaired_mesh(vertices, faces) mends it and says what it did."


def checked(vertices: Any, faces: Any) -> tuple[np.ndarray, Halfedges]:
    """Vertices `[n, 3]` in float64 and half-edges of faces `[m, 3]`; an InputError says what is wrong and where.

    >>> checked(np.eye(3), [[0, 1, 2]])[1].twin.tolist()
    [-1, -1, -1]
    """
    points, corners = triangles(vertices, faces)
    _oriented_alike(corners, len(points))
    half = Halfedges(corners, len(points))
    walked = np.bincount(half.tail[half.fans.place >= 0], minlength=half.count)
    one_fan(walked == np.bincount(half.tail, minlength=half.count))
    return points, half


def triangles(vertices: Any, faces: Any) -> tuple[np.ndarray, np.ndarray]:
    """Vertices `[n, 3]` in float64 and faces `[m, 3]` with area, two at an edge at most, which leave no vertex out."""
    points, corners = joined(vertices, faces)
    _refuse(without_area(points, corners), "without area", "some")
    key, count = edge_keys(corners), int(corners.max()) + 1
    known, times = np.unique(key, return_counts=True)
    crowded = known[times > 2]
    if len(crowded):
        said = _some_edges(crowded, count)
        mend = f'{MEND} er.Mesh(laplacian="tufted") takes it as it is.'
        raise InputError(f"{said} in three faces or more", "a surface: each edge in one face or two", mend)
    return points, corners


def joined(vertices: Any, faces: Any) -> tuple[np.ndarray, np.ndarray]:
    """Vertices `[n, 3]` in float64 and faces `[m, 3]` which leave no vertex out, however they meet."""
    points = points_of(vertices)
    corners = corners_of(faces, len(points))
    _refuse(one_vertex_twice(corners), "with one vertex twice", "three different ones")
    lost = np.setdiff1d(np.arange(len(points)), corners)
    if len(lost):
        raise InputError(f"{some(lost, 'vertex', 'vertices')} in no face", "vertices of the surface", MEND)
    return points, corners


def _refuse(wrong: np.ndarray, said: str, expected: str) -> None:
    """Raise the InputError for faces that are wrong, `[m]`."""
    if wrong.any():
        raise InputError(f"{some(np.flatnonzero(wrong), 'face')} {said}", expected, MEND)


def one_fan(there: np.ndarray) -> None:
    """Raise the InputError for vertices at which there is not one fan of faces, `[n]`."""
    torn = np.flatnonzero(~there)
    if len(torn):
        raise InputError(
            f"{some(torn, 'vertex', 'vertices')} where parts of the surface touch in a point",
            "one fan of faces at each vertex",
            MEND,
        )


def points_of(given: Any) -> np.ndarray:
    """Vertices `[n, 3]` in float64; an InputError for what is none, or not finite."""
    try:
        points = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):  # the last of a tensor that needs gradients
        raise InputError(
            "vertices that are no array", "numbers [n, 3]", "One row a vertex; of a tensor pos.detach()."
        ) from None
    if points.ndim != 2 or points.shape[1] != 3 or not len(points):
        raise InputError(f"vertices of shape {points.shape}", "[n, 3], one or more", "One row a vertex.")
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        raise InputError(f"{some(wrong, 'vertex', 'vertices')} not finite", "numbers", "Look for a NaN in them.")
    return points


def corners_of(given: Any, count: int) -> np.ndarray:
    """Faces `[m, 3]` in int64; an InputError for what is none, or has other vertices than 0 … count − 1."""
    try:
        corners = np.asarray(given)
    except ValueError:
        raise InputError("faces of different lengths", "[m, 3]", "Cut them into triangles.") from None
    if corners.ndim != 2 or corners.shape[1] != 3 or not len(corners) or corners.dtype.kind not in "iu":
        what = f"faces of shape {corners.shape} and dtype {corners.dtype}"
        raise InputError(what, "whole numbers [m, 3], one or more", "Triangles, as rows of three vertices.")
    wrong = np.flatnonzero(((corners < 0) | (corners >= count)).any(axis=1))
    if len(wrong):
        raise InputError(
            f"{some(wrong, 'face')} with a vertex that is not there", f"0 … {count - 1}", "Vertices count from 0."
        )
    return corners.astype(np.int64)


def one_vertex_twice(corners: np.ndarray) -> np.ndarray:
    """Which faces have it, `[m]`."""
    return (corners == corners[:, [1, 2, 0]]).any(axis=1)


def without_area(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Which faces are, beside the square of their longest side, `[m]`."""
    sides = points[corners[:, [1, 2, 0]]] - points[corners]
    twice = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1)
    return twice <= FLAT * (sides**2).sum(-1).max(1)


def torn_edges(corners: np.ndarray, count: int) -> np.ndarray:
    """The edges at which two faces run the same way, as numbers tail · count + head."""
    directed, times = np.unique(corners * count + corners[:, [1, 2, 0]], return_counts=True)
    return directed[times > 1]


def _oriented_alike(corners: np.ndarray, count: int) -> None:
    torn = torn_edges(corners, count)
    if len(torn):
        said = _some_edges(torn, count)
        raise InputError(f"{said} between faces that are not oriented alike", "one outside of the surface", MEND)


def some(wrong: np.ndarray, one: str, many: str | None = None) -> str:
    """How many there are, and the first of them."""
    return f"{one} {wrong[0]}" if len(wrong) == 1 else f"{len(wrong)} {many or one + 's'}, the first number {wrong[0]},"


def _some_edges(keys: np.ndarray, count: int) -> str:
    first = f"({keys[0] // count}, {keys[0] % count})"
    return f"the edge {first}" if len(keys) == 1 else f"{len(keys)} edges, the first {first},"
