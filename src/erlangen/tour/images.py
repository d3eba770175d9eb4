"""Images: convolution keeps shifts, global pooling makes them not matter, and turns are another matter."""

from collections.abc import Callable

import torch
from torch import nn

from erlangen.data import DataSet
from erlangen.domains import Grid
from erlangen.groups import C, Translations
from erlangen.pages import levels, percent, shot
from erlangen.task import Equivariant, Invariant
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.digits import ANGLES, SQUARE, TURNS, at_each_turn, networks, upright_digits
from erlangen.tour.learning import Effort, error_of, looked_at, size

TORUS = Grid(2, boundary="periodic")
SHOWN = (1, 2, 3, 4, 5, 6, 7, 9)


def images(effort: Effort, tell: Tell) -> Chapter:
    """Untrained layers under shifts and turns; networks trained on upright digits and tested on turned ones."""
    data, nets = upright_digits(effort), networks(effort, tell)
    x, y = data.test.inputs, data.test.targets
    shares = {name: at_each_turn(net, x, y) for name, net in nets.items()}
    broken = {name: error_of(net, SQUARE, TURNS, x[:64], Invariant(10)) for name, net in nets.items()}
    laws = _laws(x[:32])
    numbers = laws | {f"right, {name}, upright": found[0] for name, found in shares.items()}
    numbers |= {f"right, {name}, turned": min(found[1:]) for name, found in shares.items()}
    numbers |= {f"error at quarter turns, {name}": error for name, error in broken.items()}
    rows = [
        (
            name,
            f"{size(nets[name]):,}",
            percent(found[0]),
            percent(min(found[1:])),
            written("error", broken[name]),
        )
        for name, found in shares.items()
    ]
    head = ("trained on upright digits", "weights", "right, upright", "right, worst turn", "error of the audit")
    charts = [
        (levels(found, ANGLES, [percent(share) for share in found], 1.0, series, marks=[0.1] * 4), name, "")
        for series, (name, found) in enumerate(shares.items(), 1)
    ]
    return Chapter(
        "images",
        "Images",
        (
            "An image is a function on a grid of pixels. Convolution slides one small filter over all of it, so it "
            "commutes with shifts: a filter that has learned a penguin's beak finds it anywhere. At the end an average "
            "over all places, global pooling, makes the place not matter. Flattening and a dense layer there throw "
            "that away, since position then counts.",
            "Convolution does not commute with turns: a turned beak is missed. Here three networks learn from upright "
            "digits and are tested on turned ones: one derived for quarter turns, a plain one of as many weights, and "
            "the plain one shown turned digits while it learnt.",
        ),
        ("(K ⋆ x)(u) = Σᵥ K(v) x(u + v)",),
        "the same weights K at every place u",
        numbers,
        (table(laws, "error of the audit, untrained layers"), Table(head, rows)),
        (
            Plate(
                _seen(nets, data),
                "small",
                about="Test digits, the first of each class, turned by 90°, and what the networks say.",
            ),
            Plate(charts, "wide", about="Named rightly at each turn; dashed: by guessing."),
        ),
        f"Turned, the plain network is right on {percent(min(shares['plain'][1:]))}. The derived one is right as often "
        "as upright, though it has seen no turned digit: no choice of its weights could do otherwise. A "
        f"turned 6 is nearly a 9, though: upright it exchanges {exchanged(nets['derived'], x, y)} of these, the plain "
        f"one {exchanged(nets['plain'], x, y)}.",
        "right, derived, turned",
    )


def _laws(x: torch.Tensor) -> dict[str, float]:
    """How far untrained layers are from keeping shifts and turns."""

    def ordinary(end: Callable[[], nn.Module] = nn.Identity) -> nn.Module:
        return looked_at(
            lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, padding_mode="circular"), nn.ReLU(), end())
        )

    dense, pooled = Equivariant(8), Invariant(8)
    middle = ordinary(lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    flat = ordinary(lambda: nn.Sequential(nn.Flatten(), nn.Linear(8 * 64, 8)))
    return {
        "convolution, shifted": error_of(ordinary(), TORUS, Translations(), x, dense),
        "convolution, turned": error_of(ordinary(), TORUS, C(4), x, dense),
        "convolution and global pooling, shifted": error_of(middle, TORUS, Translations(), x, pooled),
        "convolution and flatten, shifted": error_of(flat, TORUS, Translations(), x, pooled),
    }


def _seen(nets: dict[str, nn.Module], data: DataSet) -> list[tuple[str, str, str]]:
    """The first test digit of some classes, a quarter turn on, with what is said of it."""
    turn, found = TURNS.generators[0], []
    for which in SHOWN:
        moved = SQUARE.act(turn, data.test.inputs[data.test.targets == which][:1])
        said = ", ".join(f"{name} {int(net(moved).argmax(1))}" for name, net in nets.items())
        found.append((shot(moved), f"a {which}", said))
    return found


def exchanged(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> int:
    """How many 6 are called 9, and 9 called 6."""
    said = net(x).argmax(1)
    return int(((y == 6) & (said == 9) | (y == 9) & (said == 6)).sum())
