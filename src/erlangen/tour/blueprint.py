"""The blueprint: four kinds of layer, and why the first of them looks as it does."""

from typing import Any

import numpy as np

from erlangen.auditing import audit, difference
from erlangen.blueprint import Blueprint, derive
from erlangen.data import load
from erlangen.domains import Grid
from erlangen.groups import C
from erlangen.layers import linear, nonlinearity
from erlangen.pages import CLASSES, classes, picture
from erlangen.representations import pair_orbits
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table
from erlangen.tour.learning import Effort, error_of, looked_at

SQUARE, POINTS = Grid(2), 6
ONWARDS, BACKWARDS = (1, 2, 3, 4, 5, 0), (5, 4, 3, 2, 1, 0)
SWAP = (1, 0, 2, 3, 4, 5)
ASKED: dict[str, list[tuple[int, ...]]] = {
    "nothing": [tuple(range(POINTS))],
    "shifts of a ring": [ONWARDS],
    "shifts and mirrors": [ONWARDS, BACKWARDS],
    "every relabelling": [ONWARDS, SWAP],
}


def blueprint(effort: Effort, tell: Tell) -> Chapter:
    """Orbits of pairs of points as matrices, and two networks derived for two questions."""
    orbits = {name: pair_orbits(moves, moves) for name, moves in ASKED.items()}
    weights = {f"symmetry: {name}": int(found.max()) + 1 for name, found in orbits.items()}
    x = load("digits").test.inputs[:32]
    size = {"width": 16, "depth": 1, "scales": 2}
    classify = looked_at(lambda: derive(Task(SQUARE, C(4), 1, Invariant(10)), **size))
    segment = looked_at(lambda: derive(Task(SQUARE, C(4), 1, Equivariant(2)), **size))
    judged = audit(classify, SQUARE, C(4), x)
    straight, curved = (looked_at(lambda b=between: _chain(b)) for between in (False, True))
    a, b = x[:1], x[1:2]
    laws = {
        "what is it? f(g·x) = f(x)": judged.error,
        "where is it? f(g·x) = g·f(x)": error_of(segment, SQUARE, C(4), x),
        "where is it, if the answer had to stay put": error_of(segment, SQUARE, C(4), x, Invariant(2)),
        "two linear layers: f(a − b) against f(a) − f(b)": difference(straight(a - b), straight(a) - straight(b)),
        "with a nonlinearity between them": difference(curved(a - b), curved(a) - curved(b)),
    }
    drawn = [
        (_weights(found), name, f"{int(found.max()) + 1} free weights of {POINTS * POINTS}")
        for name, found in orbits.items()
    ]
    return Chapter(
        "blueprint",
        "The blueprint",
        (
            "Every network of this book is composed of four kinds of layer: linear equivariant layers; nonlinearities, "
            "without which all of them would collapse to one matrix; local pooling, the coarse-graining; and, if the "
            "task asks for one answer of the whole, an invariant layer at the end.",
            "The first kind is found, not invented. If a linear map W is to commute with a group, it must give one "
            "weight to all pairs of points that the group takes to each other, an orbit. Below, W is a matrix of 6 × 6 "
            "and each colour is one free weight. Of shifts the answer is a convolution; nobody put it in.",
        ),
        ("W ρ(g) = ρ′(g) W", "for every g"),
        "a linear layer W is equivariant: to transform and then apply it is to apply it and then transform",
        weights | laws,
        (
            table(laws, "error of the audit, or difference"),
            _parts(classify),
        ),
        (Plate(drawn, "row", about="The matrices that a symmetry allows; equal colours are equal weights."),),
        "Each network keeps the law of its own question, before any training: it belongs to the architecture and not "
        f"to the weights. Of the first the audit’s verdict is “{judged.verdict}”, for all "
        "pictures of this size. An answer to “where” that stayed put while its picture turned would be wrong.",
        "what is it? f(g·x) = f(x)",
    )


def _chain(curved: bool) -> Blueprint:
    one, many = Space(SQUARE, C(4).trivial), Space(SQUARE, 4 * C(4).regular)
    between = [nonlinearity(many)] if curved else []
    return Blueprint([linear(one, many, bias=False), *between, linear(many, one, bias=False)])


def _weights(orbits: np.ndarray) -> str:
    """A colour for each orbit, so that equal colours are equal weights."""
    few = int(orbits.max()) < len(CLASSES)
    return classes(orbits, 132) if few else picture(orbits, colours="heat", smallest=132)


def _parts(net: Any) -> Table:
    """The layers of a derived network, in their order."""
    rows = [(row.kind, f"{row.free:,}" if row.free else "–", row.sees) for row in net.explain().rows]
    return Table(("a derived network, layer by layer", "free weights", "pixels it sees across"), rows)
