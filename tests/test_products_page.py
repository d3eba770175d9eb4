"""The page on products of domains runs, and says of their cost what benchmarks/products.py kept."""

import json
import re
import tomllib
from pathlib import Path
from statistics import median
from typing import Any

import erlangen as er
from erlangen.train.networks import task_of
from erlangen.train.toml import config_from
from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "products.md"
MONTHS = HOME / "benchmarks" / "results" / "wind_months.json"
ROWS = json.loads((HOME / "benchmarks" / "results" / "products.json").read_text(encoding="utf-8"))["rows"]


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__derive=7, er__audit=3)


def test_the_page_says_what_was_measured() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    ratios = {name.split(",")[0]: row["ratio"] for name, row in ROWS.items() if name.endswith("composition")}
    dearer = sorted(ratio for ratio in ratios.values() if ratio > 1.1)
    assert f"{len(ratios) - len(dearer)} stay within 1.1 times" in page
    assert f"cost {dearer[0]:.2f} to {dearer[-2]:.2f} times as much, and two grids {dearer[-1]:.2f}" in page
    assert dearer[-1] == ratios["grid × grid"] and f"({ratios['grid × set']:.2f})" in page


def months() -> dict[str, dict[str, Any]]:
    return json.loads(MONTHS.read_text(encoding="utf-8"))["rows"]


NAMES = {"6 months": "network, six months seen", "1 months": "network, the last month alone"}


def table() -> str:
    lines = ["| forecast | m/s |", "| --- | ---: |"]
    for name, row in months().items():
        if "m/s" in row:
            found = row["m/s"]
            middle = found if isinstance(found, float) else median(found)
            spread = "" if isinstance(found, float) else f" ({min(found):.2f} … {max(found):.2f})"
            lines.append(f"| {NAMES.get(name, name)} | {middle:.2f}{spread} |")
    return "\n".join(lines)


def test_the_months_of_wind_are_as_measured() -> None:
    assert f"<!-- months -->\n{table()}\n<!-- end -->" in PAGE.read_text(encoding="utf-8")


def test_the_run_file_of_the_page_is_one() -> None:
    (written,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    config = config_from(tomllib.loads(written), "the page", "films")
    assert task_of(config.task).domain == er.Grid(2) * er.Sequence()
