"""The page on repair runs, and its table is what benchmarks/repair.py kept."""

import json
from pathlib import Path
from statistics import median

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "repair.md"
ROWS = json.loads((HOME / "benchmarks" / "results" / "repair.json").read_text(encoding="utf-8"))["rows"]


def table() -> str:
    """Median, least and greatest of the seeds, in percent."""
    heads = "| | upright | turned | audit | parameters | calls | multiply-adds |"
    lines = [heads, "| --- | ---: | ---: | --- | ---: | ---: | ---: |"]
    for name, row in ROWS.items():
        shown = [
            f"{100 * median(row[key]):.2f} ({100 * min(row[key]):.2f} … {100 * max(row[key]):.2f})"
            for key in ("still", "moved")
        ]
        verdict = ", ".join(dict.fromkeys(row["verdict"]))
        cost = " | ".join(f"{row[key]:,}" for key in ("parameters", "calls", "multiply_adds"))
        lines.append(f"| {name} | {' | '.join(shown)} | {verdict} | {cost} |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__audit=1, er__repair=3)


def test_the_page_says_what_was_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- table -->\n{table()}\n<!-- end -->" in page
    assert all(set(row["verdict"]) <= {"proved", "exact"} for name, row in ROWS.items() if name != "as given")
    best, *others = (median(ROWS[name]["moved"]) for name in ("derived, all digits", "repaired", "repaired, width 2"))
    short, wide = (f"{100 * (best - other):.1f} points" for other in others)
    assert f"short of the network derived from all digits by {short}" in page
    assert f"of twice the channels by {wide}" in page
