"""The page on speeds says what was found, and the example that finds it runs in small."""

import json
from pathlib import Path

import torch

from erlangen.data import DataSet
from examples import speeds as example
from tests.train.small import waves

PAGE = Path(__file__).parent.parent / "docs" / "speeds.md"


def test_the_page_says_what_was_found():
    rows = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]
    page = PAGE.read_text(encoding="utf-8")
    for name, found in rows.items():
        assert set(found) == set(example.KINDS) and all(len(seeds) == len(example.SEEDS) for seeds in found.values())
        assert f"<!-- {name} -->\n{example.table(found)}\n<!-- end -->" in page


def test_networks_of_all_kinds_are_about_equally_large_and_told_where_they_can_be(monkeypatch):
    data = DataSet(*(waves(n, seed) for seed, n in enumerate((24, 8, 16))), ("slow", "fast"), "waves", "", "")
    monkeypatch.setattr(example, "load", lambda name: data)
    torch.manual_seed(0)
    found = example.measured({"waves": 1}, seeds=(0,))["waves"]
    sizes = [seeds[0]["parameters"] for seeds in found.values()]
    assert max(sizes) < 1.15 * min(sizes)
    for kind, seeds in found.items():
        assert ("told" in seeds[0]) == ("exact" in kind) and len(seeds[0]["not told"]) == len(example.FACTORS)
    recorded = example.FACTORS.index(1.0)
    told = found["gated, exact"][0]
    assert told["told"][recorded] == told["not told"][recorded]
    told = sum("exact" in kind for kind in found)
    assert example.table(found).count("\n") == 1 + len(found) + told
