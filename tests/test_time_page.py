"""The page on time runs, and says what was measured."""

import json
from pathlib import Path

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "time.md"


def table(rows: dict[str, dict]) -> str:
    lines = ["| | time over theirs | quartiles |", "| --- | ---: | ---: |"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['ratio']:.2f} | {row['quartile_low']:.2f} … {row['quartile_high']:.2f} |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__audit=2, er__derive=3)


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "sequences.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")
