"""The page on the sphere runs, and says what was measured."""

import json
import re
from pathlib import Path

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "sphere.md"


def rotations_table(rows: dict[str, dict]) -> str:
    found = {name.split(" vertices")[0]: row for name, row in rows.items() if name.endswith("error of rotations")}
    kinds = list(next(iter(found.values())))
    lines = [f"| vertices | {' | '.join(kinds)} |", f"| ---: |{' ---: |' * len(kinds)}"]
    lines += [
        f"| {count} | {' | '.join(f'{100 * row[kind]:.2g} %' for kind in kinds)} |" for count, row in found.items()
    ]
    return "\n".join(lines)


def speed_table(rows: dict[str, dict]) -> str:
    found = {}
    for name, row in rows.items():
        if known := re.match(r"(.*) vertices, rings=(\d), times as fast", name):
            found.setdefault(known[1], {})[known[2]] = row["ratio"]
    rings = list(next(iter(found.values())))
    lines = [f"| vertices | {' | '.join(f'rings={ring}' for ring in rings)} |", f"| ---: |{' ---: |' * len(rings)}"]
    return "\n".join([*lines, *(f"| {n} | {' | '.join(f'{row[r]:.1f}' for r in rings)} |" for n, row in found.items())])


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__derive=3, er__audit=2)


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "local_sphere.json").read_text(encoding="utf-8"))["rows"]
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- rotations -->\n{rotations_table(rows)}\n<!-- end -->" in page
    assert f"<!-- speed -->\n{speed_table(rows)}\n<!-- end -->" in page
