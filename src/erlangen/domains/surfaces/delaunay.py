"""The same surface in better triangles: edges flipped within it, until no weight of its Laplacian is negative."""

from dataclasses import replace

import numpy as np

from erlangen.domains.surfaces.gluing import Ints
from erlangen.domains.surfaces.triangles import Triangles

ROUNDING = 1e-9  # a weight below minus this is negative, or
THIN = 1e-14  # times the square of a cotangent, which has as many digits less as it is long


def delaunay(made: Triangles) -> Triangles:
    """The triangles of the surface in which opposite angles of each edge add up to π at most.

    An edge between two triangles that, unfolded, make a quadrilateral is changed for its other diagonal, as long as one
    has a negative weight, cot α + cot β < 0: all at once that share no triangle. The surface stays what it is, and so
    do its vertices. Where triangles are so thin that rounding decides, it ends when they are as they were once before.
    Bobenko and Springborn 2007, arXiv:math/0503219.
    """
    met: set[int] = set()
    while len(flipped := _apart(made)) and (known := hash((made.tail.tobytes(), made.twin.tobytes()))) not in met:
        met.add(known)
        made = _flipped(made, flipped)
    return made


def _apart(made: Triangles) -> Ints:
    """Half-edges to flip, one of each edge; of two in one triangle the one whose weight is the lower."""
    every = np.arange(len(made.twin))
    one, other = made.cotangents, np.where(made.twin >= 0, made.cotangents[made.twin], np.inf)
    weight = one + other
    bad = np.flatnonzero((weight < -ROUNDING - THIN * one**2) & (every // 3 != made.twin // 3))
    edge = np.minimum(bad, made.twin[bad])
    order = np.lexsort((edge, weight[bad], bad // 3))
    worst = np.full(len(every) // 3, -1)
    worst[bad[order][::-1] // 3] = edge[order][::-1]  # the last to be written is the first in order
    return bad[(bad == edge) & (worst[bad // 3] == edge) & (worst[made.twin[bad] // 3] == edge)]


def _flipped(made: Triangles, h: Ints) -> Triangles:
    """Triangles (i, j, k) and (j, i, l), h from i to j, are changed for (i, l, k) and (l, j, k)."""
    t = made.twin[h]
    f, g = h - h % 3, t - t % 3
    jk, ki, il, lj = f + (h + 1) % 3, f + (h + 2) % 3, g + (t + 1) % 3, g + (t + 2) % 3
    place = np.arange(len(made.tail))
    for old, new in ((il, f), (h, f + 1), (ki, f + 2), (lj, g), (jk, g + 1), (t, g + 2)):
        place[old] = new
    tail, twin, length = (np.empty_like(part) for part in (made.tail, made.twin, made.length))
    tail[place], length[place] = made.tail, made.length
    twin[place] = np.where(made.twin >= 0, place[made.twin], -1)
    sides = made.sides.reshape(-1)
    across = np.abs(sides[ki] / sides[h] - sides[il] / sides[t]) * made.length[h]
    tail[f + 1], tail[g + 2] = made.tail[lj], made.tail[ki]
    length[f + 1] = length[g + 2] = across
    return replace(made, tail=tail, twin=twin, length=length)
