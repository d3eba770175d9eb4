"""The page on surfaces runs."""

from pathlib import Path

import pytest

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "meshes.md"


@pytest.mark.filterwarnings("ignore:Only 8 inputs", "ignore:On meshes it is audited")
def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__derive=6, er__audit=2)
