"""The page on repair runs."""

from pathlib import Path

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "repair.md"


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__audit=1, er__repair=2)
