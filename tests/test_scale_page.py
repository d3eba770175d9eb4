"""The page on large data and long runs, run."""

from pathlib import Path

import pytest

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"


def test_every_block_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna")
    run_blocks(PAGE, **{"run(": 3, "write_shards(": 1, "sweep(": 1})
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["True", "400 torch.Size([2, 1, 16, 16])"]
