"""The page on the n-body benchmark says what was measured; with the other pages on data it is run."""

import json
from pathlib import Path

HOME = Path(__file__).parent.parent
PAGE = HOME / "docs" / "nbody.md"
ROWS = json.loads((HOME / "benchmarks" / "results" / "nbody.json").read_text(encoding="utf-8"))["rows"]
NETWORKS = ("derived", "EGNN", "augmented", "plain")
TARGET = 0.0043


def table() -> str:
    """Mean square errors: the median over seeds, with the least and the greatest."""
    lines = ["| | test error | parameters | seconds |", "| --- | ---: | ---: | ---: |"]
    still = ROWS["straight flight"]
    lines.append(f"| straight flight, by {still['s']:.3f} velocities | {still['median']:.4f} | 1 | |")
    for name in NETWORKS:
        row = ROWS[name]
        least, most = min(row["test"]), max(row["test"])
        seconds = sorted(row["seconds of the processor"])[1]
        lines.append(
            f"| {name} | {row['median']:.4f} ({least:.4f} … {most:.4f}) | {row['parameters']:,} | {seconds:.0f} |"
        )
    return "\n".join(lines)


def simulation() -> str:
    """What the audit of the simulation found on all of the test part."""
    row = ROWS["the simulation itself"]
    changed, turns, least = (row[key] for key in ("changed by a turn", "turns", "least"))
    return (
        f"Turned at the time of the input, {100 * changed:.0f} % of the test trajectories end elsewhere than where the "
        f"turned ones would, over\n{turns} turns drawn at random. Over all turns of the test part no equivariant "
        f"answer has a mean square error below {least:.4f}, the\nvariance of the ends, turned back."
    )


def test_the_page_says_what_was_measured():
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- table -->\n{table()}\n<!-- end -->" in page
    assert f"<!-- simulation -->\n{simulation()}\n<!-- end -->" in page


def test_every_seed_reached_the_target_beside_networks_of_about_its_size():
    assert max(ROWS["derived"]["test"]) <= TARGET and len(ROWS["derived"]["test"]) == 3
    assert all(ROWS[name]["epochs"] >= ROWS["derived"]["epochs"] for name in NETWORKS)
    sizes = [ROWS[name]["parameters"] for name in NETWORKS]
    assert max(sizes) < 1.1 * min(sizes)
    assert min(ROWS["derived"]["test"]) > ROWS["the simulation itself"]["least"]
