"""Symmetry: what can be done to a thing and undone again, and leaves it what it is."""

import math
from itertools import product

import torch
from torch import Tensor

from erlangen.auditing import difference
from erlangen.data import load
from erlangen.domains import Grid
from erlangen.groups import SO, D, Element
from erlangen.pages import Html, picture, shot
from erlangen.tour.chapter import Chapter, Plate, Tell, table
from erlangen.tour.learning import Effort

SQUARE = Grid(2)
NAMES = ("as it is", "90°", "180°", "270°", "mirror", "mirror, 90°", "mirror, 180°", "mirror, 270°")


def symmetry(effort: Effort, tell: Tell) -> Chapter:
    """A digit under the eight motions of a square, and their table of composition."""
    group, x = D(4), digit(3)
    pairs = list(product(group.elements, repeat=2))
    tilt = SO(2).element(math.pi / 6)
    quarter = group.generators[0]
    numbers = {
        "motions of a square: turns, mirrors": len(group.elements),
        "g·(h·x) against (gh)·x: the worst of their 64 pairs": max(
            difference(SQUARE.act(g, SQUARE.act(h, x)), SQUARE.act(g @ h, x)) for g, h in pairs
        ),
        "pairs for which the order matters, gh ≠ hg": sum(g @ h != h @ g for g, h in pairs),
        "turned by 90° and back, against x": difference(SQUARE.act(~quarter, SQUARE.act(quarter, x)), x),
        "turned by 30° and back, against x": difference(SQUARE.warp(~tilt, SQUARE.warp(tilt, x)), x),
    }
    moved = [(shot(SQUARE.act(g, x)), NAMES[i], "") for i, g in enumerate(group.elements)]
    return Chapter(
        "symmetry",
        "Symmetry",
        (
            "A symmetry is a transformation that leaves something unchanged. A 3 that is turned by thirty degrees and "
            "moved five pixels to the left is still a 3. Such transformations can be composed, one after the other, "
            "and each can be undone: they form a group. Felix Klein said in Erlangen in 1872 that a geometry is what "
            "its group leaves unchanged; this library says it of networks.",
            "What “unchanged” means depends on what is asked. What a thing is does not change when it moves: "
            "invariance. Where it is changes along with it: equivariance.",
        ),
        ("(g·x)(u) = x(g⁻¹u)", "g·(h·x) = (gh)·x"),
        "a transformation g moves a signal x by moving the points u where its values are",
        numbers,
        (table(numbers, "counted, or difference from 0 to 1"),),
        (
            Plate(moved, "small", about="One digit under the eight motions of a square."),
            Plate(
                [(cayley(group.elements), "", "row g, column h, colour gh: every colour once in each row and column")],
                about="Who composed with whom gives whom.",
            ),
        ),
        "Composition holds to the last bit, since these motions take pixels to pixels. Where the colours across the "
        "diagonal differ, the order matters. A turn by 30° falls between the pixels: it has to interpolate, and its "
        "way back shows what that loses.",
        "g·(h·x) against (gh)·x: the worst of their 64 pairs",
    )


def digit(which: int, side: int = 24) -> Tensor:
    """The first test picture of this digit, smooth, `[1, 1, side, side]` with room about it."""
    data = load("digits").test
    found = data.inputs[int((data.targets == which).nonzero()[0])][None]
    inner = side - 4
    large = torch.nn.functional.interpolate(found, size=inner, mode="bicubic", align_corners=False).clamp(0, 1)
    return torch.nn.functional.pad(large, (2, 2, 2, 2))


def cayley(elements: tuple[Element, ...] | list[Element]) -> Html | str:
    """The table of composition as a picture, a colour for each element."""
    known = list(elements)
    cells = torch.tensor([[known.index(g @ h) for h in known] for g in known])
    return picture(cells.numpy(), 0, len(known) - 1, "heat", smallest=240)
