"""What is no surface, for heat: faces that meet in any number and any way are covered by a surface with two sides."""

from dataclasses import replace

import numpy as np

from erlangen.domains.surfaces.delaunay import delaunay
from erlangen.domains.surfaces.gluing import Ints, edge_keys
from erlangen.domains.surfaces.sheets import both_sheets
from erlangen.domains.surfaces.triangles import Array, Triangles

SLACK = 1e-5  # beside the mean length of an edge: by how much two sides are longer than the third at least


def tufted(points: Array, faces: Ints) -> Triangles:
    """Delaunay triangles of the tufted cover: of each face a front and a back, glued about each edge to the next ones.

    About an edge of one face its back goes on into its front; about an edge of k faces the side of each that looks
    ahead into that of the next which looks back. So there is no boundary, and every edge is between two triangles,
    however many faces meet. Where faces are so thin that an angle could not be told all edges are made longer by one
    length, just enough. Then edges are flipped within the cover until no weight is negative. With faces that are given
    twice there are two covers, that of all of them and that of those.

    Sharp and Crane 2020, doi:10.1111/cgf.14069.
    """
    distinct, times = np.unique(np.sort(faces, axis=1), axis=0, return_counts=True)
    length, made, before = mollified(points, distinct), [], 0
    for least in np.unique(times):
        there = times >= least
        made.append(_cover(points, distinct[there], length[there], np.full(there.sum(), float(least - before))))
        before = least
    return delaunay(_together(made))


def agreed(points: Array, polygons: list[Ints], shares: list[Array]) -> Triangles:
    """The same of plane polygons `[r, corners]`, each cut into triangles from its first corner, as far as all agree.

    Those that count whole have a cover; of the others each has one by itself, which counts by its share.
    """
    made, whole = [], [polygon[share == 1] for polygon, share in zip(polygons, shares, strict=True)]
    faces = np.concatenate([_fan(polygon) for polygon in whole])
    if len(faces):
        made.append(_cover(points, faces, mollified(points, faces), np.ones(len(faces))))
    for polygon, share in zip(polygons, shares, strict=True):
        if (share < 1).any():
            made.append(_pillows(points, polygon[share < 1], share[share < 1]))
    return delaunay(_together(made))


def _fan(polygons: Ints) -> Ints:
    """Triangles of polygons `[r, corners]`, all of the same one at the same distance, `[(corners − 2) r, 3]`."""
    return np.concatenate([polygons[:, [0, k, k + 1]] for k in range(1, polygons.shape[1] - 1)])


def _pillows(points: Array, polygons: Ints, share: Array) -> Triangles:
    """Of each polygon a front and a back, glued to each other and to nothing else."""
    apart = _fan(np.arange(polygons.size).reshape(polygons.shape))
    there = points[polygons.reshape(-1)]
    made = _cover(there, apart, mollified(there, apart), np.tile(share, polygons.shape[1] - 2))
    return replace(made, tail=polygons.reshape(-1)[made.tail], count=len(points))


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


def _cover(points: Array, faces: Ints, length: Array, share: Array) -> Triangles:
    sheets = both_sheets(points, faces)
    both = np.concatenate([length, length[:, ::-1]]).reshape(-1)
    return Triangles(sheets.faces.reshape(-1), sheets.twin, both, len(points), np.tile(share / 2, 2))


def _together(parts: list[Triangles]) -> Triangles:
    """Of the same vertices, glued to each other nowhere."""
    first = np.cumsum([0, *(len(part.twin) for part in parts)])
    twin = np.concatenate([part.twin + k for part, k in zip(parts, first, strict=False)])  # of a cover all have one
    tail, length, share = (np.concatenate([getattr(p, name) for p in parts]) for name in ("tail", "length", "share"))
    return Triangles(tail, twin, length, parts[0].count, share)
