"""The report as text: the verdict first, then what would make it mean less, then an aligned table."""

import math
import textwrap
from typing import TYPE_CHECKING

from erlangen.auditing.verdict import MEANING, ROUND_TRIPS
from erlangen.pages import number, percent
from erlangen.task import Invariant

if TYPE_CHECKING:
    from erlangen.auditing.motion import Output
    from erlangen.auditing.report import AuditReport, Row

_COLUMNS = ("law", "elements", "verdict", "error", "95 % interval", "median", "p95", "worst", "top-1", "floor")
_RIGHT = range(3, 10)
WIDTH = 120


def text(report: "AuditReport") -> str:
    """The whole report, verdict first."""
    lines = [headline(report), sentence(report), subject(report), ""]
    lines += [_wrapped(f"Warning: {warning}") for warning in report.warnings] + [""] * bool(report.warnings)
    lines += _table(report)
    lines += ["", *(_wrapped(f"Cause: {cause}") for cause in report.causes)] if report.causes else []
    law = report.settings["translation_law"]
    lines += ["", _wrapped(f"The network's own law of translations: {law}.")] if law else []
    lines += ["", _wrapped(legend(report))]
    return "\n".join(lines)


def _wrapped(words: str) -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent="    ")


def headline(report: "AuditReport") -> str:
    """BROKEN: Net under D(4) on Grid(2)."""
    return f"{report.verdict.upper()}: {report.model} under {report.symmetry} on {report.domain!r}"


def sentence(report: "AuditReport") -> str:
    """The verdict in a sentence, with its number and its worst case."""
    r = report.worst
    meaning = MEANING[r.verdict]
    if r.verdict == "undefined":
        return f"{meaning[0].upper()}{meaning[1:]}."
    subjects = {"approximate": "It is", "not resolved": "The error"}
    parts = [
        f"{subjects.get(r.verdict, 'It')} {meaning}",
        f"error {number(r.error)} (95 % interval {_interval(r)}), largest at {r.element}, input {r.case.index}",
    ]
    if r.agreement is not None:
        parts.append(f"top-1 agreement {percent(r.agreement)}")
    return "; ".join(parts) + "."


def subject(report: "AuditReport") -> str:
    """What was audited, on what."""
    s = report.settings
    shape = " × ".join(map(str, s["shape"]))
    size = "" if s["parameters"] is None else f"{s['parameters']:,} parameters, "
    law = f"passes up to {report.tolerance:g}, " if report.tolerance is not None else ""
    return f"{size}{s['inputs']} inputs of {shape}, {s['dtype']}, {law}answer {answer(report.output)}, seed {s['seed']}"


def answer(output: "Output") -> str:
    """How the answer is said to move: invariant, 10 values."""
    if isinstance(output, Invariant):
        return f"invariant, {output.n} value{'s' * (output.n > 1)}"
    rho = output.n_or_representation
    channels = f"{rho} channel{'s' * (rho > 1)}" if isinstance(rho, int) else str(rho)
    return f"equivariant, {channels}" + (", of the whole" if output.pooled else "")


def legend(report: "AuditReport") -> str:
    """What the numbers are."""
    return (
        "error = √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))): 0 is exact, 1 unrelated."
        + " Translations stand beside the group asked about and do not count."
        * any(not r.judged for r in report.verdicts)
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
        lost, unresolved = number(r.round_trip), number(ROUND_TRIPS * r.round_trip)
        found.append(f"interpolated: there and back alone changes by {lost}, so up to {unresolved} is not resolved")
    return found


def _interval(r: "Row") -> str:
    return "–" if math.isnan(r.low) else f"{number(r.low)} … {number(r.high)}"
