"""What every benchmark here shares: both sides interleaved in one process, medians, spread, versions, kept results."""

import contextlib
import ctypes
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import history
import machine

from erlangen.files import write_whole

RESULTS = Path(__file__).parent / "results"


def steady_memory() -> None:
    """Let glibc keep the memory it is given back: else each large tensor is mapped and cleared by the kernel anew.

    That takes as long as some of the products here, of either side, and is no part of them. Elsewhere than on glibc
    nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        trim, top_pad, mmap = -1, -2, -3
        for option, size in ((trim, 1 << 30), (top_pad, 1 << 28), (mmap, 1 << 25)):
            mallopt(option, size)


def interleaved(
    sides: dict[str, Callable[[], Any]],
    rounds: int,
    warmup: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of each side, called in turn `rounds` times, so that a slow moment of the machine falls on all.

    With `time.process_time` they are seconds of the processor, of all threads together: on one thread what a free
    machine would take, about, where others work on it, too.
    """
    for _ in range(warmup):
        for run in sides.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for i in range(rounds):
        for name in names if i % 2 == 0 else names[::-1]:
            start = clock()
            sides[name]()
            seconds[name].append(clock() - start)
    return seconds


def ratio(seconds: dict[str, list[float]], ours: str, theirs: str) -> dict[str, float]:
    """The median of the ratios round by round, with its quartiles, and each side's median in milliseconds."""
    ratios = [a / b for a, b in zip(seconds[ours], seconds[theirs], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "ratio": middle,
        "quartile_low": low,
        "quartile_high": high,
        f"{ours}_ms": 1e3 * statistics.median(seconds[ours]),
        f"{theirs}_ms": 1e3 * statistics.median(seconds[theirs]),
    }


def keep(name: str, rows: dict[str, Any], **versions: str) -> None:
    """Print the rows and keep them, with what they were measured on, in results/NAME.json; `versions`: further ones.

    The file has the last measurement; results/history.jsonl gets a line for each.
    """
    record = {"rows": rows, "versions": {**machine.versions(), **versions}, "machine": machine.machine()}
    RESULTS.mkdir(exist_ok=True)
    write_whole(RESULTS / f"{name}.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    history.append(RESULTS, name, record)
    for row, values in rows.items():
        shown = ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        sys.stdout.write(f"{name}: {row}: {shown}\n")
