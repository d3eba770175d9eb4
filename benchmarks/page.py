"""docs/benchmarks.md and its plots, and the figures in README.md, written from benchmarks/results; nothing is measured.

    python benchmarks/page.py               # what the results files have now
    python benchmarks/page.py --from-git    # before that, the history is read anew from all versions that git knows

`make bench` runs it last.
"""

import ast
import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import history
from shown import figures, growth, plots, recipes, values
from shown.ratios import Ratio, keys_of, ratios_of

from erlangen.files import write_whole

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results"
PAGE, README, TEMPLATES = HOME / "docs" / "benchmarks.md", HOME / "README.md", HOME / "benchmarks" / "figures.md"
GROUPS = {  # beside whom: the results files; those with ratios over plain layers, and all others, find their place
    "escnn": ("peer",),
    "e3nn": ("points", "spherical"),
    "PyTorch Geometric": ("graphs",),
    "plain torch": (),
    "other programs and our own parts": (),
}
PLAIN = {"plain", "theirs"}  # the sides that are plain torch where no other peer is named
WIDEST = 7  # columns of a table; further values stand in one of their own

Records = dict[str, Any]


def results(place: Path = RESULTS) -> Records:
    """Every results file by its name, those of the runs with their folder before it."""
    paths = [*sorted(place.glob("*.json")), *sorted((place / "recipes").glob("*.json"))]
    return {
        path.relative_to(place).with_suffix("").as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in paths
    }


def written(records: Records, past: list[dict[str, Any]]) -> dict[Path, str]:
    """The texts that follow from the results: the page, and the README with its figures."""
    told = figures.templates(TEMPLATES.read_text(encoding="utf-8"))
    return {
        PAGE: page(records, past),
        README: figures.written(README.read_text(encoding="utf-8"), told, records),
    }


# --- what is drawn


def drawn(records: Records, past: list[dict[str, Any]]) -> dict[Path, Any]:
    """What each plot shows."""
    panels = {name: [panel(one, records[one]) for one in ones] for name, ones in grouped(records).items() if ones}
    runs = {Path(name).name: one for name, one in records.items() if recipes.is_recipe(one)}
    right = {name: one for name, one in runs.items() if recipes.measure_of(one) == "mean_accuracy"}
    found = {
        **{picture(name): every for name, every in panels.items()},
        picture("runs"): [accuracies(right)],
        picture("history"): [course for name in records if (course := course_of(name, history.of(name, past)))],
    }
    if "throughput" in records:
        found[picture("growth")] = growth.panels(records["throughput"]["rows"])
    return found


def picture(name: str) -> Path:
    return PAGE.with_name(f"benchmarks-{name.lower().replace(' ', '-')}.svg")


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
    """How the ratios of a benchmark changed; None where there are not two days with rows in common."""
    by_day = {date.fromisoformat(one["date"]): ratios_of(one["rows"]) for one in past}
    rows: dict[str, list[tuple[date, plots.Dot]]] = {}
    for day, found in by_day.items():
        for one in found:
            dot = plots.Dot(one.sides, one.ratio, one.low, one.high)
            rows.setdefault(f"{one.row}, {one.sides}", []).append((day, dot))
    days = sum(map(bool, by_day.values()))
    whole = {row: dots for row, dots in rows.items() if len(dots) == days}
    return plots.Course(name, whole) if days > 1 and whole else None


# --- what is told


def grouped(records: Records) -> dict[str, list[str]]:
    """The files that hold ratios, by whom they stand beside."""
    found: dict[str, list[str]] = {name: [] for name in GROUPS}
    *_, plain, others = GROUPS
    for name, record in records.items():
        ratios = ratios_of(record.get("rows"))
        if not ratios:
            continue
        named = next((group for group, names in GROUPS.items() if name in names), None)
        found[named or (plain if any(one.b in PLAIN for one in ratios) else others)].append(name)
    return found


def page(records: Records, past: list[dict[str, Any]]) -> str:
    groups, shown = grouped(records), drawn(records, past)
    with_ratios = {name for names in groups.values() for name in names}
    rest = [name for name, one in records.items() if "rows" in one and name not in with_ratios | {"throughput"}]
    runs = {one["name"]: one for one in records.values() if recipes.is_recipe(one)}
    parts = [_opening(), *_ratio_parts(records, past, groups)]
    if "throughput" in records:
        parts += [growth.told(records["throughput"]["rows"]), _image(picture("growth"), "growth of time and memory")]
        parts += [*_about("throughput", records["throughput"], past)]
    parts += [_runs(runs), "## All else that was measured\n\n" + ELSE]
    for name in rest:
        parts += [f"### {name}", *_about(name, records[name], past), *values.tables(records[name]["rows"])]
    parts += [_history(shown[picture("history")]), OWN]
    return "\n\n".join(parts).rstrip() + "\n"


def _ratio_parts(records: Records, past: list[dict[str, Any]], groups: Mapping[str, list[str]]) -> list[str]:
    parts: list[str] = []
    for group, names in groups.items():
        if names:
            parts += [f"## Beside {group}", _image(picture(group), f"ratios beside {group}")]
        for name in names:
            rows = records[name]["rows"]
            parts += [f"### {name}", *_about(name, records[name], past), ratio_table(rows), *other_tables(rows)]
    return parts


def ratio_table(rows: Mapping[str, Any]) -> str:
    """Sides, ratio, quartiles and both medians."""
    return values.table(["", "sides", "ratio", "quartiles", "medians, ms"], [_ratio_row(one) for one in ratios_of(rows)])


def _ratio_row(one: Ratio) -> list[str]:
    medians = f"{values.number(float(f'{one.a_ms:.4g}'))} / {values.number(float(f'{one.b_ms:.4g}'))}"
    return [one.row, one.sides, f"{one.ratio:.3g}", f"{one.low:.3g} … {one.high:.3g}", medians]


def other_tables(rows: Mapping[str, Any]) -> list[str]:
    """What stands in the rows beside their ratios, and rows without."""
    left = {
        row: {name: value for name, value in found.items() if name not in keys_of(found)} for row, found in rows.items()
    }
    return values.tables({row: found for row, found in left.items() if found})


def _about(name: str, record: Any, past: list[dict[str, Any]]) -> list[str]:
    """What was measured, how to do it again, and on what it was."""
    said, command = maker(name)
    days = [one["date"] for one in history.of(name, past)]
    known = record.get("versions") or {}
    versions = ", ".join(f"{package} {number}" for package, number in known.items()) or "versions not recorded"
    on = record.get("machine") or "machine not recorded"
    day = f"{days[-1]}: " if days else ""
    return [part for part in (said, f"`{command}` · {day}{on} · {versions}" if command else "") if part]


def maker(name: str) -> tuple[str, str]:
    """What the program that wrote a results file says of itself in its first paragraph, and how it is run."""
    for folder, run in (("benchmarks", "python benchmarks/{}.py"), ("examples", "python -m examples.{} --run")):
        for path in sorted((HOME / folder).glob("*.py")):
            source = path.read_text(encoding="utf-8")
            if re.search(rf'(keep\(\s*"{name}"|"{name}\.json")', source) and path != Path(__file__):
                doc = ast.get_docstring(ast.parse(source)) or ""
                return doc.split("\n\n")[0].replace("\n", " "), run.format(path.stem)
    return "", ""


def _runs(runs: Mapping[str, Any]) -> str:
    said = (
        "## Accuracies of the built-in runs\n\nThe derived network, a plain one of equal parameters, and the plain one with augmentation: the "
        "median of the seeds, then the lowest and the highest. `erlangen train NAME` runs one; what was hoped for before each "
        "stands in its page. On what machine they were run was not recorded before; of time nothing is said here."
    )
    return f"{said}\n\n{_image(picture('runs'), 'accuracies of runs')}\n\n{recipes.tables(dict(sorted(runs.items())))}"


def _history(courses: list[plots.Course]) -> str:
    head = ["benchmark", "days", "first", "last", "geometric mean of the ratios, first", "last"]
    rows = []
    for course in courses:
        days = sorted({day for dots in course.rows.values() for day, _ in dots})
        means = plots.geometric_means(course)
        rows.append([course.title, str(len(days)), str(days[0]), str(days[-1]), f"{means[0]:.3g}", f"{means[-1]:.3g}"])
    said = (
        "## Over time\n\nEvery measurement adds a line to [history.jsonl](../benchmarks/results/history.jsonl): date, commit, machine, versions and "
        "ratios. What is older was read from git (`python benchmarks/page.py --from-git`), under the day and the commit that stored it. "
        "Thin lines are rows, with quartiles, the thick one is their geometric mean; only rows are shown that were there on every "
        "day, of a day the last measurement. Sides may have changed, too: a row is one case, not one program."
    )
    return f"{said}\n\n{_image(picture('history'), 'ratios over time')}\n\n{values.table(head, rows)}"


def _image(path: Path, said: str) -> str:
    return f"![{said}]({path.name})"


def _opening() -> str:
    return OPENING


OPENING = """# Benchmarks

What was measured, beside whom, on what, and how much it varied. This page is written from the files in
[benchmarks/results](../benchmarks/results) by `python benchmarks/page.py`, which `make bench` runs last; figures in the README are written
with it, and a test compares both with the files.

A ratio is of times: the first side's over the second's, as the column *sides* has it. Both sides run in turn in one process, so that
a slow moment of the machine falls on both; the ratio is the median of those of the rounds, with its quartiles. Where the first side is
*ours*, less than 1 is faster than the other; where it is *theirs*, the ratio says how many times faster ours is. Absolute times are of the machine named
and mean little elsewhere. Targets, where a table has them, were set before the measurement, and not all are met."""

ELSE = """A number of many, over seeds, cases or months, is their median, with the lowest and the highest behind it."""

OWN = """## A benchmark of your own

A file in `benchmarks`, say `mine.py`, whose docstring opens with what it measures:

```python
\"\"\"My layer beside torch's own, a training step of each.\"\"\"

from measure import interleaved, keep, ratio

seconds = interleaved({"ours": ours, "plain": plain}, rounds=41)  # two functions without arguments
keep("mine", {"64 channels": ratio(seconds, "ours", "plain")})
```

`python benchmarks/mine.py` writes `results/mine.json` and a line of the history, with the machine and the versions of what was loaded;
`python benchmarks/page.py` then has a section for it here and a row in the plot of plain torch. Rows may hold further values, which
stand in a table below, and rows without a ratio are shown as they are. A third side is `peer_ratio`, `peer_quartile_low`,
`peer_quartile_high` and `peer_ms`. Beside another peer the file's name goes into `GROUPS` of
[page.py](../benchmarks/page.py). A figure for the README is a field in [figures.md](../benchmarks/figures.md)."""


def main() -> None:
    if "--from-git" in sys.argv:
        history.write(RESULTS, history.from_git(RESULTS))
    records, past = results(), history.read(RESULTS)
    for path, text in written(records, past).items():
        write_whole(path, text)
    for path, shown in drawn(records, past).items():
        write_whole(path, svg_of(shown))
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
