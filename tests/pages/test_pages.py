"""The look of every report: whole files, escaped text, pictures that are what they show."""

import base64
import io
import os
import re

import numpy as np
import pytest
from PIL import Image

from erlangen import pages


def pixels(uri: str) -> np.ndarray:
    head, data = uri.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def test_a_page_is_one_file_that_needs_no_network():
    page = pages.render("base.html", {"title": "x"})
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    assert "url(" not in page
    assert "<link" not in page
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_text_is_escaped_and_markup_of_this_room_is_not():
    assert "<script>" not in pages.render("base.html", {"title": "<script>alert(1)</script>"})
    assert pages.Html("<b>").__html__() == "<b>"
    assert "<x>" not in pages.bars([1.0], labels=["<x>"])


def test_a_missing_value_is_an_error_and_not_a_gap():
    with pytest.raises(Exception, match="undefined"):
        pages.render("audit.html", {"title": "x"})


def test_write_is_whole_or_not_at_all(tmp_path, monkeypatch):
    path = pages.write(tmp_path / "deep" / "page.html", "old")
    assert path.read_text(encoding="utf-8") == "old"

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        pages.write(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(path.parent) == ["page.html"]


def test_a_picture_shows_its_values_enlarged_by_whole_pixels():
    found = pixels(pages.picture([[0.0, 1.0], [0.5, 0.0]], smallest=10))
    assert found.shape == (10, 10, 4)
    assert np.unique(found[:5, :5]).tolist() == [0, 255]
    assert found[0, 9].tolist() == [255, 255, 255, 255]
    assert found[9, 0].tolist() == [128, 128, 128, 255]


def test_a_picture_in_colour_on_a_given_scale_with_missing_pixels():
    colour = np.zeros((2, 2, 3))
    colour[0, 0] = (1, 0, 0)
    assert pixels(pages.picture(colour, 0, 1, smallest=1))[0, 0].tolist() == [255, 0, 0, 255]
    missing = pixels(pages.picture([[np.nan, 0.0]], 0, 1, smallest=1))
    assert missing[0, :, 3].tolist() == [0, 255]
    signed = pixels(pages.picture([[-1.0, 0.0, 1.0]], -1, 1, "signed", smallest=1))
    assert signed[0, 1].tolist() == [247, 246, 242, 255]
    assert signed[0, 0, 2] > signed[0, 0, 0]
    assert signed[0, 2, 0] > signed[0, 2, 2]


@pytest.mark.parametrize("values", [[[2.0, 2.0]], [[np.nan, np.nan]]])
def test_a_picture_of_nothing_that_varies_is_still_a_picture(values):
    assert pixels(pages.picture(values)).size


def test_drawings_follow_the_page_s_colours():
    for drawing in (pages.bars([1, -1]), pages.lines([[0, 1, 2]]), pages.interval(0.1, 0.2, 0.3, marks=[0.1])):
        assert isinstance(drawing, pages.Html)
        assert "var(--" in drawing
        assert "#" not in drawing
        assert re.search(r"nan|inf", drawing.replace("interval", "")) is None


def test_bars_share_a_scale_and_start_at_zero():
    alone, scaled = pages.bars([1.0]), pages.bars([1.0], high=2.0)

    def tallest(svg):
        return max(float(h) for h in re.findall(r'<rect[^>]*height="([\d.]+)"', svg))

    assert tallest(scaled) == pytest.approx(tallest(alone) / 2, rel=0.02)


def test_drawings_of_nothing_and_of_constants_do_not_fail():
    assert pages.bars([])
    assert pages.bars([0.0, 0.0])
    assert pages.lines([])
    assert pages.lines([[3.0, 3.0]])
    assert pages.lines([[1.0]])
    assert pages.interval(0.0, 0.0, float("inf"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.81472, "0.815"),
        (1.2345, "1.23"),
        (123456.0, "123,456"),
        (3.2e-7, "3.2·10⁻⁷"),
        (-0.5, "−0.500"),
        (float("nan"), "–"),
        (None, "–"),
        (0.0, "0"),
    ],
)
def test_numbers_as_people_read_them(value, text):
    assert pages.number(value) == text


def test_shares_are_not_rounded_to_the_whole():
    assert pages.percent(0.99999) == "99.9 %"
    assert pages.percent(1.0) == "100 %"
    assert pages.percent(0.0) == "0 %"
    assert pages.percent(0.4531) == "45.3 %"
