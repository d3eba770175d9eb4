"""What an example found is kept beside the benchmarks' results, and shown from there."""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import erlangen as er
from benchmarks.machine import machine
from erlangen.files import write_whole


def run_or_show(
    results: Path, measured: Callable[[], dict[str, Any]], shown: Callable[[dict], str], steps: int
) -> None:
    """With --run measure on one thread and keep; then show what is kept, as the page has it."""
    if "--run" in sys.argv:
        torch.set_num_threads(1)
        versions = {"python": platform.python_version(), "torch": torch.__version__, "erlangen": er.__version__}
        kept = {"rows": measured(), "steps": steps, "versions": versions, "machine": machine()}
        write_whole(results, json.dumps(kept, indent=1) + "\n")
    if not results.exists():
        sys.stdout.write("Nothing is kept yet: pass --run.\n")
        return
    sys.stdout.write(shown(json.loads(results.read_text(encoding="utf-8"))["rows"]) + "\n")
