"""The site is built, warnings as errors, with every page of docs in it and every public name in its reference."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

import erlangen as er
from tests.browser.test_reports import CHROMIUM, QUIET

DOCS = Path(__file__).parent.parent / "docs"


def test_it_is_built_whole(tmp_path: Path) -> None:
    """And no page is wider than the window, from a telephone to a wide screen, where there is a browser to ask."""
    site = built(tmp_path)
    for page in (
        every_page_is_in_it,
        theory_and_gallery_are_in_it,
        the_reference_has_every_name,
        signs_come_through,
        fits,
    ):
        page(site)


def built(place: Path) -> Path:
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-d", str(place / "trees")]
    done = subprocess.run([*command, str(DOCS), str(place / "site")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place / "site"


def every_page_is_in_it(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert (site / page.with_suffix(".html").name).exists()
        assert page.stem == "index" or f'href="{page.stem}.html' in front, page.stem


def theory_and_gallery_are_in_it(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="gallery/index.html' in front
    for page in (DOCS / "theory").glob("*.md"):
        assert f'href="theory/{page.stem}.html' in front, page.stem
    for recipe in (DOCS.parent / "src/erlangen/train/recipes").glob("*.toml"):
        assert (site / "gallery" / f"{recipe.stem}.html").exists(), recipe.stem


def the_reference_has_every_name(site: Path) -> None:
    page = (site / "reference" / "erlangen.html").read_text(encoding="utf-8")
    told = [name for name in er.__all__ if callable(getattr(er, name)) and getattr(er, name).__doc__]
    assert len(told) > 40
    assert [name for name in told if f'id="erlangen.{name}"' not in page] == []


def signs_come_through(site: Path) -> None:
    page = (site / "reference" / "train.html").read_text(encoding="utf-8")
    assert "|params(plain) − params(net)| ≤ 0.05 params(net)" in page


def fits(site: Path) -> None:
    if CHROMIUM is None:
        return
    beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for width in (390, 1050, 1200, 1440):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            for name in ("index", "images", "gallery/dog", "reference/train"):
                page.goto((site / f"{name}.html").as_uri())
                assert page.evaluate(beyond) == 0, (name, width)
        chromium.close()
