"""How far it is along a surface: distances by heat, and what lies in which direction farther than the next vertex."""

from typing import Any

import numpy as np

from erlangen.domains.surfaces.delaunay import delaunay
from erlangen.domains.surfaces.geometry import Array, Geometry
from erlangen.domains.surfaces.tangents import Ball, Tangents
from erlangen.domains.surfaces.triangles import Triangles
from erlangen.errors import InputError

FAINT = 1e-280  # heat, where it was 1: below it numbers lose their digits
RIM = 1 + 1e-9  # of a radius: what is at it exactly is within it, whatever the rounding
AGREEING = 0.75  # of ways to a vertex: the length of the mean beside the mean of the lengths


def geodesic_distances(geometry: Geometry, sources: Any, factor: float = 1.0) -> Array:
    """d(p) = the length of the shortest way along the surface to the nearest of some vertices, nearly, `[n]`.

    The heat method: u = (M + tL)⁻¹ δ flows away from the sources; d is the function whose slope is −∇u/|∇u|, 0 at the
    nearest of them. t is `factor` times the square of the mean length of an edge, or more where heat would not reach
    every vertex in floating numbers. ∞ on parts without a source. On triangles made better within the surface, for
    heat between obtuse ones may be negative. Raises InputError for sources that are no vertices. Crane, Weischedel,
    Wardetzky 2013, arXiv:1204.6216; Sharp, Soliman, Crane 2019, doi:10.1145/3306346.3322979.
    """
    from scipy.sparse import diags_array

    made, sources, part = delaunay(geometry.triangles), _vertices(sources, geometry.half.count), geometry.half.parts
    reached = np.isin(part, part[sources])
    heat = _heat(made, sources, reached, factor)
    little = 1e-10 * float((made.laplacian.diagonal() / made.mass).mean())  # a constant is free, and is found below
    found = _solved(made.laplacian + little * diags_array(made.mass), _divergence(made, heat))
    least = np.full(part.max() + 1, np.inf)
    np.minimum.at(least, part[sources], found[sources])
    return np.where(reached, np.maximum(found - np.where(reached, least[part], 0), 0), np.inf)


def _vertices(given: Any, count: int) -> Array:
    found = np.unique(np.asarray(given).reshape(-1))
    if not len(found) or found.dtype.kind not in "iu" or found[0] < 0 or found[-1] >= count:
        raise InputError(f"sources {given!r}", f"one or more of the vertices 0 … {count - 1}", "Vertices by number.")
    return found


def _heat(made: Triangles, sources: Array, reached: Array, factor: float) -> Array:
    """u = (M + tL)⁻¹ δ; t grows until u is above nought wherever it is to be."""
    from scipy.sparse import diags_array

    time = factor * float(made.length.mean()) ** 2
    start = np.zeros(made.count)
    start[sources] = 1.0
    while True:
        heat = _solved(diags_array(made.mass / made.mass.mean()) + time / made.mass.mean() * made.laplacian, start)
        if heat[reached].min() > FAINT:
            return heat
        time *= 4


def _solved(system: Any, right: Array) -> Array:
    from scipy.sparse.linalg import splu

    made = splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return made.solve(right)


def _divergence(made: Triangles, heat: Array) -> Array:
    """∫∇φ_p·(−∇u/|∇u|), face by face: of the right side of Poisson's equation, `[n]`."""
    opposite = np.roll(heat[made.tail].reshape(-1, 3), -2, axis=1)  # of each side the corner it does not touch
    largest = np.abs(opposite).max(1, keepdims=True)
    slope = 1j * (opposite / np.where(largest > 0, largest, 1) * made.sides).sum(1)
    size = np.abs(slope)
    flow = -np.divide(slope, size, out=np.zeros_like(slope), where=size > 0)
    along = np.real(made.sides * flow[:, None].conj()).reshape(-1) * made.cotangents
    return np.bincount(made.head, along, minlength=made.count) - np.bincount(made.tail, along, minlength=made.count)


def geodesic_balls(tangents: Tangents, radius: float) -> Ball:
    """The map log_p on all vertices that can be reached within a radius, by ways over edges."""
    return balls_over(tangents.near, tangents.geometry.half.count, radius)


def balls_over(near: Ball, count: int, radius: float) -> Ball:
    """The map log_p on all of `count` vertices that can be reached within a radius, by ways over pairs of neighbours.

    log_p q = log_p a + g_pa log_a q for the vertices a next to q that are nearer to p, the mean of them weighed by how
    near they are to the straight way; the radius is |log_p q|. Exact where the surface is flat. Vertices on which ways
    round both sides of something do not agree are left out. Schmidt, Grimm, Wyvill 2006, doi:10.1145/1141911.1141930.
    """
    order, radius = np.argsort(near.target * count + near.source), radius * RIM
    near = Ball(*(part[order] for part in near))
    first, inside = np.searchsorted(near.target, np.arange(count + 1)), np.abs(near.offset) <= radius
    known = edge = Ball(*(part[inside] for part in near))
    while len(edge.target):
        edge = _beyond(edge, known, near, first, radius)
        known = _merged(known, edge, count)
    return known


def _beyond(edge: Ball, known: Ball, near: Ball, first: np.ndarray, radius: float) -> Ball:
    """What is next to the outermost vertices of each ball and not in it yet."""
    n = len(first) - 1
    count = first[edge.source + 1] - first[edge.source]
    at = np.repeat(np.arange(len(count)), count)
    pair = first[edge.source][at] + np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    p, q = edge.target[at], near.source[pair]
    key, there = p * n + q, known.target * n + known.source
    new = (p != q) & ~np.isin(key, there)
    at, pair, key = at[new], pair[new], key[new]
    over = edge.mirrored[at]
    step = np.where(over, near.offset[pair].conj(), near.offset[pair])
    offset = edge.offset[at] + np.exp(1j * edge.transport[at]) * step
    carried = edge.transport[at] + np.where(over, -1, 1) * near.transport[pair]
    mirrored = over ^ near.mirrored[pair]
    detour = np.abs(edge.offset[at]) + np.abs(step) - np.abs(offset)
    weight = 1 / np.maximum(detour, 1e-3 * np.abs(step))
    keys, which = np.unique(key, return_inverse=True)
    total = np.bincount(which, weight)
    mean, turned = (_sums(which, weight * z) / total for z in (offset, np.exp(1j * carried)))
    far = np.bincount(which, weight * np.abs(offset)) / total
    twisted = np.bincount(which, mirrored)
    alike = (twisted == 0) | (twisted == np.bincount(which))
    kept = alike & (np.abs(mean) <= radius) & (np.abs(mean) >= AGREEING * far)
    return Ball(keys[kept] // n, keys[kept] % n, mean[kept], np.angle(turned[kept]), twisted[kept] > 0)


def _sums(which: np.ndarray, values: Array) -> Array:
    return np.bincount(which, np.real(values)) + 1j * np.bincount(which, np.imag(values))


def _merged(known: Ball, edge: Ball, n: int) -> Ball:
    both = Ball(*(np.concatenate(parts) for parts in zip(known, edge, strict=True)))
    order = np.argsort(both.target * n + both.source, kind="stable")
    return Ball(*(part[order] for part in both))
