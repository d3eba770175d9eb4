"""The pages of theory: every block runs, they are short, and what they cite is in the bibliography."""

import re
import sys
from pathlib import Path

import pytest

from tests.written import code_of, run_blocks

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted((DOCS / "theory").glob("*.md"))
LINES = 150  # three screens
SOLVED = ("er.intertwiners(", "er.pair_orbits(", "angular_maps(", "free_weights()")  # beside what is counted


@pytest.mark.filterwarnings("ignore:Converting a tensor")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_the_page_runs(page: Path) -> None:
    run_blocks(page)
    if page.stem in ("groups", "representations", "linear_maps", "steerability"):
        assert any(call in code_of(page) for call in SOLVED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short_and_names_its_sources(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES and "\nSources: " in text
    front = (DOCS / "index.md").read_text(encoding="utf-8")
    assert f"\ntheory/{page.stem}\n" in front
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert link == "../bibliography.md" or (page.parent / link).exists(), link


def test_what_the_pages_cite_is_in_the_bibliography(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    sys.modules.pop("bibliography", None)
    from bibliography import bibliography, entries  # pyright: ignore[reportMissingImports]

    numbers = {entry["eprint"] for entry in entries() if "eprint" in entry}
    assert len(numbers) > 60 and len({entry["key"] for entry in entries()}) == len(entries())
    for page in [*PAGES, DOCS / "symmetrize.md"]:
        cited = re.findall(r"arXiv:(\d{4}\.\d{4,5})", page.read_text(encoding="utf-8"))
        assert cited and set(cited) <= numbers, page
    for entry in entries():
        if "eprint" in entry and "cited" in entry and "arXiv" in entry["cited"]:
            assert entry["cited"].endswith(f"arXiv:{entry['eprint']}"), entry["key"]
    assert "Petar Veličković. *Geometric Deep Learning" in bibliography()
