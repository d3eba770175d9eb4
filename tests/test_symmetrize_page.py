"""The page of five ways runs, and its table is what its last block prints, as far as training repeats itself."""

import re
from pathlib import Path
from typing import Any

import torch

from tests.written import code_of

PAGE = Path(__file__).parent.parent / "docs" / "symmetrize.md"
WAYS = ("as given", "augmented", "averaged", "canonicalized", "projected", "repaired", "derived")
POINTS = 8.0  # of seconds of training on another machine; the symmetry itself is compared exactly


def test_every_block_of_the_page_runs_and_its_table_is_what_came_out() -> None:
    names: dict[str, Any] = {}
    torch.manual_seed(0)
    exec(compile(code_of(PAGE), PAGE.name, "exec"), names)
    found, table = names["found"], PAGE.read_text(encoding="utf-8").split("<!-- table -->")[1].split("<!-- end -->")[0]
    rows = {way: cells for way, *cells in (row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:])}
    assert tuple(rows) == tuple(found) == WAYS
    for way, (still, moved, error, parameters, _, work) in rows.items():
        right, turned, measured, weights, cost = found[way]
        assert abs(float(still) - right) < POINTS and abs(float(moved) - turned) < POINTS, way
        assert (error == "rounding") == (measured < 1e-5), way
        assert (parameters, work) == (f"{weights:,}", f"{cost:,}"), way


def test_every_way_that_is_chosen_from_has_its_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    chosen = re.findall(r"\[`(\w+)`\]\(#([\w-]+)\)", text)
    assert [way for way, _ in chosen] == ["augment", "average", "canonicalize", "repair", "derive"]
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert {anchor for _, anchor in chosen} <= {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
