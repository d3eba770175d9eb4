"""Sequences: a memory that must start somewhere, and networks for another speed."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from erlangen.auditing import difference
from erlangen.blueprint import Blueprint, derive
from erlangen.domains import Sequence
from erlangen.groups import TimeWarp
from erlangen.pages import Html, Trace, lines, loglog, number
from erlangen.task import Equivariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table
from erlangen.tour.learning import Effort, looked_at
from erlangen.train.fit import bound

CHANNELS, WIDTH, LENGTH, SLOWER = 3, 8, 16, 4
KINDS = {"plain RNN": "rnn", "LSTM": "lstm", "gated, exact": "gated"}
PADDED = (0, 1, 2, 4, 8, 16, 32, 64)
LATER = 12
RATE, BATCH = 1e-2, 32


def sequences(effort: Effort, tell: Tell) -> Chapter:
    """What zeros on the left do to a state, and what weights are for a signal that is four times slower."""
    x = torch.randn(16, CHANNELS, 30, generator=torch.Generator().manual_seed(0))
    ordinary, ours = _Ordinary.fixed(), looked_at(lambda: derive(_task("lstm"), width=WIDTH, layer="lstm", depth=1))
    drifts = [_later(ordinary, x, zeros) for zeros in PADDED]
    starts = {
        "torch's LSTM, begun at once": drifts[0],
        f"torch's LSTM, after {PADDED[-1]} zeros": drifts[-1],
        "derived LSTM, begun at once": _later(ours, x, 0),
    }
    students = {}
    for place, (name, layer) in enumerate(KINDS.items()):

        def told(fraction: float, text: str, done: int = place) -> None:
            tell((done + fraction) / len(KINDS), text)

        students[name] = _students(layer, effort.of(300), told)
    warps = {
        f"unexplained at {SLOWER} × slower, {name}, {who}": v for name, s in students.items() for who, v in s.items()
    }
    who = ("the same weights", "learnt", "mapped")
    rows = [(name, *(_percent(found.get(w)) for w in who)) for name, found in students.items()]
    head = (
        f"a network for a signal {SLOWER} × slower; left unexplained",
        "the same weights",
        "others, learnt",
        "others, mapped",
    )
    wave = _smooth(x[:1, :1, :LENGTH])
    slow = wave.repeat_interleave(SLOWER, -1)
    return Chapter(
        "sequences",
        "Sequences",
        (
            "A recurrent network hears one step after the other and keeps a state. Later is the same: a sequence that "
            "begins later should get its answers later, and none other. But the state has to start somewhere, and "
            "until an ordinary LSTM has heard enough silence, its state is on the move by itself.",
            "Faster and slower are another matter, since between two steps there is nothing. Here is what can be asked "
            "for: if a network works at one speed, there is another of the same architecture, with other weights, that "
            "works at another. That holds for gated networks, whose gates say how much of a step to take.",
        ),
        ("h(t) = (1 − z) ∘ h(t − 1) + z ∘ h̃(t)", "z = 1 − exp(−Δt κ r(x))"),
        "a gated state relaxes towards what the input says; at another speed c it is κ/c",
        starts | warps,
        (table(starts, "answers later against later answers, difference"), Table(head, rows)),
        (
            Plate(
                [
                    (_silence(drifts), "torch's LSTM", f"how far answers change if all begins {LATER} steps later"),
                    (lines([wave.flatten()], height=190), "a signal", "step by step"),
                    (lines([slow.flatten()], height=190), f"{SLOWER} × slower", f"every step held {SLOWER} times"),
                ],
                "wide",
            ),
        ),
        "The derived LSTM has no bias that moves an empty state, so it starts at once. For the gated cell the weights "
        "for another speed need not be learnt: they are written down. A plain RNN has no gate to set: after equally "
        f"many steps it still misses {_percent(students['plain RNN']['learnt'])}, the LSTM "
        f"{_percent(students['LSTM']['learnt'])}, the gated cell {_percent(students['gated, exact']['learnt'])}.",
        f"unexplained at {SLOWER} × slower, gated, exact, mapped",
    )


def _task(layer: str) -> Task:
    warp = TimeWarp() if layer == "gated" else None
    return Task(Sequence(), warp, CHANNELS, Equivariant(WIDTH))


class _Ordinary(nn.Module):
    """Torch's own LSTM with all its biases, at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(CHANNELS, WIDTH, batch_first=True)

    @staticmethod
    def fixed() -> nn.Module:
        """With the weights of seed 0."""
        return looked_at(_Ordinary)

    def forward(self, x: Tensor) -> Tensor:
        """`[b, c, T]` → `[b, width, T]`."""
        return self.lstm(x.mT)[0].mT


def _later(net: Callable[[Tensor], Tensor], x: Tensor, zeros: int) -> float:
    """f(x) after so many zeros, against f(x) after twelve more."""
    now, then = (net(nn.functional.pad(x, (n, 0)))[..., n:] for n in (zeros, zeros + LATER))
    return difference(now, then)


def _students(layer: str, steps: int, tell: Tell) -> dict[str, float]:
    """Of a teacher's answers the share that its students miss when its signals are held four times as long."""
    taught: Blueprint = looked_at(lambda: derive(_task(layer), width=WIDTH, depth=1, layer=layer))
    student, generator = deepcopy(taught).requires_grad_(True), torch.Generator().manual_seed(0)
    judged = torch.randn(256, CHANNELS, LENGTH, generator=generator)
    optimizer = torch.optim.Adam(student.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    with bound(1):
        for step in range(steps):
            optimizer.zero_grad()
            loss = _missed(student, taught, torch.randn(BATCH, CHANNELS, LENGTH, generator=generator))
            loss.backward()
            optimizer.step()
            schedule.step()
            tell(step / steps, f"{layer}: step {step + 1}/{steps}")
    found: dict[str, Callable[[Tensor], Tensor]] = {"the same weights": taught, "learnt": student}
    if layer == "gated":
        found["mapped"] = taught.warped(SLOWER)
    with torch.no_grad():
        return {name: float(_missed(net, taught, judged)) for name, net in found.items()}


def _missed(student: Callable[[Tensor], Tensor], taught: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    wanted = taught(x)
    said = student(x.repeat_interleave(SLOWER, -1))[..., SLOWER - 1 :: SLOWER]
    return (said - wanted).square().mean() / wanted.var()


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    return "rounding" if share < 1e-9 else f"{number(100 * share, 2)} %"


def _silence(drifts: list[float]) -> Html:
    """The difference over the number of zeros before the sequence, where there are some."""
    return loglog(PADDED[1:], [Trace("torch's LSTM", drifts[1:])], "zeros before it", "difference", 320, 190)


def _smooth(x: Tensor) -> Tensor:
    return nn.functional.avg_pool1d(x, 3, 1, 1)
