"""Meshes for tests: closed, open, with handles and holes, bent without stretching."""

import numpy as np
import torch
from scipy.spatial import Delaunay

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.checks import checked
from erlangen.domains.surfaces.geometry import Geometry

Mesh = tuple[np.ndarray, np.ndarray]


def potato(level: int = 2) -> Mesh:
    """A bumpy closed surface without any symmetry."""
    points, faces = icosphere(level)
    return points * [1.0, 1.3, 0.8] + 0.08 * np.sin(3 * points[:, [1, 2, 0]] + [0.3, 1.0, 2.0]), faces


def tetrahedron() -> Mesh:
    """The smallest closed surface."""
    points = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return points, np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])


def sheet(rows: int = 7, columns: int = 9, bends: bool = False) -> Mesh:
    """A strip of triangles of side lengths that folding along its columns does not change, flat or folded."""
    turn = 0.6 * np.sin(np.arange(columns - 1)) if bends else np.zeros(columns - 1)
    heading = np.cumsum(turn)
    x = np.concatenate([[0.0], np.cumsum(np.cos(heading))])
    z = np.concatenate([[0.0], np.cumsum(np.sin(heading))])
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    points = np.stack([x[j].ravel(), 0.9 * i.ravel(), z[j].ravel()], axis=1)
    return points, _squares(rows, columns, closed=False)


def torus(rows: int = 8, columns: int = 12) -> Mesh:
    """A closed surface with one handle."""
    u, v = (2 * np.pi * np.arange(n) / n for n in (rows, columns))
    a, b = (part.ravel() for part in np.meshgrid(u, v, indexing="ij"))
    points = np.stack([(2 + np.cos(a)) * np.cos(b), (2 + np.cos(a)) * np.sin(b), np.sin(a) * 1.1], axis=1)
    return points, _squares(rows, columns, closed=True)[:, ::-1].copy()


def two_parts() -> Mesh:
    """Two closed surfaces that do not touch."""
    (a, f), (b, g) = potato(1), potato(2)
    return np.concatenate([a, b + 5]), np.concatenate([f, g + len(a)])


def moebius(rows: int = 5, columns: int = 24) -> Mesh:
    """A strip with one side only, and one boundary."""
    return _glued_strip(rows, columns, closed=False)


def klein(rows: int = 8, columns: int = 24) -> Mesh:
    """A bottle without inside: closed, with one side only; it runs through itself in space, which it does not know."""
    return _glued_strip(rows, columns, closed=True)


def _glued_strip(rows: int, columns: int, closed: bool) -> Mesh:
    """Squares between rows and columns, of which the first column is the last the other way up."""
    u = 2 * np.pi * np.arange(columns) / columns
    v = 2 * np.pi * np.arange(rows) / rows if closed else np.linspace(-1, 1, rows)
    v, u = (part.ravel() for part in np.meshgrid(v, u, indexing="ij"))
    if closed:  # a figure of eight, turned by a half on its way round
        x, y = np.sin(v), 0.7 * np.sin(2 * v) + 0.1 * np.sin(v)
    else:
        x, y = v, 0 * v
    out, up = np.cos(u / 2) * x - np.sin(u / 2) * y, np.sin(u / 2) * x + np.cos(u / 2) * y
    points = np.stack([(3 + out) * np.cos(u), (2.6 + out) * np.sin(u), up], axis=1)
    i, j = np.meshgrid(np.arange(rows - (not closed)), np.arange(columns), indexing="ij")

    def at(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        over = j == columns
        other = (-i) % rows if closed else rows - 1 - i
        return (np.where(over, other, i % rows) * columns + j % columns).ravel()

    a, b, c, d = at(i, j), at(i, j + 1), at(i + 1, j), at(i + 1, j + 1)
    return points, np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])


def pillow() -> Mesh:
    """Two triangles back to back: closed, and two faces about each vertex."""
    return np.array([[0.0, 0, 0], [2, 0, 0], [0.5, 1, 0]]), np.array([[0, 1, 2], [0, 2, 1]])


def cone(sides: int = 5, height: float = 1.0) -> Mesh:
    """A pyramid without its base: one vertex within, all others on the boundary."""
    turn = 2 * np.pi * np.arange(sides) / sides
    rim = np.stack([np.cos(turn), np.sin(turn), np.zeros(sides)], axis=1)
    around = 1 + np.arange(sides)
    faces = np.stack([np.zeros(sides, dtype=np.int64), around, np.roll(around, -1)], axis=1)
    return np.concatenate([[[0.0, 0, height]], rim]), faces


def copies(mesh: Mesh, count: int) -> Mesh:
    """The same surface several times, side by side."""
    points, faces = mesh
    apart = 2 * np.ptp(points[:, 0])
    moved = [points + np.array([apart * k, 0, 0]) for k in range(count)]
    return np.concatenate(moved), np.concatenate([faces + k * len(points) for k in range(count)])


def leaning(skew: float, seed: int, count: int = 300) -> Mesh:
    """A square in triangles, which then leans over by so much: they become the thinner, the more it does."""
    flat = np.random.default_rng(seed).random((count, 2))
    faces = Delaunay(flat).simplices.astype(np.int64)
    return np.stack([flat[:, 0], skew * flat[:, 0] + flat[:, 1], 0 * flat[:, 0]], axis=1), faces


def _squares(rows: int, columns: int, closed: bool) -> np.ndarray:
    i, j = np.meshgrid(np.arange(rows - (not closed)), np.arange(columns - (not closed)), indexing="ij")
    at = lambda di, dj: (((i + di) % rows) * columns + (j + dj) % columns).ravel()  # noqa: E731
    a, b, c, d = at(0, 0), at(0, 1), at(1, 0), at(1, 1)
    return np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])


def pages(count: int = 3, rows: int = 5, columns: int = 6, seed: int = 0) -> Mesh:
    """Rumpled half planes about a common line, some faces turned over: an edge of it is in so many faces."""
    rng, flat = np.random.default_rng(seed), sheet(rows, columns)
    points, faces, n = [], [], rows * columns
    for k, angle in enumerate(np.sort(2 * np.pi * rng.random(count))):
        x, y, _ = flat[0].T
        points.append(np.stack([x * np.cos(angle), x * np.sin(angle), y], axis=1) + 0.05 * rng.standard_normal((n, 3)))
        faces.append(np.where(flat[1] % columns == 0, flat[1], flat[1] + k * n))  # the line is that of the first
    points, faces = np.concatenate(points), np.concatenate(faces)
    used, faces = np.unique(faces, return_inverse=True)
    over = rng.random(faces.size // 3) < 0.5
    faces = faces.reshape(-1, 3)
    return points[used], np.where(over[:, None], faces[:, ::-1], faces)


def soup(vertices: int = 30, faces: int = 80, seed: int = 0) -> Mesh:
    """Triangles between vertices drawn anywhere, none twice."""
    rng = np.random.default_rng(seed)
    drawn = np.unique([np.sort(rng.choice(vertices, 3, replace=False)) for _ in range(faces)], axis=0)
    used, drawn = np.unique(drawn, return_inverse=True)
    return rng.standard_normal((vertices, 3))[used], drawn.reshape(-1, 3)


def touching() -> Mesh:
    """Two closed surfaces with one vertex in common."""
    (a, f), (b, g) = potato(1), potato(2)
    return np.concatenate([a, b[1:] - b[0] + a[5]]), np.concatenate([f, np.where(g == 0, 5, g + len(a) - 1)])


MESHES = {
    "potato": potato,
    "sheet": sheet,
    "folded": lambda: sheet(bends=True),
    "torus": torus,
    "two parts": two_parts,
}


NO_SURFACES = {"pages": pages, "five pages": lambda: pages(5), "soup": soup, "touching": touching}
ONE_SIDED = {"moebius": moebius, "klein": klein}


def geometry(mesh: Mesh) -> Geometry:
    """What is measured of it."""
    return Geometry(*checked(*mesh))


def data(mesh: Mesh, channels: int = 0, seed: int = 0) -> dict[str, torch.Tensor]:
    """As networks take it, float64, with noise on it."""
    points, faces = mesh
    made = {"pos": torch.as_tensor(points), "face": torch.as_tensor(faces.T.copy())}
    if channels:
        noise = torch.Generator().manual_seed(seed)
        made["x"] = torch.randn(len(points), channels, generator=noise, dtype=torch.float64)
    return made


def shuffled(mesh: Mesh, seed: int = 0) -> tuple[Mesh, np.ndarray]:
    """The same surface stored in another order, and where each vertex went; corners of faces rolled too."""
    points, faces = mesh
    rng = np.random.default_rng(seed)
    images = rng.permutation(len(points))
    moved = np.empty_like(points)
    moved[images] = points
    by = (np.arange(3) - rng.integers(0, 3, len(faces))[:, None]) % 3
    rolled = np.take_along_axis(images[faces], by, axis=1)
    return (moved, rolled[rng.permutation(len(faces))]), images
