"""Points on surfaces, without triangles: drawn at random, in rows and columns, noisy, cornered, few."""

import numpy as np

from erlangen.domains._icosphere import icosphere
from tests.meshes import pages, potato, sheet, tetrahedron, torus

Points = np.ndarray


def sphere(count: int = 400, noise: float = 0.0, seed: int = 0) -> Points:
    """On the unit sphere, drawn evenly."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True) + noise * rng.standard_normal(points.shape)


def disc(count: int = 500, seed: int = 0) -> Points:
    """Flat, of radius 1, drawn evenly."""
    rng = np.random.default_rng(seed)
    radius, turn = np.sqrt(rng.random(count)), 2 * np.pi * rng.random(count)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), 0 * turn], axis=1)


def tube(around: int = 20, rows: int = 9) -> Points:
    """An open cylinder in rings, so that four on a circle are everywhere."""
    turn, height = np.meshgrid(2 * np.pi * np.arange(around) / around, 0.3 * np.arange(rows))
    return np.stack([np.cos(turn), np.sin(turn), height], axis=-1).reshape(-1, 3)


def globe(around: int = 14, rows: int = 11) -> Points:
    """A sphere in rings, the poles left out."""
    turn, down = np.meshgrid(2 * np.pi * np.arange(around) / around, np.pi * np.arange(1, rows) / rows)
    return np.stack([np.sin(down) * np.cos(turn), np.sin(down) * np.sin(turn), np.cos(down)], axis=-1).reshape(-1, 3)


def cube(side: int = 5) -> Points:
    """In rows and columns on all faces."""
    points = np.stack(np.meshgrid(*[np.linspace(-1, 1, side)] * 3), axis=-1).reshape(-1, 3)
    return points[np.abs(points).max(1) == 1]


def ring(count: int) -> Points:
    """A regular polygon."""
    turn = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)


CLOUDS = {
    "sphere": sphere,
    "noisy": lambda: sphere(400, 0.02),
    "icosphere": lambda: icosphere(2)[0],
    "potato": lambda: potato(2)[0],
    "torus": lambda: torus(14, 21)[0],
    "disc": disc,
    "sheet": lambda: sheet(9, 11)[0],
    "folded": lambda: sheet(bends=True)[0],
    "with holes": lambda: sheet(15, 15)[0][np.random.default_rng(0).random(225) > 0.15],
    "pages": lambda: pages()[0],
    "tube": tube,
    "globe": globe,
    "cube": cube,
    "voxels": lambda: np.unique(np.round(4 * sphere(300)), axis=0),
    "part of a grid": lambda: np.unique(np.round(3 * disc(60)), axis=0),
    "eight corners": lambda: cube(2),
    "tetrahedron": lambda: tetrahedron()[0],
    "seven": lambda: sphere(7),
    "three": lambda: np.eye(3),
    "far away": lambda: np.concatenate([sphere(150), [[9.0, 7, 8]]]),
    "twice": lambda: np.concatenate([sphere(100), sphere(100)[:40], sphere(100)[:10]]),
}
