"""The maps of forecast errors: what is drawn where, and that the page shows what was measured."""

import json

import numpy as np

from erlangen.domains import Sphere
from examples import winds as example


def made(error: float) -> list[list[float]]:
    return np.full((37, 72), error).tolist()


def test_every_forecast_has_its_map_with_coasts_and_one_scale():
    land = np.zeros((37, 72))
    land[10:12, 1] = 1  # 40° N, 5° E: one cell wide, two high
    drawn = example.drawn({"land": land.tolist(), "maps": {"persistence": made(2.0), "winds/derived": made(1.0)}})
    assert drawn.count("<g transform") == 3 and "as this month: 2.00" in drawn and "turns about the axis: 1.00" in drawn
    coast = example._coast(np.roll(land, 36, axis=1))
    assert coast.count("h6") == 2 and coast.count("v6") == 4
    assert f"M{37 * 6} {10 * 6}h6" in coast  # a little east of the middle


def test_means_are_those_over_the_sphere():
    rows = np.repeat(np.arange(37.0)[:, None], 72, axis=1)
    kept = {"land": np.zeros((37, 72)).tolist(), "maps": {"climatology": rows.tolist()}}
    assert ": 18.00<" in example.drawn(kept)
    assert abs(Sphere("poles").colatitudes(37)[18] - np.pi / 2) < 1e-12


def test_the_drawing_is_of_the_maps_that_are_kept():
    kept = json.loads(example.MAPS.read_text(encoding="utf-8"))
    assert set(example.NAMES) <= set(kept["maps"])
    assert example.DRAWING.read_text(encoding="utf-8") == example.drawn(kept)
