"""The page on products of domains runs, and says of their cost what benchmarks/products.py kept."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

import erlangen as er
from erlangen.data import load
from erlangen.train.check import check
from erlangen.train.networks import task_of
from erlangen.train.toml import config_from, read_config
from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "products.md"
MONTHS = HOME / "benchmarks" / "results" / "wind_months.json"
ROWS = json.loads((HOME / "benchmarks" / "results" / "products.json").read_text(encoding="utf-8"))["rows"]


def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
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


def test_the_run_files_of_the_page_are_some() -> None:
    written = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    configs = [config_from(tomllib.loads(text), "the page", "mine") for text in written]
    assert [task_of(config.task).domain for config in configs] == [er.Grid(2) * er.Sequence(), er.Set(er.Grid(2))]


def test_the_file_of_the_page_fits_its_run_file(tmp_path: Path) -> None:
    written = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)[1]
    np.savez(tmp_path / "views.npz", x=np.zeros((240, 1, 8, 8)), nodes=np.full(60, 4), y=np.arange(60) % 10)
    (tmp_path / "views.toml").write_text(written, encoding="utf-8")
    config = read_config(tmp_path / "views.toml")
    check(
        replace(config, train=replace(config.train, models=("derived",))),
        task_of(config.task),
        load(config.data.source),
    )
