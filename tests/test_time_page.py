"""The page on time runs, and says what was measured."""

import json
from pathlib import Path

from examples import another_speed
from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "time.md"


def table(rows: dict[str, dict]) -> str:
    lines = ["| | time over theirs | quartiles |", "| --- | ---: | ---: |"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['ratio']:.2f} | {row['quartile_low']:.2f} … {row['quartile_high']:.2f} |")
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__audit=2, er__derive=3)


def test_the_page_says_what_was_measured():
    rows = json.loads((HOME / "benchmarks" / "results" / "sequences.json").read_text(encoding="utf-8"))["rows"]
    assert table(rows) in PAGE.read_text(encoding="utf-8")


def test_the_page_says_which_students_came_near():
    rows = json.loads(another_speed.RESULTS.read_text(encoding="utf-8"))["rows"]
    assert f"<!-- another speed -->\n{another_speed.table(rows)}\n<!-- end -->" in PAGE.read_text(encoding="utf-8")
    missed = {kind: [seed["learnt"] for seed in seeds] for kind, seeds in rows.items()}
    assert min(missed["plain RNN"]) > max(missed["LSTM"] + missed["GRU"])  # what the page says of gates


def test_students_learn_and_maps_are_exact_in_small():
    for kind in another_speed.KINDS:
        found = another_speed.learnt(kind, 0, 20)
        assert found["learnt"] < found["the same weights"]
        assert ("mapped" in found) == ("exact" in kind) and found.get("mapped", 0.0) < 1e-6
