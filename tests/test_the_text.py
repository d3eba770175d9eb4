"""What a first look at geometric deep learning claims is true here, and the page says what a run measures."""

import re

import pytest

from erlangen.pages import Section, article, markdown, write
from examples import the_text

EXACT = 1e-5
DIFFERENT = 0.3


def number(section: Section, *words: str) -> float:
    """The one number whose name holds all these words."""
    (found,) = [value for name, value in section.numbers.items() if all(word in name for word in words)]
    return found


@pytest.fixture(scope="module")
def transformations() -> Section:
    return the_text.transformations()


@pytest.mark.parametrize("angle", ["90°", "30°"])
def test_order_does_not_matter_about_the_digits_own_centre(transformations: Section, angle: str):
    assert number(transformations, angle, "own centre") <= EXACT


@pytest.mark.parametrize("angle", ["90°", "30°"])
def test_order_matters_about_the_middle_of_the_page(transformations: Section, angle: str):
    assert number(transformations, angle, "middle of the page") > DIFFERENT


def test_order_matters_for_a_turn_and_a_mirror(transformations: Section):
    assert number(transformations, "mirror") > DIFFERENT


def test_transformations_compose_and_can_be_undone(transformations: Section):
    assert number(transformations, "(gh)·x") == 0
    assert number(transformations, "90°", "and back") == 0
    assert 0 < number(transformations, "30°", "and back") < 0.1  # interpolation loses, and does not lose the digit


def test_classification_wants_invariance_and_segmentation_equivariance():
    section = the_text.tasks()
    assert number(section, "classification") <= EXACT
    assert number(section, "segmentation:") <= EXACT
    assert number(section, "asked to stay put") > DIFFERENT


def test_coarse_graining_keeps_the_symmetry_and_nonlinearities_keep_layers_apart():
    section = the_text.blueprint()
    assert number(section, "halve") == 0
    assert number(section, "two linear layers") <= EXACT
    assert number(section, "nonlinearity") > DIFFERENT


def test_a_filter_finds_its_pattern_anywhere_but_not_turned():
    section = the_text.beak()
    assert number(section, "shifted") == pytest.approx(1, abs=1e-5)
    assert section.numbers["the page turned by 90°"] < 0.7
    assert number(section, "all four positions") == pytest.approx(1, abs=1e-5)


def test_convolution_keeps_shifts_and_not_rotations():
    section = the_text.convolution()
    assert number(section, "roll by 1") <= EXACT
    assert number(section, "roll by (3, 5)") <= EXACT
    assert number(section, "turns") > DIFFERENT


def test_global_pooling_keeps_invariance_and_flatten_breaks_it_and_the_audit_names_it():
    section = the_text.pooling()
    assert number(section, "shifted", "global pooling") <= EXACT
    assert section.numbers["shifted: convolution, flatten"] > DIFFERENT
    assert number(section, "averaged over positions") <= EXACT
    assert number(section, "turned", "global pooling") <= EXACT
    assert number(section, "turned", "flatten") > DIFFERENT
    assert "flatten" in section.finding


@pytest.mark.parametrize(("lattice", "angle", "order", "sites"), [("squares", "90°", 4, 9), ("hexagons", "60°", 6, 7)])
def test_the_filter_moved_by_the_group_gives_more_channels_and_keeps_the_turn(
    lattice: str, angle: str, order: int, sites: int
):
    section = the_text.group_convolution()
    assert number(section, lattice, "channels from one filter") == order
    assert number(section, lattice, "free weights") == sites
    assert number(section, lattice, "moved by g") == 0
    assert section.numbers[f"{lattice}: turns by {angle}"] <= EXACT
    assert number(section, lattice, "ordinary convolution") > DIFFERENT


def test_the_page_in_the_docs_says_what_a_run_measures(tmp_path):
    """Up to what rounding decides, which is another on another machine."""
    sections = [section() for section in the_text.SECTIONS]
    written = (the_text.DOCS / "the_text.md").read_text(encoding="utf-8")
    assert without_rounding(markdown(the_text.TITLE, the_text.LEAD, sections)) == without_rounding(written)
    page = write(tmp_path / "the_text.html", article(the_text.TITLE, the_text.LEAD, sections)).read_text(
        encoding="utf-8"
    )
    assert page.count("<h2>") == len(sections)
    assert page.count('<img src="data:image/png;base64,') >= 15


def without_rounding(text: str) -> str:
    return re.sub(r"\| (0|rounding, ≤ 1e-5) \|", "| 0 |", text)
