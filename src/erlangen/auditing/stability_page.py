"""Stability on the page: the curve on logarithmic axes, inputs as they are deformed, and every number."""

import math
from typing import Any

from erlangen.auditing import drawing, stability_text
from erlangen.auditing.given import lattice
from erlangen.auditing.stability import Stability
from erlangen.domains import Domain
from erlangen.pages import Trace, loglog, number

MOST_FLOOR_DECADES = 1e-7


def bent(found: Stability, domain: Domain) -> dict[str, Any]:
    """What the section shows."""
    traces = _traces(found)
    columns = found.words.columns
    return {
        "heading": found.words.heading,
        "sentence": capital(stability_text.sentence(found)),
        "largest": stability_text.largest(found),
        "meaning": stability_text.meaning(found),
        "chart": loglog(found.sizes, traces, found.words.axis, "change"),
        "legend": [(trace.name, trace.series) for trace in traces],
        "pictures": _pictures(found, domain),
        "columns": columns,
        "rows": [_cells(b)[: len(columns)] for b in found.curve],
    }


def capital(words: str) -> str:
    """The words as a sentence begins; a Greek or Latin letter that is a symbol would stay small elsewhere."""
    return words[:1].upper() + words[1:]


def _traces(found: Stability) -> list[Trace]:
    answers = Trace("answers", found.changes, 1, low=[b.low for b in found.curve], high=[b.high for b in found.curve])
    traces = [answers]
    if not math.isnan(found.constant):
        named = f"C·ε, C = {number(found.constant)}"
        traces.append(Trace(named, [found.constant * size for size in found.sizes], 3, dashed=True))
    if not all(math.isnan(b.inputs) for b in found.curve):
        traces.append(Trace("the inputs themselves", [b.inputs for b in found.curve], 2, dashed=True))
    traces.append(Trace("floor", [max(b.floor, MOST_FLOOR_DECADES) for b in found.curve], 6, dashed=True))
    return traces


def _pictures(found: Stability, domain: Domain) -> list[tuple[str, str, str]]:
    if not found.pictures:
        return []
    arrays = [tensor.double().numpy() for _, tensor in found.pictures]
    drawings = drawing.signals(arrays, lattice(domain, "stability"))
    names = [("x", "input 0")] + [("x_τ", f"ε = {number(size)}") for size, _ in found.pictures[1:]]
    return [(drawn, *words) for drawn, words in zip(drawings, names, strict=True)]


def _cells(b: Any) -> list[str]:
    bounds = "" if math.isnan(b.low) else f"{number(b.low)} … {number(b.high)}"
    return [
        number(b.size),
        number(b.reach, 2),
        number(b.change) + ("" if b.resolved or math.isnan(b.change) else " (not resolved)"),
        bounds,
        f"{number(b.median)} / {number(b.worst)}",
        number(b.floor, 2),
        number(b.inputs),
    ]
