"""What an audit found: frozen, as text, as a dictionary, as a page."""

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from erlangen.auditing.angles import angle
from erlangen.auditing.causes import Cause, Unexplained
from erlangen.auditing.examine import Case, Finding
from erlangen.auditing.infinitesimal import Infinitesimal
from erlangen.auditing.leaves import Leaf
from erlangen.auditing.motion import Asked, Turn
from erlangen.auditing.proof import Proof, summary
from erlangen.auditing.stability import Stability
from erlangen.auditing.verdict import SEVERITY, Verdict, worst
from erlangen.domains import Domain
from erlangen.groups import Group
from erlangen.representations import Representation


@dataclass(frozen=True)
class Row:
    """One law on one class of elements. The numbers are those of `element`, the class's worst.

    `error` is √(mean ‖a − b‖² / (Var a + Var b)) with its 95 % interval `low` … `high` over inputs; `median`, `p95` and
    `worst` are over single inputs; `agreement` is that of top-1; `floor` is rounding's, `round_trip` the transform's
    own error (nought where sites only move to sites: `exact`), `error_float64` the repeat where there is one. `judged`
    rows make the overall verdict. `expected` says why a break beside them is none to worry about: the network declares
    it, as "border and stride". `degrees` and `reflects` are the element's as `angles.angle` has them. `proof` is what
    the field proof says of its motions, where it was asked.

    >>> import torch, erlangen as er
    >>> report = er.audit(lambda x: x.mean((2, 3)), er.Grid(2), er.C(4), torch.randn(16, 1, 6, 6), proof=False)
    >>> row = report.verdicts[0]
    >>> row.elements, row.count, row.verdict, row.error < 1e-6
    ('rotation by 90° (r)', 1, 'exact', True)
    """

    law: str
    elements: str
    count: int
    verdict: Verdict
    error: float
    low: float
    high: float
    median: float
    p95: float
    worst: float
    agreement: float | None
    floor: float
    round_trip: float
    error_float64: float | None
    element: str
    judged: bool
    expected: str
    note: str
    exact: bool
    degrees: float | None
    reflects: bool
    proof: Proof | None
    case: Case = field(repr=False, compare=False)

    @property
    def shift(self) -> bool:
        """Whether the motions are translations, which the law names better than the elements do."""
        return "roll" in self.law or "shift" in self.law

    @property
    def change(self) -> bool:
        """Whether it is no motion but a change asked beside them, as of light."""
        return not self.judged and not self.shift

    @property
    def word(self) -> str:
        """The verdict as it is shown: "expected" where a break is, and the number says how large it is."""
        return "expected" if self.expected else self.verdict

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON can hold it, without its pictures."""
        plain = {
            name: _plain(getattr(self, name)) for name in self.__dataclass_fields__ if name not in ("case", "proof")
        }
        proof = None if self.proof is None else asdict(self.proof)
        return {**plain, "worst_input": self.case.index, "proof": proof}


def row(law: str, elements: str, findings: list[Finding], judged: bool, expected: str = "") -> Row:
    """The row of a class: its most severe element, and of these the one with the largest error.

    `expected` names what breaks the law, where the network declares that something does.
    """
    top = max(findings, key=severity)
    numbers = top.numbers
    declared = expected if top.verdict in ("approximate", "not resolved", "broken") else ""
    said = f"{declared}, expected" if declared else ""
    degrees, reflects = angle(top.motion.g, top.motion.domain) if isinstance(top.motion, Turn) else (None, False)
    return Row(
        law=law,
        elements=elements,
        count=len(findings),
        verdict=top.verdict,
        error=numbers.error,
        low=numbers.low,
        high=numbers.high,
        median=numbers.median,
        p95=numbers.p95,
        worst=numbers.worst,
        agreement=numbers.agreement,
        floor=numbers.floor,
        round_trip=top.round_trip,
        error_float64=None if top.repeat is None else top.repeat.error,
        element=top.motion.label,
        judged=judged,
        expected="" if judged else declared,
        note="; ".join(part for part in (said, top.note) if part),
        exact=all(f.motion.exact for f in findings),
        degrees=degrees,
        reflects=reflects,
        proof=summary([f.proof for f in findings if f.proof is not None]),
        case=top.case,
    )


def severity(finding: Finding) -> tuple[int, float]:
    """The order in which one finding is worse than another."""
    error = finding.numbers.error
    return SEVERITY.index(finding.verdict), -1.0 if math.isnan(error) else error


@dataclass(frozen=True, repr=False)
class AuditReport:
    """The verdict on a model and a symmetry, the rows behind it, the worst case, and why.

    `verdicts` are the rows, one an element class and law, translations last; `elements` the same for every element by
    itself; `causes` those that a counterfactual shows, `unexplained` the judged breaks where none does; `layers` holds
    the errors of every leaf module at the worst exact element of what is broken; `stability` is how the answers change
    under small deformations or rewired edges, where it was asked for, and no part of the verdict. `symmetry` is what
    was judged: what was `asked` about, or of it the elements that the answer's representation knows. `infinitesimal`,
    where it was asked for, is how fast motions break it as they begin, and no part of the verdict either. `group` and
    `input`, on points that a group moves, are what was judged and how the input's channels move: for `er.repair`.

    >>> import torch, erlangen as er
    >>> pictures = torch.randn(16, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    >>> report = er.audit(lambda x: x[..., 0, 0], er.Grid(2), er.C(4), pictures, proof=False)
    >>> report.passed, report.verdict, len(report.elements)
    (False, 'broken', 5)
    """

    model: str
    domain: Domain
    symmetry: str
    asked: str
    output: Asked
    verdicts: tuple[Row, ...]
    elements: tuple[Row, ...]
    causes: tuple[Cause, ...]
    warnings: tuple[str, ...]
    tolerance: float | None
    settings: Mapping[str, Any]
    layers: tuple[Leaf, ...] = ()
    stability: Stability | None = None
    unexplained: tuple[Unexplained, ...] = ()
    infinitesimal: Infinitesimal | None = None
    group: Group | None = None
    input: Representation | None = None

    @property
    def judged(self) -> tuple[Row, ...]:
        """The rows of the group asked about."""
        return tuple(r for r in self.verdicts if r.judged)

    @property
    def verdict(self) -> Verdict:
        """The worst over the group asked about: proved < exact < approximate < not resolved < undefined < broken."""
        return worst(r.verdict for r in self.judged)

    @property
    def error(self) -> float:
        """The largest over g of √(mean ‖a − b‖² / (Var a + Var b)); NaN where nothing varies."""
        return max((r.error for r in self.elements if r.judged and not math.isnan(r.error)), default=math.nan)

    @property
    def worst(self) -> Row:
        """The judged row that makes the verdict; its `case` holds x, g·x, f(x), f(g·x), g·f(x) of its worst input."""
        return max(self.judged, key=lambda r: (SEVERITY.index(r.verdict), -1.0 if math.isnan(r.error) else r.error))

    @property
    def passed(self) -> bool:
        """Whether every judged row is proved or exact, or approximate within the tolerance given, and all was judged.

        Where only a part of what was asked about could be judged, that part may be exact: the whole has not passed.
        """
        return self.symmetry == self.asked and all(self.passes(r) for r in self.judged)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the pictures, as JSON can hold it (no NaN or infinity: null)."""
        return {
            "verdict": self.verdict,
            "passed": self.passed,
            "error": _plain(self.error),
            "model": self.model,
            "domain": repr(self.domain),
            "symmetry": self.symmetry,
            "asked": self.asked,
            "output": repr(self.output),
            "tolerance": self.tolerance,
            "warnings": list(self.warnings),
            "verdicts": [r.to_dict() for r in self.verdicts],
            "elements": [r.to_dict() for r in self.elements],
            "causes": [{name: _plain(value) for name, value in asdict(c).items()} for c in self.causes],
            "unexplained": [asdict(u) for u in self.unexplained],
            "layers": [leaf.to_dict() for leaf in self.layers],
            "stability": None if self.stability is None else self.stability.to_dict(),
            "infinitesimal": None if self.infinitesimal is None else self.infinitesimal.to_dict(),
            "settings": {name: _plain(value) for name, value in self.settings.items()},
        }

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """The report as one self-contained page at `path`, whole or not at all."""
        from erlangen.auditing.page import page
        from erlangen.pages import write

        return write(path, page(self))

    def to_junit(self, path: str | os.PathLike[str]) -> Path:
        """The report as JUnit XML at `path`, a test case for each row; it holds a failure where this has not passed."""
        from erlangen.auditing.junit import junit
        from erlangen.files import write_whole

        return write_whole(path, junit(self))

    def __str__(self) -> str:
        from erlangen.auditing.text import text

        return text(self)

    def __repr__(self) -> str:
        asked = f"{self.model} under {self.symmetry} on {self.domain!r}"
        return f"AuditReport({self.verdict}: {asked}, error {self.error:.2g})"

    def passes(self, r: Row) -> bool:
        """Whether a row is proved or exact, or approximate within the tolerance given."""
        within = self.tolerance is not None and r.verdict == "approximate" and r.error <= self.tolerance
        return r.verdict in ("proved", "exact") or within


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return value if isinstance(value, int | str | bool | None) else str(value)
