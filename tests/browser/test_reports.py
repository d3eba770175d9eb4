"""Every report opened as a reader opens it: in a real browser, offline, wide and on a telephone, light and dark."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import erlangen as er

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: reports were not opened in one")

# Without these Chromium talks to its maker at every start, and reports of refused connections fill the console.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
PAGES = ["explain", "explain segmentation", "audit derived", "audit broken", "audit hexagonal"]


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of small networks: derived and plain, invariant and equivariant, square and hexagonal."""
    torch.manual_seed(0)
    small = {"width": 8, "depth": 1, "scales": 1}
    classify = er.derive(er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(3)), **small).eval()
    segment = er.derive(er.Task(er.Grid(2), symmetry=er.D(4), input=3, output=er.Equivariant(2)), **small).eval()
    hexagonal = er.derive(er.Task(er.HexGrid(), symmetry=er.C(6), input=1, output=er.Invariant(3)), **small).eval()
    plain = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 12 * 12, 3)
    ).eval()
    images, hexagons = torch.randn(6, 1, 12, 12), torch.randn(6, 1, 11, 11)
    made = {
        "explain": classify.explain(),
        "explain segmentation": segment.explain(),
        "audit derived": er.audit(classify, er.Grid(2), er.C(4), images),
        "audit broken": er.audit(plain, er.Grid(2), er.D(4), images, output=er.Invariant(3)),
        "audit hexagonal": er.audit(hexagonal, er.HexGrid(), er.C(6), hexagons),
    }
    folder = tmp_path_factory.mktemp("reports")
    for name, report in made.items():
        report.to_html(folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


def visit(browser: "sync_api.Browser", path: Path, width: int, scheme: str = "light") -> tuple[dict, list[str]]:
    """What the page says of itself at this width, and everything it complained of or asked for."""
    complaints: list[str] = []
    own = path.as_uri()
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(own, wait_until="load")
    seen = page.evaluate(
        """() => ({
            title: document.title,
            lang: document.documentElement.lang,
            overflow: document.documentElement.scrollWidth - window.innerWidth,
            pictures: document.images.length,
            lost: [...document.images].filter(i => !i.complete || !i.naturalWidth || !i.hasAttribute('alt')).length,
            words: document.body.innerText.trim().split(/\\s+/).length,
            ink: getComputedStyle(document.body).color,
            paper: getComputedStyle(document.body).backgroundColor,
        })"""
    )
    page.close()
    return seen, [text for text in complaints if text != own and not text.startswith("data:")]


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(browser: "sync_api.Browser", reports: dict[str, Path], name: str, width: int):
    seen, complaints = visit(browser, reports[name], width)
    assert not complaints
    assert seen["overflow"] <= 0
    assert seen["lost"] == 0
    assert seen["title"]
    assert seen["lang"] == "en"
    assert seen["words"] > 50
    if name.startswith("audit"):
        assert seen["pictures"] >= 5  # x, g·x, f(x), f(g·x), the difference


@pytest.mark.parametrize("name", PAGES)
def test_page_follows_the_reader_into_the_dark(browser: "sync_api.Browser", reports: dict[str, Path], name: str):
    light, _ = visit(browser, reports[name], 1200)
    dark, complaints = visit(browser, reports[name], 1200, scheme="dark")
    assert not complaints
    assert (light["ink"], light["paper"]) != (dark["ink"], dark["paper"])
