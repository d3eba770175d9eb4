"""Is there another network of the same architecture that does at another time scale what this one does?

A network with random weights is the teacher. Its signals are slowed down, every step held for four, and a student of
the same architecture, which begins as the teacher, learns to say at the end of each hold what the teacher said.
`python -m examples.another_speed --run` keeps what it finds in benchmarks/results; without --run it prints it.
"""

import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

import erlangen as er
from examples.shared.kept import run_or_show

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "another_speed.json"
SEEDS, STEPS, FACTOR = (0, 1, 2), 2000, 4
CHANNELS, WIDTH, LENGTH, BATCH = 3, 8, 24, 64
KINDS: dict[str, dict[str, Any]] = {
    "plain RNN": {"layer": "rnn"},
    "GRU": {"layer": "gru"},
    "LSTM": {"layer": "lstm"},
    "gated, exact": {"layer": "gated"},
    "state space, exact": {"layer": "state-space"},
}
MAPPED = ("gated", "state-space")


def teacher(kind: str, seed: int) -> er.Blueprint:
    """One recurrent layer with random weights, and a linear reading of its state at every step."""
    torch.manual_seed(seed)
    warp = er.TimeWarp() if KINDS[kind]["layer"] in MAPPED else None
    task = er.Task(er.Sequence(), warp, input=CHANNELS, output=er.Equivariant(WIDTH))
    return er.derive(task, width=WIDTH, depth=1, **KINDS[kind])


def unexplained(student: Callable[[Tensor], Tensor], taught: er.Blueprint, x: Tensor) -> Tensor:
    """Of the teacher's answers the share of their variance that the student misses at the ends of the holds."""
    with torch.no_grad():
        wanted = taught(x)
    found = student(x.repeat_interleave(FACTOR, -1))[..., FACTOR - 1 :: FACTOR]
    return (found - wanted).square().mean() / wanted.var()


def learnt(kind: str, seed: int, steps: int) -> dict[str, float]:
    """% unexplained on signals that were not learnt from: of the same weights, of learnt ones, and of mapped ones."""
    taught = teacher(kind, seed)
    student, generator = deepcopy(taught), torch.Generator().manual_seed(seed)
    judged = torch.randn(256, CHANNELS, LENGTH, generator=generator)
    optimiser = torch.optim.Adam(student.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps))
    for _ in range(steps):
        optimiser.zero_grad()
        unexplained(student, taught, torch.randn(BATCH, CHANNELS, LENGTH, generator=generator)).backward()
        optimiser.step()
        schedule.step()
    students = {"the same weights": taught, "learnt": student}
    if KINDS[kind]["layer"] in MAPPED:
        students["mapped"] = taught.warped(FACTOR)
    with torch.no_grad():
        return {name: 100 * float(unexplained(net, taught, judged)) for name, net in students.items()}


def measured(
    kinds: tuple[str, ...] = tuple(KINDS), seeds: tuple[int, ...] = SEEDS, steps: int = STEPS
) -> dict[str, list[dict[str, float]]]:
    """For every kind of network, from each seed, what its students miss."""
    rows = {}
    for kind in kinds:
        rows[kind] = [learnt(kind, seed, steps) for seed in seeds]
        sys.stderr.write(f"{kind}: {rows[kind]}\n")
    return rows


def table(rows: dict[str, list[dict[str, float]]]) -> str:
    """A row for each kind of network."""
    lines = ["| % unexplained, 4 × slower | the same weights | other weights, learnt | other weights, mapped |"]
    lines.append("| --- | ---: | ---: | ---: |")
    for kind, seeds in rows.items():
        cells = [_spread([seed[name] for seed in seeds if name in seed]) for name in ("the same weights", "learnt")]
        mapped = [seed["mapped"] for seed in seeds if "mapped" in seed]
        lines.append(f"| {kind} | {' | '.join(cells)} | {'< 1e-6' if mapped and max(mapped) < 1e-6 else '–'} |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    """The median, and the least and the greatest."""
    middle, low, high = (f"{value:.2g}" if value < 10 else f"{value:.0f}" for value in _three(values))
    return f"{middle} ({low} … {high})"


def _three(values: list[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def main() -> None:
    run_or_show(RESULTS, measured, table, STEPS)


if __name__ == "__main__":
    main()
