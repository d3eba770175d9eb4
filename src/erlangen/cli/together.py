"""`erlangen train --devices N`: the same command in N processes, started by torchrun; or found started by it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.train import TrainSection


def check_place(settings: "TrainSection", out: Path | None) -> None:
    """Processes that others started have to be told where they all write."""
    from erlangen.train.processes import check_world, world

    if world() == 1:
        return
    check_world(settings)
    if out is None:
        given = f"{world()} processes without --out"
        raise ConfigError(given, "one folder for all of them, on a disk that all see", "For example --out runs/mine.")


def to_be_started(settings: "TrainSection") -> bool:
    """Whether several processes on this machine are asked for, and this is not one of them."""
    from erlangen.train.processes import world

    return world() == 1 and settings.nodes == 1 and settings.devices > 1


def start(processes: int, arguments: list[str]) -> int:
    """The command with these arguments in so many processes of this machine; the exit code of the whole.

    Ctrl-C reaches them all by itself; here it is only waited for what they make of it.
    """
    import torch

    threads = torch.get_num_threads() if torch.cuda.is_available() else max(1, torch.get_num_threads() // processes)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    started = subprocess.Popen([*torchrun, "-m", "erlangen", *arguments], env=environment)
    interrupted = False
    while True:
        try:
            code = started.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code
