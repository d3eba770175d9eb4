"""Dots where their numbers are: in order, within the frame, side by side where they share a place."""

import math
import re
from itertools import pairwise

import pytest

from erlangen.pages import Dot, dot_mark, scatter


def centres(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)]


def dot(x: float, value: float, floor: float = 0.0) -> Dot:
    return Dot(f"{x}", x, value / 2, value, 2 * value, floor)


def test_a_larger_value_stands_higher_and_a_larger_angle_farther_right():
    drawn = centres(scatter([dot(270, 0.5), dot(90, 0.01), dot(180, 0.1)], 360, [0, 360], mark=0.1))
    assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)
    heights = [y for _, y in drawn]
    assert heights[0] > heights[1] > heights[2]


def test_a_decade_is_as_high_as_the_next():
    heights = [y for _, y in centres(scatter([dot(i, 10.0**-i) for i in range(4)], 4, [0, 4], mark=0.1))]
    steps = [b - a for a, b in pairwise(heights)]
    assert max(steps) - min(steps) < 0.02 and min(steps) > 5


@pytest.mark.parametrize("at", [0, 90, 180])
def test_those_at_one_place_stand_apart_and_in_the_frame(at):
    drawn = centres(scatter([*(dot(at, 0.2 + 0.01 * i) for i in range(9)), dot(45, 0.3)], 180, [0, 180], mark=0.1))
    xs = [x for x, _ in drawn]
    assert len({round(x, 1) for x in xs}) == 10
    assert min(xs) >= 46 and max(xs) <= 380 - 4


def test_nothing_and_nan():
    drawn = scatter([Dot("zero", 10, 0, 0, 0), Dot("unknown", 20, math.nan, math.nan, math.nan)], 90, [0, 90], mark=0.1)
    assert len(centres(drawn)) == 1 and "unknown" not in drawn
    assert "<path" in scatter([], 90, [0, 90], mark=0.1)


def test_a_floor_reaches_half_way_to_the_next_and_no_floor_is_not_drawn():
    drawn = scatter([dot(100, 0.5, 0.05), dot(110, 0.5), dot(300, 0.5, 0.02)], 360, [0, 360], mark=0.1)
    found = re.findall(r'class="shade" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawn)
    shades = [(float(x), float(w)) for x, w in found]
    (first, second, _), (left, width) = [x for x, _ in centres(drawn)], shades[0]
    assert len(shades) == 2 and left + width == pytest.approx((first + second) / 2, abs=0.02)
    assert "not resolved up to 0.0500" in drawn


def test_names_are_escaped_and_shapes_differ():
    assert "<b>" not in scatter([Dot("<b>", 1, 0.1, 0.2, 0.3)], 2, [0, 2], mark=0.1)
    assert "circle" in dot_mark("circle", 1) and "<circle" not in dot_mark("diamond", 2)
    assert "var(--card)" in dot_mark("circle", 1, hollow=True)
