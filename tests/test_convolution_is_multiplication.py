"""The page that says so runs from top to bottom, and its numbers are what it prints."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "convolution_is_multiplication.md"


def test_the_page_runs_and_prints_what_it_says(capsys: pytest.CaptureFixture[str]):
    text = PAGE.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    exec(compile(code, PAGE.name, "exec"), {})
    said = capsys.readouterr().out
    assert all(f"{line}" in said for line in ("16 → 6", "64 → 12", "576 → 64", "2304 → 128"))
    assert "3 dense" in said and "13 spectral" in said
    assert "isotypic: one product an irrep" in " ".join(said.split())
