"""The infinitesimal error in words, and in a table's cells."""

import math
import textwrap
from typing import TYPE_CHECKING, Any

from erlangen.pages import number

if TYPE_CHECKING:
    from erlangen.auditing.infinitesimal import Infinitesimal, Rate

MEANING = (
    "L f(x) = d/dt g(−t) f(g(t)·x) at t = 0; its error √(mean ‖L f‖² / (2 Var f)) is how fast the symmetry breaks as "
    "the motion begins. The share is that of how fast the inputs change themselves; the floor, how far two ways to "
    "differentiate them are apart, or rounding. Translations on a grid are circular."
)
COLUMNS = ("generator", "error", "95 % interval", "worst input", "inputs change", "share", "floor")


def lines(found: "Infinitesimal", width: int = 120) -> list[str]:
    """A line for each generator."""
    said = [f"Infinitesimal: {sentence(row)}" for row in found.rows]
    return [textwrap.fill(line, width, subsequent_indent="    ") for line in said]


def sentence(row: "Rate") -> str:
    """Circular translation along axis 0: error 0.2 per site (0.1 … 0.3), 0.3 of how fast the inputs change."""
    if math.isnan(row.error):
        return f"{row.generator}: undefined, the answers vary too little over these inputs."
    bounds = "" if math.isnan(row.low) else f" (95 % interval {number(row.low)} … {number(row.high)})"
    said = f"{row.generator}: error {number(row.error)} per {row.unit}{bounds}"
    if not math.isnan(row.share):
        said += f", {number(row.share)} of how fast the inputs change"
    if not row.resolved:
        said += f"; not resolved, differentiating them alone is uncertain by {number(row.floor)}"
    return f"{said}."


def section(found: "Infinitesimal") -> dict[str, Any]:
    """What the page shows."""
    return {"meaning": MEANING, "columns": COLUMNS, "rows": [_cells(row) for row in found.rows]}


def _cells(row: "Rate") -> list[str]:
    return [
        row.generator,
        f"{number(row.error)} per {row.unit}" + ("" if row.resolved or math.isnan(row.error) else " (not resolved)"),
        "" if math.isnan(row.low) else f"{number(row.low)} … {number(row.high)}",
        number(row.worst),
        number(row.inputs),
        number(row.share),
        number(row.floor, 2),
    ]
