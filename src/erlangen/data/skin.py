"""Skinned surfaces: vertices that follow bones, each by its share."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from erlangen.errors import DataError

NAME = 40  # letters of the name of a bone in a file
WELDED = 1e-7  # places nearer than this are one vertex


@dataclass(frozen=True, eq=False)
class Skin:
    """v′ = Σ_b w_vb (R_b R⁰_bᵀ (v − o_b) + t_b): linear blend skinning.

    `vertices` `[n, 3]` and `faces` `[m, 3]` at rest; `weights` `[n, bones]`, of each vertex with a sum of 1; names of
    `bones`, their `origins` `[bones, 3]` and `turns` R⁰ `[bones, 3, 3]` at rest.
    """

    vertices: np.ndarray
    faces: np.ndarray
    weights: np.ndarray
    bones: tuple[str, ...]
    origins: np.ndarray
    turns: np.ndarray

    def posed(self, turns: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Vertices `[poses, n, 3]` where bones are turned by R `[poses, bones, 3, 3]` and are at t `[poses, bones, 3]`.

        >>> still = np.eye(3)[None]
        >>> skin = Skin(np.eye(3), np.array([[0, 1, 2]]), np.ones((3, 1)), ("bone",), np.zeros((1, 3)), still)
        >>> skin.posed(still[None], np.array([[[0.0, 0.0, 5.0]]]))[0].tolist()
        [[1.0, 0.0, 5.0], [0.0, 1.0, 5.0], [0.0, 0.0, 6.0]]
        """
        moved = turns @ self.turns.mT
        shifts = places - np.einsum("tbij,bj->tbi", moved, self.origins)
        blended = np.tensordot(self.weights, np.concatenate([moved, shifts[..., None]], axis=3), axes=([1], [1]))
        blended = blended.transpose(1, 0, 2, 3)  # of each pose and vertex
        return np.einsum("tnij,nj->tni", blended[..., :3], self.vertices) + blended[..., 3]

    def with_surface(self, kept: np.ndarray, faces: np.ndarray) -> "Skin":
        """These of the vertices alone, with other faces between them."""
        return replace(self, vertices=self.vertices[kept], weights=self.weights[kept], faces=faces)


def read_skin(path: Path) -> Skin:
    """A .skn file of MuJoCo, welded: it has vertices along seams of its picture twice.

    Little endian: four int32 (vertices, texture coordinates, faces, bones); float32 vertices and texture coordinates;
    int32 faces; and of each bone 40 letters, a position and a quaternion wxyz in float32, int32 of how many vertices,
    which ones, and float32 their weights. Raises DataError for what is none.
    """
    try:
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is refused behind
            return _welded(_read(path.read_bytes()))
    except (OSError, ValueError, IndexError, UnicodeDecodeError) as error:
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, "a .skn file of MuJoCo", "Fetch the data again.") from None


def _read(content: bytes) -> Skin:
    at = 0

    def take(kind: str, count: int) -> np.ndarray:
        nonlocal at
        found = np.frombuffer(content, kind, count, at)
        at += found.nbytes
        return found

    vertices, corners, faces, bones = (int(n) for n in take("<i4", 4))
    if min(vertices, corners, faces, bones) < 0 or bones * NAME > len(content):
        raise ValueError(f"{vertices} vertices, {corners} corners, {faces} faces and {bones} bones")
    points = take("<f4", 3 * vertices).reshape(-1, 3).astype(np.float64)
    take("<f4", 2 * corners)
    triangles = take("<i4", 3 * faces).reshape(-1, 3).astype(np.int64)
    weights = np.zeros((vertices, bones))
    names, origins, turns = [], [], []
    for bone in range(bones):
        names.append(take("S1", NAME).tobytes().split(b"\0")[0].decode())
        origins.append(take("<f4", 3))
        turns.append(_matrix(take("<f4", 4).astype(np.float64)))
        count = int(take("<i4", 1)[0])
        if count < 0:
            raise ValueError(f"{count} vertices of a bone")
        held = take("<i4", count)
        weights[held, bone] = take("<f4", count)
    if at != len(content):
        raise ValueError(f"{len(content)} bytes where {at} were expected")
    if triangles.size and not 0 <= triangles.min() <= triangles.max() < vertices:
        raise ValueError("faces of other vertices")
    lengths = (points, weights, np.stack(origins), np.stack(turns))
    if not all(np.isfinite(part).all() for part in lengths) or (weights.sum(1) <= 0).any():
        raise ValueError("lengths that are not finite, or a vertex that no bone holds")
    return Skin(points, triangles, weights, tuple(names), np.stack(origins).astype(np.float64), np.stack(turns))


def _welded(skin: Skin) -> Skin:
    """Vertices at one place made one, in the order of their first ones; weights with a sum of 1."""
    _, first, place = np.unique(np.round(skin.vertices / WELDED), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    welded = skin.with_surface(first[order], rank[place.reshape(-1)][skin.faces])
    return replace(welded, weights=welded.weights / welded.weights.sum(1, keepdims=True))


def _matrix(q: np.ndarray) -> np.ndarray:
    """The rotation of a quaternion w, x, y, z."""
    length = np.linalg.norm(q)
    if not 0 < length < np.inf:
        raise ValueError(f"the quaternion {q.tolist()}")
    w, x, y, z = q / length
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + 2 * w * cross + 2 * cross @ cross
