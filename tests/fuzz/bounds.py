"""What a call may do with bad input: give something, or raise one of our errors; within bounds of memory and time."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from erlangen.errors import SymmetryError

MEMORY = 1 << 30  # bytes beyond what the process has already
SECONDS = 20  # of the processor's time, past which a call hangs


class Hangs(BaseException):
    """Nothing that a reader could take for an error of its own."""


def refused_or(call: Callable[[], Any]) -> Any:
    """What the call gives; None where it raises a SymmetryError that is not about memory. All else comes through."""
    try:
        with bounded():
            return call()
    except SymmetryError as refusal:
        behind: BaseException | None = refusal
        while behind is not None:
            if isinstance(behind, MemoryError):
                raise AssertionError(f"memory was asked for before it was refused: {refusal}") from behind
            behind = behind.__cause__ or behind.__context__
        if not all(isinstance(part, str) and part for part in (refusal.given, refusal.expected, refusal.mend)):
            raise AssertionError(f"a refusal with a part missing: {refusal}") from refusal
        return None


@contextmanager
def bounded() -> Iterator[None]:
    """At most MEMORY more and SECONDS; on Linux, elsewhere as it is."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGVTALRM, _hangs)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _hangs(*_: Any) -> None:
    raise Hangs(f"not done after {SECONDS} s")
