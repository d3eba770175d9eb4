"""The page on points runs, and says what was measured."""

import json
from pathlib import Path

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "points.md"


def table(rows: dict[str, dict]) -> str:
    kinds = sorted({name.split(",")[0] for name in rows})
    degrees = sorted({name.split(", ")[1] for name in rows})
    lines = [f"| | {' | '.join(degrees)} |", f"| --- |{' ---: |' * len(degrees)}"]
    for kind in kinds:
        found = (rows[f"{kind}, {degree}, times e3nn"]["ratio"] for degree in degrees)
        lines.append(f"| {kind} | {' | '.join(f'{ratio:.1f}' for ratio in found)} |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__derive=6, er__audit=2)


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "points.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")
