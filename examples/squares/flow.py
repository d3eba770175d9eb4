"""Squares in time and on the sphere."""

import json
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation

import erlangen as er
from erlangen.data import load
from examples.squares import panels
from examples.squares.layout import Square, apart

MAPS = Path(__file__).parents[2] / "benchmarks" / "results" / "winds_maps.json"


def sequences() -> Square:
    """Three digits read row after row, and the same at half the speed."""
    rows = load("digits").test.inputs[[3, 12, 5], 0].reshape(24, 8)  # eight dots of ink in a row
    x = torch.stack([rows[:, :4].mean(1), rows[:, 4:].mean(1)])[None]  # on the left, on the right
    net = er.derive(er.Task(er.Sequence(), er.TimeWarp(), input=2, output=er.Equivariant(2)), width=16).eval()
    slow, holds = x.repeat_interleave(2, -1), torch.arange(24).repeat_interleave(2)[None]
    y, there = net(x), net(slow, dt=torch.full((1, 48), 0.5), holds=holds)
    along = y.repeat_interleave(2, -1)
    ends = slice(1, None, 2)  # a state moves within a hold, and is told where the hold ends
    most = panels.greatest(y, there)
    corners = (panels.lines(x[0], 48, 1.0), panels.lines(y[0], 48, most))
    moved = (panels.lines(slow[0], 48, 1.0), panels.lines(there[0], 48, most))
    acts = ("every step in two halves", "every step in two halves")
    return Square(
        (*corners, *moved), ("ink, row by row", "two answers"), acts, apart(there[..., ends], along[..., ends])
    )


def spheres() -> Square:
    """Where land is, and the sphere turned by any rotation: a layer that mixes harmonics of each degree."""
    sphere = er.Sphere("poles")
    land = torch.tensor(json.loads(MAPS.read_text(encoding="utf-8"))["land"])[None, None]
    x = sphere.project(land, 17)
    space = er.Space(sphere, er.SO(3).trivial)
    layer = er.layers.SphereConv(space, space, bias=False)
    east, up = np.radians(20), np.array([0.0, 0.0, 1.0])
    towards = np.array([np.cos(east), np.sin(east), 0.0])  # from where the globe is seen
    g = er.SO(3).element(Rotation.from_rotvec(1.1 * towards).as_matrix() @ Rotation.from_rotvec(0.4 * up).as_matrix())
    with torch.no_grad():
        gx, y = sphere.act(g, x), layer(x)
        there = layer(gx)
        most = panels.greatest(y, there)
        corners = (panels.globe(x[0, 0]), panels.globe(y[0, 0], most))
        moved = (panels.globe(gx[0, 0]), panels.globe(there[0, 0], most))
        error = apart(there, sphere.act(g, y))
    turn = "a rotation, any"
    return Square((*corners, *moved), ("land and sea", "filtered"), (turn, turn), error)
