"""The page that tells the story of the blueprint runs, and says what its blocks assert."""

import re
from pathlib import Path

import pytest

from tests.written import code_of, run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "blueprint.md"


def test_every_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__derive=9, er__audit=2, er__intertwiners=4, er__pair_orbits=2, er__Blueprint=1)


@pytest.mark.parametrize(
    ("said", "asserted"),
    [
        ("has 1,296 weights", "np.arange(36)"),
        ("36 if pictures may be shifted", "([right, down], 36)"),
        ("and 11 if they may be turned", "([right, down, turn], 11)"),
        ("see 3 pixels across, then 8, then 18", "== [3, 8, 18]"),
        ("4 of 16 weights are left", ".shape == (4, 4, 4)"),
        ("squares keep 4, hexagons 6, cubes 24", "((grid, 4), (er.HexGrid(), 6), (er.Grid(3), 24)"),
        ("five times as high as wide 8", "(er.Grid(3, spacing=(1, 1, 5)), 8)"),
        ("half of the weights of every convolution are free", "== {0.5}"),
        ("has 2 matrices", "len(er.intertwiners(points, points)) == 2"),
        ("there are 15 maps", "len(er.intertwiners(pairs, pairs)) == 15"),
        ("seven from unison to tritone", ".max() + 1 == 7"),
        ("C is 0.8", "round(report.stability.constant, 1) == 0.8"),
    ],
)
def test_what_the_text_says_is_asserted_in_a_block(said: str, asserted: str) -> None:
    text = " ".join(re.sub(r"```python\n.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL).split())
    assert said in text and asserted in code_of(PAGE)


def test_every_link_leads_to_a_page() -> None:
    links = re.findall(r"\]\((?!https)(.+?)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) > 15 and [link for link in links if not (PAGE.parent / link).is_file()] == []
