"""Ethanol as nine points with Morse's potential between all: labels in closed form, where tblite is not."""

import numpy as np

from erlangen.data import DataSet, GraphPair
from erlangen.data.xtb import START, in_blocks, simulated

DEPTH, WIDTH = 1.0, 1.2  # eV, 1/Å
FIRST, SECOND = np.triu_indices(len(START), 1)
REST = np.linalg.norm(START[FIRST] - START[SECOND], axis=1)


def morse(position: np.ndarray) -> tuple[float, np.ndarray]:
    """E = Σ D (1 − e^{−a(r − r0)})² over pairs, and −∂E/∂x."""
    apart = position[FIRST] - position[SECOND]
    length = np.linalg.norm(apart, axis=1)
    fading = np.exp(-WIDTH * (length - REST))
    pull = (2 * DEPTH * WIDTH * fading * (1 - fading) / length)[:, None] * apart
    force = np.zeros_like(position)
    np.add.at(force, FIRST, -pull)
    np.add.at(force, SECOND, pull)
    return float((DEPTH * (1 - fading) ** 2).sum()), force


def small_ethanol(train: int = 40, validation: int = 10, test: int = 20) -> DataSet[GraphPair]:
    """So many frames of a run that is labelled so, in blocks with a gap of five frames."""
    blocks, gap = {"train": train, "validation": validation, "test": test}, 5
    return in_blocks(simulated(morse, train + validation + test + 2 * gap, every=10, skipped=200), blocks, gap)
