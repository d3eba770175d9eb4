"""Scale separation: a large thing is understood from small patches upwards."""

from itertools import pairwise

import torch
from torch import Tensor

from erlangen.auditing import difference
from erlangen.data import load
from erlangen.domains import Grid
from erlangen.groups import D
from erlangen.pages import levels, percent, shot
from erlangen.tour.chapter import Chapter, Plate, Tell, table
from erlangen.tour.learning import Effort
from erlangen.tour.symmetry import digit

SQUARE = Grid(2)
STEPS = 3


def scales(effort: Effort, tell: Tell) -> Chapter:
    """Digits coarse-grained step by step, each step read by its nearest neighbour."""
    data = load("digits")
    learnt, tested = ladder(data.train.inputs), ladder(data.test.inputs)
    shares = [nearest(a, data.train.targets, b, data.test.targets) for a, b in zip(learnt, tested, strict=True)]
    sides = [x.shape[-1] for x in tested]
    numbers = {f"right, {side} × {side} pixels": share for side, share in zip(sides, shares, strict=True)}
    board = (-1.0) ** (torch.arange(8)[:, None] + torch.arange(8))
    x = data.test.inputs
    exact = {
        "move by D4 and halve, in both orders: the worst of the sizes 5 … 24": max(halvings()),
        "halve x with the finest texture added, against x halved": difference(SQUARE.halve(x + board), SQUARE.halve(x)),
    }
    drawn = [(shot(step), f"{step.shape[-1]} × {step.shape[-1]}", "") for step in ladder(digit(5, 28), 4)]
    names = [f"{side} × {side}" for side in sides]
    chart = levels(shares, names, [percent(share) for share in shares], 1.0, marks=[0.1] * len(shares))
    return Chapter(
        "scales",
        "Scale separation",
        (
            "A large thing can be understood from small patches upwards. To tell the hands of a cuckoo clock one need "
            "not look at the pendulum; and once hands and pendulum are known, their texture no longer matters. So a "
            "network looks at small neighbourhoods, and makes the domain coarser step by step.",
        ),
        ("Ω₀ → Ω₁ → Ω₂ → …", "P(g·x) = g·P(x)"),
        "coarse-graining P goes from a fine domain to a coarser one, and commutes with the symmetry",
        numbers | exact,
        (table(numbers, "digits named rightly by the nearest neighbour"), table(exact, "difference from 0 to 1")),
        (
            Plate(drawn, "small", about="A 5, halved again and again."),
            Plate([(chart, "named rightly", "dashed: by guessing")], "wide"),
        ),
        f"Of the 64 pixels of a digit one may give away {sides[0] ** 2 - sides[1] ** 2} by halving, and "
        f"{percent(shares[1])} of the digits are still told; after the next halving "
        f"{percent(shares[2])}. A checkerboard of single pixels, the finest "
        "texture there is, is gone after one step. Halving keeps the symmetry at every size, odd or even, because the "
        "coarse sites stay symmetric about the centre.",
        f"right, {sides[1]} × {sides[1]} pixels",
    )


def ladder(x: Tensor, steps: int = STEPS) -> list[Tensor]:
    """x, x halved, x halved twice …"""
    found = [x]
    for _ in range(steps - 1):
        found.append(SQUARE.halve(found[-1]))
    return found


def nearest(known: Tensor, labels: Tensor, asked: Tensor, true: Tensor) -> float:
    """How often the nearest of the known ones has the right label."""
    which = torch.cdist(asked.flatten(1), known.flatten(1)).argmin(1)
    return float((labels[which] == true).double().mean())


def halvings() -> list[float]:
    """How far moving and halving a picture are from halving and moving it."""
    found = []
    for n, m in pairwise(range(5, 26)):
        x = torch.randn(1, 1, n, m, generator=torch.Generator().manual_seed(n))
        found += [difference(SQUARE.halve(SQUARE.act(g, x)), SQUARE.act(g, SQUARE.halve(x))) for g in D(4).generators]
    return found
