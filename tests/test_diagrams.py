"""Every domain's page shows its symmetry as a commuting square, whose number a fresh run finds again, at rounding."""

import re
from pathlib import Path

import pytest
import torch

from examples.diagrams import FOLDER, SQUARES, drawn
from examples.squares.lattices import digit
from examples.squares.layout import apart, power
from tests.written import run_blocks

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {name: name for name in SQUARES} | {"sets": "graphs"}


@pytest.mark.parametrize("name", SQUARES)
def test_a_square_commutes_to_rounding_and_says_by_how_much(name: str) -> None:
    error, file = drawn(name).error, (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    written = re.search(r'data-error="(\S+)"', file)
    assert written is not None and f"= {power(float(written[1]))}<" in file
    assert error < 1e-5 and float(written[1]) < 1e-5
    assert 0.05 < (float(written[1]) + 1e-8) / (error + 1e-8) < 20  # rounding differs from machine to machine
    assert len(file) < 60_000


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_domain_opens_with_its_square(name: str) -> None:
    page = (DOCS / f"{PAGES[name]}.md").read_text(encoding="utf-8")
    first = page.split("```", 1)[0]
    assert f"](diagrams/{name}.svg)" in first and "(../examples/diagrams.py)" in first


def test_what_does_not_commute_would_be_seen() -> None:
    torch.manual_seed(0)
    model, x = torch.nn.Conv2d(1, 1, 3, padding=1), digit(16)
    with torch.no_grad():
        assert apart(model(x.rot90(1, (2, 3))), model(x).rot90(1, (2, 3))) > 0.01


def test_every_block_of_the_pages_on_pictures_and_volumes_runs() -> None:
    run_blocks(DOCS / "images.md", er__derive=3)
    run_blocks(DOCS / "volumes.md", er__derive=3)
