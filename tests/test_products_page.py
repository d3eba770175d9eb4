"""The page on products of domains runs."""

from pathlib import Path

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "products.md"


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__derive=5, er__audit=1)
