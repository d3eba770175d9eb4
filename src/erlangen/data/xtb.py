"""Energies and forces of a molecule along its motion, labelled by a semi-empirical quantum method, offline."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from erlangen.data.cache import cache_folder, made_here
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphStore
from erlangen.data.langevin import Frames, Labeller, in_own_frame, trajectory
from erlangen.data.quantity import Quantity
from erlangen.domains import elements_one_hot
from erlangen.errors import DataError

TOOL, KEPT, FILE = "tblite==0.8.0", "xtb-ethanol", "ethanol.npz"
METHOD, SEED = "GFN2-xTB", 0
BOHR, HARTREE = 0.529177210903, 27.211386245988  # in Å, in eV
ELEMENTS = ("H", "C", "O")
NUMBERS = np.array([6, 6, 8, 1, 1, 1, 1, 1, 1])
MASSES = np.array([12.011, 12.011, 15.999, *[1.008] * 6])
START = np.array(
    [
        *([0.901, -0.494, 0.0], [-0.28, 0.464, 0.0], [-1.471, -0.295, 0.0]),
        *([-2.227, 0.3, 0.0], [-0.238, 1.108, 0.891], [-0.238, 1.108, -0.891]),
        *([1.834, 0.063, 0.0], [0.86, -1.127, 0.882], [0.86, -1.127, -0.882]),
    ]
)
SKIPPED, EVERY = 4000, 20  # steps of 0.5 fs: 2 ps to warm up, then a frame every 10 fs
BLOCKS = {"train": 1000, "validation": 200, "test": 500}  # frames of each, in this order in time
GAP = 100  # frames between two blocks, 1 ps, that are in neither


def xtb_ethanol() -> DataSet[GraphPair]:
    """Ethanol at 500 K: 9 atoms, energies and forces of GFN2-xTB at 1,000 + 200 + 500 frames of one trajectory.

    Protocol: from the relaxed trans form Langevin dynamics (BAOAB, friction 0.01/fs, steps of 0.5 fs, seed 0), 2 ps to
    warm up, then a frame every 10 fs. Parts are blocks in time, train first, with 1 ps between them that is in none, so
    that no frame has a neighbour in another part. As in the usual sets of this kind the molecule as a whole neither
    moves nor turns: each frame lies as nearly as may be on the first form, its forces turned along.

    x [atoms, 3]: H, C, O, one-hot; z. Targets [atoms, 4], as er.Forces() asks: the energy above that of the relaxed
    form, divided by the number of atoms (eV), and the force on each (eV/Å). Computed with tblite, a tool of its own
    that has to be there when they are made (LGPL-3; pip install tblite==0.8.0); the cache keeps them.

    C. Bannwarth, S. Ehlert, S. Grimme 2019, doi:10.1021/acs.jctc.8b01176.
    """
    held = np.load(fetch_xtb_ethanol() / FILE)
    return in_blocks(Frames(held["position"], held["energy"], held["force"]), BLOCKS, GAP)


def fetch_xtb_ethanol() -> Path:
    """Run and label the trajectory into the cache, where it is not there already; returns the folder."""

    def make(folder: Path) -> None:
        found = simulated(xtb(NUMBERS), sum(BLOCKS.values()) + GAP * (len(BLOCKS) - 1))
        np.savez(folder / FILE, **found._asdict())

    return made_here(cache_folder() / KEPT, make)


def simulated(label: Labeller, frames: int, every: int = EVERY, skipped: int = SKIPPED) -> Frames:
    """So many frames of ethanol by the protocol of `xtb_ethanol`, labelled by whatever is given."""
    found = trajectory(label, START, MASSES, frames, every, skipped, SEED)
    return in_own_frame(found._replace(energy=found.energy - label(START)[0]), START)


def in_blocks(found: Frames, blocks: dict[str, int], gap: int) -> DataSet[GraphPair]:
    """The frames as three parts that follow each other in time, with a gap between them."""
    x, z, parts, first = elements_one_hot(NUMBERS, ELEMENTS), torch.from_numpy(NUMBERS), [], 0
    for count in blocks.values():
        some = slice(first, first + count)
        position = torch.from_numpy(found.position[some]).float()
        share = np.repeat(found.energy[some, None, None] / len(NUMBERS), len(NUMBERS), axis=1)
        targets = torch.from_numpy(np.concatenate([share, found.force[some]], axis=2)).float().flatten(0, 1)
        parts.append(GraphPair(GraphStore([{"x": x, "z": z, "pos": pos} for pos in position]), targets))
        first += count + gap
    train, validation, test = parts
    return DataSet(
        train,
        validation,
        test,
        (),
        KEPT,
        "made here; the program that labels is LGPL-3",
        f"PyPI {TOOL}, {METHOD}",
        "C. Bannwarth, S. Ehlert, S. Grimme, J. Chem. Theory Comput. 15, 2019, doi:10.1021/acs.jctc.8b01176",
        "positions in Å",
        quantity=Quantity("force", "eV/Å"),
    )


def xtb(numbers: np.ndarray) -> Labeller:
    """GFN2-xTB of atoms of these numbers: positions `[n, 3]` in Å ↦ energy in eV, forces in eV/Å. Needs tblite."""
    try:
        from tblite.interface import Calculator  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise DataError("a Python without tblite", TOOL, f"Install it to label them: pip install {TOOL}.") from None
    calculator: Any = None
    found: Any = None

    def label(position: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal calculator, found
        if calculator is None:
            calculator = Calculator(METHOD, numbers, position / BOHR)
            calculator.set("verbosity", 0)
        calculator.update(position / BOHR)
        found = calculator.singlepoint(found)
        return float(found.get("energy")) * HARTREE, -np.asarray(found.get("gradient")) * (HARTREE / BOHR)

    return label
