"""What the page on stability claims is true here, and the page says what a run measures."""

import pytest

from erlangen.pages import Section, article, markdown, write
from examples import stability
from tests.test_the_text import number, without_rounding


@pytest.fixture(scope="module")
def sections() -> dict[str, Section]:
    return {section.__name__: section() for section in stability.SECTIONS}


def test_a_small_deformation_makes_a_small_change(sections: dict[str, Section]):
    section = sections["curve"]
    assert number(section, "exponent") == pytest.approx(1, abs=0.05)
    assert number(section, "change at ε = 0.0039") == pytest.approx(0.0039 * number(section, "C of"), rel=0.1)
    assert number(section, "floor") < 1 / 3
    assert number(section, "change at ε = 0.5,") < number(section, "pictures themselves")


def test_what_is_known_beforehand(sections: dict[str, Section]):
    section = sections["known"]
    assert number(section, "corner") <= 1e-5
    assert number(section, "moves along") <= 1e-5
    assert number(section, "mean of the picture") == pytest.approx(1, abs=0.05)
    assert number(section, "squared") == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("size", ["28 × 28", "29 × 29"])
def test_antialiased_pooling_lowers_the_constant_and_the_more_the_rougher_the_picture(
    sections: dict[str, Section], size: str
):
    found = sections["pools"].numbers
    gain = {
        (kind, pool): found[f"{kind}, {size}: antialiased"] / found[f"{kind}, {size}: {pool}"]
        for kind in ("rough", "digits", "smooth")
        for pool in ("average", "max")
    }
    assert all(gain["rough", pool] < 0.85 for pool in ("average", "max"))
    assert all(gain["digits", pool] < 0.95 for pool in ("average", "max"))
    assert all(gain["rough", pool] < gain["smooth", pool] for pool in ("average", "max"))


def test_on_odd_sizes_average_and_maximum_are_the_same(sections: dict[str, Section]):
    found = sections["pools"].numbers
    for kind in ("rough", "digits", "smooth"):
        assert found[f"{kind}, 29 × 29: average"] == found[f"{kind}, 29 × 29: max"]
        assert found[f"{kind}, 28 × 28: average"] != found[f"{kind}, 28 × 28: max"]


def test_splines_are_as_steep_as_the_picture(sections: dict[str, Section]):
    section = sections["splines"]
    assert number(section, "bicubic") > 1.25
    assert number(section, "cubic spline") == pytest.approx(1, abs=0.01)
    assert number(section, "quintic") == pytest.approx(1, abs=0.001)


def test_the_page_in_the_docs_says_what_a_run_measures(sections: dict[str, Section], tmp_path):
    made = list(sections.values())
    written = (stability.DOCS / "stability.md").read_text(encoding="utf-8")
    assert without_rounding(markdown(stability.TITLE, stability.LEAD, made)) == without_rounding(written)
    page = write(tmp_path / "a.html", article(stability.TITLE, stability.LEAD, made)).read_text(encoding="utf-8")
    assert page.count("<h2>") == len(made)
    assert page.count('<img src="data:image/png;base64,') == 4
