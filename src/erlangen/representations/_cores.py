"""Work in blocks of rows that fit a cache, on every core: NumPy's gathers let go of the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part, Result = TypeVar("Part"), TypeVar("Result")

BLOCK = 2**17  # numbers


def blocks(rows: int, size: int) -> list[slice]:
    """Slices of `rows` rows of `size` numbers."""
    step = max(1, BLOCK // size)
    return [slice(i, i + step) for i in range(0, rows, step)]


def on_cores(work: Callable[[Part], Result], parts: list[Part]) -> list[Result]:
    """[work(part) for part in parts]; one part alone is worth no thread."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, parts))
