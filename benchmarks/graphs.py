"""Message passing beside PyTorch Geometric: a training step of one layer, memory that is new in it, and collation.

`pip install torch_geometric`, then `python benchmarks/graphs.py`. 64 channels, float32, forward and backward. Edges are
sorted once, when a graph is read; that is measured apart.
"""

import sys
from collections.abc import Callable
from typing import Any

import measure
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

import erlangen as er
from erlangen.data.graphs import GraphStore

CHANNELS = 64
SIZES = {"10k nodes, 100k edges": (10_000, 100_000), "100k nodes, 1M edges": (100_000, 1_000_000)}
MOLECULES = "128 graphs of 25 nodes"
SPACE = er.Space(er.Graph(), CHANNELS * er.Trivial().trivial)


def graph(nodes: int, edges: int, seed: int = 0) -> dict[str, Tensor]:
    """Random features and edges."""
    generator = torch.Generator().manual_seed(seed)
    return {
        "x": torch.randn(nodes, CHANNELS, generator=generator),
        "edge_index": torch.randint(nodes, (2, edges), generator=generator),
    }


def molecules(count: int = 128) -> list[dict[str, Tensor]]:
    """Small graphs, about as many edges as molecules have."""
    return [graph(25, 54, seed) for seed in range(count)]


def layers() -> dict[str, tuple[Any, Any, float]]:
    """Ours, theirs, and how many times faster ours is to be."""
    from torch_geometric.nn import EdgeConv, GATv2Conv, GCNConv, SAGEConv

    general = torch.nn.Sequential(torch.nn.Linear(2 * CHANNELS, CHANNELS), torch.nn.ReLU())
    return {
        "convolutional, beside SAGEConv": (er.layers.GraphConv(SPACE, SPACE), SAGEConv(CHANNELS, CHANNELS), 3.0),
        "convolutional, one matrix, beside GCNConv": (
            er.layers.GraphConv(SPACE, SPACE, relations=["neighbourhood"]),
            GCNConv(CHANNELS, CHANNELS),
            3.0,
        ),
        "attentional, beside GATv2Conv": (
            er.layers.GraphAttention(SPACE, SPACE, heads=4),
            GATv2Conv(CHANNELS, CHANNELS // 4, heads=4),
            1.5,
        ),
        "general, beside EdgeConv (mean)": (er.layers.GraphMessages(SPACE, SPACE), EdgeConv(general, aggr="mean"), 1.5),
    }


def steps(ours: Any, theirs: Any, data: dict[str, Tensor]) -> dict[str, Callable[[], None]]:
    """A training step of each on the same graph."""
    x, edges = er.Graph().read(data)
    mine, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    index = data["edge_index"]

    def ours_step() -> None:
        ours.flow(mine, edges)[0].sum().backward()

    def theirs_step() -> None:
        theirs(other, index).sum().backward()

    return {"ours": ours_step, "theirs": theirs_step}


def fresh_memory(step: Callable[[], None]) -> float:
    """MiB that torch allocates in a step."""
    step()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        step()
    return sum(max(event.self_cpu_memory_usage, 0) for event in seen.key_averages()) / 2**20


def agreement(data: dict[str, Tensor]) -> float:
    """The largest difference to SAGEConv with the same weights."""
    from torch_geometric.nn import SAGEConv

    ours, theirs = er.layers.GraphConv(SPACE, SPACE), SAGEConv(CHANNELS, CHANNELS)
    with torch.no_grad():
        theirs.lin_r.weight.copy_(ours.kernels["itself"]().squeeze(-1))
        theirs.lin_l.weight.copy_(ours.kernels["neighbours"]().squeeze(-1))
        theirs.lin_l.bias.zero_()
        x, edges = er.Graph().read(data)
        return float((ours.flow(x, edges)[0] - theirs(x, data["edge_index"])).abs().max())


def collation() -> dict[str, Any]:
    """128 graphs put behind one another."""
    from torch_geometric.data import Batch, Data

    graphs = molecules(1000)
    store, picks = GraphStore(graphs), torch.randperm(1000)[:128]
    listed = [Data(**graphs[i]) for i in picks.tolist()]
    mine, other = store.batch(picks), Batch.from_data_list(listed)
    assert torch.equal(mine.x, other.x) and torch.equal(mine.edge_index, other.edge_index)
    sides = {"ours": lambda: store.batch(picks), "theirs": lambda: Batch.from_data_list(listed)}
    return {**measure.ratio(measure.interleaved(sides, 60), "theirs", "ours"), "target": "ratio ≥ 8"}


def main() -> None:
    rows: dict[str, Any] = {}
    cases = {name: graph(*size) for name, size in SIZES.items()}
    batch = GraphStore(molecules()).batch(torch.arange(128))
    cases[MOLECULES] = {"x": batch.x, "edge_index": batch.edge_index}
    for case, data in cases.items():
        for name, (ours, theirs, target) in layers().items():
            both = steps(ours, theirs, data)
            rounds = 8 if len(data["x"]) > 50_000 else 30
            found = measure.ratio(measure.interleaved(both, rounds), "theirs", "ours")
            memory = {f"{side}_MiB": fresh_memory(step) for side, step in both.items()}
            rows[f"{name}, {case}"] = {**found, **memory, "target": f"ratio ≥ {target}"}
    rows["collating 128 graphs"] = collation()
    rows["difference to SAGEConv"] = {"value": agreement(cases[MOLECULES])}
    measure.keep("graphs", rows)


if __name__ == "__main__":
    sys.exit(main())
