"""docs/every_rotation.md: its code runs, and its figure is what the code draws."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "every_rotation.md"


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
