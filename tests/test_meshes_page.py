"""The page on surfaces runs, and its table is what benchmarks/clouds.py kept."""

import json
from pathlib import Path
from statistics import median

import pytest

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "meshes.md"
ROWS = json.loads((HOME / "benchmarks" / "results" / "clouds.json").read_text(encoding="utf-8"))["rows"]
OFF = {"vibrations of a sphere": "vibrations of a sphere", "vibrations of a sphere with noise": "with noise"}


def table() -> str:
    lines = ["| off by, in % | `er.Mesh` | robust_laplacian |", "| --- | ---: | ---: |"]
    for row, name in OFF.items():
        ours, theirs = (100 * median(ROWS[row][side]) for side in ("ours", "robust_laplacian"))
        lines.append(f"| {name} | {ours:.1f} | {theirs:.1f} |")
    for fold in (0.2, 0.6):
        change = 100 * median(ROWS[f"folded by {fold}"]["change"])
        lines.append(f"| answers to a strip folded to and fro by {fold} rad | {change:.1f} | |")
    return "\n".join(lines)


def test_the_table_is_what_was_measured() -> None:
    assert f"<!-- clouds -->\n{table()}\n<!-- end -->" in PAGE.read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore:Only 8 inputs", "ignore:On meshes it is audited")
def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__derive=6, er__audit=2)
