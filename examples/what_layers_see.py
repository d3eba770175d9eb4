"""What each kind of graph network tells apart and counts: by theory, with random weights, and after training.

`python -m examples.what_layers_see --run` trains all and keeps what it finds in benchmarks/results; without --run it
prints what is kept.
"""

import sys
from pathlib import Path
from statistics import median
from typing import Any

import networkx
import torch
from torch import Tensor
from torch.nn import functional as F

import erlangen as er
from erlangen.data import GraphStore
from erlangen.domains import Graph
from examples.shared.kept import run_or_show
from examples.worlds import counted

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "what_layers_see.json"
SEEDS, STEPS, BATCH, GRAPHS = (0, 1, 2), 1000, 64, 1000
APART = 1e-6  # relative difference of two answers with random weights in float64, above which graphs are told apart
KINDS: dict[str, dict[str, Any]] = {
    "convolution": {"layer": "convolution"},
    "attention": {"layer": "attention"},
    "messages": {"layer": "messages", "aggregate": "sum"},
    "soft clusters": {"layer": "messages", "scales": 2, "coarsen": "soft"},
    "pairs": {"layer": "pairs"},
    "overlapping clusters": {"layer": "messages", "scales": 2},
    "walks": {"layer": "messages", "positions": "walk"},
    "heat": {"layer": "messages", "positions": "heat"},
    "spectrum": {"layer": "messages", "positions": "laplacian"},
    "transformer": {"layer": "transformer"},
    "products": {"layer": "products"},
}
PAIRS = {
    "a ring of six, two of three": counted.rings,
    "decalin, bicyclopentyl": counted.decalins,
    "rook's graph, Shrikhande's": counted.rooks,
    "two Latin squares": counted.latin_squares,
}
COUNTED = ("triangles", "cycles of 4", "cycles of 5")


# ---- with random weights -------------------------------------------------------------------------------------------
def apart(kind: str, one: networkx.Graph, two: networkx.Graph) -> float:
    """How differently a network with random weights answers to two graphs, relative to its answers."""
    torch.manual_seed(0)
    task = er.Task(Graph(), input=1, output=er.Invariant(8))
    net = er.derive(task, width=16, normalize=False, function="tanh", **KINDS[kind]).double().eval()
    with torch.no_grad():
        a, b = (net(_doubled(graph)) for graph in (one, two))
    return float((a - b).abs().max() / a.abs().max())


def _doubled(graph: networkx.Graph) -> dict[str, Tensor]:
    whole = GraphStore([graph]).batch([0])
    return {"x": whole.x.double(), "edge_index": whole.edge_index}


# ---- after training ------------------------------------------------------------------------------------------------
def classified(kind: str, seed: int, steps: int) -> float:
    """% of the ten rings with skip links named right, by a network that has learnt from them.

    It is shown the same ten graphs: another order of their nodes is the same to every network here.
    """
    store = GraphStore(counted.skip_links())
    batch, wanted = store.batch(range(10)), torch.arange(10)
    net = _trained(kind, 10, seed, steps, lambda net, _: F.cross_entropy(net(batch), wanted))
    with torch.no_grad():
        return 100 * float((net(batch).argmax(1) == wanted).float().mean())


def unexplained(kind: str, seed: int, steps: int, graphs: int, regular: bool) -> list[float]:
    """% of the variance of each count that a network leaves unexplained, on graphs that it did not learn from."""
    learnt, judged = (counted.drawn(graphs, number, regular) for number in (1, 2))
    mean, spread = learnt.counts.mean(0), learnt.counts.std(0).clamp(min=1e-6)

    def loss(net: er.Blueprint, generator: torch.Generator) -> Tensor:
        picks = torch.randint(graphs, (min(BATCH, graphs),), generator=generator)
        return F.mse_loss(net(learnt.store.batch(picks)), (learnt.counts[picks] - mean) / spread)

    net = _trained(kind, 3, seed, steps, loss)
    with torch.no_grad():
        found = torch.cat([net(judged.store.batch(part)) for part in torch.arange(graphs).split(BATCH)])
    missed = (found * spread + mean - judged.counts).square().sum(0)
    return (100 * missed / (judged.counts - judged.counts.mean(0)).square().sum(0)).tolist()


def _trained(kind: str, answers: int, seed: int, steps: int, loss: Any) -> er.Blueprint:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    task = er.Task(Graph(), input=1, output=er.Invariant(answers))
    net = er.derive(
        task, width=32, normalize="points", **KINDS[kind]
    )  # batches of graphs that are alike have no variance
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(net, generator).backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def measured(
    kinds: tuple[str, ...] = tuple(KINDS), seeds: tuple[int, ...] = SEEDS, steps: int = STEPS, graphs: int = GRAPHS
) -> dict[str, dict]:
    """For every kind: pairs told apart, rings named, counts explained."""
    rows: dict[str, dict] = {}
    for kind in kinds:
        rows[kind] = {"apart": {name: apart(kind, *make()) for name, make in PAIRS.items()}}
        rows[kind]["skip links"] = [classified(kind, seed, steps) for seed in seeds]
        for name, regular in (("any", False), ("regular", True)):
            rows[kind][name] = [unexplained(kind, seed, steps, graphs, regular) for seed in seeds]
        sys.stderr.write(f"{kind}: {rows[kind]}\n")
    return rows


# ---- the page ------------------------------------------------------------------------------------------------------
def table_of_pairs(rows: dict[str, dict]) -> str:
    """Which pairs are told apart, and how many of ten classes."""
    lines = [f"| | {' | '.join(PAIRS)} | ten rings of 41, % named |", "| --- |" + " :---: |" * len(PAIRS) + " ---: |"]
    for kind, row in rows.items():
        cells = ["yes" if row["apart"][name] > APART else "–" for name in PAIRS]
        lines.append(f"| {kind} | {' | '.join(cells)} | {_spread(row['skip links'], 0)} |")
    return "\n".join(lines)


def table_of_counts(rows: dict[str, dict]) -> str:
    """% of the variance of each count that is left unexplained."""
    head = [f"{name}, {what}" for what in ("any", "regular") for name in COUNTED]
    lines = [f"| | {' | '.join(head)} |", "| --- |" + " ---: |" * len(head)]
    for kind, row in rows.items():
        cells = [_spread([seed[k] for seed in row[what]], 1) for what in ("any", "regular") for k in range(3)]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: list[float], digits: int) -> str:
    """The median, and the least and the greatest where they differ from it as written."""
    shown = [f"{value:.{digits}f}" for value in (median(values), min(values), max(values))]
    return shown[0] if len(set(shown)) == 1 else f"{shown[0]} ({shown[1]} … {shown[2]})"


def main() -> None:
    run_or_show(RESULTS, measured, lambda rows: f"{table_of_pairs(rows)}\n\n{table_of_counts(rows)}", STEPS)


if __name__ == "__main__":
    main()
