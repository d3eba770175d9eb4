"""What is no surface, for heat: faces that meet in any number and any way are covered by a surface with two sides."""

import numpy as np

from erlangen.domains.surfaces.delaunay import delaunay
from erlangen.domains.surfaces.gluing import Ints, edge_keys
from erlangen.domains.surfaces.sheets import both_sheets
from erlangen.domains.surfaces.triangles import Array, Triangles

DIGITS = 9  # by which weights are told apart
SLACK = 1e-5  # beside the mean length of an edge: by how much two sides are longer than the third at least


def tufted(points: Array, faces: Ints, weight: Array | None = None) -> Triangles:
    """Delaunay triangles of the tufted cover: of each face a front and a back, glued about each edge to the next ones.

    About an edge of one face its back goes on into its front; about an edge of k faces the side of each that looks
    ahead into that of the next which looks back. So there is no boundary, and every edge is between two triangles,
    however many faces meet. Where faces are so thin that an angle could not be told all edges are made longer by one
    length, just enough. Then edges are flipped within the cover until no weight is negative.

    Each face counts once, or by its `weight` `[m]`: with weights of 1 and 2 there are two covers, that of all faces and
    that of those that count twice.

    Sharp and Crane 2020, doi:10.1111/cgf.14069.
    """
    distinct, which = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True)
    weights = np.bincount(which.reshape(-1), weight)
    _, first, level = np.unique(weights.round(DIGITS), return_index=True, return_inverse=True)
    length, made = mollified(points, distinct), []
    for k, share in enumerate(np.diff(weights[first], prepend=0.0)):
        there = level.reshape(-1) >= k
        made.append(_cover(points, distinct[there], length[there], share / 2))
    return delaunay(_together(made))


def mollified(points: Array, faces: Ints) -> Array:
    """Lengths of half-edges, `[m, 3]`, of which any two of a face are longer than the third by `SLACK` mean lengths.

    >>> flat = mollified(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), np.array([[0, 1, 2]]))
    >>> [round(float(a), 6) for a in flat[0]]
    [1.000013, 1.000013, 2.000013]
    """
    corners = points[faces]
    length = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    _, first = np.unique(edge_keys(faces), return_index=True)
    least = SLACK * length.reshape(-1)[first].mean()
    longer = length.sum(1) - 2 * length.max(1)
    return length + max(0.0, float(least - longer.min()))


def _cover(points: Array, faces: Ints, length: Array, share: float) -> Triangles:
    sheets = both_sheets(points, faces)
    both = np.concatenate([length, length[:, ::-1]]).reshape(-1)
    return Triangles(sheets.faces.reshape(-1), sheets.twin, both, len(points), np.full(len(sheets.faces), share))


def _together(parts: list[Triangles]) -> Triangles:
    """Of the same vertices, glued to each other nowhere."""
    first = np.cumsum([0, *(len(part.twin) for part in parts)])
    twin = [part.twin + start for part, start in zip(parts, first, strict=False)]  # of a cover all have one
    tail, length = ([getattr(part, name) for part in parts] for name in ("tail", "length"))
    share = np.concatenate([np.broadcast_to(part.share, len(part.twin) // 3) for part in parts])
    return Triangles(np.concatenate(tail), np.concatenate(twin), np.concatenate(length), parts[0].count, share)
