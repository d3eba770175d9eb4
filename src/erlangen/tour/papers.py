"""Shapes cut out of paper, flat or rolled up: surfaces that bend and do not stretch."""

import numpy as np
import torch
from torch import Tensor

from erlangen.data import GraphPair, GraphStore

SIDE = 15
SHAPES = ("disc", "cross", "ring", "square")
TIGHTEST = 0.42  # the turn from one fold to the next, in radians


def paper(shape: str, rng: np.random.Generator, rolled: bool) -> dict[str, Tensor]:
    """A sheet of 15 × 15 points cut to shape, of a width and height of its own; folded along its columns if rolled.

    Folding keeps the lengths of all sides, so that both are one surface to whoever lives in it.

    >>> flat, bent = (paper("disc", np.random.default_rng(0), rolled) for rolled in (False, True))
    >>> sides = [(m["pos"][m["face"]] - m["pos"][m["face"].roll(1, 0)]).norm(dim=-1) for m in (flat, bent)]
    >>> bool(torch.allclose(*sides, atol=1e-6))
    True
    """
    wide, high = rng.uniform(0.85, 1.15, 2)
    tightness = rng.uniform(0.25, 1.0)
    corner = np.linspace(-1, 1, SIDE)
    middle = (corner[1:] + corner[:-1]) / 2
    kept = _inside(shape, *np.meshgrid(middle, middle, indexing="ij"))
    at = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    a, b, c, d = (part[kept] for part in (at[:-1, :-1], at[1:, :-1], at[:-1, 1:], at[1:, 1:]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    heading = np.cumsum(np.full(SIDE - 1, TIGHTEST * tightness * rolled))
    across, up = (
        np.concatenate([[0.0], np.cumsum(wide * part(heading) * 2 / (SIDE - 1))]) for part in (np.cos, np.sin)
    )
    points = np.stack([across.repeat(SIDE), np.tile(high * corner, SIDE), up.repeat(SIDE)], 1)
    used, faces = np.unique(faces, return_inverse=True)
    points = points[used] - points[used].mean(0)
    return {"pos": torch.from_numpy(points).float(), "face": torch.from_numpy(faces.reshape(-1, 3).T.copy())}


def papers(n: int, rng: np.random.Generator, rolled: bool) -> GraphPair:
    """So many of them, the shapes in turn, with their numbers as labels."""
    labels = torch.arange(n) % len(SHAPES)
    return GraphPair(GraphStore([paper(SHAPES[label], rng, rolled) for label in labels.tolist()]), labels)


def _inside(shape: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Whether squares about these points are kept."""
    radius = np.hypot(u, v)
    if shape == "cross":
        return (abs(u) < 0.34) | (abs(v) < 0.34)
    return {"disc": radius < 0.95, "ring": (radius > 0.45) & (radius < 1), "square": radius < 2}[shape]
