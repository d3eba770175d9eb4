"""The n-body benchmark: where five charges will be, mean square error on its 2,000 test trajectories, three seeds.

Beside what is derived: straight flight (least squares); EGNN layers, a plain network on raw vectors, and the same with
trajectories turned and mirrored at random while it learns, each of about as many parameters. All learn from the same
3,000 trajectories for about as long, and the epoch is chosen on the validation part.

    python benchmarks/nbody.py                      # all, three seeds, on one core
    python benchmarks/nbody.py derived --seeds 1    # one of them, from one seed
"""

import argparse
import copy
import json
import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from measure import RESULTS, keep
from torch import Tensor, nn

import erlangen as er
from erlangen.data import DataSet, GraphBatch, GraphPair
from erlangen.data.nbody import EVERY, FRAMES, SIZES, beginnings, simulate
from erlangen.train import plain_twin

TASK = er.Task(er.Points(3), input=er.O(3).trivial + er.O(3).standard, output=er.Positions())
BATCH, AVERAGE, CHECKED = 100, 0.999, 2


class Plan(NamedTuple):
    """How a network learns: epochs, learning rate at its height, and the norm beyond which gradients are cut."""

    epochs: int
    rate: float = 2e-3
    clip: float = 0.05


def derived() -> nn.Module:
    return er.derive(TASK, layer="segno", scale=0.5)


def egnn() -> nn.Module:
    """Four layers through all of which points move, as wide as it takes."""
    return min((_egnn(n) for n in range(16, 64, 2)), key=lambda net: abs(parameters(net) - parameters(derived())))


def _egnn(width: int) -> nn.Module:
    moving, scalar, vector = {"moved": True, "moves": True}, er.O(3).trivial, er.O(3).standard
    state, end = er.Space(TASK.domain, width * scalar + 2 * vector), TASK.target
    layers = [er.layers.EGNN(TASK.source, state, width, moves=True)]
    layers += [er.layers.EGNN(state, state, width, **moving) for _ in range(2)]
    return er.Blueprint([*layers, er.layers.EGNN(state, end, width, **moving), er.layers.Displacement(end)], TASK)


def plain() -> nn.Module:
    return plain_twin(derived(), TASK, depth=4)


class Learner(NamedTuple):
    """A network, for how many epochs it learns, so that all take about as long, and whether it is shown turned ones."""

    make: Callable[[], nn.Module]
    epochs: int
    augmented: bool = False


NETWORKS = {
    "derived": Learner(derived, 40),
    "EGNN": Learner(egnn, 120),
    "plain": Learner(plain, 220),
    "augmented": Learner(plain, 220, augmented=True),
}


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def error(net: nn.Module, part: GraphPair) -> float:
    """mean (f − y)² over all coordinates."""
    batch, later = part.batch(list(range(len(part))))
    with torch.no_grad():
        return float((net(batch) - later).square().mean())


def learnt(net: nn.Module, data: DataSet[GraphPair], seed: int, plan: Plan, augmented: bool) -> dict[str, float]:
    """Adam, its rate falling as a cosine; judged is a running mean of the weights, tested the best on validation."""
    generator = torch.Generator().manual_seed(seed)
    mean, best, steps = copy.deepcopy(net), (math.inf, 0, net.state_dict()), len(data.train) // BATCH
    optimizer = torch.optim.Adam(net.parameters(), lr=plan.rate)
    done, wall, cpu = 0, time.perf_counter(), time.process_time()
    for epoch in range(1, plan.epochs + 1):
        order = torch.randperm(len(data.train), generator=generator)
        for some in order[: steps * BATCH].split(BATCH):
            optimizer.param_groups[0]["lr"] = plan.rate * share_of_rate(done, plan.epochs * steps)
            batch, later = swapped(*data.train.batch(some), generator)
            batch, later = turned(batch, later, generator) if augmented else (batch, later)
            optimizer.zero_grad()
            (net(batch) - later).square().mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
            optimizer.step()
            done += 1
            follow(mean, net, 1 - min(AVERAGE, (1 + done) / (10 + done)))
        found = error(mean, data.validation) if epoch % CHECKED == 0 or epoch == plan.epochs else math.inf
        if found < best[0]:
            best = found, epoch, copy.deepcopy(mean.state_dict())
    seconds = {"seconds": time.perf_counter() - wall, "seconds of the processor": time.process_time() - cpu}
    mean.load_state_dict(best[2])
    return {"test": error(mean, data.test), "validation": best[0], "epoch": best[1], **seconds}


def share_of_rate(step: int, steps: int) -> float:
    """Rises over the first 100 steps, then falls as half a cosine."""
    return min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))


def follow(mean: nn.Module, net: nn.Module, share: float) -> None:
    """The running mean takes a share of the weights."""
    with torch.no_grad():
        for kept, now in zip(mean.parameters(), net.parameters(), strict=True):
            kept.lerp_(now, share)


def swapped(batch: GraphBatch, later: Tensor, generator: torch.Generator) -> tuple[GraphBatch, Tensor]:
    """All charges of a trajectory change their sign by a coin: the same happens."""
    sign = 1 - 2.0 * torch.randint(0, 2, (len(batch), 1), generator=generator)
    return batch.with_values(torch.cat([batch.x[:, :1] * sign[batch.batch], batch.x[:, 1:]], dim=1)), later


def turned(batch: GraphBatch, later: Tensor, generator: torch.Generator) -> tuple[GraphBatch, Tensor]:
    """Each trajectory turned, and perhaps mirrored, at random about the origin."""
    q, r = torch.linalg.qr(torch.randn(len(batch), 3, 3, generator=generator))
    matrices = q * r.diagonal(dim1=1, dim2=2).sign()[:, None]

    def by(vectors: Tensor) -> Tensor:
        return (matrices[batch.batch] @ vectors[..., None])[..., 0]

    moved = batch.turned(matrices).with_values(torch.cat([batch.x[:, :1], by(batch.x[:, 1:])], dim=1))
    return moved, by(later)


def straight(data: DataSet[GraphPair]) -> dict[str, Any]:
    """x + s v, s by least squares on the training part."""
    flown, velocity = data.train.targets - data.train.inputs.pos, data.train.inputs.x[:, 1:]
    s = float((flown * velocity).sum() / velocity.square().sum())
    test = data.test
    errors = test.targets - test.inputs.pos - s * test.inputs.x[:, 1:]
    return {"median": float(errors.square().mean()), "parameters": 1, "s": s}


def simulator(turns: int = 6) -> dict[str, Any]:
    """What turns of space change in the simulation of the test part itself, from the time of the input on.

    Forces are cut at ±100 along each axis, so that y(g x) is not g y(x) where bodies come near. The variance of
    g⁻¹ y(g x) over g is the least mean square error of an equivariant answer, over all turns of the test part.
    """
    charge, position, velocity = beginnings(SIZES)[2]
    given, asked = (EVERY * (frame + 1) for frame in FRAMES)
    *_, (x, v) = simulate(charge, position, velocity, given)
    *_, (y, _) = simulate(charge, x, v, asked - given)
    ends = []
    for seed in range(turns):
        g = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
        *_, (moved, _) = simulate(charge, g @ x, g @ v, asked - given)
        ends.append(g.T @ moved)
    changed = (np.square(np.stack(ends) - y).mean((2, 3)) > 1e-8).mean()
    return {"changed by a turn": float(changed), "least": float(np.var(ends, axis=0, ddof=1).mean()), "turns": turns}


def row(name: str, data: DataSet[GraphPair], seeds: int) -> dict[str, Any]:
    """The median over seeds, all of them, and how long each took."""
    make, epochs, augmented = NETWORKS[name]
    plan = Plan(epochs)
    runs, size = [], 0
    for seed in range(seeds):
        torch.manual_seed(seed)
        net = make()
        size = parameters(net)
        runs.append(learnt(net, data, seed, plan, augmented))
    told = {key: [run[key] for run in runs] for key in runs[0]}
    return {"median": statistics.median(told["test"]), **told, "parameters": size, **plan._asdict()}


def kept_before(name: str) -> dict[str, Any]:
    """The rows that were measured before, so that one network may be measured anew."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help=", ".join(NETWORKS))
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    data = er.data.load("nbody")
    rows = {**kept_before("nbody"), "straight flight": straight(data), "the simulation itself": simulator()}
    for name in asked.networks:
        rows[name] = row(name, data, asked.seeds)
        keep("nbody", rows)


if __name__ == "__main__":
    main()
