"""Forecasts over all years and their maps: what is drawn where, and that the page says what was measured."""

import json

import numpy as np

from erlangen.domains import Sphere
from examples import winds as example

YEARS = json.loads((example.HOME / "benchmarks" / "results" / "winds_by_years.json").read_text(encoding="utf-8"))[
    "rows"
]
FORECASTS = [name for name in YEARS if "months" in YEARS[name]]
COMPARED = [
    ("all rotations, the axis told", other)
    for other in ("plain", "turns about the axis", "all rotations, nothing told", "climatology", "persistence")
] + [
    ("turns about the axis", "climatology"),
    ("all rotations, nothing told", "climatology"),
    ("plain", "climatology"),
    ("plain", "turns about the axis"),
]


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


SHORT = {
    "all rotations, the axis told": "SO(3), axis told",
    "turns about the axis": "SO(2)",
    "all rotations, nothing told": "SO(3), nothing told",
}


def errors_table() -> str:
    """Of every forecast the mean error over all months, and the learning rates that served it."""
    lines = ["| forecast | mean error, m/s | parameters | rates chosen |", "| --- | ---: | ---: | --- |"]
    for name in FORECASTS:
        row = YEARS[name]
        size, rates = (f"{row['parameters']:,}", row["rates"]) if "parameters" in row else ("", [])
        chosen = ", ".join(f"{rate:g} ({rates.count(rate)} of {len(rates)})" for rate in sorted(set(rates)))
        lines.append(f"| {SHORT.get(name, name)} | {row['mean']:.3f} | {size} | {chosen} |")
    return "\n".join(lines)


def against(a: str, b: str) -> dict:
    """a less b, whichever way round it is kept."""
    if f"{a} − {b}" in YEARS:
        return YEARS[f"{a} − {b}"]
    row = YEARS[f"{b} − {a}"]
    turned = {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}
    return {**turned, "below": row["of"] - row["below"], "of": row["of"]}


def differences_table() -> str:
    """Which of two is ahead, by how much, between which bounds, and in how many of the months."""
    lines = [f"| | less error, m/s | 95 % | months ahead, of {11 * 12 - 1} | |", "| --- | ---: | ---: | ---: | --- |"]
    for a, b in COMPARED:
        found = against(a, b)
        gain, low, high = -found["difference"], -found["high"], -found["low"]
        real = "real" if low * high > 0 else "not told"
        who = f"{SHORT.get(a, a)}, against {SHORT.get(b, b)}"
        lines.append(f"| {who} | {gain:+.3f} | {low:+.3f} … {high:+.3f} | {found['below']} | {real} |")
    return "\n".join(lines).replace("-0", "−0")


def test_the_page_says_which_differences_are_real_over_all_years():
    page = example.HOME.joinpath("docs", "winds.md").read_text(encoding="utf-8")
    assert f"<!-- by years -->\n{errors_table()}\n<!-- end -->" in page
    assert f"<!-- differences -->\n{differences_table()}\n<!-- end -->" in page


def test_every_month_is_tested_once_and_differences_are_of_the_months():
    months = {name: np.array(YEARS[name]["months"]) for name in FORECASTS}
    assert {len(errors) for errors in months.values()} == {11 * 12 - 1}
    for name, errors in months.items():
        assert abs(errors.mean() - YEARS[name]["mean"]) < 1e-4
    for a, b in COMPARED:
        found = against(a, b)
        apart = months[a] - months[b]
        assert abs(found["difference"] - apart.mean()) < 1e-4
        by_year = np.array([part.mean() for part in np.split(apart, np.arange(11, 131, 12))])
        off = 2.23 * by_year.std(ddof=1) / np.sqrt(11)  # Student's, of eleven years as if each had as many months
        for bound, sign in ((found["low"], -1), (found["high"], 1)):
            assert abs(bound - (apart.mean() + sign * off)) < 0.5 * off
