"""Manifolds: surfaces that bend, known by lengths along them alone."""

import base64

import numpy as np
import torch
from torch import nn

from erlangen.auditing import difference
from erlangen.domains import Mesh, draw_mesh, geodesic_distances, picture_of
from erlangen.groups import Isometries
from erlangen.task import Invariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.learning import Effort, compared, drawn, right, size
from erlangen.tour.papers import SHAPES, paper, papers

TASK = Task(Mesh(eigenfunctions=16), Isometries(oriented=False), None, Invariant(len(SHAPES)))


def manifolds(effort: Effort, tell: Tell) -> Chapter:
    """Shapes of paper, learnt flat and met rolled up."""
    rng = np.random.default_rng(0)
    flat, held_out, tested, rolled = (
        papers(effort.of(n, 8), rng, bent) for n, bent in ((96, False), (32, False), (64, False), (64, True))
    )
    data = drawn((flat, held_out, tested), SHAPES, "paper")
    network = {"width": 16, "scales": 1}
    nets = compared(TASK, data, network, tell, epochs=effort.of(24), batch=16, models=("derived", "plain"))
    shares = {
        name: [right(net, *part.batch(list(range(len(part))))) for part in (tested, rolled)]
        for name, net in nets.items()
    }
    laws = {f"flat against rolled up, {name}": _changed(net) for name, net in nets.items()}
    numbers = laws | {f"right, {name}, flat": found[0] for name, found in shares.items()}
    numbers |= {f"right, {name}, rolled up": found[1] for name, found in shares.items()}
    rows = [
        (name, f"{size(nets[name]):,}", *(written("right", share) for share in found)) for name, found in shares.items()
    ]
    head = ("trained on flat paper", "weights", "right, flat", "right, rolled up")
    return Chapter(
        "manifolds",
        "Manifolds",
        (
            "On a surface, distance is not along straight lines. A rabbit on the move bends with every muscle, and is "
            "one rabbit; what stays is every length along its skin. A map that keeps these is an isometry, and a "
            "network that looks at nothing else cannot see the pose.",
            "Here four shapes are cut out of paper. The networks learn them flat, and meet them rolled up: the derived "
            "one by heat that spreads along the paper, a PointNet of as many weights by where the points are.",
        ),
        ("f(M′, x ∘ φ⁻¹) = f(M, x)", "for every isometry φ: M → M′"),
        "whichever way the surface lies in space",
        numbers,
        (Table(head, rows), table(laws, "difference of the answers, from 0 to 1")),
        (
            Plate(
                _drawn(),
                "row smooth",
                about="The shapes, flat and rolled up, coloured by the length of the way from one point.",
            ),
        ),
        f"Rolled up, the derived network is right on {written('right', shares['derived'][1])} and the PointNet on "
        f"{written('right', shares['plain'][1])}, where guessing is on 25 %. The derived one sees "
        "lengths along the paper, and of these none has changed.",
        "flat against rolled up, derived",
    )


def _changed(net: nn.Module) -> float:
    """How far the answers to one sheet, flat and rolled up, are apart: the largest over the shapes."""
    pairs = [[net(paper(shape, np.random.default_rng(1), bent)) for bent in (False, True)] for shape in SHAPES]
    return max(difference(a, b) for a, b in pairs)


def _ways(made: dict[str, torch.Tensor]) -> np.ndarray:
    """How long the way along the surface is from its first point to each."""
    return geodesic_distances(made["pos"].numpy(), made["face"].T.numpy(), 0)


def _drawn() -> list[tuple[str, str, str]]:
    """Every shape in both poses."""
    found = []
    for rolled in (False, True):
        for shape in SHAPES:
            made = paper(shape, np.random.default_rng(5), rolled)
            axes = draw_mesh(made, _ways(made), view=(-40.0, 35.0), up="y", colours="YlOrBr")
            data = base64.b64encode(picture_of(axes, 300)).decode()
            found.append((f"data:image/png;base64,{data}", "" if rolled else shape, ""))
    return found
