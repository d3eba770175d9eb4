"""Tangent planes of a mesh: in which direction neighbours lie, how frames turn on the way, and slopes of functions."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from erlangen.domains.surfaces.geometry import Array, Geometry

TINY = 1e-300
SMALL = 1e-5  # beside the mean square of the lengths about a vertex: what keeps slopes finite


class Ball(NamedTuple):
    """Pairs p ← q that are near each other, sorted by p: log_p q as a complex number in the frame of p, and the angle
    g by which what is brought from q to p turns, after it was `mirrored`, as on surfaces with one side it may be."""

    target: np.ndarray
    source: np.ndarray
    offset: Array
    transport: Array
    mirrored: np.ndarray


@dataclass(frozen=True, eq=False)
class Tangents:
    """Each vertex has a frame: direction 0 is that of the first edge of its fan, and angles grow counter-clockwise.

    Pairs of neighbours p ← q, each edge both ways, sorted by p and then by their direction. Directions are angles of
    faces, stretched so that a fan that closes has 2π. Nothing here depends on how the mesh lies in space. Polthier and
    Schmies 1998, doi:10.1145/1185657.1185664; Knöppel, Crane, Pinkall, Schröder 2013, doi:10.1145/2461912.2462005.
    """

    geometry: Geometry

    @cached_property
    def _along(self) -> tuple[Array, Array]:
        """The direction of each half-edge at its tail, `[3m]`, and the angle of the whole fan of each vertex, `[n]`."""
        half, angles = self.geometry.half, self.geometry.angles
        order = np.lexsort((half.fans.place, half.tail))
        turned = np.cumsum(angles[order])
        count = np.bincount(half.tail, minlength=half.count)
        first = np.cumsum(count) - count
        total = np.add.reduceat(angles[order], first)
        before = (turned - angles[order]) - np.repeat(turned[first] - angles[order][first], count)
        stretch = np.where(half.fans.last < 0, 2 * np.pi / total, 1.0)
        direction = np.empty_like(turned)
        direction[order] = before * np.repeat(stretch, count)
        return direction, total

    @cached_property
    def _pairs(self) -> tuple[np.ndarray, ...]:
        """p, q, length, direction of q at p and of p at q, of each pair."""
        half, (direction, total) = self.geometry.half, self._along
        edge = np.flatnonzero(half.twin < 0)
        there = np.where(half.twin >= 0, direction[half.twin], total[half.head])
        p, q = np.concatenate([half.tail, half.head[edge]]), np.concatenate([half.head, half.tail[edge]])
        length = np.concatenate([self.geometry.lengths, self.geometry.lengths[edge]])
        at_p = np.concatenate([direction, total[half.head[edge]]])
        at_q = np.concatenate([there, direction[edge]])
        order = np.lexsort((at_p, p))
        return tuple(part[order] for part in (p, q, length, at_p, at_q))

    @property
    def target(self) -> np.ndarray:
        """p of each pair, rising."""
        return self._pairs[0]

    @property
    def source(self) -> np.ndarray:
        """q of each pair."""
        return self._pairs[1]

    @property
    def length(self) -> Array:
        """|log_p q|, that of the edge."""
        return self._pairs[2]

    @property
    def direction(self) -> Array:
        """θ of log_p q in the frame of p."""
        return self._pairs[3]

    @cached_property
    def transport(self) -> Array:
        """g, the angle by which what is brought from q to p turns: straight on stays straight on, to (−π, π]."""
        _, _, _, at_p, at_q = self._pairs
        return np.pi - np.mod(at_q - at_p, 2 * np.pi)

    @property
    def near(self) -> Ball:
        """The pairs, all seen from outside."""
        offset = self.length * np.exp(1j * self.direction)
        return Ball(self.target, self.source, offset, self.transport, np.zeros(len(offset), dtype=bool))

    @cached_property
    def frames(self) -> Array:
        """Direction 0 and ½π at each vertex as vectors of space, `[n, 2, 3]`: at right angles to the normal, and turned
        so that all edges of the fan together lie as nearly as can be in their directions, whichever is the first."""
        normals = self.geometry.normals
        some = _across(normals)
        frame = np.stack([some, np.cross(normals, some)], axis=1)
        p, q, _, at_p, _ = self._pairs
        flat = np.einsum("eix,ex->ei", frame[p], self.geometry.vertices[q] - self.geometry.vertices[p])
        turned = (flat[:, 0] + 1j * flat[:, 1]) * np.exp(-1j * at_p)
        real, imaginary = (np.bincount(p, part, minlength=len(normals)) for part in (np.real(turned), np.imag(turned)))
        angle = np.arctan2(imaginary, real)[:, None]
        ahead = np.cos(angle) * frame[:, 0] + np.sin(angle) * frame[:, 1]
        return np.stack([ahead, np.cross(normals, ahead)], axis=1)

    @cached_property
    def slopes(self) -> Array:
        """c with ∇u(p) = Σ_q c_pq (u(q) − u(p)), `[pairs, 2]` in the frame of p: the plane nearest to the differences.

        Least squares over the neighbours, weighed alike, but for a small number that keeps them finite.
        """
        p, _, length, at_p, _ = self._pairs
        return fitted(p, length * np.cos(at_p), length * np.sin(at_p), self.geometry.half.count)


def fitted(p: np.ndarray, x: Array, y: Array, count: int) -> Array:
    """c of the slopes Σ c u at p of the plane nearest to values u at places (x, y) about it, `[pairs, 2]`."""
    xx, xy, yy = (np.bincount(p, part, minlength=count) for part in (x * x, x * y, y * y))
    small = SMALL * (xx + yy) / np.maximum(np.bincount(p, minlength=count), 1)
    xx, yy = xx + small, yy + small
    over = 1 / np.maximum(xx * yy - xy * xy, TINY)
    return np.stack([(yy[p] * x - xy[p] * y) * over[p], (xx[p] * y - xy[p] * x) * over[p]], axis=1)


def _across(normals: Array) -> Array:
    """Some unit vector at a right angle to each."""
    axis = np.eye(3)[np.abs(normals).argmin(1)]
    found = np.cross(normals, axis)
    size = np.linalg.norm(found, axis=1, keepdims=True)
    return np.where(size > 0, found / np.maximum(size, 1e-300), np.eye(3)[0])
