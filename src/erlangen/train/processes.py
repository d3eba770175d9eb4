"""Several processes that train one network together: how many there are, and which of them this one is.

torchrun and SLURM start them, and tell each by its environment; they share the folder of the run. The first alone
writes, tests and talks; the others train with it and wait.
"""

import os
from datetime import timedelta

from erlangen.errors import ConfigError
from erlangen.train.config import TrainSection

STEP = "SLURM_STEP_NUM_TASKS"
PATIENCE = timedelta(days=7)  # others wait while the first tests a network, however long that takes


def world() -> int:
    """How many processes were started together; 1 where none of the two started this one.

    >>> world()
    1
    """
    return _told("WORLD_SIZE", STEP, 1)


def rank() -> int:
    """The number of this process among them, from 0.

    >>> rank()
    0
    """
    return _told("RANK", "SLURM_PROCID", 0)


def is_first() -> bool:
    """Whether this is the process that writes, tests and talks.

    >>> is_first()
    True
    """
    return rank() == 0


def check_world(settings: TrainSection) -> None:
    """As many processes as devices × nodes; otherwise ConfigError says how they are started."""
    wanted = settings.devices * settings.nodes
    if world() == wanted:
        return
    started = f"torchrun --nnodes {settings.nodes} --nproc-per-node {settings.devices} -m erlangen train …"
    raise ConfigError(
        f"train.devices = {settings.devices} and train.nodes = {settings.nodes} in a run of {world()} processes",
        f"{wanted} processes",
        f"Start it by {started}, or by srun with as many tasks.",
    )


def meet() -> None:
    """Wait until all are here; at once where each trained nothing, or is alone."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.barrier()


def _told(torchrun: str, slurm: str, alone: int) -> int:
    """As torchrun says; else as SLURM does, in a step of several tasks, which srun alone starts."""
    if "WORLD_SIZE" in os.environ:
        return int(os.environ.get(torchrun, alone))
    tasks = os.environ.get(STEP, "1")
    return int(os.environ.get(slurm, alone)) if tasks.isdigit() and int(tasks) > 1 else alone
