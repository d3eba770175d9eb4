"""A small skinned surface for tests, made by hand."""

import numpy as np

from erlangen.data.skin import Skin


def tube(rings: int = 12, sides: int = 8, bones: int = 3) -> Skin:
    """A closed tube along x of length 3 and radius ½, with bones "b0", "b1" … in a row."""
    x, angle = np.linspace(0, 3, rings), 2 * np.pi * np.arange(sides) / sides
    round_, along = np.tile(angle, rings), np.repeat(x, sides)
    body = np.stack([along, np.cos(round_) / 2, np.sin(round_) / 2], axis=1)
    vertices = np.concatenate([body, [[-0.3, 0, 0], [3.3, 0, 0]]])
    i, j = (part.ravel() for part in np.meshgrid(np.arange(rings - 1), np.arange(sides), indexing="ij"))
    a, b = i * sides + j, i * sides + (j + 1) % sides
    c, d = a + sides, b + sides
    ring, after, last = np.arange(sides), (np.arange(sides) + 1) % sides, (rings - 1) * sides
    ends = [np.stack([np.full(sides, rings * sides), after, ring], 1)]
    ends.append(np.stack([np.full(sides, rings * sides + 1), last + ring, last + after], 1))
    faces = np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1), *ends])
    middles = 3 * (np.arange(bones) + 0.5) / bones
    near = np.exp(-(((vertices[:, :1] - middles) * bones / 3) ** 2) * 4)
    origins = np.stack([3 * np.arange(bones) / bones, np.zeros(bones), np.zeros(bones)], axis=1)
    weights = near / near.sum(1, keepdims=True)
    turns = np.broadcast_to(np.eye(3), (bones, 3, 3))
    return Skin(vertices, faces, weights, tuple(f"b{k}" for k in range(bones)), origins, turns)
