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


def words_of(svg):
    """(x, anchor, text) of every text in a drawing."""
    found = re.findall(r'<text(?: class="[^"]*")? x="([-\d.]+)" y="[-\d.]+" text-anchor="(\w+)">([^<]*)<', svg)
    return [(float(x), anchor, words) for x, anchor, words in found]


def spans(svg):
    """Where each text of a drawing begins and ends, by the letters it has."""
    for x, anchor, words in words_of(svg):
        length = 6.2 * len(words)
        start = x - {"start": 0, "middle": length / 2, "end": length}[anchor]
        yield words, start, start + length


def test_bars_bear_their_values_and_cut_off_no_label():
    drawing = pages.bars([0.5, -1.25, 2.0], labels=["the first one", "b", "the last of them"])
    assert {"0.50", "−1.2", "2.0"} <= {words for _, _, words in words_of(drawing)}
    assert all(start >= -0.01 and end <= 240.01 for _, start, end in spans(drawing))
    crowded = pages.bars(np.linspace(-1, 1, 40))
    assert not any("." in words for _, _, words in words_of(crowded))  # no room for forty values


def test_lying_bars_bear_names_values_and_marks():
    drawing = pages.levels([0.5, 1.0], ["0°", "mirror + 270°"], ["50.0", "100"], 1.0, marks=[0.1, 0.1])
    assert [words for _, _, words in words_of(drawing)] == ["0°", "50.0", "mirror + 270°", "100"]
    assert drawing.count('class="mark"') == 2
    assert all(start >= 0 and end <= 300 for _, start, end in spans(drawing))
    half, whole = (float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)"', drawing))
    assert half == pytest.approx(whole / 2, abs=0.02)
    long = pages.levels([0.5], ["inversion and rotation by 90° about (0, 0, 1)"], ["50.0"], 1.0)
    assert all(start >= 0 and end <= 300 for _, start, end in spans(long))


# ---- sites, classes, letters


HEXAGONS = [[1.0, 0.5], [0.0, 0.75**0.5]]


def test_cells_of_a_hexagonal_lattice_are_hexagons_where_they_lie():
    values = np.full((5, 5), np.nan)
    values[2, 2], values[3, 2], values[2, 3] = 1.0, 2.0, 3.0
    drawn = pages.cells(values, HEXAGONS)
    rows, columns = (np.indices(drawn.shape) / (drawn.shape[0] - 1) * 5 - 2.5).tolist()
    middle = {v: (np.mean(np.asarray(rows)[drawn == v]), np.mean(np.asarray(columns)[drawn == v])) for v in (1, 2, 3)}
    assert middle[1] == pytest.approx((0, 0), abs=0.05)
    assert middle[2] == pytest.approx((1, 0), abs=0.05)
    assert middle[3] == pytest.approx((0.5, 0.75**0.5), abs=0.05)
    sizes = [int((drawn == v).sum()) for v in (1, 2, 3)]
    assert max(sizes) <= 1.1 * min(sizes)
    across = [np.ptp(np.asarray(axis)[drawn == 1]) for axis in (rows, columns)]
    assert across[1] / across[0] == pytest.approx(2 / 3**0.5, rel=0.1)  # a hexagon, and neither square nor sheared


def test_cells_keep_a_turn_by_sixty_degrees():
    values = np.zeros((7, 7))
    values[6, 3] = 1  # q = 3 lies downwards; a sixth of a turn counter-clockwise from it lies r = 3
    turned = np.zeros((7, 7))
    turned[3, 6] = 1
    centre = []
    for array in (values, turned):
        drawn = pages.cells(array, HEXAGONS)
        centre.append(np.argwhere(drawn == 1).mean(0) - (np.asarray(drawn.shape) - 1) / 2)
    (down, right), (down_after, right_after) = centre
    assert np.hypot(down, right) == pytest.approx(np.hypot(down_after, right_after), rel=0.03)
    assert np.degrees(np.arctan2(right_after, down_after) - np.arctan2(right, down)) == pytest.approx(60, abs=1.5)


def test_classes_have_colours_of_their_own_and_no_class_is_transparent():
    drawn = pixels(pages.classes([[0, 1], [2, np.nan]], smallest=1))
    assert [tuple(drawn[i, j, :3]) for i, j in ((0, 0), (0, 1), (1, 0))] == list(pages.CLASSES[:3])
    assert drawn[1, 1, 3] == 0


def test_letters_are_read_in_order_and_long_words_are_shortened():
    assert re.sub("<[^>]*>", "", pages.letters([0, 1, 1, 2, 3])) == "ACCGT"
    long = re.sub("<[^>]*>", "", pages.letters([0] * 500))
    assert long == "A" * 120 + "… 380 more"


def test_a_strip_is_as_long_as_its_places():
    widths = [float(w) for w in re.findall(r'width="([\d.]+)"', pages.strip([0, 0, 1, 2, 2, 2]))]
    assert widths == pytest.approx([272 / 3, 272 / 6, 272 / 2], abs=0.01)


def test_drawings_of_nothing_and_of_constants_do_not_fail():
    assert pages.bars([])
    assert pages.levels([], [], [], 1.0)
    assert pages.strip([])
    assert pages.letters([])
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


@pytest.mark.parametrize(("more", "less"), [(0.97349, 0.95751), (0.99951, 0.989499), (0.5, 0.50049), (1.0, 0.9999)])
def test_a_difference_is_that_of_the_numbers_shown(more, less):
    shown = [float(pages.percent(value).removesuffix(" %")) for value in (more, less)]
    assert float(pages.points(more, less).replace("−", "-")) == pytest.approx(shown[0] - shown[1], abs=1e-9)


def test_shares_are_not_rounded_to_the_whole():
    assert pages.percent(0.99999) == "99.9 %"
    assert pages.percent(1.0) == "100 %"
    assert pages.percent(0.0) == "0 %"
    assert pages.percent(0.4531) == "45.3 %"
