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
from pathlib import Path
from typing import Any

import history
from shown import figures, growth, plots, recipes, values, words
from shown.drawn import drawn, grouped, picture, svg_of
from shown.ratios import Ratio, keys_of, ratios_of

from erlangen.files import write_whole

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results"
PAGE, README, TEMPLATES = HOME / "docs" / "benchmarks.md", HOME / "README.md", HOME / "benchmarks" / "figures.md"
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


# --- what is told


def page(records: Records, past: list[dict[str, Any]]) -> str:
    groups, shown = grouped(records), drawn(records, past)
    with_ratios = {name for names in groups.values() for name in names}
    rest = [name for name, one in records.items() if "rows" in one and name not in with_ratios | {growth.NAME}]
    runs = {one["name"]: one for one in records.values() if recipes.is_recipe(one)}
    parts = [words.OPENING, *_ratio_parts(records, past, groups)]
    if growth.NAME in records:
        parts += [growth.told(records[growth.NAME]["rows"]), _image(picture("growth"), "growth of time and memory")]
        parts += _about(growth.NAME, records[growth.NAME], past)
    parts += [_runs(runs), "## All else that was measured\n\n" + words.ELSE]
    for name in rest:
        parts += [f"### {name}", *_about(name, records[name], past), *values.tables(records[name]["rows"])]
    parts += [_history(shown[picture("history")]), words.OWN]
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
    return values.table(
        ["", "sides", "ratio", "quartiles", "medians, ms"], [_ratio_row(one) for one in ratios_of(rows)]
    )


def _ratio_row(one: Ratio) -> list[str]:
    shown = [
        one.sides,
        three(one.ratio),
        f"{three(one.low)} … {three(one.high)}",
        f"{four(one.a_ms)} / {four(one.b_ms)}",
    ]
    return [one.row, *(cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in shown)]


def three(value: float) -> str:
    """Three digits, the last ones too where they are nought."""
    return f"{value:#.3g}".rstrip(".") if value < 1000 else f"{value:,.0f}"


def four(value: float) -> str:
    return values.number(float(f"{value:.4g}"))


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
    on += "" if "cores" in on or "not recorded" in on else " (processor and memory not recorded)"
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
    plot, tables = _image(picture("runs"), "accuracies of runs"), recipes.tables(dict(sorted(runs.items())))
    return "\n\n".join([words.RUNS, plot, tables])


def _history(courses: list[plots.Course]) -> str:
    head = ["benchmark", "rows", "first", "last", "geometric mean of the ratios"]
    rows = []
    for course in courses:
        means = " → ".join(f"{mean:.3g}" for mean in course.means())
        rows.append([course.title, str(len(course.rows)), str(course.days[0]), str(course.days[-1]), means])
    plot = _image(picture("history"), "ratios over time")
    return "\n\n".join([words.OVER_TIME, plot, values.table(head, rows)])


def _image(name: str, said: str) -> str:
    return f"![{said}]({name})"


def main() -> None:
    if "--from-git" in sys.argv:
        history.write(RESULTS, history.from_git(RESULTS))
    records, past = results(), history.read(RESULTS)
    for path, text in written(records, past).items():
        write_whole(path, text)
    for name, shown in drawn(records, past).items():
        write_whole(PAGE.with_name(name), svg_of(shown))
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
