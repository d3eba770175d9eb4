"""The page on sets and graphs runs, and says what was measured."""

import json
from pathlib import Path

import networkx

from examples import what_layers_see as example
from examples.worlds import counted
from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "graphs.md"


def table(rows: dict[str, dict]) -> str:
    lines = ["| | steps | memory |", "| --- | ---: | ---: |"]
    for name, row in rows.items():
        if "ours_MiB" in row:
            memory = f"{row['ours_MiB']:.0f} of {row['theirs_MiB']:.0f} MiB"
            lines.append(f"| {name} | {row['ratio']:.1f} | {memory} |")
        elif "ratio" in row:
            lines.append(f"| {name} | {row['ratio']:.1f} | |")
    return "\n".join(lines)


RUNS = {"mutag": "mutagenic or not", "solubility": "soluble: low, medium, high", "cells": "ten types of cell"}


def table_of_runs() -> str:
    """% right in all orders of storage: means over folds, or medians over seeds, with their least and greatest."""
    lines = ["| | derived | plain, augmented | plain | commonest class |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, asked in RUNS.items():
        run = json.loads((HOME / "benchmarks" / "results" / "recipes" / f"{name}.json").read_text(encoding="utf-8"))
        cells = []
        for kind in ("derived", "augmented", "plain"):
            found = run["summary"].get(kind, {}).get("mean_accuracy")
            middle = found and 100 * found.get("mean", found["median"])
            cells.append(
                "" if found is None else f"{middle:.1f} ({100 * found['low']:.1f} … {100 * found['high']:.1f})"
            )
        lines.append(f"| `{name}`, {asked} | {' | '.join(cells)} | {100 * run['commonest_class'][1]:.1f} |")
    return "\n".join(lines)


def test_the_page_says_what_the_runs_found():
    assert table_of_runs() in PAGE.read_text(encoding="utf-8")


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__audit=5, er__derive=7)


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "graphs.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")


def test_the_page_says_what_layers_see():
    kept = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]
    page = PAGE.read_text(encoding="utf-8")
    assert example.table_of_pairs(kept) in page and example.table_of_counts(kept) in page


def test_what_layers_see_runs_in_small():
    rows = example.measured(kinds=("messages", "walks"), seeds=(0,), steps=3, graphs=8)
    assert set(rows["walks"]["apart"]) == set(example.PAIRS) and len(rows["walks"]["regular"][0]) == 3
    assert len(example.table_of_counts(rows).splitlines()) == 4
    apart = {name: rows["messages"]["apart"][name] > example.APART for name in example.PAIRS}
    assert not any(apart.values())


def test_cycles_are_those_that_are_listed():
    for seed in range(12):
        graph = networkx.gnp_random_graph(8, 0.5, seed=seed)
        found = [len(cycle) for cycle in networkx.simple_cycles(graph, length_bound=5)]
        counts = counted.cycles(networkx.to_numpy_array(graph))
        assert list(counts) == [found.count(length) for length in (3, 4, 5)]
    for pair in (counted.rings, counted.decalins, counted.rooks, counted.latin_squares):
        assert not networkx.is_isomorphic(*pair())
    assert {networkx.is_strongly_regular(graph) for graph in (*counted.rooks(), *counted.latin_squares())} == {True}
    assert len({tuple(sorted(dict(graph.degree).values())) for graph in counted.skip_links()}) == 1
