"""The page of short ways in runs, its sections are short, and each ends where more is told."""

import re
from pathlib import Path

import pytest

from tests.written import run_blocks

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "howto.md"
SECTIONS = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
GOALS = (
    *("I have images and a CNN", "I have volumes", "I have FASTA and a profile model"),
    *("I have molecules (positions and elements)", "I have a graph", "I have time series that run fast or slow"),
    *("I have a mesh", "I have films, or sets of pictures"),
    "I have a trained model and want to know what symmetry it keeps",
    *("My symmetry is only nearly true", "I want ONNX", "I do not know which symmetry my data have"),
)


def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    counts = {"er.derive(": 12, "er.audit(": 3, "er.discover(": 3, "er.symmetrize.average(": 2, "torch.onnx.export(": 1}
    run_blocks(PAGE, **counts)


def test_every_goal_has_its_section() -> None:
    assert tuple(section.split("\n")[0] for section in SECTIONS) == GOALS


@pytest.mark.parametrize("section", SECTIONS, ids=GOALS)
def test_a_section_is_short_and_ends_where_more_is_told(section: str) -> None:
    code = "".join(re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL))
    assert 0 < len([line for line in code.splitlines() if line.strip()]) <= 15
    links = re.findall(r"\]\((\w+\.md)\)", section.rsplit("```", 1)[1])
    assert links and all((DOCS / link).is_file() for link in links)
