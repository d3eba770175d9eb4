"""Examples for the gallery, of what is there without fetching: digits on squares and hexagons, five particles."""

import re
from collections.abc import Callable

import numpy as np
import torch

import erlangen as er
from erlangen.data import load
from erlangen.data.nbody import small_nbody
from erlangen.pages import mosaic
from erlangen.pages.svg import tag

EXAMPLE = 12  # of the test digits


def own_picture(name: str) -> str:
    """The picture and its caption as Markdown."""
    drawing, said = OWN[name]()
    return f'```{{raw}} html\n<div class="drawings"><figure class="wide">{drawing}</figure></div>\n```\n\n{said}\n'


def _digits() -> tuple[str, str]:
    x = load("digits").test.inputs[EXAMPLE, 0]
    turned = [mosaic(torch.rot90(x, k, (0, 1)).numpy(), np.eye(2), 0, 1) for k in range(4)]
    return "".join(map(_small, turned)), "A test digit, at the four turns at which it is asked."


def _hexagons() -> tuple[str, str]:
    grid, values = er.HexGrid(), er.domains.to_hexagons(load("digits").test.inputs[EXAMPLE : EXAMPLE + 1])
    drawn = []
    for g in er.C(6).elements:
        moved = grid.act(g, values)
        held = torch.where(grid.mask(moved) > 0, moved, torch.nan)
        drawn.append(_small(mosaic(held[0, 0].numpy(), grid.basis, 0, 1)))
    return "".join(drawn), "A test digit on hexagons, at the six turns at which it is asked."


def _particles() -> tuple[str, str]:
    flight = small_nbody(1, 1, 1).test
    at, later = flight.inputs.pos[:, :2], flight.targets[:, :2]
    low, high = torch.cat([at, later]).amin(0), torch.cat([at, later]).amax(0)
    first, last = (((p - low) / (high - low) * 220 + 20).tolist() for p in (at, later))
    marks = []
    for (x, y), (u, v) in zip(first, last, strict=True):
        marks.append(tag("path", d=f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}", css="mark"))
        marks.append(tag("circle", cx=x, cy=y, r=5.0, fill="var(--series-1)"))
        marks.append(tag("circle", cx=u, cy=v, r=5.0, fill="none", stroke="var(--series-2)", stroke_width=2))
    drawing = f'<svg viewBox="0 0 260 260" role="img" aria-label="five particles">{"".join(marks)}</svg>'
    return drawing, "Five particles seen along one axis: where they are, and, as rings, where they will be."


def _small(drawing: str) -> str:
    """The drawing at a fixed width, to stand beside others."""
    return re.sub("<svg ", '<svg style="width:8.5em;margin:0 .4em .4em 0" ', drawing, count=1)


OWN: dict[str, Callable[[], tuple[str, str]]] = {
    "rotated-digits": _digits,
    "hexagonal-digits": _hexagons,
    "nbody": _particles,
}
