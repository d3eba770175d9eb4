"""The page on time runs, and says what was measured."""

import json
import re
from pathlib import Path

import torch

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "time.md"


def table(rows: dict[str, dict]) -> str:
    lines = ["| | time over theirs | quartiles |", "| --- | ---: | ---: |"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['ratio']:.2f} | {row['quartile_low']:.2f} … {row['quartile_high']:.2f} |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    torch.manual_seed(0)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert code.count("er.audit") == 2 and code.count("assert") == 5
    exec(compile(code, PAGE.name, "exec"), {})


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "sequences.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")
