"""What the tests of training share: data and runs that take a second."""

from pathlib import Path

import torch

from erlangen.data import DataSet, TensorPair
from erlangen.train import Config, DataSection, NetworkSection, ReportSection, TaskSection, TrainSection

PARTS = (48, 16, 24)


def strokes(n: int, seed: int) -> TensorPair:
    """Upright bars (0), lying bars (1) and crosses (2) of 6 × 6 pixels with a little noise."""
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.rand(n, 1, 6, 6, generator=generator) * 0.3, torch.arange(n) % 3
    for i, label in enumerate(y.tolist()):
        at = int(torch.randint(1, 5, (1,), generator=generator))
        if label != 1:
            x[i, 0, :, at] += 1
        if label != 0:
            x[i, 0, at, :] += 1
    return TensorPair(x, y)


def small_data() -> DataSet:
    train, validation, test = (strokes(n, seed) for seed, n in enumerate(PARTS))
    return DataSet(train, validation, test, ("upright", "lying", "cross"), "strokes", "CC0", "made here")


def small_masks() -> DataSet:
    """Where is the ink? A label at every pixel."""
    parts = [
        TensorPair(pair.inputs, (pair.inputs[:, 0] > 0.5).long())
        for pair in (strokes(n, seed) for seed, n in enumerate(PARTS))
    ]
    return DataSet(*parts, ("paper", "ink"), "masks", "CC0", "made here")


def small_config(**changes: object) -> Config:
    """Two networks, one seed, two epochs."""
    sections = {
        "task": TaskSection("Grid(2)", "Invariant(3)", "C(2)", 1),
        "data": DataSection(),
        "network": NetworkSection(width=8, depth=1, scales=2),
        "train": TrainSection(seeds=(0,), models=("derived", "plain"), epochs=2, batch_size=16, threads=1),
        "report": ReportSection(pairs=(("upright", "lying"),), examples=2),
    }
    return Config(**{"name": "small", **sections, **changes})  # pyright: ignore[reportArgumentType]


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
