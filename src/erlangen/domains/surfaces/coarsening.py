"""Coarser surfaces: vertices stay that are apart from each other on the surface, and hear those about them."""

from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.geometry import Array
from erlangen.domains.surfaces.numbers import among
from erlangen.domains.surfaces.tangents import Ball

APART = 1.5  # of the mean distance of vertices: how far from each other those lie that stay, at least
BESIDE = 2.4  # of that: how far coarse neighbours lie at most
ALIKE = 1e-9  # priorities that are told apart, beside their range


class Shares(NamedTuple):
    """Σ_q share_pq g_pq x(q) for each p: `target` p, rising, `source` q, and g as an angle, after a mirror or none."""

    target: np.ndarray
    source: np.ndarray
    share: Array
    transport: Array
    mirrored: np.ndarray


class Coarser(NamedTuple):
    """The vertices that stay, `kept` `[m]`, rising; how values come there and back; and who is next to whom there."""

    kept: np.ndarray
    down: Shares
    up: Shares
    near: Ball


def coarser(balls: Ball, count: int, apart: float, mass: Array, priority: Array) -> Coarser:
    """Of `count` vertices those of the highest priority among all within `apart` that are not near such ones already.

    `balls` are all pairs within `BESIDE` times that, or more. Those of equal priority stay together, so that nothing
    depends on how the surface is stored. Every other vertex belongs to the nearest that stays, in equal parts where
    several are; back it hears all that stay within `apart`, by the inverse square of their distance.
    """
    pairs = _both_ways(balls, count)
    distance = np.abs(pairs.offset)
    close = distance <= apart
    stays = _independent(pairs.target[close], pairs.source[close], priority)
    kept = np.flatnonzero(stays)
    place = np.full(count, -1)
    place[kept] = np.arange(len(kept))
    hears = close & stays[pairs.source] & ~stays[pairs.target]  # a vertex that goes, from one that stays
    fine, coarse = pairs.target[hears], place[pairs.source[hears]]
    itself, alike = np.zeros(len(kept)), np.zeros(len(kept), dtype=bool)
    back = Shares(
        np.concatenate([kept, fine]),
        np.concatenate([place[kept], coarse]),
        np.concatenate([itself + 1, 1 / np.maximum(distance[hears], 1e-9 * apart) ** 2]),
        np.concatenate([itself, pairs.transport[hears]]),
        np.concatenate([alike, pairs.mirrored[hears]]),
    )
    least = np.full(count, np.inf)
    np.minimum.at(least, fine, distance[hears])
    nearest = distance[hears] <= least[fine] * (1 + 1e-6)
    part = 1 / np.bincount(fine[nearest], minlength=count)[fine[nearest]]
    there = Shares(
        np.concatenate([place[kept], coarse[nearest]]),
        np.concatenate([kept, fine[nearest]]),
        np.concatenate([mass[kept], mass[fine[nearest]] * part]),
        np.concatenate([itself, _back(pairs)[hears][nearest]]),
        np.concatenate([alike, pairs.mirrored[hears][nearest]]),
    )
    beside = stays[balls.target] & stays[balls.source] & (np.abs(balls.offset) <= BESIDE * apart)
    near = Ball(place[balls.target[beside]], place[balls.source[beside]], *(part[beside] for part in balls[2:]))
    return Coarser(kept, _normal(there, len(kept)), _normal(back, count), near)


def _independent(target: np.ndarray, source: np.ndarray, priority: Array) -> np.ndarray:
    """Whether each stays: round by round those that no free neighbour exceeds, whose neighbours then go."""
    free, stays = np.ones(len(priority), dtype=bool), np.zeros(len(priority), dtype=bool)
    slack = ALIKE * float(np.ptp(priority))
    while free.any():
        among = free[target] & free[source]
        best = np.full(len(priority), -np.inf)
        np.maximum.at(best, target[among], priority[source[among]])
        chosen = free & (priority >= best - slack)
        stays |= chosen
        gone = np.zeros(len(priority), dtype=bool)
        gone[target[chosen[source]]] = True
        free &= ~chosen & ~gone
    return stays


def _both_ways(balls: Ball, count: int) -> Ball:
    """The pairs, and where p ← q is there and q ← p is not, this one, too; of its offset the length alone is known."""
    key, back = balls.target * count + balls.source, balls.source * count + balls.target
    missing = ~among(back, key)
    return Ball(
        np.concatenate([balls.target, balls.source[missing]]),
        np.concatenate([balls.source, balls.target[missing]]),
        np.concatenate([balls.offset, balls.offset[missing]]),
        np.concatenate([balls.transport, _back(balls)[missing]]),
        np.concatenate([balls.mirrored, balls.mirrored[missing]]),
    )


def _back(balls: Ball) -> Array:
    """By which angle what is brought the other way turns: −g, but a mirror undoes itself."""
    return np.where(balls.mirrored, balls.transport, -balls.transport)


def _normal(shares: Shares, count: int) -> Shares:
    """Sorted by their targets, and such that those of each sum to 1."""
    total = np.bincount(shares.target, shares.share, minlength=count)
    order = np.lexsort((shares.source, shares.target))
    share = shares.share / total[shares.target]
    return Shares(*(part[order] for part in shares._replace(share=share)))
