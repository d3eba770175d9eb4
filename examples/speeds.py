"""Recurrent networks trained at one speed and tested at others, told of it and not: which keep what they learnt?

`python -m examples.speeds --run` trains all of them and keeps what it finds in benchmarks/results; without --run it
prints what is kept. The data have to be there: erlangen data fetch vowels, erlangen data fetch watch.
"""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch

import erlangen as er
from erlangen.data import DataSet, load
from erlangen.train import TrainSection, fit
from erlangen.train.evaluate import scores
from erlangen.train.fit import seed_everything
from erlangen.train.paced import Paced
from erlangen.train.widths import match_width, parameters
from examples.shared.kept import run_or_show

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "speeds.json"
SEEDS, WIDTH, DEPTH = (0, 1, 2), 32, 2
SETS = {"vowels": 80, "watch": 40}  # epochs
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)  # how many times slower
SLOWEST = 32  # steps, of the networks that begin with scales of time of many lengths (chrono)
KINDS: dict[str, dict[str, Any]] = {
    "plain RNN": {"layer": "rnn"},
    "LSTM": {"layer": "lstm"},
    "LSTM, chrono": {"layer": "lstm", "slowest": SLOWEST},
    "GRU": {"layer": "gru"},
    "GRU, chrono": {"layer": "gru", "slowest": SLOWEST},
    "gated, exact": {"layer": "gated"},
    "gated, exact, chrono": {"layer": "gated", "slowest": SLOWEST},
    "state space, exact": {"layer": "state-space"},
    "state space, exact, chrono": {"layer": "state-space", "slowest": SLOWEST},
}
TOLD = ("gated", "state-space")  # layers that are told how long a step is


def derived(kind: str, data: DataSet, wanted: int | None = None) -> er.Blueprint:
    """The network of this kind, all of them with about as many parameters."""
    warp = er.TimeWarp() if KINDS[kind]["layer"] in TOLD else None
    task = er.Task(er.Sequence(), warp, input=data.channels, output=er.Invariant(len(data.classes)))

    def made(width: int) -> er.Blueprint:
        return er.derive(task, width, DEPTH, pool="mean", **KINDS[kind])

    if wanted is None:
        return made(WIDTH)
    with torch.random.fork_rng(devices=[]):
        width = match_width(lambda width: parameters(made(width)), wanted)
    return made(width)


def trained_and_tested(kind: str, data: DataSet, seed: int, epochs: int, wanted: int) -> dict[str, Any]:
    """% right at every speed, not told of it and, where that can be, told."""
    seed_everything(seed)
    net = derived(kind, data, wanted)
    settings = TrainSection(epochs=epochs, patience=epochs // 2, batch_size=32, learning_rate=0.01, threads=1)
    with TemporaryDirectory() as folder:
        fit(net, net.task, data, settings, seed, Path(folder))
    names = ("not told", "told") if KINDS[kind]["layer"] in TOLD else ("not told",)
    found = {name: [_right(net, data, factor, name == "told") for factor in FACTORS] for name in names}
    return {"parameters": parameters(net), **found}


def _right(net: er.Blueprint, data: DataSet, factor: float, told: bool) -> float:
    inputs = Paced(factor, told).inputs(None, data.test.inputs)
    return 100 * float((scores(net, inputs).argmax(1) == data.test.targets).float().mean())


def measured(
    sets: dict[str, int] = SETS, kinds: tuple[str, ...] = tuple(KINDS), seeds: tuple[int, ...] = SEEDS
) -> dict[str, dict]:
    """For every set and kind of network: its parameters, and from each seed what it answers rightly."""
    rows: dict[str, dict] = {}
    for name, epochs in sets.items():
        data = load(name)
        wanted = parameters(derived("gated, exact", data))
        rows[name] = {}
        for kind in kinds:
            rows[name][kind] = [trained_and_tested(kind, data, seed, epochs, wanted) for seed in seeds]
            sys.stderr.write(f"{name}, {kind}: {rows[name][kind]}\n")
    return rows


def table(found: dict[str, list[dict]]) -> str:
    """A row for each kind of network, and one more for what it answers when it is told of the speed."""
    lines = ["| % right | parameters | 4 × faster | 2 × faster | as recorded | 2 × slower | 4 × slower |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for kind, seeds in found.items():
        for name in ("not told", "told"):
            if name in seeds[0]:
                cells = [_spread([seed[name][i] for seed in seeds]) for i in range(len(FACTORS))]
                said = f"{kind}, told" if name == "told" else kind
                lines.append(f"| {said} | {seeds[0]['parameters']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    """The median, and the least and the greatest where they differ from it as written."""
    shown = [f"{value:.0f}" for value in (median(values), min(values), max(values))]
    return shown[0] if len(set(shown)) == 1 else f"{shown[0]} ({shown[1]} … {shown[2]})"


def shown(rows: dict[str, dict]) -> str:
    """Both tables, one below the other."""
    return "\n\n".join(table(found) for found in rows.values())


def main() -> None:
    run_or_show(RESULTS, measured, shown, max(SETS.values()))


if __name__ == "__main__":
    main()
