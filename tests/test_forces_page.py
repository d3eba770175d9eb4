"""The page on energies and forces runs, and says what was measured."""

import json
from pathlib import Path
from statistics import mean, median

from erlangen.train import read_config
from tests.written import run_blocks

HOME = Path(__file__).parent.parent
PAGE, KEPT = HOME / "docs" / "forces.md", HOME / "benchmarks" / "results"


def errors_table(found: dict) -> str:
    """Medians over seeds: of the force on an atom |ΔF| in meV/Å, of the energy of a molecule in meV, what changed."""
    head = (
        "| network | parameters | force, as recorded | force, turned | energy, as recorded | energy, turned | changed |"
    )
    lines = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for model, about in found["summary"].items():
        runs = [outcome["at"] for outcome in found["outcomes"] if outcome["model"] == model]
        force, energy = ([[entry[name] for entry in at] for at in runs] for name in ("error", "energy"))
        cells = [
            f"{1000 * scale * median(f(at) for at in each):.1f}"
            for each, scale in ((force, 1), (energy, 9))
            for f in (lambda at: at[0], lambda at: mean(at[1:]))
        ]
        changed = "rounding" if about["changed"] < 1e-5 else f"{about['changed']:.2g}"
        lines.append(f"| {model} | {about['parameters']:,} | {' | '.join(cells)} | {changed} |")
    return "\n".join(lines)


def drift_table(rows: list[dict]) -> str:
    lines = ["| step, fs | greatest change, meV | spread, meV | drift, meV/ps |", "| ---: | ---: | ---: | ---: |"]
    lines += [f"| {r['step_fs']:g} | {r['greatest']:.2f} | {r['spread']:.2f} | {r['per_ps']:+.3f} |" for r in rows]
    return "\n".join(lines)


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__Potential=1, er__calculator=1, er__derive=2, er__audit=1)


def test_the_page_says_what_was_measured():
    page = PAGE.read_text(encoding="utf-8")
    found = json.loads((KEPT / "xtb-forces.json").read_text(encoding="utf-8"))
    rows = json.loads((KEPT / "forces.json").read_text(encoding="utf-8"))["rows"]
    assert f"<!-- errors -->\n{errors_table(found)}\n<!-- end -->" in page
    assert f"<!-- drift -->\n{drift_table(rows)}\n<!-- end -->" in page
    assert rows[0]["spread"] > rows[1]["spread"] > rows[2]["spread"]


def test_what_was_measured_is_the_recipe():
    """One seed of it was run."""
    config = json.loads((KEPT / "xtb-forces.json").read_text(encoding="utf-8"))["config"]
    asked = read_config("xtb-forces").to_dict()
    for section in ("task", "data", "network"):
        assert config[section] == asked[section]
    apart = dict.fromkeys(("seeds", "models", "device"))
    assert {**config["train"], **apart} == {**asked["train"], **apart}
