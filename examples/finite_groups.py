"""Networks for groups that a user writes down: a board, a cube, two legs; beside plain ones of equal size.

`python -m examples.finite_groups --run` trains all and keeps what it finds in benchmarks/results; without --run it
prints what is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import erlangen as er
from examples.shared.kept import run_or_show
from examples.worlds import board, cube, legs

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "finite_groups.json"
SEEDS = (0, 1, 2, 3, 4)
STEPS, BATCH = 1500, 128
Loss = Callable[[Tensor, Tensor], Tensor]
Score = Callable[[Tensor, Tensor], float]


@dataclass(frozen=True)
class Problem:
    """A task, what is learnt from, what is judged on, by what loss, and how an answer is scored."""

    task: er.Task
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    loss: Loss
    score: Score
    unit: str


def problems(scale: float = 1.0) -> dict[str, Problem]:
    """All four; `scale` takes fewer examples, for a test."""
    return {
        "tic-tac-toe, who wins": _who_wins(scale),
        "tic-tac-toe, a best move": _best_move(scale),
        "Rubik's cube, how far from solved": _how_far(scale),
        "two legs, their torques": _torques(scale),
    }


def _who_wins(scale: float) -> Problem:
    found = board.positions()
    learnt, judged = _by_orbit(found.orbit, scale)
    task = er.Task(board.domain(), input=3, output=er.Invariant(3))
    pairs = [(found.squares[part], found.outcome[part]) for part in (learnt, judged)]
    return Problem(task, pairs[0], pairs[1], F.cross_entropy, _right, "% right")


def _best_move(scale: float) -> Problem:
    found = board.positions()
    learnt, judged = _by_orbit(found.orbit, scale)
    task = er.Task(board.domain(), input=3, output=er.Equivariant(1))
    pairs = [(found.squares[part], found.best[part][:, None]) for part in (learnt, judged)]
    return Problem(task, pairs[0], pairs[1], F.binary_cross_entropy_with_logits, _first_is_best, "% of choices best")


def _how_far(scale: float) -> Problem:
    """From 6,000 of the states within four quarter turns, of which a third is learnt from."""
    found = cube.scrambles(4)
    kept = torch.randperm(len(found.distance), generator=torch.Generator().manual_seed(0))[: int(scale * 6000)]
    learnt, judged = kept[: len(kept) // 3], kept[len(kept) // 3 :]
    task = er.Task(cube.rotations(), input=cube.colours(), output=er.Invariant(5))
    pairs = [(found.stickers[part], found.distance[part]) for part in (learnt, judged)]
    return Problem(task, pairs[0], pairs[1], F.cross_entropy, _right, "% right")


def _torques(scale: float) -> Problem:
    task = er.Task(legs.domain(), output=er.Equivariant(legs.torques(), pooled=True))
    learnt, judged = legs.drawn(int(500 * scale), 0), legs.drawn(5000, 1)
    return Problem(task, tuple(learnt), tuple(judged), F.mse_loss, _unexplained, "% of the variance unexplained")


def networks(task: er.Task) -> dict[str, nn.Module]:
    """The derived network, and a plain one with as many weights."""
    derived = er.derive(task)
    wanted = sum(p.numel() for p in derived.parameters())
    inputs = task.source.channels * (task.domain.points if task.domain.axes else 1)  # type: ignore[attr-defined]
    shape = (task.target.channels, *task.target.domain.size(0))
    widths = [plain(inputs, shape, width) for width in range(4, 400, 2)]
    return {
        "derived": derived,
        "plain": min(widths, key=lambda m: abs(sum(p.numel() for p in m.parameters()) - wanted)),
    }


def plain(inputs: int, shape: tuple[int, ...], width: int) -> nn.Module:
    """Two hidden layers with the same normalisation and nonlinearity."""
    hidden = [nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU()]
    hidden += [nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, torch.Size(shape).numel()), nn.Unflatten(1, shape))


def trained(net: nn.Module, problem: Problem, seed: int, steps: int, augmented: bool) -> float:
    """The score of a network after so many steps of Adam, the same for all."""
    torch.manual_seed(seed)
    task, (x, y) = problem.task, problem.train
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        picks = torch.randint(len(x), (min(BATCH, len(x)),))
        given, wanted = x[picks], y[picks]
        if augmented:
            (g,) = task.symmetry.sample(1, int(torch.randint(2**31, ())))
            given = task.source.act(g, given)
            wanted = wanted if isinstance(task.output, er.Invariant) else task.output.act(g, wanted, task.domain)
        optimiser.zero_grad()
        problem.loss(net(given), wanted).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return problem.score(net.eval()(problem.test[0]), problem.test[1])


def measured(steps: int = STEPS, seeds: tuple[int, ...] = SEEDS, scale: float = 1.0) -> dict[str, dict]:
    """Every problem by every network, one score a seed."""
    rows = {}
    for name, problem in problems(scale).items():
        rows[name] = {
            "unit": problem.unit,
            "learnt": len(problem.train[0]),
            "judged": len(problem.test[0]),
            "scores": {},
        }
        for kind, augmented in (("derived", False), ("plain", False), ("plain, augmented", True)):
            scores = []
            for seed in seeds:
                torch.manual_seed(seed)
                net = networks(problem.task)["plain" if augmented else kind]
                scores.append(trained(net, problem, seed, steps, augmented))
                rows[name].setdefault("parameters", {})[kind] = sum(p.numel() for p in net.parameters())
            rows[name]["scores"][kind] = scores
    return rows


def table(rows: dict[str, dict]) -> str:
    """As the page shows it: medians of the seeds, the least and the greatest beside them."""
    lines = ["| | learnt from | derived | plain, augmented | plain |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, row in rows.items():
        cells = [
            f"{median(s):.1f} ({min(s):.1f} … {max(s):.1f})"
            for s in (row["scores"][kind] for kind in ("derived", "plain, augmented", "plain"))
        ]
        lines.append(f"| {name}, {row['unit']} | {row['learnt']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


# ---- what is judged ------------------------------------------------------------------------------------------------
def _by_orbit(orbit: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """Of every orbit one position to learn from, of a third of the orbits; all positions of the others are judged."""
    order = torch.randperm(int(orbit.max()) + 1, generator=torch.Generator().manual_seed(0))
    third = set(order[: int(scale * len(order) / 3)].tolist())
    first: dict[int, int] = {}
    for i, which in enumerate(orbit.tolist()):
        first.setdefault(which, i)
    learnt = torch.tensor([first[which] for which in sorted(third)])
    judged = torch.tensor([i for i, which in enumerate(orbit.tolist()) if which not in third])
    return learnt, judged


def _right(answers: Tensor, wanted: Tensor) -> float:
    return 100 * float((answers.argmax(1) == wanted).float().mean())


def _first_is_best(answers: Tensor, best: Tensor) -> float:
    return 100 * float(best[:, 0].gather(1, answers[:, 0].argmax(1, keepdim=True)).mean())


def _unexplained(answers: Tensor, wanted: Tensor) -> float:
    return 100 * float((answers - wanted).square().sum() / (wanted - wanted.mean(0)).square().sum())


def main() -> None:
    run_or_show(RESULTS, measured, table, STEPS)


if __name__ == "__main__":
    main()
