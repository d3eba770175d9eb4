"""The page on energies and forces runs."""

from pathlib import Path

from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "forces.md"


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__Potential=1, er__calculator=1, er__derive=2, er__audit=1)
