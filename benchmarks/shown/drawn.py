"""Which plots docs/benchmarks.md has, and what each shows: a file's ratios stand beside whom it was measured."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import history

from shown import growth, plots, recipes
from shown.ratios import ratios_of

GROUPS = {  # beside whom: the results files; those with ratios over plain layers, and all others, find their place
    "escnn": ("peer",),
    "e3nn": ("points", "spherical"),
    "PyTorch Geometric": ("graphs",),
    "plain torch": (),
    "other programs and our own parts": (),
}
PLAIN = {"plain", "theirs"}  # the sides that are plain torch where no other peer is named


def grouped(records: Mapping[str, Any]) -> dict[str, list[str]]:
    """The files that hold ratios, by whom they stand beside."""
    found: dict[str, list[str]] = {name: [] for name in GROUPS}
    *_, plain, others = GROUPS
    for name, record in records.items():
        ratios = ratios_of(record.get("rows"))
        if not ratios or name == growth.NAME:
            continue
        named = next((group for group, names in GROUPS.items() if name in names), None)
        found[named or (plain if any(one.b in PLAIN for one in ratios) else others)].append(name)
    return found


def drawn(records: Mapping[str, Any], past: list[dict[str, Any]]) -> dict[str, Any]:
    """What each plot shows."""
    panels = {name: [panel(one, records[one]) for one in ones] for name, ones in grouped(records).items() if ones}
    runs = {one["name"]: one for one in records.values() if recipes.is_recipe(one)}
    right = {name: one for name, one in runs.items() if recipes.measure_of(one) == "mean_accuracy"}
    found = {
        **{picture(name): every for name, every in panels.items()},
        picture("runs"): [accuracies(right)],
        picture("history"): [course for name in records if (course := course_of(name, history.of(name, past)))],
    }
    if growth.NAME in records:
        found[picture("growth")] = growth.panels(records[growth.NAME]["rows"])
    return found


def picture(name: str) -> str:
    """The file of a plot."""
    return f"benchmarks-{name.lower().replace(' ', '-')}.svg"


def svg_of(shown: Any) -> str:
    return plots.courses_of(shown) if isinstance(shown[0], plots.Course) else plots.rows_of(shown)


def panel(name: str, record: Any) -> plots.Panel:
    """All ratios of one file; each further side of a row is a series of its own."""
    found = ratios_of(record["rows"])
    several = len({one.sides for one in found}) > 1
    stems = len({one.b for one in found}) == 1
    rows: dict[str, list[plots.Dot]] = {}
    for one in found:
        named = one.row if stems or not several else f"{one.row}: {_plainly(one.sides)}"
        series = one.sides if stems else "ratio"
        rows.setdefault(named, []).append(plots.Dot(_plainly(series), one.ratio, one.low, one.high))
    said = _plainly(found[0].sides) if not several else "time of the first over time of the second"
    return plots.Panel(name, f"{said}, median and quartiles", rows)


def _plainly(sides: str) -> str:
    return sides.replace("_", " ").replace("/", "over")


def accuracies(runs: Mapping[str, Any]) -> plots.Panel:
    """Of runs that classify: how much is right over all elements, median, lowest and highest seed."""
    rows = {
        name: [
            plots.Dot(model, *(100 * value for value in found))
            for model, found in recipes.over_all(record).items()
            if model in recipes.SHOWN
        ]
        for name, record in runs.items()
    }
    said = "% right in the mean over all elements: median, lowest and highest of the seeds"
    return plots.Panel("runs", said, rows, one=False)


def course_of(name: str, past: list[dict[str, Any]]) -> plots.Course | None:
    """How the ratios of a benchmark changed, of the measurements up to now that share half of the last one's rows.

    None where that is the last one alone.
    """
    every = [(date.fromisoformat(one["date"]), dots) for one in past if (dots := _dots(one["rows"]))]
    for start in range(len(every) - 1):
        days, found = zip(*every[start:], strict=True)
        shared = [row for row in found[-1] if all(row in dots for dots in found)]
        if 2 * len(shared) >= len(found[-1]):
            return plots.Course(name, days, {row: [dots[row] for dots in found] for row in shared})
    return None


def _dots(rows: Any) -> dict[str, plots.Dot]:
    return {f"{one.row}, {one.sides}": plots.Dot(one.sides, one.ratio, one.low, one.high) for one in ratios_of(rows)}
