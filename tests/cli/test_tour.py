"""`erlangen tour`: a page, a table, and a line that says where the page is."""

from pathlib import Path

import pytest

from erlangen.cli import main


def test_it_writes_a_page_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "new" / "tour.html"
    assert main(["tour", "--chapters", "scales,symmetry", "--effort", "0.02", "--out", str(out)]) == 0
    said = capsys.readouterr()
    table, line = said.out.split("\n\n")[0], said.out.rstrip().splitlines()[-1]
    assert line.endswith(str(out)) and "Symmetry" in table and "Scale separation" in table
    assert [text.split(":")[0] for text in said.err.splitlines()] == ["Symmetry", "Scale separation"]
    page = out.read_text(encoding="utf-8")
    assert page.index('id="symmetry"') < page.index('id="scales"') and 'id="dna"' not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--chapters", "birds"], "the chapter 'birds'"), (["--out", "."], "the file . to write")],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["tour", *arguments]) == 2
    assert said in capsys.readouterr().err
