"""The page on products of domains runs, and says of their cost what benchmarks/products.py kept."""

import json
from pathlib import Path

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "products.md"
ROWS = json.loads((HOME / "benchmarks" / "results" / "products.json").read_text(encoding="utf-8"))["rows"]


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__derive=5, er__audit=3)


def test_the_page_says_what_was_measured() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    ratios = {name.split(",")[0]: row["ratio"] for name, row in ROWS.items() if name.endswith("composition")}
    dearer = sorted(ratio for ratio in ratios.values() if ratio > 1.1)
    assert f"{len(ratios) - len(dearer)} stay within 1.1 times" in page
    assert f"cost {dearer[0]:.2f} to {dearer[-2]:.2f} times as much, and two grids {dearer[-1]:.2f}" in page
    assert dearer[-1] == ratios["grid × grid"] and f"({ratios['grid × set']:.2f})" in page
