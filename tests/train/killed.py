"""A run that is killed: a fresh process trains, and dies without a word at the event it is told to die at.

Events are what a run leaves behind: a draft half written, a draft whole, a file in its place, a batch learnt.

    python -m tests.train.killed FOLDER    writes FOLDER/whole, and FOLDER/cut, killed again and again
"""

import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

import lightning

from erlangen.train import run
from erlangen.train.module import History
from tests.train.small import small_config, small_data

SMALL = small_config()
CONFIG = replace(SMALL, train=replace(SMALL.train, models=("derived", "augmented"), checkpoint_every=1))


class Countdown:
    """Counts events, and kills its process at the last one."""

    def __init__(self, events: int):
        self.left = events

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def set_traps(event: Countdown) -> None:
    write, replace_, counted = Path.write_bytes, os.replace, History.on_train_batch_end

    def write_bytes(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        event()
        return write(path, data)

    def put(draft: object, target: object) -> None:
        event()
        replace_(draft, target)  # pyright: ignore[reportArgumentType]
        event()

    def batch_end(history: History, trainer: lightning.Trainer, *rest: object) -> None:
        event()
        counted(history, trainer, *rest)  # pyright: ignore[reportArgumentType]

    Path.write_bytes = write_bytes  # pyright: ignore[reportAttributeAccessIssue]
    os.replace = put  # pyright: ignore[reportAttributeAccessIssue]
    History.on_train_batch_end = batch_end


def child(folder: Path, events: int) -> bool:
    """Run, or go on, in a process of its own; whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        set_traps(Countdown(events))
        run(CONFIG, small_data(), folder, resume=True)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), f"the run ended with {status}"
    return status == 0


def main(folder: Path) -> None:
    assert child(folder / "whole", 1_000_000)
    draws, kills = random.Random(0), 0
    while not child(folder / "cut", draws.randint(1, 40)):
        kills += 1
    print(kills)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
