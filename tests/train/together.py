"""A run of as many processes as torchrun started, on pictures and on sequences of unequal lengths.

torchrun --nproc-per-node 2 -m tests.train.together FOLDER
"""

import sys
from dataclasses import replace
from pathlib import Path

from erlangen.train import Config, NetworkSection, TrainSection, run
from erlangen.train.processes import world
from tests.train.small import AT_STEPS, small_config, small_data, small_waves

SETTINGS = TrainSection(
    seeds=(0,), models=("derived", "plain"), epochs=2, batch_size=13, threads=1, accumulate=2, checkpoint_every=1
)
UNNORMED = NetworkSection(width=8, depth=1, scales=2, choices={"normalize": False})


def configs(processes: int) -> dict[str, Config]:
    """Without batch statistics, which each process takes of its own share, the sharing changes nothing but rounding."""
    together = replace(SETTINGS, devices=processes)
    steps = {**AT_STEPS, "train": replace(together, models=("derived",))}
    return {"pictures": small_config(network=UNNORMED, train=together), "waves": small_config(**steps)}


def main(folder: Path) -> None:
    data = {"pictures": small_data(), "waves": small_waves(dense=True)}
    for name, config in configs(world()).items():
        found = run(config, data[name], folder / name)
        assert run(config, data[name], folder / name, resume=True) == found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
