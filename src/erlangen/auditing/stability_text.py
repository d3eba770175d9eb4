"""Stability in words: what was found, and from which sizes."""

import math
from typing import TYPE_CHECKING

from erlangen.auditing.slope import FEWEST, LINEAR_BELOW
from erlangen.pages import number

if TYPE_CHECKING:
    from erlangen.auditing.slope import Bounds
    from erlangen.auditing.stability import Bent, Stability


def meaning(found: "Stability") -> str:
    """What is measured."""
    return found.words.meaning + found.words.along * found.dense


def paragraph(found: "Stability") -> str:
    """The slope in a sentence, then the change at the largest size."""
    return f"{found.words.heading}: {sentence(found)} {largest(found)}".strip()


def sentence(found: "Stability") -> str:
    """change ≈ C·ε, and the exponent; or why there is none."""
    s = found.slope
    if all(math.isnan(b.change) for b in found.curve):
        return "undefined: the answers vary too little over these inputs."
    if not s.fitted:
        resolved = [b for b in found.curve if b.resolved]
        if not resolved:
            return f"no change above {found.words.floor}, at any size."
        return f"no change above {found.words.floor} below ε = {number(resolved[0].size)}."
    read = f"read from ε = {number(s.fitted[0])} … {number(s.fitted[-1])}"
    constant = f"change ≈ C·ε with C = {number(s.constant)}{_bounds(s.constant_bounds)}"
    if len(s.fitted) >= FEWEST:
        return f"{constant}; it grows as ε to the power {number(s.exponent)}{_bounds(s.exponent_bounds)}, {read}."
    if min(found.curve, key=lambda b: abs(b.size - s.fitted[0])).change > LINEAR_BELOW:
        known = f"change of {number(s.constant * s.fitted[0])} already at ε = {number(s.fitted[0])}"
        return f"{known}: C is {number(s.constant)} or more."
    return f"{constant}, {read}: too few sizes for an exponent."


def largest(found: "Stability") -> str:
    """What the strongest change does to answers and inputs."""
    last: Bent = found.curve[-1]
    if math.isnan(last.change):
        return ""
    moved = f"At ε = {number(last.size, 2)}, {found.words.moved.format(reach=number(last.reach, 2), unit=found.unit)}"
    itself = "" if math.isnan(last.inputs) else f" (the inputs themselves: {number(last.inputs)})"
    return f"{moved}, the change is {number(last.change)}{itself}."


def _bounds(bounds: "Bounds") -> str:
    return "" if math.isnan(bounds[0]) else f" ({number(bounds[0])} … {number(bounds[1])})"
