"""Every report opened as a reader opens it: in a real browser, offline, wide and on a telephone, light and dark."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.data import DataSet, TensorPair, load
from erlangen.pages import article, write
from erlangen.tour import page, walk
from erlangen.train import Config, NetworkSection, TaskSection, TrainSection, read_config, run, write_report
from examples import the_text
from tests.effort import covering

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: reports were not opened in one")

# Without these Chromium talks to its maker at every start, and reports of refused connections fill the console.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
SMALL = {"width": 8, "depth": 1, "scales": 1}


def classifier() -> er.Blueprint:
    return er.derive(er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(3)), **SMALL).eval()


def segmenter() -> er.Blueprint:
    return er.derive(er.Task(er.Grid(2), symmetry=er.D(4), input=3, output=er.Equivariant(2)), **SMALL).eval()


def plain() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 12 * 12, 3)).eval()


def audit_on_hexagons() -> er.AuditReport:
    net = er.derive(er.Task(er.HexGrid(), symmetry=er.C(6), input=1, output=er.Invariant(3)), **SMALL).eval()
    x = torch.randn(16, 1, 11, 11)
    return er.audit(net, er.HexGrid(), er.C(6), x * er.HexGrid().mask(x))


def audit_with_stability() -> er.AuditReport:
    x = torch.nn.functional.interpolate(torch.randn(16, 1, 6, 6), size=(12, 12), mode="bicubic")
    return er.audit(classifier(), er.Grid(2), er.C(4), x, stability=True)


def audit_of_every_turn() -> er.AuditReport:
    x = torch.nn.functional.interpolate(torch.randn(16, 1, 6, 6), size=(12, 12), mode="bicubic")
    return er.audit(plain(), er.Grid(2), er.O(2), x, search=4)


def audit_of_a_volume() -> er.AuditReport:
    net = nn.Sequential(nn.Conv3d(1, 3, 3), nn.ReLU(), nn.AdaptiveMaxPool3d(1), nn.Flatten()).eval()
    return er.audit(net, er.Grid(3), er.FullOctahedral(), torch.randn(16, 1, 6, 6, 6))


class TrainReport:
    """The page of the main job, in small: one seed, one epoch, few examples."""

    def to_html(self, path: Path) -> None:
        config = read_config("rotated-digits")
        config = replace(config, train=replace(config.train, seeds=(0,), epochs=1))
        examples, folder = load("digits", limit=60), path.with_suffix("")
        shutil.copy(write_report(config, examples, run(config, examples, folder), folder), path)


class TrainMasks:
    """The page of masks on hexagons under twelve elements, in small: names of classes and elements that are long."""

    def to_html(self, path: Path) -> None:
        x = torch.randn(60, 1, 7, 7) * er.HexGrid().mask(torch.zeros(7, 7))
        pairs = [TensorPair(x[part], (x[part][:, 0] > 0).long()) for part in (slice(20), slice(20, 30), slice(30, 60))]
        data = DataSet(*pairs, ("background", "foreground"), "made", "CC0", "made here")
        config = Config(
            "masks",
            TaskSection("HexGrid()", "Equivariant(2)", "D(6)", 1),
            network=NetworkSection(width=24, depth=1, scales=2),
            train=TrainSection(seeds=(0,), models=("derived", "plain"), epochs=1, threads=1),
        )
        folder = path.with_suffix("")
        shutil.copy(write_report(config, data, run(config, data, folder), folder), path)


class TheText:
    """The page of examples/the_text.py: its two sections of pictures, one of images and one of drawings."""

    def to_html(self, path: Path) -> None:
        write(path, article(the_text.TITLE, the_text.LEAD, [the_text.transformations(), the_text.group_convolution()]))


class TheTour:
    """Chapters of the tour, in small: drawings, charts, letters, wide tables and narrow ones."""

    def to_html(self, path: Path) -> None:
        write(path, page(walk(["symmetry", "group-convolution", "dna", "sequences"], 0.02), 1.0))


REPORTS = {
    "explain": lambda: classifier().explain(),
    "explain segmentation": lambda: segmenter().explain(),
    "audit derived": lambda: er.audit(classifier(), er.Grid(2), er.C(4), torch.randn(16, 1, 12, 12)),
    "audit segmentation": lambda: er.audit(segmenter(), er.Grid(2), er.D(4), torch.randn(16, 3, 12, 12)),
    "audit broken": lambda: er.audit(plain(), er.Grid(2), er.D(4), torch.randn(16, 1, 12, 12), output=er.Invariant(3)),
    "audit hexagonal": audit_on_hexagons,
    "audit stability": audit_with_stability,
    "audit angles": audit_of_every_turn,
    "audit volume": audit_of_a_volume,
    "the text": TheText,
    "the tour": TheTour,
    "train": TrainReport,
    "train masks": TrainMasks,
}


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a report of REPORTS, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def made(name: str) -> Path:
        torch.manual_seed(0)
        REPORTS[name]().to_html(folder / f"{name}.html")
        return folder / f"{name}.html"

    return made


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
            pictures: document.images.length + document.querySelectorAll("svg.mosaic").length,
            lost: [...document.images].filter(i => !i.complete || !i.naturalWidth || !i.hasAttribute('alt')).length,
            clipped: [...document.querySelectorAll('svg text')].filter(t => {
                const box = t.getBBox(), view = t.ownerSVGElement.viewBox.baseVal;
                return box.x < -1 || box.x + box.width > view.width + 1;
            }).map(t => t.textContent),
            wide: [...document.querySelectorAll('table.matrix')].filter(
                t => t.scrollWidth > t.parentElement.clientWidth).length,
            words: document.body.innerText.trim().split(/\\s+/).length,
            ink: getComputedStyle(document.body).color,
            paper: getComputedStyle(document.body).backgroundColor,
        })"""
    )
    page.close()
    return seen, [text for text in complaints if text != own and not text.startswith("data:")]


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", REPORTS)
def test_page_is_whole(browser: "sync_api.Browser", page_of: Callable[[str], Path], name: str, width: int):
    seen, complaints = visit(browser, page_of(name), width)
    assert not complaints
    assert seen["overflow"] <= 0
    assert seen["lost"] == 0
    assert seen["clipped"] == []
    assert seen["wide"] == 0
    assert seen["title"]
    assert seen["lang"] == "en"
    assert seen["words"] > 50
    if name.startswith("audit"):
        assert seen["pictures"] >= 2  # x and g·x; answers that are no images are drawn as bars


@pytest.mark.parametrize("name", covering(REPORTS, ["explain", "audit broken", "the tour", "train"]))
def test_page_follows_the_reader_into_the_dark(browser: "sync_api.Browser", page_of: Callable[[str], Path], name: str):
    light, _ = visit(browser, page_of(name), 1200)
    dark, complaints = visit(browser, page_of(name), 1200, scheme="dark")
    assert not complaints
    assert (light["ink"], light["paper"]) != (dark["ink"], dark["paper"])
