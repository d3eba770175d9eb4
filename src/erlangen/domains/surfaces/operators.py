"""All that is computed of one mesh, once: found again by its content, in memory and on disk."""

import hashlib
import io
import os
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from erlangen.domains._recent import Recent
from erlangen.domains.surfaces.checks import checked, one_fan, points_of, torn_edges, triangles
from erlangen.domains.surfaces.clouds import NEAREST, cloud_of
from erlangen.domains.surfaces.complexes import Complex, complex_of
from erlangen.domains.surfaces.delaunay import delaunay
from erlangen.domains.surfaces.eigenbasis import Vibrating, eigenbasis
from erlangen.domains.surfaces.geodesics import balls_over
from erlangen.domains.surfaces.geometry import Array, Geometry
from erlangen.domains.surfaces.places import places
from erlangen.domains.surfaces.sides import BothSides
from erlangen.domains.surfaces.tangents import Tangents
from erlangen.files import cache_folder, keep_latest, read_arrays, write_whole

VERSION = 7  # of what is kept: another number finds nothing of before
IN_MEMORY = 1 << 30  # bytes
IN_FILES = 2 << 30
WORTH_KEEPING = 1000  # vertices from which on files are written
COTANGENT, DELAUNAY, TUFTED = "cotangent", "delaunay", "tufted"


class Operators(NamedTuple):
    """Of a mesh of n vertices, float64.

    `target`, `source` `[E]`: pairs p ← q, sorted by p, none where nothing can be carried along; `offset` log_p q
    `[E, 2]` in the frame of p; `transport` g `[E]`, after a mirror where `mirrored`; `mass` `[n]`, `frames`
    `[n, 2, 3]`, `normals` `[n, 3]`; slopes ∇u(p) =
    Σ c_pq (u(q) − u(p)) over next neighbours: `beside` `[2, P]` p and q, `slopes` `[P, 2]`; the lowest eigenvalues
    `values` `[k]` and `functions` `[n, k]`.
    """

    target: np.ndarray
    source: np.ndarray
    offset: Array
    transport: Array
    mirrored: np.ndarray
    mass: Array
    frames: Array
    normals: Array
    beside: np.ndarray
    slopes: Array
    values: Array
    functions: Array


_known: Recent[Operators] = Recent(IN_MEMORY)


class Asked(NamedTuple):
    """What is to be known of a mesh: how many `eigenfunctions`, of which `laplacian`; the `radius` of neighbourhoods,
    None for the next neighbours alone."""

    eigenfunctions: int
    radius: float | None = None
    laplacian: str = COTANGENT


def operators(vertices: Any, faces: Any, asked: Asked) -> Operators:
    """Computed, or found where they were before; for points without faces only by the "tufted" Laplacian.

    The last to be used stay in memory, up to IN_MEMORY bytes. Files are in the folder `surfaces` of the cache, written
    whole or not at all, from WORTH_KEEPING vertices on; one that is damaged is made anew, and those that were used
    longest ago go beyond IN_FILES bytes in all. Raises InputError for what is no surface.
    """
    points, corners = np.ascontiguousarray(vertices, dtype=np.float64), np.ascontiguousarray(faces, dtype=np.int64)
    key = _key(points, corners, asked)
    found = _known.get(key)
    if found is None:
        found = _kept(points, corners, asked, key)
        _known.put(key, found, sum(part.nbytes for part in found))
    return found


def _kept(points: Array, corners: np.ndarray, asked: Asked, key: str) -> Operators:
    """From its file, or made anew and kept where that is worth it, and can be."""
    path = cache_folder() / "surfaces" / f"{key}.npz"
    found = _read(path, len(points)) if len(points) >= WORTH_KEEPING else None
    if found is None:
        found = computed(points, corners, asked)
        if len(points) >= WORTH_KEEPING:
            with suppress(OSError):  # a folder that is full, or may not be written to, costs time alone
                keep_latest(write_whole(path, _bytes(found)).parent, IN_FILES)
    return found


def computed(vertices: Any, faces: Any, asked: Asked) -> Operators:
    """The same, computed now."""
    if asked.laplacian != TUFTED:
        return _of_surface(vertices, faces, asked)
    return _of_complex(complex_of(vertices, faces), asked) if len(faces) else _of_cloud(vertices, asked)


def _of_surface(vertices: Any, faces: Any, asked: Asked) -> Operators:
    points, corners = triangles(vertices, faces)
    if len(torn_edges(corners, len(points))):
        measured = tangents = BothSides(points, corners)
        one_fan(np.bincount(tangents.vertex) == 2)
    else:
        measured = Geometry(*checked(points, corners))
        tangents = Tangents(measured)
    beside = tangents.near
    near = beside if asked.radius is None else balls_over(beside, len(points), asked.radius)
    heat: Vibrating = measured if asked.laplacian == COTANGENT else delaunay(measured.triangles)
    return Operators(
        near.target,
        near.source,
        np.stack([np.real(near.offset), np.imag(near.offset)], axis=1),
        near.transport,
        near.mirrored,
        heat.mass,
        tangents.frames,
        measured.normals,
        np.stack([beside.target, beside.source]),
        tangents.slopes,
        *_vibrations(heat, asked.eigenfunctions),
    )


def _of_complex(made: Complex, asked: Asked) -> Operators:
    """Without pairs of neighbours between which anything could be carried."""
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    near = (none, none, np.zeros((0, 2)), empty, np.zeros(0, dtype=bool))
    vibrations = _vibrations(made, asked.eigenfunctions)
    return Operators(*near, made.mass, made.frames, made.normals, made.beside, made.slopes, *vibrations)


def _of_cloud(vertices: Any, asked: Asked) -> Operators:
    """Of points without faces, where those in one place are as one."""
    there = places(points_of(vertices), NEAREST)
    made = _of_complex(cloud_of(there.points), asked)
    beside, slopes = there.pairs(made.beside, made.slopes)
    spread = {name: getattr(made, name)[there.which] for name in ("frames", "normals", "functions")}
    return made._replace(mass=there.shared(made.mass), beside=beside, slopes=slopes, **spread)


def _vibrations(heat: Vibrating, count: int) -> tuple[Array, Array]:
    return eigenbasis(heat, count) if count else (np.zeros(0), np.zeros((len(heat.mass), 0)))


def _key(points: Array, corners: np.ndarray, asked: Asked) -> str:
    digest = hashlib.sha256(f"{VERSION} {points.shape} {corners.shape} {asked!r}".encode())
    digest.update(points.tobytes())
    digest.update(corners.tobytes())
    return digest.hexdigest()[:40]


def _bytes(made: Operators) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **made._asdict())
    return stream.getvalue()


def _read(path: Any, count: int) -> Operators | None:
    """What a file holds; None where there is none, or it is damaged."""
    try:
        found = Operators(**read_arrays(path))
    except Exception:  # whatever a reader of ZIP and headers may meet in a file that is damaged
        return None
    with suppress(OSError):
        os.utime(path)  # used now, and so the last to go
    return found if len(found.mass) == count else None
