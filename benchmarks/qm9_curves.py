"""QM9: the error on molecules never seen, against how many were learnt from; docs/qm9.md tells it.

The derived convolution beside EGNN layers (`er.derive(…, layer="egnn")`) and a plain network of messages along raw
vectors, all of about as many parameters and with equally many steps. Each has a learning rate of its own, of the same
four the best on validation at the middle size, from one seed. The test part chooses nothing.

Hoped for before the run: an error of the derived convolution of at most four fifths of both others' at every size. A
gap within the spread of the three seeds counts as none.

    python benchmarks/qm9_curves.py             # gap and vector
    python benchmarks/qm9_curves.py gap
"""

import argparse
import copy
import math
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from measure import keep
from nbody import kept_before, parameters
from torch import nn

import erlangen as er
from erlangen.data import DataSet, GraphPair
from erlangen.train import plain_twin
from erlangen.train.evaluate import scores
from erlangen.train.networks import in_units
from erlangen.train.values import spread_of

SIZES, MIDDLE = (300, 1_000, 3_000), 1_000
RATES, SEEDS = (0.001, 0.003, 0.01, 0.03), (0, 1, 2)
STEPS, BATCH, CHECKED, JUDGED = 640, 32, 80, 1_000
WIDTH, DEPTH = 64, 3  # as in the recipes qm9 and qm9-vector


class Asked(NamedTuple):
    """What is asked of a molecule, and how the answers of its atoms become one."""

    output: Any
    pool: str


TARGETS = {
    "gap": Asked(er.Invariant(1), "mean"),
    "vector": Asked(er.Equivariant(er.O(3).irrep(1, -1), pooled=True), "sum"),
}
Make = Callable[[Asked], nn.Module]


def task_of(asked: Asked) -> er.Task:
    return er.Task(er.Points(3, radius=5.0), input=5, output=asked.output)


def derived(asked: Asked) -> nn.Module:
    return er.derive(task_of(asked), width=WIDTH, depth=DEPTH, pool=asked.pool)


def egnn(asked: Asked) -> nn.Module:
    """As wide as it takes to have as many parameters as the derived network."""
    wanted = parameters(derived(asked))
    tried = (er.derive(task_of(asked), width=n, depth=DEPTH, layer="egnn", pool=asked.pool) for n in range(8, 64))
    return min(tried, key=lambda net: abs(parameters(net) - wanted))


def plain(asked: Asked) -> nn.Module:
    return plain_twin(derived(asked), task_of(asked), depth=DEPTH, pool=asked.pool)


NETWORKS: dict[str, Make] = {"derived": derived, "EGNN": egnn, "plain": plain}


def error(net: nn.Module, part: GraphPair) -> float:
    """mean |f − y|, of vectors the length of what is missing."""
    return float((scores(net, part.inputs) - part.targets).norm(dim=1).mean())


def learnt(make: Make, asked: Asked, data: DataSet[GraphPair], rate: float, seed: int) -> tuple[nn.Module, float]:
    """The network at its best on validation, and its error there: AdamW, its rate in one cycle, squared errors."""
    torch.manual_seed(seed)
    task = task_of(asked)
    units = spread_of(task, data.train)
    net, generator = in_units(make(asked), task, *units), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=STEPS, pct_start=0.2)
    best, order = (math.inf, net.state_dict()), torch.zeros(0, dtype=torch.int64)
    for step in range(1, STEPS + 1):
        if len(order) < BATCH:
            order = torch.cat([order, torch.randperm(len(data.train), generator=generator)])
        batch, targets = data.train.batch(order[:BATCH])
        order = order[BATCH:]
        optimizer.zero_grad()
        ((net.train()(batch) - targets) / units[1]).square().mean().backward()
        optimizer.step()
        cycle.step()
        if step % CHECKED == 0:
            found = error(net, data.validation)
            best = (found, copy.deepcopy(net.state_dict())) if found < best[0] else best
    net.load_state_dict(best[1])
    return net, best[0]


def of_size(data: DataSet[GraphPair], n: int) -> DataSet[GraphPair]:
    """The first n molecules to learn from, and as many to choose by and to be tested on at every n."""
    validation, test = (pair.take(list(range(JUDGED))) for pair in (data.validation, data.test))
    return replace(data, train=data.train.take(list(range(n))), validation=validation, test=test)


def rate_of(make: Make, asked: Asked, data: DataSet[GraphPair]) -> tuple[float, dict[str, float]]:
    """The rate of the least error on validation, and what all of them had."""
    tried = {rate: learnt(make, asked, data, rate, SEEDS[0])[1] for rate in RATES}
    return min(tried, key=lambda rate: tried[rate]), {str(rate): value for rate, value in tried.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=", ".join(TARGETS))
    asked_for = parser.parse_args()
    torch.set_num_threads(1)
    rows = kept_before("qm9_curves")
    for target in asked_for.targets:
        asked, whole = TARGETS[target], er.data.load("qm9", target=target)
        for name, make in NETWORKS.items():
            rate, tried = rate_of(make, asked, of_size(whole, MIDDLE))
            row: dict[str, Any] = {"parameters": parameters(make(asked)), "rate": rate, "validation by rate": tried}
            for n in SIZES:
                data = of_size(whole, n)
                row[str(n)] = [error(learnt(make, asked, data, rate, seed)[0], data.test) for seed in SEEDS]
            rows[f"{target}, {name}"] = {**row, "median": {n: statistics.median(row[str(n)]) for n in SIZES}}
            keep("qm9_curves", rows)


if __name__ == "__main__":
    main()
