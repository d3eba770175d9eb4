"""What was found: for each group proved, not rejected or broken; the largest that stand; what would have shown."""

import math
import textwrap
from dataclasses import dataclass
from typing import Any, Literal

from erlangen.groups import Group, Subgroup
from erlangen.pages import number, percent, several

WIDTH = 120
MOST = 24  # rows shown as text
Verdict = Literal["proved", "not rejected", "broken"]
_COLUMNS = ("group", "order", "verdict", "error", "p", "break found", "note")


@dataclass(frozen=True)
class GroupRow:
    """One group. `error` is the largest of what was tested, `p` Holm's, `power` the smallest planted break found.

    `power` of a model is relative to the spread of its answers, of data the share of samples that stand in one pose;
    infinite where none was found, None where nothing was planted, since the group is broken.

    >>> from erlangen.groups import C
    >>> row = GroupRow(C(4), 4, "broken", error=0.4, p=None, power=None)
    >>> row.to_dict()["group"], row.verdict
    ('C(4)', 'broken')
    """

    group: Group
    order: int
    verdict: Verdict
    error: float | None
    p: float | None
    power: float | None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain data; None for what is infinite."""
        power = None if self.power is None or math.isinf(self.power) else self.power
        return {
            "group": repr(self.group),
            "order": self.order,
            "verdict": self.verdict,
            "error": self.error,
            "p": self.p,
            "power": power,
            "note": self.note,
        }


@dataclass(frozen=True)
class Discovery:
    """The walk up the lattice of subgroups: `.groups` from small to large, `.largest` those that stand.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C
    >>> rows = GroupRow(C(2), 2, "exact", 1e-7, None, 1e-5), GroupRow(C(4), 4, "broken", 0.4, None, None)
    >>> found = Discovery("mine", "model", Grid(2), rows, (C(2),), 16, 2, 0.05, None, 0)  # as er.discover makes it
    >>> found.largest, found.row(C(4)).verdict
    ((C(2),), 'broken')
    """

    subject: str
    kind: Literal["model", "data"]
    domain: Any
    groups: tuple[GroupRow, ...]
    largest: tuple[Group, ...]
    inputs: int
    tests: int
    alpha: float
    tolerance: float | None
    seed: int
    warnings: tuple[str, ...] = ()

    def row(self, group: Group) -> GroupRow | None:
        """The row of a group, None where it was not among the candidates' subgroups."""
        return next((row for row in self.groups if row.group == group), None)

    @property
    def sentence(self) -> str:
        """What may be said of it, and no more."""
        where = "vectors" if self.domain is None else repr(self.domain)
        start = f"Of {several(len(self.groups), 'candidate group')} on {where}"
        if not self.largest:
            return f"{start} all are broken, at a chance of {number(self.alpha, 2)} that any was called so wrongly."
        rows = [row for row in self.groups if row.group in self.largest]
        proved = [row for row in rows if row.verdict == "proved"]
        open_ones = [row for row in rows if row.verdict != "proved"]
        said = [f"{_list(proved)} proved for all inputs of this size, by computation in a finite field"] * bool(proved)
        said += [f"{_list(open_ones)} not rejected {self._weighed(open_ones)}"] * bool(open_ones)
        smaller = [row for row in self.groups if row.verdict == "proved" and not proved]
        said += [f"the largest proved {row.group!r}" for row in smaller[-1:]]
        return f"{start} the largest that stand: {'; '.join(said)}."

    def _weighed(self, rows: list[GroupRow]) -> str:
        """How little it takes, or would have taken, to reject them."""
        weakest = max((row.power for row in rows if row.power is not None), default=math.inf)
        said = f"on {several(self.inputs, 'input')}, which proves nothing"
        if math.isinf(weakest):
            return f"{said}: planted breaks were not all found either"
        if self.kind == "model":
            return f"{said}: a planted break of {number(weakest, 2)} of the answers' spread is found 4 times of 5"
        return f"{said}: {percent(weakest, 0)} of the samples in one pose are found 4 times of 5"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "domain": None if self.domain is None else repr(self.domain),
            "sentence": self.sentence,
            "groups": [row.to_dict() for row in self.groups],
            "largest": [repr(group) for group in self.largest],
            "inputs": self.inputs,
            "tests": self.tests,
            "alpha": self.alpha,
            "tolerance": self.tolerance,
            "seed": self.seed,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        shown = self._shown()
        rows = [_COLUMNS, *(_cells(row) for row in shown)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS) - 1)]
        lines = [_wrapped(f"{self.subject}: {self.sentence}"), ""]
        lines += [_wrapped(f"Warning: {said}") for said in self.warnings] + [""] * bool(self.warnings)
        for row in rows:
            lines.append("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]).rstrip())
        left = len(self.groups) - len(shown)
        lines += [f"… and {several(left, 'group')} more, in .groups"] * bool(left)
        planted = {"model": "added to the answers, relative to their spread", "data": "the share in one pose"}
        tests = f"p by Holm over {several(self.tests, 'test')}"
        told = f"{tests}; break found: the smallest planted one, {planted[self.kind]}."
        return "\n".join([*lines, "", _wrapped(told)])

    def _shown(self) -> list[GroupRow]:
        """All rows, or where there are many the largest that stand, the broken that contain none, and named groups."""
        telling = [row for row in self.groups if row.group in self.largest]
        telling += [row for row in self.groups if row.verdict == "broken" and not row.note]
        named = [row for row in self.groups if not isinstance(row.group, Subgroup)]
        chosen = {id(row) for row in [*telling, *named, *self.groups][:MOST]}
        return [row for row in self.groups if len(self.groups) <= MOST or id(row) in chosen]


def _cells(row: GroupRow) -> tuple[str, ...]:
    return (
        _short(row.group),
        str(row.order),
        row.verdict,
        number(row.error),
        number(row.p, 2),
        "none" if row.power == math.inf else number(row.power, 2),
        row.note,
    )


def _short(group: Group) -> str:
    """The name, or what generates it."""
    return f"⟨{', '.join(map(str, group.generating))}⟩" if isinstance(group, Subgroup) else repr(group)


def _list(rows: list[GroupRow]) -> str:
    return " and ".join(repr(row.group) for row in rows)


def _wrapped(words: str) -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent="    ")
