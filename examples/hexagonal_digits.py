"""Hexagons beside squares: digits learnt upright on either lattice, and read at all angles by equally many parameters.

`python -m examples.hexagonal_digits --run` measures anew and keeps it in benchmarks/results; without --run it writes
the kept table into docs/hexagons.md.
"""

import json
import math
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.data import DataSet, TensorPair, load
from erlangen.files import write_whole
from erlangen.train import TrainSection, fit
from erlangen.train.evaluate import scores

HOME = Path(__file__).parents[1]
RESULTS, PAGE = HOME / "benchmarks" / "results" / "hexagonal_digits.json", HOME / "docs" / "hexagons.md"

# Said before the run.
METRIC = "test accuracy, the mean over 24 turns by multiples of 15° before resampling, trained upright only"
BASELINE = {"C6 on hexagons": "C4 on squares", "D6 on hexagons": "D4 on squares"}
HOPED = 0.02  # a sixth of a turn leaves at most 30° to the nearest element, a quarter 45°: two points of accuracy
PARAMETERS, WITHIN = 10_400, 0.03  # of every network
SETTINGS = TrainSection(seeds=(0, 1, 2), epochs=30, patience=10, learning_rate=0.02, threads=1)

FINE = 5  # a pixel of the 8 × 8 digits is so many of the page on which they are turned
PITCH = 4  # and a pixel of either lattice has the area of so many by so many of these
SIDE, RADIUS = 13, 6  # 169 squares, and the 127 hexagons of a hexagon about the same circle
ANGLES = tuple(range(0, 360, 15))


@dataclass(frozen=True)
class Network:
    """A lattice, a group that it keeps, and the channels at each of the three scales."""

    domain: er.Grid | er.HexGrid
    group: er.Group
    channels: tuple[int, int, int]

    @property
    def name(self) -> str:
        """As the table calls it."""
        lattice = "squares" if isinstance(self.domain, er.Grid) else "hexagons"
        return f"{'plain' if self.group.order == 1 else str(self.group).replace('(', '').replace(')', '')} on {lattice}"

    @property
    def task(self) -> er.Task:
        """Ten classes, whatever the turn."""
        return er.Task(self.domain, self.group, 1, er.Invariant(10))

    def made(self) -> er.Blueprint:
        """The network, untrained."""
        return er.derive(self.task, self.channels, depth=2)


# Channels that about double, with which each has PARAMETERS within 3 %.
NETWORKS = (
    Network(er.Grid(2), er.Trivial(), (6, 12, 24)),
    Network(er.Grid(2), er.C(4), (12, 24, 48)),
    Network(er.Grid(2), er.D(4), (16, 40, 64)),
    Network(er.HexGrid(), er.Trivial(), (6, 13, 28)),
    Network(er.HexGrid(), er.C(6), (12, 30, 72)),
    Network(er.HexGrid(), er.D(6), (24, 48, 96)),
)


# --- pictures


@cache
def digits() -> DataSet:
    """The digits on fine pages of paper, `[n, 1, 60, 60]`."""
    data = load("digits")
    return replace(data, **{part: TensorPair(page(pair.inputs), pair.targets) for part, pair in data.parts.items()})


def page(x: Tensor) -> Tensor:
    """8 × 8 pixels, bicubic at `FINE` times the resolution, with room around for every turn."""
    large = nn.functional.interpolate(x, scale_factor=FINE, mode="bicubic", align_corners=False)
    return nn.functional.pad(large, (10, 10, 10, 10))


def turned(x: Tensor, degrees: float) -> Tensor:
    """The fine page turned counter-clockwise."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    pull = torch.tensor([[c, -s, 0.0], [s, c, 0.0]]).expand(len(x), 2, 3)
    at = nn.functional.affine_grid(pull, list(x.shape), align_corners=False)
    return nn.functional.grid_sample(x, at, mode="bicubic", align_corners=False)


def on(domain: er.Grid | er.HexGrid, x: Tensor) -> Tensor:
    """The fine page at the pixels of a lattice; both have pixels of one area."""
    if isinstance(domain, er.HexGrid):
        return er.data.inputs_on_hexagons(x, RADIUS, PITCH * er.domains.EQUAL_AREA)
    cut = (x.shape[-1] - SIDE * PITCH) // 2
    inner = x[..., cut : cut + SIDE * PITCH, cut : cut + SIDE * PITCH]
    return nn.functional.interpolate(inner, size=(SIDE, SIDE), mode="bilinear", antialias=True)


# --- the run


def measured(networks: Sequence[Network], data: DataSet, settings: TrainSection) -> dict[str, dict]:
    """By network: its channels, parameters, and of each seed the accuracy at every angle."""
    rows = {}
    for network in networks:
        read, inputs = resampled(network.domain, data)
        nets = [trained(network, read, settings, seed) for seed in settings.seeds]
        rows[network.name] = {
            "channels": network.channels,
            "parameters": parameters(network),
            "accuracy": [accuracies(net, inputs, data.test.targets) for net in nets],
        }
    return rows


@cache
def resampled(domain: er.Grid | er.HexGrid, data: DataSet) -> tuple[DataSet, dict[int, Tensor]]:
    """The data on a lattice as they are, and their test pictures turned before."""
    parts = {part: TensorPair(on(domain, pair.inputs), pair.targets) for part, pair in data.parts.items()}
    return replace(data, **parts), {angle: on(domain, turned(data.test.inputs, angle)) for angle in ANGLES}


def trained(network: Network, data: DataSet, settings: TrainSection, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    net = network.made()
    with TemporaryDirectory() as folder:
        fit(net, network.task, data, settings, seed, Path(folder))
    return net


def parameters(network: Network) -> int:
    return sum(p.numel() for p in network.made().parameters())


def multiply_adds(network: Network) -> int:
    """Of all its convolutions, on an array of 13 × 13."""
    size, total = (13, 13), 0
    for layer in er.layers.leaves(network.made()):
        if isinstance(layer, er.layers.LatticePool):
            size = layer.domain.halved_size(size)
        if isinstance(layer, er.layers.LatticeConv):
            total += layer.source.channels * layer.target.channels * layer.inside.size * size[0] * size[1]
    return total


def accuracies(net: nn.Module, inputs: dict[int, Tensor], targets: Tensor) -> list[float]:
    return [float((scores(net, x).argmax(1) == targets).double().mean()) for x in inputs.values()]


# --- what it says


def overall(row: dict) -> list[float]:
    """The metric, of each seed."""
    return [sum(angles) / len(angles) for angles in row["accuracy"]]


def gap(rows: dict[str, dict], name: str) -> str:
    """Ahead of its baseline by how much, and whether that is more than the spread of the seeds."""
    ours, theirs = overall(rows[name]), overall(rows[BASELINE[name]])
    apart = median(ours) - median(theirs)
    said = f"{name}: {100 * apart:+.1f} points to {BASELINE[name]}".replace("-", "−")
    if min(ours) <= max(theirs) and min(theirs) <= max(ours):
        return f"{said}, inside the spread of the seeds: no gap."
    reached = "as hoped" if apart >= HOPED else "less than hoped" if apart > 0 else "the wrong way"
    return f"{said}, outside the spread of the seeds: {reached}."


def table(rows: dict[str, dict]) -> str:
    """The results as the page shows them, in per cent: the median of the seeds, and the least and the greatest."""
    lines = [
        "| network | channels | parameters | all 24 angles | upright | the worst angle |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, row in rows.items():
        upright, worst = [a[0] for a in row["accuracy"]], [min(a) for a in row["accuracy"]]
        channels = ", ".join(map(str, row["channels"]))
        shown = " | ".join(spread(values) for values in (overall(row), upright, worst))
        lines.append(f"| {name} | {channels} | {row['parameters']:,} | {shown} |")
    gaps = [f"- {gap(rows, name)}" for name in BASELINE if name in rows]
    nearest = [f"- {away(name, row)}" for name, row in rows.items() if "plain" not in name]
    return "\n".join([*lines, "", *gaps, *nearest])


def away(name: str, row: dict) -> str:
    """The accuracy by the angle from the nearest turn of the group, mean over angles and seeds."""
    step = 90 if "squares" in name else 60
    found: dict[int, list[float]] = {}
    for accuracy in row["accuracy"]:
        for angle, share in zip(ANGLES, accuracy, strict=True):
            found.setdefault(min(angle % step, -angle % step), []).append(share)
    shown = ", ".join(f"{off}° off {100 * sum(each) / len(each):.1f}" for off, each in sorted(found.items()))
    return f"{name}, by the angle to the nearest turn it keeps: {shown}."


def spread(values: list[float]) -> str:
    return f"{100 * median(values):.1f} ({100 * min(values):.1f} … {100 * max(values):.1f})"


def written(page: str, rows: dict[str, dict]) -> str:
    """The page with the table between its marks."""
    start, end = "<!-- results -->", "<!-- end -->"
    before, after = page.split(start)[0], page.split(end)[1]
    return f"{before}{start}\n{table(rows)}\n{end}{after}"


def main() -> None:
    if "--run" in sys.argv:
        rows = measured(NETWORKS, digits(), SETTINGS)
        record = {
            "metric": METRIC,
            "baseline": BASELINE,
            "hoped": HOPED,
            "rows": rows,
            "versions": {"python": platform.python_version(), "torch": torch.__version__, "erlangen": er.__version__},
        }
        write_whole(RESULTS, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    sys.stdout.write(table(rows) + "\n")
    if PAGE.exists():
        write_whole(PAGE, written(PAGE.read_text(encoding="utf-8"), rows))


if __name__ == "__main__":
    main()
