"""A relaxed network on digits whose symmetry is true, and on digits where it is false of two classes.

Nine digits of MNIST, without its nines, at half its resolution, 2,000 to learn from. `true`: every image is turned by
a random number of quarters. `false`: the same, but the sixes stay as they are, and every other one is turned by 180°
and called a nine, so that nothing but the way up tells the two apart, and a network that keeps C4 can only guess.
Beside the relaxed network stand the strict one, the plain one of as many parameters as the relaxed one, another of as
many as the strict one, and the plain one that learns from images turned anew in every epoch. Three seeds; tested on the
digits of MNIST's test part, 8,991, prepared likewise.

Rates and the prior's σ were chosen on validation digits of two other seeds, each network by the mean of three numbers:
all digits where the symmetry is true, and where it is false the two classes, but for networks that can only guess at
them, and the others: `python benchmarks/relaxed.py --choose`, which is kept, too. Two earlier states were tested as
well: σ = 0.1, chosen by all digits of both kinds alike, and σ = 0.3 when biases had no free part yet. They were right
for 89.1 and 90.6 % of the two classes, the plain network for 93.6 and 93.0 %; what came next was decided by validation
digits. The data have to be there: erlangen data fetch mnist. About 10 minutes on one core, and 20 to choose.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from measure import keep
from torch import Tensor, nn

import erlangen as er
from erlangen.data import DataSet, load
from erlangen.data.dataset import TensorPair
from erlangen.train import TrainSection
from erlangen.train.baselines import parameters, plain_twin
from erlangen.train.fit import fit, seed_everything

SEEDS, OTHERS = (0, 1, 2), (100, 101)
LEARNT, HELD = 2000, 1500
KINDS = ("true", "false")
GUESSING = ("strict", "augmented")  # what they score on the two classes is chance, and says nothing of a setting
AIMS = (("true", "all"), ("false", "six and nine"), ("false", "others"))
SIX, NINE = 6, 9
TASK = er.Task(er.Grid(2), er.C(4), 1, er.Invariant(10))
SHAPE: dict[str, Any] = {"width": 16, "depth": 1, "scales": 3}
EPOCHS = 20
RATES, SIGMAS = (0.03, 0.1), (0.1, 0.3, 1.0, 3.0)
CHOSEN: dict[str, dict[str, float]] = {
    "strict": {"rate": 0.1},
    "relaxed": {"rate": 0.1, "sigma": 0.3},
    "plain": {"rate": 0.1},
    "plain, as few": {"rate": 0.1},
    "augmented": {"rate": 0.1},
}


def turned(x: Tensor, y: Tensor, kind: str, chance: torch.Generator) -> TensorPair:
    """Every image turned by quarters at random; of `false` data no six, and every other one by a half, a nine."""
    quarters = torch.randint(0, 4, (len(y),), generator=chance)
    y = y.clone()
    if kind == "false":
        over = torch.rand(len(y), generator=chance) < 0.5
        six = y == SIX
        quarters[six] = torch.where(over, 2, 0)[six]
        y[six & over] = NINE
    moved = [torch.rot90(image, int(k), (-2, -1)) for image, k in zip(x, quarters, strict=True)]
    return TensorPair(torch.stack(moved), y)


def digits(mnist: DataSet, kind: str, seed: int, choosing: bool = False) -> DataSet:
    """Without the nines of MNIST some digits to learn from, some to stop by, and to be tested on all of the test part;
    for choosing the rest of the validation part instead."""
    chance = torch.Generator().manual_seed(seed)

    def part(pair: TensorPair, most: int | None) -> TensorPair:
        order = torch.randperm(len(pair), generator=chance)
        some = order[pair.targets[order] != NINE][:most]
        x, y = pair.batch(some)
        return turned(torch.nn.functional.avg_pool2d(x, 2), y, kind, chance)

    learnt, held = part(mnist.train, LEARNT), part(mnist.validation, None)
    last = held.take(list(range(HELD, len(held)))) if choosing else part(mnist.test, None)
    parts = learnt, held.take(list(range(HELD))), last
    return DataSet(*parts, mnist.classes, f"{mnist.name}, {kind}", mnist.licence, mnist.source)


def network(name: str, sigma: float) -> nn.Module:
    """One of the five; the strict and the relaxed one start from the same weights."""
    strict = name in ("strict", "plain, as few")
    net = er.derive(TASK, **SHAPE, relaxed=False if strict else sigma)
    return net if name in ("strict", "relaxed") else plain_twin(net, TASK, SHAPE["depth"], SHAPE["scales"])


def learnt(name: str, data: DataSet, seed: int, rate: float, sigma: float = 1.0) -> nn.Module:
    """Trained on the first part, as it was where the second had the least loss."""
    seed_everything(seed)
    net = network(name, sigma)
    settings = TrainSection(epochs=EPOCHS, learning_rate=rate, batch_size=64, patience=EPOCHS, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        fit(net, TASK, data, settings, seed, Path(folder), turning=name == "augmented")
    return net.eval()


def right(net: nn.Module, pair: TensorPair) -> dict[str, float]:
    """The share of all, of sixes and nines, and of the other digits that are told rightly, in percent."""
    with torch.no_grad():
        said = torch.cat([net(some).argmax(1) for some in pair.inputs.split(500)])
    fine, two = (said == pair.targets).double(), (pair.targets == SIX) | (pair.targets == NINE)
    parts = {"all": torch.ones_like(two), "six and nine": two, "others": ~two}
    return {which: 100 * float(fine[mask].mean()) for which, mask in parts.items()}


def choose(mnist: DataSet) -> dict[str, Any]:
    """Every setting of every network on validation digits of other seeds: the mean over those whose symmetry is true,
    and where it is false over the two classes and the others."""
    rows: dict[str, Any] = {}
    data = {(kind, seed): digits(mnist, kind, seed, choosing=True) for kind in KINDS for seed in OTHERS}
    for name in CHOSEN:
        sigmas = [{"sigma": sigma} for sigma in SIGMAS] if name == "relaxed" else [{}]
        for setting in [{"rate": rate, **further} for rate in RATES for further in sigmas]:
            found = {at: right(learnt(name, part, at[1], **setting), part.test) for at, part in data.items()}
            row = {
                f"{kind}, {which}": sum(found[kind, seed][which] for seed in OTHERS) / len(OTHERS)
                for kind, which in AIMS
            }
            shown = ", ".join(f"{key} {value:g}" for key, value in setting.items())
            judged = [share for aim, share in row.items() if name not in GUESSING or aim != "false, six and nine"]
            rows[f"{name}, {shown}"] = {**row, "mean": sum(judged) / len(judged)}
            print(name, shown, rows[f"{name}, {shown}"], flush=True)
    return rows


def measured(mnist: DataSet) -> dict[str, Any]:
    """All networks from all seeds on both kinds of data."""
    rows: dict[str, Any] = {}
    for kind in KINDS:
        for seed in SEEDS:
            data = digits(mnist, kind, seed)
            for name, setting in CHOSEN.items():
                net = learnt(name, data, seed, **setting)
                found: dict[str, Any] = right(net, data.test)
                report = er.audit(net, TASK.domain, TASK.symmetry, data.test.inputs[:128], TASK.output)
                found |= {"error": report.error, "verdict": report.verdict}
                if isinstance(net, er.Blueprint) and net.relaxation():
                    found["free"] = max(net.relaxation().values())
                row = rows.setdefault(f"{kind}: {name}", {"parameters": parameters(net), **setting})
                for key, value in found.items():
                    row.setdefault(key, []).append(value)
                print(kind, seed, name, found, flush=True)
    return rows


def main() -> None:
    torch.set_num_threads(1)
    mnist = load("mnist")
    if "--choose" in sys.argv:
        keep("relaxed_chosen", choose(mnist))
    else:
        keep("relaxed", measured(mnist))


if __name__ == "__main__":
    main()
