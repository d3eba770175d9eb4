"""The page on proofs runs from top to bottom."""

import re
from pathlib import Path

import pytest
import torch

PAGE = Path(__file__).parent.parent / "docs" / "proof.md"


def test_every_block_of_the_page_runs(capsys: pytest.CaptureFixture[str]):
    torch.manual_seed(0)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert code.count("er.audit") == 3
    exec(compile(code, PAGE.name, "exec"), {})
    assert "for all inputs of this size" in capsys.readouterr().out
