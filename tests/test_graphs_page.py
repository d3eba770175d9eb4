"""The page on sets and graphs runs, and says what was measured."""

import json
import re
from pathlib import Path

import torch

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "graphs.md"


def table(rows: dict[str, dict]) -> str:
    lines = ["| | steps | memory |", "| --- | ---: | ---: |"]
    for name, row in rows.items():
        if "ours_MiB" in row:
            memory = f"{row['ours_MiB']:.0f} of {row['theirs_MiB']:.0f} MiB"
            lines.append(f"| {name} | {row['ratio']:.1f} | {memory} |")
        elif "ratio" in row:
            lines.append(f"| {name} | {row['ratio']:.1f} | |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    torch.manual_seed(0)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert code.count("er.audit") == 2 and code.count("er.derive") == 5
    exec(compile(code, PAGE.name, "exec"), {})


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "graphs.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")
