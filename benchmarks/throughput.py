"""Training examples a second and memory of a training step of every built-in run, and how both grow with size.

The derived network of a run beside the plain one of equal parameters, both as the run has them: forward, backward and
a step of AdamW, in seconds of the processor on one thread, since others may work on the machine. The data of a run need
not be there: inputs are random, of the kind, number of channels and usual size of its own (`USUAL`), and the loss is
the mean square of the answers, which costs next to nothing. All sizes of a run, and both networks, take turns in one
process.

Time is fitted by a + b·n in the examples n of a batch, and by c·n^p in the points n of an example, memory likewise;
errors are of these fits: that of p its standard error, that of the line the root mean square of relative residuals.
Memory is the most bytes of tensors that forward and backward keep alive at once, without weights and inputs. The batch
is the run's, halved until a step of the derived network takes less than `SLOW` seconds. Plain networks on graphs pad
to the largest graph of the run, so their cost hardly depends on how many nodes there are.

    python benchmarks/throughput.py                  # all, some minutes
    python benchmarks/throughput.py mutag winds      # some of them, which is printed and not kept
"""

import copy
import statistics
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import torch
from fits import line, power
from measure import interleaved, keep, ratio, steady_memory
from torch import Tensor, nn

import erlangen as er
from erlangen.data.graphs import GraphStore
from erlangen.train import builtin, read_config
from erlangen.train.held import tensors
from erlangen.train.memory import peak_of
from erlangen.train.networks import build_network, task_of

USUAL = {  # sites along an axis, letters, steps, points or vertices of an example
    **{"rotated-digits": 8, "hexagonal-digits": 15, "rotated-mnist": 28, "fashion-mnist": 28, "nuclei": 64},
    **{"mri-tissue": 16, "mri-sides": 20, "spherical-digits": 30, "spherical-digits-r-r": 30},
    **{"winds": 37, "winds-with-axis": 37, "winds-alone": 37},
    **{"nucleosomes": 147, "dnase": 275, "motifs": 200, "splice": 60, "chlamydia-genes": 1024, "chlamydia-strand": 300},
    **{"vowels": 16, "watch": 128, "mutag": 18, "solubility": 14, "cells": 700},
    **{"qm9": 18, "qm9-vector": 18, "nbody": 5, "xtb-forces": 9, "dog": 1948, "dog-parts": 1948, "bodies": 1000},
}
LARGEST = {"mutag": 28, "solubility": 47}  # nodes of the largest graph, for which plain networks have room
ALONE = ("cells",)  # one graph is all there is
BATCHES, POINTS = (1, 1 / 2, 1 / 4), (1 / 2, 1, 2)  # times the batch, and at the least one times the points of the run
SECONDS, SLOW, LEAST, MOST = 3.0, 0.2, 5, 25  # of a run in all, about; of a step; rounds

SIDES = ("derived", "plain")
Cell = tuple[int, int]  # examples, and the size of each


def inputs(task: er.Task, examples: int, size: int, seed: int = 0) -> Any:
    """Random inputs of so many examples, as a network of the task takes them."""
    draw, channels = torch.Generator().manual_seed(seed), task.source.channels
    match task.domain:
        case er.Dna():
            letters = torch.randint(4, (examples, size), generator=draw)
            return nn.functional.one_hot(letters, 4).transpose(1, 2).float()
        case er.Sphere():
            return torch.randn(examples, channels, size, 2 * size, generator=draw)
        case er.Graph() | er.Points() | er.Mesh():
            kind = {er.Graph: graph, er.Points: cloud, er.Mesh: ball}[type(task.domain)]
            return GraphStore([kind(task, size, draw) for _ in range(examples)]).batch(torch.arange(examples))
    return torch.randn(examples, channels, *[size] * task.domain.axes, generator=draw)


def graph(task: er.Task, nodes: int, draw: torch.Generator) -> dict[str, Tensor]:
    """A path through all nodes and some more edges, about as many as a molecule has, each both ways."""
    path = torch.stack([torch.arange(nodes - 1), torch.arange(1, nodes)])
    more = torch.randint(nodes, (2, max(1, nodes // 10)), generator=draw)
    edges = torch.cat([path, more, path.flip(0), more.flip(0)], 1)
    known = {"x": torch.randn(nodes, task.source.channels, generator=draw), "edge_index": edges}
    features = getattr(task.domain, "edge_features", 0)
    return known | ({"edge_attr": torch.randn(edges.shape[1], features, generator=draw)} if features else {})


def cloud(task: er.Task, points: int, draw: torch.Generator) -> dict[str, Tensor]:
    """As dense as atoms are: one in 10 cubic Å."""
    places = (10.0 * points) ** (1 / 3) * torch.rand(points, 3, generator=draw)
    return {"x": torch.randn(points, task.source.channels, generator=draw), "pos": places}


def ball(task: er.Task, vertices: int, draw: torch.Generator) -> dict[str, Tensor]:
    """A closed surface, evenly covered, a little bumpy."""
    from scipy.spatial import ConvexHull

    k = np.arange(vertices) + 0.5
    height, around = 1 - 2 * k / vertices, np.pi * (1 + 5**0.5) * k
    flat = np.sqrt(1 - height**2)
    points = np.stack([flat * np.cos(around), flat * np.sin(around), height], 1)
    faces = ConvexHull(points).simplices
    normals = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    inward = (normals * points[faces[:, 0]]).sum(1) < 0
    faces[inward] = faces[inward][:, ::-1]
    bumps = 1 + 0.1 * torch.randn(3, generator=draw).double().numpy()
    return {"pos": torch.from_numpy(points * bumps).float(), "face": torch.from_numpy(faces.T.astype(np.int64))}


def cells(name: str, batch: int) -> list[Cell]:
    """The batch at the run's size, which is first; smaller ones, and other sizes at the smallest."""
    task, size = task_of(read_config(name).task), USUAL[name]
    batches = [1, 2, 3] if batch < 4 else [round(batch * factor) for factor in BATCHES]
    batches = [1] if name in ALONE else batches
    sizes = [min(sized(task, size, factor), LARGEST.get(name, 10**9)) for factor in POINTS]
    every = [(batch, size), *((n, size) for n in batches), *((min(batches), other) for other in sizes)]
    return list(dict.fromkeys(every))


def sized(task: er.Task, size: int, factor: float) -> int:
    """The size of which an example has so many times as many points: odd on hexagons, whose side is 2R + 1."""
    axes = task.domain.axes or 1
    found = round(size * factor ** (1 / axes))
    return found | 1 if isinstance(task.domain, er.HexGrid) and factor != 1 else found


def points_of(task: er.Task, size: int) -> int:
    """Of one example."""
    return 2 * size**2 if isinstance(task.domain, er.Sphere) else size ** (task.domain.axes or 1)


def step_of(net: nn.Module, batch: Any) -> Callable[[], None]:
    """Forward, backward and a step of AdamW."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-6)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        net(batch).square().mean().backward()
        optimizer.step()

    return step


def fresh(net: nn.Module, batch: Any) -> float:
    """MiB alive at most in forward and backward."""
    net.zero_grad(set_to_none=True)
    given = [*tensors(batch), *net.parameters(), *net.buffers()]
    return peak_of(lambda: net(batch).square().mean().backward(), given) / 2**20


def batch_of(name: str, task: er.Task, net: nn.Module) -> int:
    """The run's batch, halved until a step is not slow."""
    batch = 1 if name in ALONE else read_config(name).train.batch_size
    while batch > 1:
        step = step_of(copy.deepcopy(net), inputs(task, batch, USUAL[name]))
        if interleaved({"step": step}, 1, warmup=1, clock=process_time)["step"][0] < SLOW:
            break
        batch //= 2
    return batch


def measured(name: str, seconds: float = SECONDS) -> dict[str, Any]:
    """One run: what its step takes as it is, at other batches and sizes, and how that grows."""
    config, task = read_config(name), task_of(read_config(name).task)
    torch.manual_seed(0)
    nets = {
        side: build_network(side, task, config.network, LARGEST.get(name, 4 * USUAL[name])).train() for side in SIDES
    }
    every = cells(name, batch_of(name, task, nets["derived"]))
    batches = {cell: inputs(task, *cell) for cell in every}
    both = [(side, cell) for cell in every for side in SIDES]
    memory = {(side, cell): fresh(nets[side], batches[cell]) for side, cell in both}
    steps = {f"{side} {cell}": step_of(nets[side], batches[cell]) for side, cell in both}
    once = sum(map(sum, interleaved(steps, 1, warmup=1, clock=process_time).values()))
    rounds = min(MOST, max(LEAST, round(seconds / once)))
    taken = interleaved(steps, rounds, warmup=0, clock=process_time)
    own = {side: taken[f"{side} {every[0]}"] for side in SIDES}
    row = {"examples": every[0][0], "points": points_of(task, every[0][1]), "rounds": rounds}
    row |= ratio(own, "derived", "plain")
    for side in SIDES:
        row[f"{side} examples a second"] = every[0][0] / statistics.median(own[side])
        row[f"{side} MiB"] = memory[side, every[0]]
    sides = {
        side: [
            {
                "examples": examples,
                "points": points_of(task, size),
                "ms": 1e3 * statistics.median(taken[f"{side} {(examples, size)}"]),
                "MiB": memory[side, (examples, size)],
            }
            for examples, size in every
        ]
        for side in SIDES
    }
    return {**row, "growth": {side: growth(found) for side, found in sides.items()}, "steps": sides}


def growth(steps: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """How time and memory grow with the examples at the run's size, and with the points at the smallest batch."""
    own, few = steps[0], min(step["examples"] for step in steps)
    batches = [step for step in steps if step["points"] == own["points"]]
    sizes = [step for step in steps if step["examples"] == few]
    found = {}
    for unit in ("ms", "MiB"):
        if len(batches) > 2:
            found[f"{unit} by examples"] = line([s["examples"] for s in batches], [s[unit] for s in batches])
        found[f"{unit} by points"] = power([s["points"] for s in sizes], [s[unit] for s in sizes])
    return found


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    steady_memory()
    rows = {}
    for name in names or sorted(builtin()):
        rows[name] = measured(name)
        sys.stdout.write(f"{name}: {rows[name]['ratio']:.3g}, {rows[name]['rounds']} rounds\n")
        sys.stdout.flush()
    if not names:
        keep("throughput", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
