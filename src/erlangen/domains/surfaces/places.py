"""Points that are in one place, or nearly, which count as one: what is known of a place is known of all its points."""

from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.gluing import Ints, components
from erlangen.domains.surfaces.triangles import Array

ONE = 1e-4  # beside the distance of the farthest of some neighbours: nearer points are in one place


class Places(NamedTuple):
    """Where there are points, `[k, 3]`, each when first met, and at which of these each of them is, `which` `[n]`."""

    points: Array
    which: Ints

    @property
    def times(self) -> Ints:
        """How many points are there, `[k]`."""
        return np.bincount(self.which, minlength=len(self.points))

    def shared(self, mass: Array) -> Array:
        """In equal parts among the points of each place, `[k]` → `[n]`."""
        return (mass / self.times)[self.which]

    def pairs(self, beside: Ints, slopes: Array) -> tuple[Ints, Array]:
        """Of all points of two places instead of these, p ← q, sorted by p, and c shared among those that are q."""
        order, times = np.argsort(self.which, kind="stable"), self.times
        first, count = np.cumsum(times) - times, times[beside].prod(0)
        pair = np.repeat(np.arange(len(count)), count)
        k, many = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count), times[beside[1]][pair]
        made = np.stack([order[first[beside[0]][pair] + k // many], order[first[beside[1]][pair] + k % many]])
        sorted_ = np.argsort(made[0], kind="stable")
        return made[:, sorted_], (slopes[pair] / many[:, None])[sorted_]


def places(points: Array, neighbours: int) -> Places:
    """Points `[n, 3]` that are equal, or as near as `ONE` beside the distance of the farthest of some neighbours.

    >>> found = places(np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0]]), 30)
    >>> found.which.tolist(), found.times.tolist()
    ([0, 1, 0], [2, 1])
    """
    from scipy.spatial import KDTree

    found, which = np.unique(points, axis=0, return_inverse=True)
    which = which.reshape(-1)
    if len(found) < 2:
        return Places(found, which)
    tree = KDTree(found)
    least = ONE * tree.query(found, min(neighbours, len(found) - 1) + 1)[0][:, -1]
    a, b = tree.query_pairs(least.max(), output_type="ndarray").T
    close = np.linalg.norm(found[a] - found[b], axis=1) <= np.minimum(least[a], least[b])
    part = components(a[close], b[close], len(found))
    _, first, which = np.unique(part[which], return_index=True, return_inverse=True)
    order = np.argsort(first)
    middle = np.stack([np.bincount(part, column) / np.bincount(part) for column in found.T], axis=1)
    return Places(middle[order], np.argsort(order)[which.reshape(-1)])
