"""What to type to see a report's worst case again."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from erlangen.auditing.motion import Asked, Motion, Turn
from erlangen.auditing.plan import Options
from erlangen.domains import Domain, Lattice
from erlangen.groups import Element
from erlangen.representations import Representation

if TYPE_CHECKING:
    from erlangen.auditing.report import AuditReport

DEFAULTS: dict[str, Any] = {
    **{name: None for name in ("elements", "shifts", "stride", "input", "tolerance", "select")},
    **{"bootstrap": 1000, "max_elements": 64, "batch_size": 64, "stability": False, "proof": True},
    **{"infinitesimal": False, "search": 0, "beside": ()},
}
LONGEST_GROUP = 60  # letters of a group that are still typed again
LARGEST_MATRIX = 3  # rows that are still typed again, where images will do
NAMES = re.compile(r"\b(?=[A-Z]\w*[(.]|wreath\()")


def call(
    domain: Domain,
    symmetry: Any,
    output: Asked | None,
    options: Options,
    worst: Motion | None,
    inputs: str = "inputs",
) -> str:
    """The call of er.audit with this question and seed, where there is a `worst` motion for its element alone.

    What has no text of its own, as a function or a representation, stands by the name of its argument: the caller's
    own `model` and `inputs`, which are called `scenes` where they are such, and `domain` and `symmetry`.
    """
    given = {field.name: getattr(options, field.name) for field in fields(options)}
    said = {"output": _text("output", output)} if output is not None else {}
    said |= {name: _text(name, value) for name, value in given.items() if _differs(name, value)}
    if isinstance(worst, Turn):
        said["elements"] = f"[{_element(worst.g)}]"
    said["seed"] = str(options.seed)
    place = _named(repr(domain)) if isinstance(domain, Lattice) else "domain"
    asked = repr(symmetry)
    question = ["model", place, _named(asked) if len(asked) <= LONGEST_GROUP else "symmetry", inputs]
    return f"er.audit({', '.join([*question, *(f'{name}={text}' for name, text in said.items())])})"


def _element(g: Element) -> str:
    """The element as `group.element` reads it: by its images where it is a permutation, else by its matrix."""
    matrix = g.matrix + 0.0
    permutes = len(matrix) > LARGEST_MATRIX and bool((np.sort(matrix, axis=0)[-1] == 1).all())
    return str(tuple(matrix.argmax(axis=0).tolist())) if permutes else str(matrix.tolist())


def with_inputs(report: "AuditReport", made: str) -> "AuditReport":
    """The report whose call says how its inputs are `made` of the model and the domain, for who has no others."""
    said = report.settings["replay"].replace(", inputs", f", {made.format(domain=_named(repr(report.domain)))}", 1)
    return replace(report, settings={**report.settings, "replay": said})


def line(report: "AuditReport", width: int) -> str:
    """The call as the text of a report shows it where it has not passed; a command is its caller's to show."""
    said = str(report.settings.get("replay", ""))
    if report.passed or not said.startswith("er.audit("):
        return ""
    return textwrap.fill(f"Replay: {said}", width, subsequent_indent="    ", break_on_hyphens=False)


def _differs(name: str, value: Any) -> bool:
    return name in DEFAULTS and not (value is DEFAULTS[name] or (_plain(value) and value == DEFAULTS[name]))


def _text(name: str, value: Any) -> str:
    """The value as Python reads it back; else the name of the argument it was given as."""
    if _plain(value):
        return repr(value)
    content = getattr(value, "n_or_representation", None)
    movable = value is not None and name == "output" and not isinstance(content, Representation)
    return _named(repr(value)) if movable else name


def _plain(value: Any) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return type(value) in (list, tuple) and all(map(_plain, value))
    return type(value) in (bool, int, float, str)


def _named(text: str) -> str:
    """Grid(2) as er.Grid(2): the names of the library as its callers write them."""
    return NAMES.sub("er.", text)
