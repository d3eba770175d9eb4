"""Pages as the tests read them: their code, which is run."""

import re
from pathlib import Path

import torch


def code_of(page: Path) -> str:
    """All Python blocks of a page, one behind the other."""
    return "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL))


def run_blocks(page: Path, **counts: int) -> None:
    """Run them; `counts` says how often a call (dots as __) stands in them, so that none is lost unseen."""
    code = code_of(page)
    found = {name: code.count(name.replace("__", ".")) for name in counts}
    assert found == counts
    torch.manual_seed(0)
    exec(compile(code, page.name, "exec"), {})
