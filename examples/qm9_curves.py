"""Errors on QM9 against how many molecules were learnt from: the table and the drawing of `docs/qm9.md`.

`python -m examples.qm9_curves` writes both from what benchmarks/qm9_curves.py kept.
"""

import json
import re
from pathlib import Path
from statistics import median

from erlangen.files import write_whole
from erlangen.pages.scaling import Trace, loglog
from erlangen.pages.svg import tag

HOME = Path(__file__).parents[1]
KEPT, PAGE = HOME / "benchmarks" / "results" / "qm9_curves.json", HOME / "docs" / "qm9.md"
DRAWING = HOME / "docs" / "qm9_curves.svg"
MARK = re.compile(r"<!-- curves -->\n.*?<!-- end -->", flags=re.DOTALL)
SIZES = ("300", "1000", "3000")
TARGETS = {"gap": ("gap", "eV"), "vector": ("dipole moment", "D")}
NETWORKS = ("derived", "EGNN", "plain")
WIDE, HIGH, ROOM = 420, 300, 22
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#555}.axis{stroke:#ddd;fill:none}"
    "svg{--series-1:#274f8d;--series-2:#c4622d;--series-3:#1c7048}"
)
Rows = dict[str, dict]


def kept() -> Rows:
    """What the benchmark found: of each target and network the errors from every seed at every size."""
    return json.loads(KEPT.read_text(encoding="utf-8"))["rows"]


def measured(rows: Rows) -> dict[str, tuple[str, str]]:
    """The targets of which there are errors, with their names and units."""
    return {target: about for target, about in TARGETS.items() if f"{target}, {NETWORKS[-1]}" in rows}


def table(rows: Rows) -> str:
    """Mean errors, the median of three seeds, with the least and the greatest."""
    lines = [
        f"| | {' | '.join(f'{int(n):,} molecules' for n in SIZES)} | learning rate | parameters |",
        f"| --- | {'---: | ' * len(SIZES)}---: | ---: |",
    ]
    for target, (name, unit) in measured(rows).items():
        for network in NETWORKS:
            row = rows[f"{target}, {network}"]
            cells = [f"{median(row[n]):.3f} ({min(row[n]):.3f}–{max(row[n]):.3f})" for n in SIZES]
            lines.append(
                f"| {name}, {unit}: {network} | {' | '.join(cells)} | {row['rate']:g} | {row['parameters']:,} |"
            )
    return "\n".join(lines)


def drawn(rows: Rows) -> str:
    """A chart for each target, both axes logarithmic, bands from the least to the greatest seed."""
    panels = []
    for place, (target, (name, unit)) in enumerate(measured(rows).items()):
        traces = [_trace(network, rows[f"{target}, {network}"], at + 1) for at, network in enumerate(NETWORKS)]
        chart = loglog([int(n) for n in SIZES], traces, "molecules", f"{name}, mean error, {unit}", WIDE, HIGH)
        sized = chart.replace("<svg ", f'<svg x="{place * WIDE}" width="{WIDE}" height="{HIGH}" ', 1)
        panels.append(sized)
    size = f"0 0 {WIDE * len(panels)} {HIGH + ROOM}"
    label = 'role="img" aria-label="Mean errors by the number of molecules"'
    ground = tag("rect", width="100%", height="100%", fill="#ffffff")
    inside = "".join([f"<style>{STYLE}</style>", ground, *panels, _legend()])
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" {label}>{inside}</svg>\n'


def written(page: str, rows: Rows) -> str:
    """The page with the table between its marks."""
    return MARK.sub(f"<!-- curves -->\n{table(rows)}\n<!-- end -->", page)


def _trace(network: str, row: dict, series: int) -> Trace:
    found = [row[n] for n in SIZES]
    return Trace(network, [median(f) for f in found], series, low=[min(f) for f in found], high=[max(f) for f in found])


def _legend() -> str:
    parts = []
    for at, network in enumerate(NETWORKS):
        x, y = 52 + 90 * at, HIGH + 8
        parts += [
            tag("circle", cx=x, cy=y, r=4, fill=f"var(--series-{at + 1})"),
            tag("text", network, x=x + 9, y=y + 4),
        ]
    return "".join(parts)


def main() -> None:
    rows = kept()
    write_whole(DRAWING, drawn(rows))
    write_whole(PAGE, written(PAGE.read_text(encoding="utf-8"), rows))


if __name__ == "__main__":
    main()
