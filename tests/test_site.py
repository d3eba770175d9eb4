"""The site is built, warnings as errors, with every page of docs in it and every public name in its reference."""

import subprocess
import sys
from pathlib import Path

import pytest

import erlangen as er

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-d", str(place / "trees")]
    done = subprocess.run([*command, str(DOCS), str(place / "site")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place / "site"


def test_every_page_is_in_it_and_found_from_the_front(site: Path):
    front = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert (site / page.with_suffix(".html").name).exists()
        assert page.stem == "index" or f'href="{page.stem}.html' in front, page.stem


def test_the_reference_has_every_public_name_with_its_words(site: Path):
    page = (site / "reference" / "erlangen.html").read_text(encoding="utf-8")
    told = [name for name in er.__all__ if callable(getattr(er, name)) and getattr(er, name).__doc__]
    assert len(told) > 40
    assert [name for name in told if f'id="erlangen.{name}"' not in page] == []


def test_signs_that_rest_would_read_come_through(site: Path):
    page = (site / "reference" / "train.html").read_text(encoding="utf-8")
    assert "|params(plain) − params(net)| ≤ 0.05 params(net)" in page
