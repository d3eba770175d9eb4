"""The page on audits runs from top to bottom."""

import re
from pathlib import Path

import torch

PAGE = Path(__file__).parent.parent / "docs" / "audit.md"


def test_every_block_of_the_page_runs():
    torch.manual_seed(0)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert code.count("er.audit") == 7 and code.count("er.discover") == 1
    exec(compile(code, PAGE.name, "exec"), {})
