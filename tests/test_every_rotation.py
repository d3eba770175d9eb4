"""docs/every_rotation.md: its code runs, its figure is what the code draws, its table what was measured."""

import json
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "every_rotation.md"
RESULTS = PAGE.parents[1] / "benchmarks" / "results" / "turned.json"


def cells(drawing: str) -> list[tuple[str, str]]:
    """(place of its first corner, shape) of every cell, whatever its colour."""
    return sorted(re.findall(r"M([-\d.]+ [-\d.]+)(l[^zM]*)z", drawing))


def test_every_block_of_the_page_runs_and_draws_the_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 10
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    drawn = (tmp_path / "every_rotation.svg").read_text(encoding="utf-8")
    kept = (PAGE.parent / "every_rotation.svg").read_text(encoding="utf-8")
    assert cells(drawn) == cells(kept)
    assert len(cells(drawn)) == 6 * 25 + 6 * 81 + 5 * 625


def table() -> str:
    """The page's table, from what benchmarks/turned.py kept."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    lines = [
        "| untrained | parameters | 90° | 45°, median (least … greatest) | 30° |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, group in (("no symmetry", "Trivial()"), *((g, g) for g in ("C(4)", "C(8)", "SO(2)", "O(2)"))):
        row = kept[f"answers of the derived network, {group}"]
        quarter = f"{row['at 90°']:.2f}" if row["at 90°"] > 1e-3 else "rounding"
        half = f"{row['median']:.3f} ({row['least']:.3f} … {row['largest']:.3f})"
        lines.append(f"| {name} | {row['parameters']:,} | {quarter} | {half} | {row['at 30°']:.3f} |")
    return "\n".join(lines)


def test_the_table_is_what_was_measured():
    assert f"<!-- results -->\n{table()}\n<!-- end -->" in PAGE.read_text(encoding="utf-8")


def test_the_readme_says_what_was_measured():
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    c4, c8, so2 = (100 * rows[f"answers of the derived network, {g}"]["median"] for g in ("C(4)", "C(8)", "SO(2)"))
    readme = " ".join((PAGE.parents[1] / "README.md").read_text(encoding="utf-8").split())
    said = f"answer to smooth pictures by {c8:.1f} % and {so2:.1f} % of the answers' own spread"
    assert f"{said}, those of `C(4)` by {c4:.0f} %" in readme
