"""Next month's speed of the wind, everywhere, from the last months of it: sphere × time, on real data.

The speed is a scalar at each point; the layers are those of `er.Sphere("poles") * er.Sequence()` under turns about the
axis, and the answer is pooled over time: how the speed changes until the next month. Beside the network that sees six
months stands the same one that sees the last alone, and two forecasts that need none: persistence, that it stays as it
is, and climatology, that it becomes the mean of that calendar month in the years learnt from. Years 1982–1988 are
learnt from, 1989–1990 say when to stop and chose width and rate: of 4 and 8 channels, 0.01 and 0.003, from one seed of
the network that sees six months (`python benchmarks/wind_months.py --choose`, which prints them). 1991–1992 test.
Errors are root mean squares in m/s, weighed by area. The data have to be there: erlangen data fetch winds. About 5
minutes on one core, and 7 to choose.
"""

import copy
import sys
from typing import Any

import torch
from measure import keep
from torch import Tensor

import erlangen as er
from erlangen.data.winds import FIRST_YEAR, MONTHS, YEARS, monthly_winds, relief

SEEDS, EPOCHS = (0, 1, 2), 30
MOST = 6  # months seen
SPHERE = er.Sphere("poles")
TASK = er.Task(SPHERE * er.Sequence(), er.SO(2), input=5, output=er.Equivariant(1, pooled=er.Sequence()))
WIDTH, RATE = 4, 0.003


def months(part: str, seen: int) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs `[n, (speed, land, height, cosine, sine of the season), 37, 72, months]`, the change asked for, and by how
    much the climatology says that it changes."""
    speed = monthly_winds().norm(dim=1)
    months = torch.arange(len(speed))
    season = 2 * torch.pi * ((months + 1) % MONTHS) / MONTHS  # of the month asked for
    first, last = YEARS[part]
    years = months // MONTHS + FIRST_YEAR
    asked = months[(years >= first) & (years <= last) & (months >= MOST)]
    still = relief()[:, :, :, None].expand(-1, -1, -1, seen)
    rows = []
    for t in asked.tolist():
        past = slice(t - seen, t)
        told = torch.stack([season[past].cos(), season[past].sin()])[:, None, None].expand(-1, *speed.shape[1:], -1)
        rows.append(torch.cat([speed[past].movedim(0, -1)[None] / 5, still, told]))
    learnt = speed[: MONTHS * (YEARS["train"][1] - FIRST_YEAR + 1)].unflatten(0, (-1, MONTHS)).mean(0)
    change, usual = speed[asked] - speed[asked - 1], learnt[asked % MONTHS] - speed[asked - 1]
    return torch.stack(rows), change[:, None], usual[:, None]


def off(answer: Tensor, asked: Tensor) -> float:
    """The root mean square by area, over months and the Earth."""
    return float(SPHERE.mean((answer - asked).square()).mean().sqrt())


def learnt(seen: int, seed: int, width: int = WIDTH, rate: float = RATE) -> tuple[er.Blueprint, float]:
    """The network as it was where the validation years had the least error, and that."""
    torch.manual_seed(seed)
    (x, y, _), (held, right, _) = months("train", seen), months("validation", seen)
    net = er.derive(TASK, width=width, depth=1, scales=1)
    optimizer, best, kept = torch.optim.Adam(net.parameters(), rate), float("inf"), net
    for _ in range(EPOCHS):
        net.train()
        for some in torch.randperm(len(x)).split(8):
            optimizer.zero_grad()
            SPHERE.mean((net(x[some]) - y[some]).square()).mean().backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            error = off(net(held), right)
        if error < best:
            best, kept = error, copy.deepcopy(net)
    return kept, best


def main() -> None:
    torch.set_num_threads(1)
    if "--choose" in sys.argv:
        for width in (4, 8):
            for rate in (0.01, 0.003):
                print(width, rate, learnt(MOST, 100, width, rate)[1], flush=True)
        return
    _, right, usual = months("test", MOST)
    rows: dict[str, Any] = {
        "persistence": {"m/s": off(torch.zeros_like(right), right)},
        "climatology": {"m/s": off(usual, right)},
    }
    for seen in (MOST, 1):
        x = months("test", seen)[0]
        found = []
        for seed in SEEDS:
            net, held = learnt(seen, seed)
            with torch.no_grad():
                found.append(off(net(x), right))
            print(seen, seed, held, found[-1], flush=True)
        rows[f"{seen} months"] = {"m/s": found, "parameters": sum(p.numel() for p in net.parameters())}
    keep("wind_months", rows)


if __name__ == "__main__":
    main()
