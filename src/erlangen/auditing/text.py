"""The report as text: the verdict first, then what would make it mean less, then an aligned table."""

import math
import textwrap
from typing import TYPE_CHECKING

from erlangen.auditing import replay
from erlangen.auditing.naming import ANGLES
from erlangen.auditing.verdict import MEANING, ROUND_TRIPS, worst
from erlangen.domains import Lattice
from erlangen.pages import number, percent, several
from erlangen.task import Forces, Invariant, Positions

if TYPE_CHECKING:
    from erlangen.auditing.leaves import Leaf
    from erlangen.auditing.motion import Asked
    from erlangen.auditing.report import AuditReport, Row

_COLUMNS = ("motions", "verdict", "error", "95 % interval", "median", "p95", "worst", "top-1", "floor")
_RIGHT = range(2, 9)
WIDTH = 120
MOST_LEAVES, LEAF_ABOVE = 5, 1e-5


def text(report: "AuditReport") -> str:
    """The whole report, verdict first."""
    part = [outcome(report)] if report.symmetry != report.asked else []
    kept = [_wrapped(said)] if (said := on_the_lattice(report)) else []
    lines = [headline(report), *part, _wrapped(sentence(report)), *kept, _wrapped(subject(report)), ""]
    lines += [_wrapped(f"Warning: {warning}") for warning in report.warnings] + [""] * bool(report.warnings)
    lines += _table(report)
    lines += ["", *map(_wrapped, said)] if (said := proofs(report)) else []
    lines += ["", *(_wrapped(f"Cause: {cause}") for cause in report.causes)] if report.causes else []
    lines += ["", _wrapped(said)] if (said := unexplained(report)) else []
    lines += ["", *leaves(report)] if report.layers else []
    lines += [] if report.stability is None else ["", _wrapped(str(report.stability))]
    lines += [] if report.infinitesimal is None else ["", str(report.infinitesimal)]
    law = report.settings["translation_law"]
    lines += ["", _wrapped(f"The network's own law of translations: {law}.")] if law else []
    lines += ["", _wrapped(legend(report))]
    lines += ["", again] if (again := replay.line(report, WIDTH)) else []
    return "\n".join(lines)


def _wrapped(words: str) -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent="    ")


def headline(report: "AuditReport") -> str:
    """BROKEN: Net under D(4) on Grid(2)."""
    return f"{report.verdict.upper()}: {report.model} under {under(report)} on {report.domain!r}"


def under(report: "AuditReport") -> str:
    """What was judged, and what was asked about where that is more: C(4), of D(4) asked about."""
    return report.symmetry + ("" if report.symmetry == report.asked else f", of {report.asked} asked about")


def sentence(report: "AuditReport") -> str:
    """The verdict in a sentence, with its number and its worst case."""
    return said_of(report.worst)


def said_of(r: "Row") -> str:
    """The verdict on one row in a sentence, with its number and its worst case."""
    meaning = MEANING[r.verdict]
    if r.verdict == "undefined":
        return f"{meaning[0].upper()}{meaning[1:]}."
    subjects = {"approximate": "It is", "not resolved": "The error"}
    parts = [
        f"{subjects.get(r.verdict, 'It')} {meaning}",
        f"error {number(r.error)} (95 % interval {_interval(r)}), largest for {r.element}, input {r.case.index}",
    ]
    if r.agreement is not None:
        parts.append(f"top-1 agreement {percent(r.agreement)}")
    return "; ".join(parts) + "."


def on_the_lattice(report: "AuditReport") -> str:
    """What of the group maps sites to sites, and the verdict on that alone; nothing where that is all of it."""
    there = [r for r in report.elements if r.judged and r.exact]
    if not report.settings["kept"] or not there:
        return ""
    verdict, most = worst(r.verdict for r in there), max(r.error for r in there)
    which = "lattice" if isinstance(report.domain, Lattice) else "grid"
    return f"The {which} itself keeps {report.settings['kept']} of {report.symmetry}: {verdict}, error {number(most)}."


def subject(report: "AuditReport") -> str:
    """What was audited, on what."""
    s = report.settings
    shape = " × ".join(map(str, s["shape"]))
    size = "" if s["parameters"] is None else f"{several(s['parameters'], 'parameter')}, "
    law = f"passes up to {report.tolerance:g}, " if report.tolerance is not None else ""
    inputs = f"{several(s['inputs'], 'scene' if s['scenes'] else 'input')} of {shape}, {s['dtype']}{sampled(report)}"
    return f"{size}{inputs}, {law}answer {answer(report.output)}, seed {s['seed']}"


def sampled(report: "AuditReport") -> str:
    """How scenes were moved; nothing of other inputs."""
    return ", sampled after the exact motion (no interpolation floor)" if report.settings["scenes"] else ""


def proofs(report: "AuditReport") -> list[str]:
    """What the computation in a finite field says: what it proves, from where on it refutes, what it cannot decide."""
    found = [r.proof for r in report.verdicts if r.proof is not None]
    proved = [r.proof.bound for r in report.verdicts if r.proof is not None and r.verdict == "proved"]
    shape = " × ".join(map(str, report.settings["shape"]))
    said = []
    if proved:
        chance = f"Wrong with a chance of about {number(max(proved), 1)} for each number of the answer."
        said.append(f"Proof: What is called proved holds for all inputs of {shape}, in real arithmetic. {chance}")
    refuted: dict[str, list[str]] = {}
    for r in report.verdicts:
        if r.proof is not None and r.proof.verdict == "refuted" and r.verdict != "proved":
            only = "exact to rounding only, and refuted" if r.verdict == "exact" else "refuted"
            where = f" from {r.proof.where} on" if r.proof.where else ""
            refuted.setdefault(f"{only} in exact arithmetic{where}", []).append(called(r))
    said += [f"Proof: {words[:1].upper()}{words[1:]}: {'; '.join(rows)}." for words, rows in refuted.items()]
    reasons = dict.fromkeys(proof.why for proof in found if proof.verdict == "undecided")
    return said + [f"Proof: Not decided, because of this: {why}." for why in reasons]


def unexplained(report: "AuditReport") -> str:
    """The breaks of what was asked about that nothing tried made much smaller."""
    return f"Cause not found: {'; '.join(map(str, report.unexplained))}." if report.unexplained else ""


def leaves(report: "AuditReport", most: int = MOST_LEAVES) -> list[str]:
    """The leaves that break most by themselves, and how much of it is theirs."""
    known = [leaf for leaf in report.layers if not math.isnan(leaf.local)]
    first = [leaf for leaf in sorted(known, key=lambda leaf: -leaf.local) if leaf.local > LEAF_ABOVE][:most]
    said = [
        f"    {leaf.name} ({leaf.kind}): {number(leaf.local)} by itself, {percent(leaf.share)} of all; {after(leaf)}"
        for leaf in first
    ]
    unknown = len(report.layers) - len(known)
    rest = f"; of {several(unknown, 'other')} nobody can say how g moves what they see" if unknown else ""
    found = f"Where, of {several(len(known), 'leaf call')} measured{rest}:"
    return [found, *said] if said else [f"{found} none breaks by itself."]


def after(leaf: "Leaf") -> str:
    """What has come together behind a leaf."""
    if leaf.moves == "mixed channels":
        return f"behind it {number(leaf.fitted)} under the action on channels that fits best"
    return f"behind it {number(leaf.error)}"


def called(r: "Row") -> str:
    """What a row is about: a shift by its law, elements by their names."""
    return f"{r.law}, {r.elements}" if r.shift or r.change else r.elements


def answer(output: "Asked") -> str:
    """How the answer is said to move: invariant, 10 values."""
    if isinstance(output, Invariant):
        return f"invariant, {several(output.n, 'value')}"
    if isinstance(output, Positions | Forces):
        return "positions, moved along" if isinstance(output, Positions) else "an energy, and forces, moved along"
    rho = output.n_or_representation
    channels = several(rho, "channel") if isinstance(rho, int) else str(rho)
    return f"equivariant, {channels}" + over(output)


def over(output: "Asked") -> str:
    """What an answer is one of, where it is not one of each point."""
    pooled = getattr(output, "pooled", False)
    return "" if pooled is False else ", of the whole" if pooled is True else f", pooled over {pooled!r}"


def legend(report: "AuditReport") -> str:
    """What the numbers are."""
    first = "" if report.domain.packed else ", translations first,"
    return (
        "error = √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))): 0 is exact, 1 unrelated."
        + f" What stands beside the group asked about{first} does not count."
        * any(not r.judged for r in report.verdicts)
        + f" {angles(report)}".rstrip()
    )


def angles(report: "AuditReport") -> str:
    """From where the angles of the plane are counted, if any is named."""
    return ANGLES if report.domain.space == 2 and any("°" in r.elements + r.element for r in report.judged) else ""


def outcome(report: "AuditReport") -> str:
    """Whether it passed, and if a part of it was all that could be judged, that."""
    if report.passed:
        return "Passed."
    if report.symmetry == report.asked:
        return "Not passed."
    return f"Not passed: {report.asked} was asked about, and only {report.symmetry} could be judged."


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
        called(r),
        r.word,
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
