"""The page on DNA runs."""

from pathlib import Path

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "dna.md"


def test_every_block_of_the_page_runs(capsys):
    run_blocks(PAGE, er__audit=2, er__derive=8, er__symmetrize=3)
    printed = capsys.readouterr().out
    assert "line 3: '!' at place 3" in printed and "declare er.Trivial() there." in printed
