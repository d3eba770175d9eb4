"""Invariance by other means: augment, average, canonicalize, or derive."""

import torch
from torch import Tensor, nn

from erlangen.pages import Html, levels, percent
from erlangen.symmetrize import average, canonicalize
from erlangen.task import Invariant
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, written
from erlangen.tour.digits import SQUARE, TASK, TURNS, at_each_turn, networks, upright_digits
from erlangen.tour.learning import Effort, error_of, from_seed, learnt, size
from erlangen.train import plain_twin

TEN = Invariant(10)


def augmentation(effort: Effort, tell: Tell) -> Chapter:
    """One plain network made to bear quarter turns in three ways, beside the derived one."""
    data = upright_digits(effort)
    nets = networks(effort, lambda fraction, text: tell(0.7 * fraction, text))
    posed = from_seed(lambda: canonicalize(plain_twin(nets["derived"], TASK, 1), SQUARE, TURNS, output=TEN, input=1))
    posed = learnt(posed, TASK, data, effort.of(18), 0.02, 64, False, lambda f, text: tell(0.7 + 0.3 * f, text))
    ways: dict[str, tuple[nn.Module, str]] = {
        "plain": (nets["plain"], "1"),
        "augmented": (nets["augmented"], "1"),
        "augmented, then averaged": (average(nets["augmented"], SQUARE, TURNS, output=TEN), "4"),
        "canonicalized": (posed, "1, and 4 of a small one"),
        "derived": (nets["derived"], "1"),
    }
    x, y = data.test.inputs, data.test.targets
    numbers, rows, shares = {}, [], []
    for name, (net, calls) in ways.items():
        found = at_each_turn(net, x, y)
        error = error_of(net, SQUARE, TURNS, x[:64], TEN)
        numbers |= {f"right, {name}, upright": found[0], f"right, {name}, turned": min(found[1:])}
        numbers |= {f"error at quarter turns, {name}": error, f"answers changed by a turn, {name}": _changed(net, x)}
        rows.append(
            (name, f"{size(net):,}", calls, percent(found[0]), percent(min(found[1:])), written("error", error))
        )
        shares.append(min(found[1:]))
    head = ("way", "weights", "calls for an answer", "right, upright", "right, worst turn", "error of the audit")
    chart = levels(shares, list(ways), [percent(share) for share in shares], 1.0, marks=[0.1] * len(ways), width=420)
    return Chapter(
        "augmentation",
        "Invariance by other means",
        (
            "Where no group is at hand, for slight changes of colour, light or perspective, one shows the network "
            "changed examples while it learns: augmentation. It teaches, and proves nothing. Two other ways make any "
            "network exactly symmetric: average its answers over the group, or turn each input to a standard pose "
            "first. And one can derive a network that needs neither.",
        ),
        (Html("F(x) = 1/|G| Σ<sub>g</sub> f(g⁻¹·x)"), "F(x) = f(h(x)⁻¹·x)"),
        "the average over the group; and the standard pose h(x)",
        numbers,
        (Table(head, rows),),
        (Plate([(chart, "named rightly at the worst turn", "dashed: by guessing")], "wide"),),
        f"After augmentation {100 * numbers['answers changed by a turn, augmented']:.1f} % of the test digits still "
        "change their answer with a quarter turn; of the three others none does. Averaging pays with four calls, a "
        "standard pose with a jump where two poses are equally good, and a derived network with being built for it.",
        "error at quarter turns, derived",
    )


def _changed(net: nn.Module, x: Tensor) -> float:
    """The share of inputs whose answer changes at some turn."""
    answers = torch.stack([net(SQUARE.act(g, x)).argmax(1) for g in TURNS.elements])
    return float((answers != answers[0]).any(0).double().mean())
