"""What benchmarks have found over time: a line for each time one was measured, in results/history.jsonl.

A line has the benchmark's name, the date, the commit, machine, versions, and of its rows the ratios. `from_git` reads
from all versions of the results files that git knows what was measured before there was such a file; the date and the
commit are then those under which a result was stored.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from machine import commit, git
from shown.ratios import keys_of, ratios_of

from erlangen.files import write_whole

FILE = "history.jsonl"


def entry(name: str, record: dict[str, Any], day: str, at: str | None) -> dict[str, Any]:
    """One line, numbers to four digits: enough to see a change."""
    ratios = {row: record["rows"][row] for row in dict.fromkeys(found.row for found in ratios_of(record["rows"]))}
    rows = {
        row: {k: float(f"{v:.4g}") for k, v in values.items() if k in keys_of(values)} for row, values in ratios.items()
    }
    known = {key: record.get(key) for key in ("machine", "versions")}
    return {"name": name, "date": day, "commit": at, **known, "rows": rows}


def append(results: Path, name: str, record: dict[str, Any]) -> None:
    """Today's line, below the others."""
    write(results, [*read(results), entry(name, record, date.today().isoformat(), commit())])


def read(results: Path) -> list[dict[str, Any]]:
    """All lines, as they were written."""
    path = results / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def write(results: Path, entries: list[dict[str, Any]]) -> None:
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in entries)
    write_whole(results / FILE, "".join(lines))


def of(name: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of one benchmark, the oldest first."""
    return sorted((one for one in entries if one["name"] == name), key=lambda one: one["date"])


def from_git(results: Path) -> list[dict[str, Any]]:
    """Every state of every results file that git knows, and the lines there are of what is in none of them."""
    found = [one for path in sorted(results.glob("*.json")) for one in _states(path)]
    known = [_measured(one) for one in found]
    return sorted(
        [*found, *(one for one in read(results) if _measured(one) not in known)],
        key=lambda one: (one["date"], one["name"]),
    )


def _measured(one: dict[str, Any]) -> tuple[str, Any]:
    """What two lines of one measurement have in common; of benchmarks without ratios the day."""
    return one["name"], one["rows"] or one["date"]


def _states(path: Path) -> list[dict[str, Any]]:
    """Of one file, the oldest first; a commit that left all rows as they were is none."""
    states: list[dict[str, Any]] = []
    before = None
    for line in reversed(git("log", "--diff-filter=AM", "--format=%h %as", "--abbrev=9", "--", str(path)).splitlines()):
        at, day = line.split()
        record = json.loads(git("show", f"{at}:./results/{path.name}"))
        if not isinstance(record, dict) or "rows" not in record or record["rows"] == before:
            continue
        before = record["rows"]
        states.append(entry(path.stem, record, day, at))
    return states
