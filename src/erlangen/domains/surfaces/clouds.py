"""Points without triangles: these are found in the plane nearest to the neighbours of each point."""

import numpy as np

from erlangen.domains.surfaces.checks import some
from erlangen.domains.surfaces.complexes import Complex
from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.planes import Planes, planes_of, spread_of_neighbours
from erlangen.domains.surfaces.stars import TIE, below, corners
from erlangen.domains.surfaces.triangles import Array
from erlangen.domains.surfaces.tufted import agreed
from erlangen.errors import InputError

NEAREST = 30  # neighbours among which triangles are looked for
MOST = 8 * NEAREST  # that are as near as these
CLOSE = 1e-6  # beside the farthest neighbour: what lies across the plane from a point is no neighbour in it
FLAT = 1e-6  # a trust below which no plane is the nearest
AT_ONCE = 1 << 12  # points, so that memory stays small
MEND = "er.Points(3) takes points that make no surface."


def cloud_of(points: Array) -> Complex:
    """That of points in space `[n, 3]`, three or more, none where another is.

    Each point sees the Delaunay triangles about it among its nearest neighbours, in the plane nearest to them; where
    neighbours lie on one circle with it, a polygon. Of those that all of their corners see there is the tufted cover;
    the others count by how many see them, each by itself. So orders, turns, shifts and mirrors change nothing; and of
    points that lie close on a surface nearly all corners agree. Masses are areas of Voronoi cells, which do not jump
    where triangles change.

    Raises InputError for fewer points than three, and such as lie on a line or fill space.

    Sharp and Crane 2020, doi:10.1111/cgf.14069.
    """
    near = nearest(points)
    space, there = np.where((near >= 0)[..., None], points[near] - points[:, None], 0.0), near >= 0
    planes = planes_of(spread_of_neighbours(space, there))
    polygons = _polygons(near, space, there, planes)
    _refuse(np.bincount(polygons[polygons >= 0], minlength=len(points)) == 0, "with neighbours on a line")
    _refuse(planes.trust < FLAT, "with neighbours on all sides alike")
    heat, beside = agreed(points, *_counted(polygons)), _beside(polygons, len(points))
    return Complex(heat, heat.cells, planes.frames, beside, planes.slopes(points, *beside))


def nearest(points: Array) -> Ints:
    """The `NEAREST` neighbours of each point, all others where there are fewer, and what is as near as the last of
    them, `[n, most]`; −1 behind the last."""
    from scipy.spatial import KDTree

    count = len(points)
    if count < 3:
        raise InputError(f"points in {count} places", "three or more", "A cloud of points, or vertices with faces.")
    tree = KDTree(points)
    far = tree.query(points, min(NEAREST, count - 1) + 1)[0]
    sizes = tree.query_ball_point(points, far[:, -1] * (1 + TIE), return_length=True)
    _refuse(sizes > MOST, f"with {sizes.max() - 1} neighbours, all as near")
    lists = tree.query_ball_point(points, far[:, -1] * (1 + TIE), return_sorted=True)
    at, found = np.repeat(np.arange(count), sizes), np.concatenate(lists)
    at, found = at[at != found], found[at != found]
    near = np.full((count, sizes.max() - 1), -1)
    near[at, np.arange(len(at)) - (np.cumsum(sizes - 1) - sizes + 1)[at]] = found
    return near


def _polygons(near: Ints, space: Array, there: np.ndarray, planes: Planes) -> Ints:
    """Each as each of its corners sees it, which is the first in it, `[r, most]`, −1 behind the last."""
    x, y = np.einsum("nix,nkx->ink", planes.frames, space)
    flat, reach = x + 1j * y, np.linalg.norm(space, axis=2).max(1)
    known = np.where(there.sum(1) == len(near) - 1, np.inf, reach)
    there, found = there & (np.abs(flat) > CLOSE * reach[:, None]), []
    for start in range(0, len(near), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        seen = corners(flat[part], space[part], there[part], known[part])
        others = np.where(seen.others >= 0, near[part][seen.centre[:, None], seen.others], -1)
        found.append(np.concatenate([start + seen.centre[:, None], others], axis=1))
    return below(found)


def _counted(polygons: Ints) -> tuple[list[Ints], list[Array]]:
    """Those of each number of corners, once, `[r, corners]`; and what share of these see them."""
    size, found, share = (polygons >= 0).sum(1), [], []
    for count in np.unique(size):
        alike = polygons[size == count][:, :count]
        _, first, times = np.unique(np.sort(alike, axis=1), axis=0, return_index=True, return_counts=True)
        found.append(alike[first])
        share.append(times / count)
    return found, share


def _beside(polygons: Ints, count: int) -> Ints:
    """p ← q for q in a polygon that p sees, sorted by p, `[2, pairs]`."""
    p, q = np.repeat(polygons[:, 0], polygons.shape[1] - 1), polygons[:, 1:].reshape(-1)
    found = np.unique((p * count + q)[q >= 0])
    return np.stack([found // count, found % count])


def _refuse(wrong: np.ndarray, said: str) -> None:
    if wrong.any():
        raise InputError(f"{some(np.flatnonzero(wrong), 'point')} {said}", "points of a surface", MEND)
