"""docs/hexagons.md: its code runs, its figure is what the code draws, its table what was measured; and a small run."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from erlangen.data import DataSet
from examples import hexagonal_digits as example

PAGE = example.PAGE.read_text(encoding="utf-8")
NAMES = [network.name for network in example.NETWORKS]
PAIR = [network for network in example.NETWORKS if network.name in ("C4 on squares", "C6 on hexagons")]


def cells(drawing: str) -> list[tuple[str, str]]:
    """(place of its first cell, shape) of every mark, whatever its colour."""
    return sorted(re.findall(r"M([-\d.]+ [-\d.]+)(l[^zM]*)z", drawing))


def test_every_block_of_the_page_runs_and_draws_the_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(example.PAGE), "exec"), names)
    drawn = (tmp_path / "hexagons.svg").read_text(encoding="utf-8")
    kept = (example.PAGE.parent / "hexagons.svg").read_text(encoding="utf-8")
    assert cells(drawn) == cells(kept)
    assert len(cells(drawn)) == 64 + 127 + int((names["mask"](names["fine"]) > 0).sum())  # pyright: ignore


def test_the_table_is_what_was_measured_as_was_said_before():
    record = json.loads(example.RESULTS.read_text(encoding="utf-8"))
    assert example.written(PAGE, record["rows"]) == PAGE
    assert (record["metric"], record["baseline"], record["hoped"]) == (example.METRIC, example.BASELINE, example.HOPED)
    assert list(record["rows"]) == NAMES
    for row, network in zip(record["rows"].values(), example.NETWORKS, strict=True):
        assert (tuple(row["channels"]), row["parameters"]) == (network.channels, example.parameters(network))
        assert [len(angles) for angles in row["accuracy"]] == [24] * len(example.SETTINGS.seeds)


def test_equal_parameters_are_as_much_more_work_as_the_page_says():
    work = {network.name: example.multiply_adds(network) for network in example.NETWORKS}
    more = [work[f"{six} on hexagons"] / work[f"{four} on squares"] for six, four in (("C6", "C4"), ("D6", "D4"))]
    assert "{:.1f} and {:.1f} times the multiply-adds".format(*more) in PAGE.replace("\n", " ")


@pytest.mark.parametrize("network", example.NETWORKS, ids=NAMES)
def test_all_networks_have_equally_many_parameters(network: example.Network):
    assert abs(example.parameters(network) / example.PARAMETERS - 1) <= example.WITHIN


def test_a_small_run_says_the_same_at_the_turns_that_the_lattice_keeps(monkeypatch: pytest.MonkeyPatch):
    """Up to an answer or two in forty, since other turns of the fine page have to interpolate."""
    monkeypatch.setattr(example, "ANGLES", (0, 60, 90, 180))
    data = small(example.digits())
    networks = [replace(network, channels=(network.group.order,) * 3) for network in PAIR]
    rows = example.measured(networks, data, replace(example.SETTINGS, seeds=(0,), epochs=1))
    ((squares,), (hexagons,)) = (row["accuracy"] for row in rows.values())
    assert squares == pytest.approx([squares[0], squares[1], squares[0], squares[0]], abs=0.05)
    assert hexagons == pytest.approx([hexagons[0], hexagons[0], hexagons[2], hexagons[0]], abs=0.05)
    assert "C6 on hexagons" in example.table(rows)


@pytest.mark.parametrize(("network", "kept", "other"), [(PAIR[0], 90, 60), (PAIR[1], 60, 90)], ids=["C4", "C6"])
def test_what_is_turned_on_the_fine_page_is_turned_on_the_lattice(network: example.Network, kept: int, other: int):
    page = example.digits().test.inputs[:16]
    net = network.made().eval()
    upright, same, different = (net(example.on(network.domain, example.turned(page, a))) for a in (0, kept, other))
    spread = (upright - upright.mean(0)).norm()
    assert (same - upright).norm() < 0.2 * spread
    assert (different - upright).norm() > 0.5 * spread


def small(data: DataSet) -> DataSet:
    return replace(data, **{part: pair.take(list(range(40))) for part, pair in data.parts.items()})


def rows(ours: list[float], theirs: list[float]) -> dict[str, dict]:
    return {
        name: {"channels": [1], "parameters": 1, "accuracy": [[a] for a in values]}
        for name, values in (("C4 on squares", theirs), ("C6 on hexagons", ours))
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ([0.8, 0.9, 0.85], [0.81, 0.7, 0.75], "inside the spread of the seeds: no gap"),
        (
            [0.9, 0.92, 0.91],
            [0.81, 0.7, 0.75],
            "+16.0 points to C4 on squares, outside the spread of the seeds: as",
        ),
        ([0.82, 0.83, 0.82], [0.81, 0.80, 0.81], "less than hoped"),
        (
            [0.7, 0.7, 0.7],
            [0.81, 0.80, 0.81],
            "−11.0 points to C4 on squares, outside the spread of the seeds: the",
        ),
    ],
)
def test_a_gap_is_said_as_it_is(ours: list[float], theirs: list[float], words: str):
    assert words in example.gap(rows(ours, theirs), "C6 on hexagons")
