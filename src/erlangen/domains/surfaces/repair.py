"""Meshes that are nearly surfaces made into such, and what was done to them in words."""

from typing import Any, NamedTuple

import numpy as np

from erlangen.domains.surfaces.checks import checked, corners_of, one_vertex_twice, points_of, triangles, without_area
from erlangen.domains.surfaces.gluing import Glued, components, edge_keys, glue
from erlangen.errors import InputError

NEAR = 1e-7  # beside the diagonal of the box about all vertices: what is nearer lies at the same place


class Repaired(NamedTuple):
    """`vertices` `[n, 3]`, `faces` `[m, 3]`, and in `said` a sentence for each thing that was done, if any was.

    >>> import numpy as np, erlangen as er
    >>> made = er.domains.repaired_mesh(np.eye(3), [[0, 1, 2], [0, 1, 2]])
    >>> made.faces.tolist(), made.said
    ([[0, 1, 2]], ('1 face was dropped, which had the vertices of another.',))
    """

    vertices: np.ndarray
    faces: np.ndarray
    said: tuple[str, ...]


def repaired_mesh(vertices: Any, faces: Any, oriented: bool = True) -> Repaired:
    """A surface as `er.Mesh()` takes it, each edge in one face or two and one fan of faces at each vertex, of a mesh
    that is not quite.

    Vertices at the same place become one; faces without area, and such as are there twice, go. Where three faces or
    more meet at an edge, those that go straight on into each other stay joined and the others are cut off. Faces are
    turned over, as few as can be, so that those of a part are oriented alike, closed parts outward. Vertices at which
    parts touch in a point are split, and those in no face go. A face that still crowds an edge goes. A mesh without
    fault comes back as it was.

    Without `oriented` faces run as they did, which is enough for `er.Isometries()`, and all there can be where a
    surface has one side only, such as a Möbius strip.

    Shapes: vertices `[n, 3]`, faces `[m, 3]` of whole numbers. Raises InputError for what is not finite, for what has
    one side only and is to be oriented, and where nothing is left.

    >>> import numpy as np
    >>> square = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
    >>> made = repaired_mesh(square, [[0, 1, 2], [4, 2, 3]])
    >>> made.faces.tolist(), made.said
    ([[0, 1, 2], [0, 2, 3]], ('1 vertex was welded to one at the same place.',))
    """
    points, corners = points_of(vertices), corners_of(faces, len(vertices))
    lost = len(points) - len(np.unique(corners))
    said: list[str] = []
    corners = _without_thin(points, _welded(points, corners, said), said)
    corners = _once(corners, said)
    dropped = 0
    while True:
        _something(corners)
        glued, crowded = _two_sided(points, corners) if oriented else glue(points, corners)
        made, was = glued.fans
        over = glued.turned(points) if oriented else np.zeros(len(made), dtype=bool)
        made[over] = made[over][:, [0, 2, 1]]
        wrong = _crowding(made, oriented)
        if not len(wrong):
            break
        corners, dropped = np.delete(corners, wrong, axis=0), dropped + len(wrong)
    _say(said, crowded, "edge of three faces or more was cut", "edges of three faces or more were cut", CUT)
    _say(said, dropped, "face was dropped", "faces were dropped", ", which would crowd an edge all the same")
    _say(said, int(over.sum()), "face was turned over", "faces were turned over", SIDES)
    split = len(was) - len(np.unique(was))
    _say(said, split, "vertex was added", "vertices were added", ", where parts touched in a point or were cut")
    _say(said, lost, "vertex was dropped", "vertices were dropped", ", in no face")
    (checked if oriented else triangles)(points[was], made)
    return Repaired(points[was], made, tuple(said))


CUT = ", but for faces that go straight on into each other"
SIDES = ", so that those of a part are oriented alike, closed parts outward"


def _welded(points: np.ndarray, corners: np.ndarray, said: list[str]) -> np.ndarray:
    """Faces with the first of all vertices at the same place instead of each."""
    from scipy.spatial import KDTree

    used = np.unique(corners)
    near = KDTree(points[used]).query_pairs(NEAR * np.linalg.norm(np.ptp(points[used], axis=0)), output_type="ndarray")
    label = components(near[:, 0], near[:, 1], len(used))
    first = np.full(label.max() + 1, len(used))
    np.minimum.at(first, label, np.arange(len(used)))
    _say(
        said, len(used) - len(first), "vertex was welded to one", "vertices were welded to others", " at the same place"
    )
    place = np.arange(len(points))
    place[used] = used[first[label]]
    return place[corners]


def _without_thin(points: np.ndarray, corners: np.ndarray, said: list[str]) -> np.ndarray:
    thin = one_vertex_twice(corners) | without_area(points, corners)
    _say(said, int(thin.sum()), "face was dropped", "faces were dropped", ", with one vertex twice or without area")
    return corners[~thin]


def _once(corners: np.ndarray, said: list[str]) -> np.ndarray:
    """Of faces with the same three vertices the first."""
    _, first = np.unique(np.sort(corners, axis=1), axis=0, return_index=True)
    again = len(corners) - len(first)
    _say(said, again, "face was dropped", "faces were dropped", ", which had the vertices of another")
    return corners[np.sort(first)]


def _something(corners: np.ndarray) -> None:
    if not len(corners):
        raise InputError("a mesh of which nothing is left", "faces that have an area", "Look at how it was made.")


def _two_sided(points: np.ndarray, corners: np.ndarray) -> tuple[Glued, int]:
    """Faces glued so that each part has two sides: straight on at crowded edges, or cut there, if that cannot be."""
    for straight in (True, False):
        glued, crowded = glue(points, corners, straight)
        twisted = int((glued.parts[0] == glued.parts[1]).sum())
        if not twisted:
            return glued, crowded
    raise InputError(
        f"a surface with one side only, of {twisted} faces, as a Möbius strip",
        "one that can be oriented",
        "With er.Isometries() oriented=False is enough; or cut it open by leaving a row of faces out.",
    )


def _crowding(faces: np.ndarray, oriented: bool) -> np.ndarray:
    """Of each edge with three faces or more, or with two that run the same way if they must not, the last face."""
    key, tail = edge_keys(faces), faces.reshape(-1)
    _, edge, times = np.unique(key, return_inverse=True, return_counts=True)
    forward = np.bincount(edge, tail < faces[:, [1, 2, 0]].reshape(-1))
    wrong = (times > 2) | (oriented & ((forward > 1) | (times - forward > 1)))
    last = np.zeros(len(times), dtype=np.int64)
    np.maximum.at(last, edge, np.arange(len(edge)) // 3)
    return np.unique(last[wrong])


def _say(said: list[str], count: int, one: str, many: str, why: str) -> None:
    if count:
        said.append(f"{count} {one if count == 1 else many}{why}.")
