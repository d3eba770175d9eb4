"""The report as text: the verdict first, then what would make it mean less, then an aligned table."""

import math
from typing import TYPE_CHECKING

from erlangen.auditing.verdict import MEANING
from erlangen.pages import number, percent

if TYPE_CHECKING:
    from erlangen.auditing.report import AuditReport, Row

_COLUMNS = ("law", "elements", "verdict", "error", "95 % interval", "median", "p95", "worst", "top-1", "floor")
_RIGHT = range(3, 10)


def text(report: "AuditReport") -> str:
    """The whole report, verdict first."""
    lines = [headline(report), sentence(report), subject(report), ""]
    lines += [f"Warning: {warning}" for warning in report.warnings] + [""] * bool(report.warnings)
    lines += _table(report)
    lines += ["", *(f"Cause: {cause}" for cause in report.causes)] if report.causes else []
    lines += ["", legend(report)]
    return "\n".join(lines)


def headline(report: "AuditReport") -> str:
    """BROKEN: Net under D(4) on Grid(2)."""
    return f"{report.verdict.upper()}: {report.model} under {report.symmetry} on {report.domain!r}"


def sentence(report: "AuditReport") -> str:
    """The verdict in a sentence, with its number and its worst case."""
    r = report.worst
    parts = [f"It {MEANING[r.verdict]}" if r.verdict in ("exact", "proved", "broken") else f"It is {MEANING[r.verdict]}"]
    if r.verdict == "undefined":
        return "Undefined: " + MEANING["undefined"] + "."
    if r.verdict == "not resolved":
        parts = ["The error " + MEANING["not resolved"]]
    parts.append(f"error {number(r.error)} (95 % interval {_interval(r)}), largest at {r.element}, input {r.case.index}")
    if r.agreement is not None:
        parts.append(f"top-1 agreement {percent(r.agreement)}")
    return "; ".join(parts) + "."


def subject(report: "AuditReport") -> str:
    """What was audited, on what."""
    s = report.settings
    shape = " × ".join(map(str, s["shape"]))
    size = "" if s["parameters"] is None else f"{s['parameters']:,} parameters, "
    law = f"passes up to {report.tolerance:g}, " if report.tolerance is not None else ""
    return f"{size}{s['inputs']} inputs of {shape}, {s['dtype']}, {law}output {report.output!r}, seed {s['seed']}"


def legend(report: "AuditReport") -> str:
    """What the numbers are."""
    return (
        "error = √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))): 0 is exact, 1 unrelated. Translations are shown "
        "beside the group asked about" + (" and do not count." if any(not r.judged for r in report.verdicts) else ".")
    )


def _table(report: "AuditReport") -> list[str]:
    rows = [_cells(r) for r in report.verdicts]
    used = [i for i in range(len(_COLUMNS)) if any(cells[i] not in ("", "–") for cells in rows)]
    widths = {i: max(len(_COLUMNS[i]), *(len(cells[i]) for cells in rows)) for i in used}

    def line(cells: "tuple[str, ...] | list[str]") -> str:
        return "  ".join(cells[i].rjust(widths[i]) if i in _RIGHT else cells[i].ljust(widths[i]) for i in used).rstrip()

    lines = [line(_COLUMNS), "  ".join("─" * widths[i] for i in used)]
    for r, cells in zip(report.verdicts, rows, strict=True):
        lines.append(line(cells))
        lines += [f"    {note}" for note in notes(r)]
    return lines


def _cells(r: "Row") -> list[str]:
    return [
        r.law,
        r.elements,
        r.verdict,
        number(r.error),
        _interval(r),
        number(r.median),
        number(r.p95),
        number(r.worst),
        percent(r.agreement),
        number(r.floor, 2),
    ]


def notes(r: "Row") -> list[str]:
    """What has to be said of a row beside its numbers."""
    found = [r.note] if r.note else []
    if r.round_trip > 0:
        found.append(f"interpolated: there and back alone changes by {number(r.round_trip)}, so up to {number(3 * r.round_trip)} is not resolved")
    return found


def _interval(r: "Row") -> str:
    return "–" if math.isnan(r.low) else f"{number(r.low)} … {number(r.high)}"
