"""The report as a page: what each section says. How it looks is the business of pages/."""

import math
from typing import TYPE_CHECKING, Any

from erlangen.auditing import drawing, text
from erlangen.auditing.angles import by_angle
from erlangen.auditing.infinitesimal_text import section
from erlangen.auditing.stability_page import bent
from erlangen.auditing.verdict import BROKEN_ABOVE, MEANING, ROUND_TRIPS
from erlangen.pages import Html, interval, levels, number, percent, render, several

if TYPE_CHECKING:
    from erlangen.auditing.report import AuditReport, Row

TONES = {
    "proved": "good",
    "exact": "good",
    "approximate": "fair",
    "not resolved": "unsure",
    "undefined": "unsure",
    "broken": "bad",
}
MOST_ELEMENTS, MOST_LEAVES = 200, 24


def page(report: "AuditReport") -> str:
    """One self-contained page: verdict, warnings, table, worst case in pictures, causes, settings."""
    translation = [r for r in report.verdicts if not r.judged and not r.change]
    changes = [r for r in report.verdicts if r.change]
    drawn = [r for r in translation + changes if r.verdict not in ("exact", "proved", "undefined")]
    shown = [report.worst, *sorted(drawn, key=lambda r: -r.error)[:1]]
    return render(
        "audit.html",
        {
            "title": f"{report.model} under {text.under(report)}",
            "verdict": report.verdict,
            "tone": TONES[report.verdict] if report.symmetry == report.asked else "unsure",
            "part": report.symmetry != report.asked,
            "outcome": text.outcome(report),
            "sentence": text.sentence(report),
            "kept": text.on_the_lattice(report),
            "subject": text.subject(report),
            "warnings": report.warnings,
            "rows": [_row(r) for r in report.verdicts],
            "judged": [_row(r) for r in report.judged],
            "translations": [_row(r) for r in translation],
            "changes": [_row(r) for r in changes],
            "by_angle": by_angle(report),
            "elements": report.elements[:MOST_ELEMENTS],
            "element_cells": [_cells(r) for r in report.elements[:MOST_ELEMENTS]],
            "proofs": [line.removeprefix("Proof: ") for line in text.proofs(report)],
            "leaves": _leaves(report),
            "causes": report.causes,
            "unexplained": text.unexplained(report),
            "law": report.settings["translation_law"],
            "angles": text.angles(report),
            "cases": [_case(report, r) for r in shown],
            "stability": None if report.stability is None else bent(report.stability, report.domain),
            "infinitesimal": None if report.infinitesimal is None else section(report.infinitesimal),
            "settings": _settings(report),
            "replay": report.settings["replay"],
            "meanings": [(word, MEANING[word], TONES[word]) for word in MEANING],
            "versions": ", ".join(f"{name} {version}" for name, version in report.settings["versions"].items()),
            "symmetry": report.symmetry,
            "domain": repr(report.domain),
        },
    )


def _row(r: "Row") -> dict[str, Any]:
    marks = [BROKEN_ABOVE] + ([ROUND_TRIPS * r.round_trip] if r.round_trip else [])
    drawn = Html("") if math.isnan(r.error) else interval(r.low, r.error, r.high, marks, tone=_tone(r))
    return {
        "law": r.law,
        "elements": r.elements,
        "shift": r.shift or r.change,
        "verdict": r.word,
        "tone": _tone(r),
        "error": number(r.error),
        "interval": drawn,
        "bounds": "" if math.isnan(r.low) else f"{number(r.low)} … {number(r.high)}",
        "singles": " / ".join(map(number, (r.median, r.p95, r.worst))) if drawn else "",
        "agreement": "" if r.agreement is None else percent(r.agreement),
        "floor": number(r.floor, 2)
        if not r.round_trip
        else f"{number(r.floor, 2)}; transform {number(r.round_trip, 2)}",
        "notes": text.notes(r),
    }


def _leaves(report: "AuditReport") -> dict[str, Any] | None:
    """The own error of each leaf as a bar, in the order in which a signal meets them; of many the worst."""
    known = [leaf for leaf in report.layers if not math.isnan(leaf.local)]
    if not known:
        return None
    kept = sorted(known, key=lambda leaf: -leaf.local)[:MOST_LEAVES]
    shown = [leaf for leaf in known if leaf in kept]
    return {
        "bars": levels(
            [leaf.local for leaf in shown],
            [f"{leaf.name} ({leaf.kind})" for leaf in shown],
            [number(leaf.local) for leaf in shown],
            max(1.0, *(leaf.local for leaf in shown)),
            width=420,
        ),
        "said": f"All {several(len(report.layers), 'call')} of leaves",
        "cells": [
            [leaf.name, leaf.kind, leaf.moves, number(leaf.error), number(leaf.fitted), number(leaf.local)]
            for leaf in report.layers
        ],
    }


def _tone(r: "Row") -> str:
    return "plain" if r.expected else TONES[r.verdict]  # what a network declares is no alarm


def _cells(r: "Row") -> list[str]:
    row = _row(r)
    return [row[name] for name in ("law", "elements", "verdict", "error", "bounds", "singles", "floor")]


def _case(report: "AuditReport", r: "Row") -> dict[str, Any]:
    return {
        "heading": "Worst case"
        if r.judged
        else "A shift, as expected"
        if r.expected
        else "Worst change"
        if r.change
        else "Worst shift",
        "title": f"{r.law}, {r.element}" if r.judged else r.law,
        "verdict": r.word,
        "tone": _tone(r),
        "note": r.note,
        "index": r.case.index,
        "error": "" if math.isnan(r.case.error) else f", error {number(r.case.error)}",
        "pictures": drawing.pictures(r.case, report.domain, report.output),
    }


def _settings(report: "AuditReport") -> list[tuple[str, str]]:
    s = report.settings
    pairs = [
        ("Model", report.model + ("" if s["parameters"] is None else f", {several(s['parameters'], 'parameter')}")),
        ("Domain", repr(report.domain)),
        ("Symmetry", report.symmetry),
        ("Answer", text.answer(report.output)),
        (
            "Scenes" if s["scenes"] else "Inputs",
            f"{s['inputs']} of {' × '.join(map(str, s['shape']))}, {s['dtype']}{text.sampled(report)}",
        ),
        (
            "Passes",
            "proved or exact" + ("" if report.tolerance is None else f", or approximate up to {report.tolerance:g}"),
        ),
        ("Bootstrap", f"{several(s['bootstrap'], 'resample')} of the inputs"),
        ("Seed", str(s["seed"])),
    ]
    return pairs
