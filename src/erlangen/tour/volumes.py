"""Volumes: four ways to put four cubes together, seen in one pose and met in all."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.auditing import difference
from erlangen.blueprint import derive
from erlangen.data import DataSet, TensorPair
from erlangen.domains import Grid
from erlangen.groups import FullOctahedral, Group, Octahedral
from erlangen.task import Invariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.cubes import cubes
from erlangen.tour.learning import Effort, compared, drawn, error_of, looked_at, right, size

VOXELS, SIDE, NOISE = Grid(3), 5, 0.1
PIECES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "left screw": ((0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 1, 0)),
    "right screw": ((0, 0, 0), (0, 0, 1), (1, 0, 0), (1, -1, 0)),
    "corner": ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)),
    "T": ((0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 1)),
}
NETWORK = {"width": 96, "scales": 2, "global_pool": "max"}


def volumes(effort: Effort, tell: Tell) -> Chapter:
    """Trained on pieces in one pose, tested in all 24; and a network for which mirrors count as turns."""
    data, turns, mirrors = pieces(effort), Octahedral(), FullOctahedral()
    x, y = data.test.inputs, data.test.targets
    nets = compared(task(turns), data, NETWORK, tell, epochs=effort.of(20), batch=16, rate=0.03)
    shares = {name: (right(net, x, y), turned(net, x, y)) for name, net in nets.items()}
    mirrored, handed = (looked_at(lambda g=group: derive(task(g), depth=1, **NETWORK)) for group in (mirrors, turns))
    plain = nets["plain"]
    laws = {
        "24 turns of the cube, derived": error_of(nets["derived"], VOXELS, turns, x[:24]),
        "24 turns of the cube, plain": error_of(plain, VOXELS, turns, x[:24], Invariant(len(PIECES))),
        "left against right screw, derived for 24 turns": between_screws(handed),
        "left against right screw, derived for 24 turns and 24 mirrors": between_screws(mirrored),
    }
    numbers = laws | {f"right, {name}, one pose": found[0] for name, found in shares.items()}
    numbers |= {f"right, {name}, all 24 poses": found[1] for name, found in shares.items()}
    head = ("trained in one pose", "weights", "right, this pose", "right, all 24 poses")
    rows = [
        (name, f"{size(nets[name]):,}", *(written("right", share) for share in found)) for name, found in shares.items()
    ]
    drawn = [(cubes(places, series), name, "") for series, (name, places) in enumerate(PIECES.items(), 1)]
    return Chapter(
        "volumes",
        "Volumes",
        (
            "A scan by MRI or CT is a grid in three directions. It may be shifted along all three, and turned, to a "
            "sensible degree, about three axes: a cube has 24 turns, and 48 motions with mirrors. Here four pieces, "
            "each of four cubes with some noise, are learnt in one pose and met in all 24.",
            "Which group is right depends on the question. A left screw is no right one, however it is turned; a "
            "mirror makes one of the other. Whoever declares mirrors a symmetry asks not to tell them apart.",
        ),
        ("f(R·x) = f(x)", "for the 24 turns R"),
        "whichever way the piece lies, its name stays",
        numbers,
        (Table(head, rows), table(laws, "error of the audit, or difference of answers")),
        (Plate(drawn, "small", about="The four pieces. The first two are mirror images of each other."),),
        f"In poses it has not seen the plain network is right on {written('right', shares['plain'][1])}, where "
        "guessing is on 25 %. With mirrors declared, left and right screw have one answer, by construction.",
        "right, derived, all 24 poses",
    )


def between_screws(net: nn.Module) -> float:
    """How far the answers to the two screws are apart."""
    left, other = (solid(PIECES[name]) for name in ("left screw", "right screw"))
    return difference(net(left), net(other))


def solid(places: tuple[tuple[int, int, int], ...]) -> Tensor:
    """A piece without noise in the middle of its volume."""
    volume = torch.zeros(1, 1, SIDE, SIDE, SIDE)
    i, j, k = (torch.tensor(places) + 2).T
    volume[0, 0, i, j, k] = 1
    return volume


def task(symmetry: Group) -> Task:
    """Which of the four pieces is it, whichever way it lies?"""
    return Task(VOXELS, symmetry, 1, Invariant(len(PIECES)))


def pieces(effort: Effort) -> DataSet:
    """Volumes `[n, 1, 5, 5, 5]`, all in one pose, each somewhere, with noise."""
    rng = np.random.default_rng(0)
    parts = [_some(effort.of(n, 16), rng) for n in (160, 64, 128)]
    return drawn((parts[0], parts[1], parts[2]), tuple(PIECES), "four cubes")


def _some(n: int, rng: np.random.Generator) -> TensorPair:
    x = NOISE * rng.standard_normal((n, 1, SIDE, SIDE, SIDE))
    y = np.arange(n) % len(PIECES)
    for volume, label in zip(x, y, strict=True):
        piece = np.array(list(PIECES.values())[label])
        low, high = piece.min(0), piece.max(0)
        i, j, k = (piece - low + rng.integers(0, SIDE - (high - low))).T
        volume[0, i, j, k] += 1
    return TensorPair(torch.from_numpy(x).float(), torch.from_numpy(y))


def turned(net: nn.Module, x: Tensor, y: Tensor) -> float:
    """The share of right answers over all 24 poses."""
    shares = [right(net, VOXELS.act(g, x), y) for g in Octahedral().elements]
    return sum(shares) / len(shares)
