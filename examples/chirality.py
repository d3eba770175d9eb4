"""Left and right of a head that is its own mirror image, under three declarations: the right one tells them apart.

`python -m examples.chirality --run` trains on colin27-mirrored and keeps what it finds in benchmarks/results; without
--run it prints what is kept.
"""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.data import load
from erlangen.data.colin27 import colin27_head
from erlangen.files import write_whole
from erlangen.train import TrainSection, fit
from erlangen.train.examples import Examples

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "chirality.json"

VOXELS = er.Grid(3, spacing=(2.0, 2.0, 2.0))
SETTINGS = TrainSection(seeds=(0, 1, 2), epochs=12, batch_size=4, patience=12, threads=1)
TOLD = "told apart: of the voxels on a side, on the whole head, the share given their own side"


def tasks() -> dict[str, er.Task]:
    """The declarations, by name: what the symmetry is, and what it does to other, left and right."""
    swapped = er.Equivariant(er.O(3).trivial + er.O(3).quotient(er.SO(3)))
    return {
        "O(3), labels that stay": er.Task(VOXELS, er.O(3), 1, er.Equivariant(3)),
        "SO(3), labels that stay": er.Task(VOXELS, er.SO(3), 1, er.Equivariant(3)),
        "O(3), left and right exchanged by mirrors": er.Task(VOXELS, er.O(3), 1, swapped),
    }


def network(task: er.Task) -> er.Blueprint:
    """Of functions on the sphere up to degree 1, which have 4 channels under SO(3) and 8 under O(3)."""
    return er.derive(task, width=24, depth=1, max_frequency=1)


def measured(data: Examples, head: Tensor, labels: Tensor, settings: TrainSection) -> dict[str, dict]:
    """By declaration, of each seed: how far scores are from their mirror image, and how many sides are told rightly."""
    rows = {}
    for name, task in tasks().items():
        answers = [answer(trained(task, data, settings, seed), head) for seed in settings.seeds]
        rows[name] = {
            "parameters": sum(p.numel() for p in network(task).parameters()),
            "apart": [apart(scores) for scores in answers],
            "told": [told(scores, labels) for scores in answers],
        }
    return rows


def trained(task: er.Task, data: Examples, settings: TrainSection, seed: int) -> nn.Module:
    """A network learnt from the blocks."""
    torch.manual_seed(seed)
    net = network(task)
    with TemporaryDirectory() as folder:
        fit(net, task, data, settings, seed, Path(folder))
    return net.eval()


def answer(net: Callable[[Tensor], Tensor], head: Tensor) -> Tensor:
    """The scores on the whole head, `[1, 3, …]`."""
    with torch.inference_mode():
        return net(head)


def apart(scores: Tensor) -> float:
    """max |y − σy| / max |y|, σ the mirror of axis 0, the labels left where they are: 0 where both sides are alike."""
    return float((scores - scores.flip(2)).abs().max() / scores.abs().max())


def told(scores: Tensor, labels: Tensor) -> float:
    """Of the voxels labelled left or right, the share whose own side has more than the other."""
    right = (scores[:, 2] > scores[:, 1])[labels > 0]
    level = (scores[:, 2] == scores[:, 1])[labels > 0]
    return float(torch.where(level, 0.5, (right == (labels[labels > 0] == 2)).double()).mean())


def table(rows: dict[str, dict]) -> str:
    """As the page shows it, medians of the seeds with the least and the greatest."""
    lines = [
        "| declared | parameters | greatest difference of the scores to their mirror image | sides told rightly |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, row in rows.items():
        shares = [100 * share for share in row["told"]]
        share = f"{median(shares):.1f} % ({min(shares):.1f} … {max(shares):.1f})"
        far = "rounding, ≤ 1e-5" if max(row["apart"]) <= 1e-5 else f"{median(row['apart']):.2f}"
        lines.append(f"| {name} | {row['parameters']:,} | {far} | {share} |")
    return "\n".join(lines)


def main() -> None:
    if "--run" in sys.argv:
        rows = measured(load("colin27-mirrored", dim=3), *colin27_head(symmetric=True), SETTINGS)
        versions = {"python": platform.python_version(), "torch": torch.__version__, "erlangen": er.__version__}
        write_whole(RESULTS, json.dumps({"told": TOLD, "rows": rows, "versions": versions}, indent=1) + "\n")
    if not RESULTS.exists():
        sys.stdout.write("Nothing is kept yet: pass --run.\n")
        return
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
