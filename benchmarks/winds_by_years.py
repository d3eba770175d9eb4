"""Winds of every year tested once: which forecasts of next month's wind are really better; docs/winds.md tells it.

Two years at a time are tested, the two that follow choose rate and epoch (after the last the first), the others are
learnt from, so that all 131 months from February 1982 to December 1992 are tested by networks that have seen none of
them. Months that would tell of tested ones, as their successors, which start from their wind, are left out. Networks
are those of the recipes winds, winds-with-axis and winds-alone, from one seed a turn; the learning rate of each is of
the same four the best on the validation years of its turn. The error of a month is the mean length of what is missing
over the Earth, in m/s.

Two forecasts are compared month by month. Drawn anew are whole years, 10,000 times, since months of a year are alike
and are forecast by one network: the interval holds 95 % of the mean differences. One that leaves out nought is real.

Hoped for before the run, when the 24 months of 1991 and 1992 had been seen: told the axis below persistence, below
climatology and below the wrong prior, all of them really; against the plain network nothing, which was 0.1 m/s below.

    python benchmarks/winds_by_years.py             # all
    python benchmarks/winds_by_years.py plain       # one of them
"""

import argparse
import itertools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from measure import keep
from nbody import kept_before, parameters
from torch import Tensor, nn

import erlangen as er
from erlangen.data import DataSet, TensorPair
from erlangen.train import read_config
from erlangen.train.evaluate import scores
from erlangen.train.fit import fit, seed_everything
from erlangen.train.networks import build_network, in_units, task_of
from erlangen.train.values import spread_of

FIRST, LAST, AT_ONCE = 1982, 1992, 2
STARTS = range(FIRST, LAST + 1, AT_ONCE)
RATES, SEEDS, DRAWS = (0.003, 0.01, 0.03, 0.1), (0,), 10_000
EARTH = er.Sphere("poles")


class Learner(NamedTuple):
    """Of which recipe, and which of its networks."""

    recipe: str
    model: str


NETWORKS = {
    "turns about the axis": Learner("winds", "derived"),
    "all rotations, the axis told": Learner("winds-with-axis", "derived"),
    "all rotations, nothing told": Learner("winds-alone", "derived"),
    "plain": Learner("winds", "plain"),
}


class Turn(NamedTuple):
    """Which months are asked for in each part, numbered from January 1982."""

    train: Tensor
    validation: Tensor
    test: Tensor


def turn(start: int) -> Turn:
    """Test the years from `start`, choose by those that follow."""
    month = torch.arange(1, 12 * (LAST - FIRST + 1))
    asked, before = FIRST + month // 12, FIRST + (month - 1) // 12
    following = FIRST if start + AT_ONCE > LAST else start + AT_ONCE

    def among(years: Tensor, first: int) -> Tensor:
        return (years >= first) & (years < first + AT_ONCE)

    tested, chosen, tells = among(asked, start), among(asked, following), among(before, start)
    return Turn(month[~tested & ~chosen & ~tells], month[chosen & ~tells], month[tested])


def months(name: str) -> TensorPair:
    """All months of a data set, one behind the other; the first is asked for in February 1982."""
    parts = er.data.load(name).parts.values()
    return TensorPair(torch.cat([p.inputs for p in parts]), torch.cat([p.targets for p in parts]))


def taken(name: str, at: Turn) -> DataSet:
    """The data set with these months as its parts."""
    whole = months(name)
    parts = {part: whole.take(month - 1) for part, month in at._asdict().items()}
    return replace(er.data.load(name), **parts, references={})


def off(answers: Tensor, pair: TensorPair) -> list[float]:
    """The mean length of what is missing, over the Earth, of each month."""
    return EARTH.mean((answers - pair.targets).norm(dim=1, keepdim=True))[:, 0].tolist()


def learnt(learner: Learner, data: DataSet, rate: float, seed: int) -> tuple[nn.Module, float]:
    """A network at its best on validation, and its error there, trained as its recipe says."""
    config = read_config(learner.recipe)
    task, settings = task_of(config.task), replace(config.train, learning_rate=rate)
    seed_everything(seed)
    net = in_units(build_network(learner.model, task, config.network), task, *spread_of(task, data.train))
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(net, task, data, settings, seed, Path(folder))
    return net, fitted.validation_error


def by_years(learner: Learner) -> dict[str, Any]:
    """The errors of all months, a row a seed, by networks that have not seen their year."""
    rates, errors, size = [], [], 0
    for start in STARTS:
        data = taken(learner.recipe, turn(start))
        tried = {rate: learnt(learner, data, rate, SEEDS[0]) for rate in RATES}
        rates.append(min(tried, key=lambda rate: tried[rate][1]))
        nets = [tried[rates[-1]][0], *(learnt(learner, data, rates[-1], seed)[0] for seed in SEEDS[1:])]
        errors.append([off(scores(net, data.test.inputs), data.test) for net in nets])
        size = parameters(nets[0])
    return {"rates": rates, "parameters": size, **of(np.concatenate(errors, axis=1))}


def without_network() -> dict[str, dict[str, Any]]:
    """Next month is as this one; or as the mean of that month in the years learnt from."""
    errors: dict[str, list[float]] = {"persistence": [], "climatology": []}
    whole = months("winds-alone")
    now, then = whole.inputs[:, :2], whole.inputs[:, :2] + whole.targets
    for start in STARTS:
        at = turn(start)
        asked = TensorPair(now[at.test - 1], then[at.test - 1])
        means = torch.stack([then[at.train[at.train % 12 == month % 12] - 1].mean(0) for month in at.test.tolist()])
        errors["persistence"] += off(asked.inputs, asked)
        errors["climatology"] += off(means, asked)
    return {name: of(np.array([values])) for name, values in errors.items()}


def of(errors: np.ndarray) -> dict[str, Any]:
    """Of errors [seed, month] the mean of all, of each seed and of each month."""
    months = errors.mean(0).round(4).tolist()
    return {"mean": float(errors.mean()), "seeds": errors.mean(1).tolist(), "months": months}


def difference(a: list[float], b: list[float]) -> dict[str, Any]:
    """The mean of a − b over months, its bounds where years are drawn anew, and in how many months it is below 0."""
    apart, year = np.subtract(a, b), np.arange(1, len(a) + 1) // 12
    sums, counts = np.bincount(year, apart), np.bincount(year)
    drawn = np.random.default_rng(0).integers(len(counts), size=(DRAWS, len(counts)))
    low, high = np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), (0.025, 0.975))
    counted = {"below": int((apart < 0).sum()), "of": len(apart)}
    return {"difference": float(apart.mean()), "low": float(low), "high": float(high), **counted}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help=", ".join(NETWORKS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows = {**kept_before("winds_by_years"), **without_network()}
    for name in asked.networks:
        rows[name] = by_years(NETWORKS[name])
        single = {name: row for name, row in rows.items() if "months" in row}
        pairs = itertools.combinations(single, 2)
        rows |= {f"{a} − {b}": difference(single[a]["months"], single[b]["months"]) for a, b in pairs}
        keep("winds_by_years", rows)


if __name__ == "__main__":
    main()
