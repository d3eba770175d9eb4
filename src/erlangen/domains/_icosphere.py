"""The icosahedron, its faces cut in four again and again: vertices on the sphere, faces, and weights of vertices."""

from functools import lru_cache
from itertools import combinations, product

import numpy as np

from erlangen.domains._latitudes import Array

GOLDEN = (1 + 5**0.5) / 2
LEVELS = 8  # kept; one of 8 has 655,362 vertices


def vertex_count(level: int) -> int:
    """10 · 4^level + 2."""
    return 10 * 4**level + 2


def level_of(vertices: int) -> int | None:
    """The level of so many vertices; None where no level has them.

    >>> [level_of(n) for n in (12, 42, 162, 163)]
    [0, 1, 2, None]
    """
    found = (max(vertices - 2, 1) // 10).bit_length() // 2
    return found if vertex_count(found) == vertices else None


@lru_cache(maxsize=LEVELS)
def icosphere(level: int) -> tuple[Array, np.ndarray]:
    """Vertices `[n, 3]`, unit vectors, and faces `[20 · 4^level, 3]`, counter-clockwise seen from outside.

    Those of the level below come first. `er.Icosahedral()` and the inversion permute them; the polar axis y joins the
    middles of two edges, so that from level 1 on both poles are vertices.

    >>> icosphere(1)[0].shape, icosphere(1)[1].shape
    ((42, 3), (80, 3))
    """
    if level == 0:
        return _icosahedron()
    vertices, faces = icosphere(level - 1)
    ends = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    edges, which = np.unique(ends, axis=0, return_inverse=True)
    middles = vertices[edges].sum(1)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    (a, b, c), (ab, bc, ca) = faces.T, which.reshape(3, -1) + len(vertices)
    corners = np.stack([a, ab, ca]), np.stack([b, bc, ab]), np.stack([c, ca, bc]), np.stack([ab, bc, ca])
    return np.concatenate([vertices, middles]), np.concatenate(corners, axis=1).T


def _icosahedron() -> tuple[Array, np.ndarray]:
    signs = list(product((1.0, -1.0), (GOLDEN, -GOLDEN)))
    vertices = np.array([point for a, b in signs for point in ((0, a, b), (a, b, 0), (b, 0, a))])
    near = vertices @ vertices.T > 0
    faces = [face for face in combinations(range(12), 3) if all(near[i, j] for i, j in combinations(face, 2))]
    outward = [face if np.linalg.det(vertices[list(face)]) > 0 else face[::-1] for face in faces]
    return vertices / np.hypot(1, GOLDEN), np.array(outward)


@lru_cache(maxsize=LEVELS)
def exact_degree(level: int) -> int:
    """Up to which degree `vertex_weights` integrate exactly: 5, 9, 15, 27, 51, 101, …

    Functions that all 120 isometries of the icosahedron leave alone are polynomials in two of them, of degrees 6 and
    10; one number a class of vertices can be right for as many of these as there are classes.
    """
    classes = int(_classes(level).max()) + 1
    degree = 0
    while sum((degree + 2 - 10 * b) // 6 + 1 for b in range((degree + 2) // 10 + 1)) <= classes:
        degree += 2
    return degree + 1  # odd ones vanish by the inversion


@lru_cache(maxsize=LEVELS)
def vertex_weights(level: int) -> Array:
    """w_p, `[n]`, alike for vertices that isometries of the icosahedron exchange: Σ_p w_p f(p) is the mean of f, exact
    for harmonics up to `exact_degree(level)`. Of all such weights those nearest to equal ones.

    >>> round(float(vertex_weights(1)[0] * 42), 4), round(float(vertex_weights(1)[41] * 42), 4)
    (0.8333, 1.0667)
    """
    vertices, classes = icosphere(level)[0], _classes(level)
    sizes = np.bincount(classes).astype(np.float64)
    rows = [sizes, *_zonal_sums(exact_degree(level), vertices, classes)]
    wanted = np.zeros(len(rows))
    wanted[0] = 1.0
    system = np.stack(rows) / np.sqrt(sizes)  # of unknowns that count each vertex alike
    change = np.linalg.lstsq(system, wanted - system @ np.sqrt(sizes) / len(vertices), rcond=1e-12)[0]
    return (1 / len(vertices) + change / np.sqrt(sizes))[classes]


def _classes(level: int) -> np.ndarray:
    """Which vertices isometries of the icosahedron exchange: those where its invariants of degree 6 and 10 agree."""
    powers = (icosphere(level)[0] @ icosphere(0)[0].T) ** 2
    invariants = np.stack([(powers**3).sum(1), (powers**5).sum(1)], axis=1).round(9)
    return np.unique(invariants, axis=0, return_inverse=True)[1].reshape(-1)


def _zonal_sums(degree: int, vertices: Array, classes: np.ndarray) -> list[Array]:
    """Σ_p P_l(z·p) over each class, for the even l up to a degree and scattered z: 0 under weights that are exact."""
    poles = np.random.default_rng(0).standard_normal((degree // 30 + 4, 3))
    poles /= np.linalg.norm(poles, axis=1, keepdims=True)
    heights = poles @ vertices.T
    before, last, found = np.ones_like(heights), heights, []
    for l in range(2, degree + 1):
        before, last = last, ((2 * l - 1) * heights * last - (l - 1) * before) / l
        if l % 2 == 0:
            found += [np.bincount(classes, values) for values in last]
    return found
