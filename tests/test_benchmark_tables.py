"""The page of benchmarks, its plots and the figures of the README are those of the results files."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

HOME = Path(__file__).parents[1]
MODULES = (
    *("fits", "history", "machine", "measure", "page"),
    *(f"shown.{name}" for name in ("drawn", "figures", "growth", "plots", "ratios", "recipes", "values")),
)
ROW = {"ratio": 2.0, "quartile_low": 1.9, "quartile_high": 2.2, "ours_ms": 4.0, "plain_ms": 2.0}


@pytest.fixture(scope="module")
def bench() -> Any:
    """The modules of the benchmarks, which stand beside one another and not in a package."""
    place, before = str(HOME / "benchmarks"), set(sys.modules)
    sys.path.insert(0, place)
    try:
        yield SimpleNamespace(**{name.removeprefix("shown."): import_module(name) for name in MODULES})
    finally:
        sys.path.remove(place)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None)).startswith(place):
                del sys.modules[name]


@pytest.fixture(scope="module")
def kept(bench: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return bench.page.results(), bench.history.read(bench.page.RESULTS)


# --- what stands in the repository


def test_the_page_and_the_readme_are_written_from_the_results(bench: Any, kept: Any):
    texts = bench.page.written(*kept)
    assert {path.name for path in texts} == {"benchmarks.md", "README.md"}
    for path, text in texts.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: python benchmarks/page.py"


def test_every_plot_is_drawn_from_the_results(bench: Any, kept: Any):
    shown = bench.drawn.drawn(*kept)
    assert set(shown) == {path.name for path in (HOME / "docs").glob("benchmarks*.svg")}
    for name, drawn in shown.items():
        svg = (HOME / "docs" / name).read_text(encoding="utf-8")
        assert f"drawn from {bench.plots.digest(drawn)}" in svg, f"{name}: python benchmarks/page.py"
        assert "prefers-color-scheme: dark" in svg and ElementTree.fromstring(svg).tag.endswith("svg")


def test_the_tables_of_the_readme_have_no_figure_that_is_not_a_field(bench: Any):
    told = bench.figures.templates(bench.page.TEMPLATES.read_text(encoding="utf-8"))
    marked = [mark["name"] for mark in bench.figures.MARK.finditer((HOME / "README.md").read_text(encoding="utf-8"))]
    assert sorted(marked) == sorted(told) and len(told) >= 6
    for line in told["costs"].splitlines():
        cells = [cell.strip() for cell in line.split("|")[2:-1]]
        assert all("{" in cell or not any(c.isdigit() for c in cell) for cell in cells), line


def test_what_the_readme_says_of_exported_networks_holds(kept: Any):
    rows = kept[0]["exported_eval"]["rows"]
    assert all(rows[name]["largest_difference"] == 0 for name in ("2-D C4", "2-D D4", "3-D octahedral, regular fields"))


def test_every_results_file_is_told(bench: Any, kept: Any):
    text = bench.page.PAGE.read_text(encoding="utf-8")
    for name, record in kept[0].items():
        if "rows" in record:
            assert f"### {name}\n" in text or name == "throughput"
            assert name == "throughput" or bench.page.maker(name)[1] or "machine" not in record, name
        elif bench.recipes.is_recipe(record):
            assert f"| {record['name']} |" in text


def test_the_last_line_of_the_history_is_what_the_results_have(bench: Any, kept: Any):
    records, past = kept
    for name, record in records.items():
        ratios = bench.ratios.ratios_of(record.get("rows"))
        if ratios:
            last = bench.ratios.ratios_of(bench.history.of(name, past)[-1]["rows"])
            assert [(one.row, one.sides) for one in last] == [(one.row, one.sides) for one in ratios]
            assert [one.ratio for one in last] == pytest.approx([one.ratio for one in ratios], rel=1e-3)


# --- how they are made


def test_a_figure_that_is_wrong_is_seen(bench: Any):
    page, told = "by <!-- figures: a --> 1.06 <!-- end --> then", {"a": "{x[rows][C4, 2-D][ratio]:.2f}"}
    assert bench.figures.written(page, told, {"x": {"rows": {"C4, 2-D": {"ratio": 1.0547}}}}) == page.replace("6", "5")
    with pytest.raises(KeyError):
        bench.figures.written(page, {}, {})


def test_a_third_side_is_a_ratio_over_the_same_second(bench: Any):
    row = {**ROW, "peer_ratio": 3.0, "peer_quartile_low": 2.5, "peer_quartile_high": 3.5, "peer_ms": 6.0, "target": 1}
    found = bench.ratios.ratios_of({"case": row, "other": {"median": 0.1}, "lone": {"ratio": 1.0}})
    assert [(one.sides, one.ratio, one.a_ms, one.b_ms) for one in found] == [
        ("ours / plain", 2.0, 4.0, 2.0),
        ("peer / plain", 3.0, 6.0, 2.0),
    ]
    assert set(row) - bench.ratios.keys_of(row) == {"target"}


def test_values_of_every_shape_become_tables(bench: Any):
    rows = {
        "a": {"s": 1.0, "seeds": [1, 2, 3]},
        "b": [{"s": 2.0}, {"s": 4.0}],
        "c": {"d": {"e": {"verdict": ["exact"] * 2}}},
    }
    first, second = bench.values.tables(rows)
    assert first.splitlines()[2:] == ["| a | 1 | 2 (1 … 3) |", "| b | 3 (2 … 4) |  |"]
    assert second.splitlines()[2:] == ["| c, d, e | exact |"]


def test_what_is_kept_says_on_what_it_was_measured(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench.measure, "RESULTS", tmp_path)
    for ratio in (2.0, 1.5):
        bench.measure.keep("mine", {"case": {**ROW, "ratio": ratio}, "other": {"median": 0.1}}, peer="3.2")
    record = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert "cores" in record["machine"] and "threads" in record["machine"]
    assert {"torch", "numpy", "erlangen"} < set(record["versions"]) and record["versions"]["peer"] == "3.2"
    past = bench.history.read(tmp_path)
    assert [one["rows"]["case"]["ratio"] for one in past] == [2.0, 1.5]
    assert (
        past[0].keys() == {"name", "date", "commit", "machine", "versions", "rows"} and "other" not in past[0]["rows"]
    )
    assert past[0]["machine"] == record["machine"]


def test_a_course_is_of_rows_that_were_there_all_along(bench: Any):
    def line(day: int, *names: str) -> dict[str, Any]:
        return {"name": "x", "date": f"2026-01-0{day}", "rows": dict.fromkeys(names, ROW)}

    course = bench.drawn.course_of("x", [line(1, "old"), line(2, "a", "b"), line(3, "a", "b", "c")])
    assert [day.day for day in course.days] == [2, 3] and course.means() == pytest.approx([2, 2])
    assert [row.split(",")[0] for row in course.rows] == ["a", "b"]
    assert bench.drawn.course_of("x", [line(1, "old"), line(2, "a")]) is None


def test_a_results_file_of_ones_own_has_its_section(bench: Any, kept: Any):
    records, past = kept
    own = {"rows": {"64 channels": ROW, "apart": {"error": 0.5}}}
    text = bench.page.page({**records, "mine": own}, past)
    _, section = text.split("### mine\n")
    mine = section.split("###")[0].replace("\N{NO-BREAK SPACE}", " ")
    assert "| 64 channels | ours / plain | 2.00 | 1.90 … 2.20 | 4 / 2 |" in mine and "| apart | 0.5 |" in mine


def test_the_history_of_git_is_read_anew(bench: Any, kept: Any):
    if subprocess.run(["git", "-C", str(HOME), "rev-parse"], capture_output=True, check=False).returncode:
        pytest.skip("not in git")
    known = {(one["name"], one["commit"]) for one in kept[1]}
    states = bench.history._states(bench.page.RESULTS / "training_step.json")
    if len(states) < 2:
        pytest.skip("a shallow clone")
    assert {(one["name"], one["commit"]) for one in states[:7]} <= known


@pytest.mark.parametrize("fit", ["line", "power"])
def test_growth_is_fitted(bench: Any, fit: str):
    law: dict[str, tuple[Callable[[float], float], dict[str, float]]] = {
        "line": (lambda n: 3 + 0.5 * n, {"a": 3, "b": 0.5}),
        "power": (lambda n: 0.1 * n**1.5, {"c": 0.1, "p": 1.5}),
    }
    times, known = law[fit]
    sizes = [16.0, 32.0, 64.0]
    found = getattr(bench.fits, fit)(sizes, [times(n) for n in sizes])
    assert {name: found[name] for name in known} == pytest.approx(known) and found["error"] < 1e-9
    off = getattr(bench.fits, fit)(sizes, [times(n) * (1.2 if n == 32 else 1) for n in sizes])
    assert off["error"] > 0.02


def test_throughput_knows_every_run_and_gives_each_network_what_it_takes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(HOME / "benchmarks"))
    import throughput

    assert set(throughput.USUAL) == set(throughput.builtin())
    for name in ("rotated-digits", "mutag", "nbody"):
        task = throughput.task_of(throughput.read_config(name).task)
        every = throughput.cells(name, 4)
        assert every[0] == (4, throughput.USUAL[name]) and {n for n, _ in every} == {4, 2, 1}
        throughput.inputs(task, 2, throughput.USUAL[name])


def test_make_writes_the_page_last():
    bench = (HOME / "Makefile").read_text(encoding="utf-8").split("\nbench:")[1].split("\n\n")[0]
    assert "filter-out benchmarks/page.py" in bench and bench.index("sort") < bench.rindex("benchmarks/page.py;")
    assert (
        "benchmarks"
        in tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"][
            "include"
        ]
    )
