"""What lies in which direction of a surface, farther than the next vertex."""

import numpy as np

from erlangen.domains.surfaces.geometry import Array
from erlangen.domains.surfaces.numbers import among
from erlangen.domains.surfaces.tangents import Ball, Tangents

RIM = 1 + 1e-9  # of a radius: what is at it exactly is within it, whatever the rounding
AGREEING = 0.75  # of ways to a vertex: the length of the mean beside the mean of the lengths


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
    new = (p != q) & ~among(key, there)
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
