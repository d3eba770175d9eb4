"""Why a network is as it is: for every module the prior that asks for it, the law it obeys, and what it saves."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erlangen.domains import Dna, Lattice
from erlangen.layers import Footprint, Layer
from erlangen.layers._chain import Chain
from erlangen.task import Invariant

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint


@dataclass(frozen=True)
class Row:
    """One module: its place, what it is, why it is there, what it learns, and how far it sees."""

    depth: int
    name: str
    kind: str
    prior: str
    law: str
    solver: str
    reference: str
    source: str
    target: str
    free: int
    unconstrained: int
    receptive_field: int | None


@dataclass(frozen=True)
class Explanation:
    """What `net.explain()` gives: `str()` for the terminal, `.to_html(path)` for a page, `.to_dict()` for programs."""

    heading: str
    blind: str
    notes: tuple[str, ...]
    translations: str
    minimum_size: int
    rows: tuple[Row, ...]

    @property
    def free(self) -> int:
        """The free weights of the whole network."""
        return sum(row.free for row in self.rows)

    @property
    def unconstrained(self) -> int:
        """Those of a network of the same layers without the symmetry."""
        return sum(row.unconstrained for row in self.rows)

    @property
    def references(self) -> tuple[str, ...]:
        """The papers that the layers stand on, each once."""
        return tuple(dict.fromkeys(row.reference for row in self.rows if row.reference))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "free": self.free, "unconstrained": self.unconstrained, "references": list(self.references)}

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page."""
        from erlangen.pages import render, write

        return write(path, render("explain.html", {"explanation": self, "title": "Why this network"}))

    def __str__(self) -> str:
        lines = [self.heading, "", f"Cannot see: {self.blind}", *(f"Chosen: {note}" for note in self.notes)]
        lines += [f"Translations: {self.translations}"] if self.translations else []
        lines += [f"Smallest input: {self.minimum_size} sites an axis"] if self.minimum_size else []
        lines += ["", *self._table(), "", "Why"]
        for name, row in {row.name: row for row in self.rows}.items():
            lines.append(f"  {name}: {row.prior}")
            lines.append(f"      law     {row.law}" + (f"  ({row.solver})" if row.solver else ""))
        lines += ["", "References", *(f"  {reference}" for reference in self.references)]
        return "\n".join(lines)

    def _table(self) -> list[str]:
        head = ("layer", "gives", "sees", "free weights", "unconstrained")
        body = [
            ("  " * r.depth + r.name, r.target, "all" if r.receptive_field is None else str(r.receptive_field), f"{r.free:,}", f"{r.unconstrained:,}")
            for r in self.rows
        ]
        body.append(("total", "", "", f"{self.free:,}", f"{self.unconstrained:,}"))
        wide = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
        lines = []
        for line in [head, *body]:
            left = "  ".join(cell.ljust(w) for cell, w in zip(line[:2], wide[:2], strict=True))
            right = "  ".join(cell.rjust(w) for cell, w in zip(line[2:], wide[2:], strict=True))
            lines.append(f"{left}  {right}")
        rule = "─" * len(lines[0])
        return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def explain(net: "Blueprint") -> Explanation:
    """Walk the tree of layers and ask each for its reason."""
    rows: list[Row] = []
    _walk(net, Footprint(), 0, rows)
    law = net.translation_law
    return Explanation(
        heading=_heading(net),
        blind=what_it_cannot_see(net),
        notes=net.notes,
        translations="" if law is None else str(law),
        minimum_size=net.minimum_size,
        rows=tuple(rows),
    )


def _walk(layer: Layer, before: Footprint, depth: int, rows: list[Row]) -> Footprint:
    if isinstance(layer, Chain):
        for part in layer:
            before = _walk(part, before, depth, rows)
        return before
    after = before.then(layer.footprint())
    inner = getattr(layer, "inner", None)
    if isinstance(inner, Layer):
        _walk(inner, before, depth + 1, rows)
    rows.append(_row(layer, after, depth, nested=isinstance(inner, Layer)))
    return after


def _row(layer: Layer, seen: Footprint, depth: int, nested: bool) -> Row:
    reason = layer.reason()
    return Row(
        depth=depth,
        name=type(layer).__name__,
        kind=layer.kind,
        prior=reason.prior,
        law=reason.law,
        solver=reason.solver,
        reference=reason.reference,
        source=repr(layer.source),
        target=repr(layer.target),
        free=0 if nested else layer.free_weights(),
        unconstrained=0 if nested else layer.unconstrained_weights(),
        receptive_field=None if seen.extent is None else seen.extent + 1,
    )


def _heading(net: "Blueprint") -> str:
    if net.task is None:
        return f"{net.source!r} → {net.target!r}"
    invariant = isinstance(net.task.output, Invariant)
    law = "f(g·x) = f(x)" if invariant else "f(g·x) = g·f(x)"
    return f"{law} for all g in {net.task.symmetry!r}, on {net.task.domain!r}: {net.source!r} → {net.target!r}"


def what_it_cannot_see(net: "Blueprint") -> str:
    """What the declared symmetry makes the network unable to tell apart: the price of the prior."""
    domain, group = net.source.domain, net.source.group
    if group.order == 1:
        return "nothing beyond where a pattern lies, as weights are shared over positions."
    effects = _effects(domain, group)
    if net.target.domain.axes or any(not field.is_trivial for field, _ in net.target.rho.fields):
        return f"a preferred state: its answer moves with the signal, so {effects} changes the answer only by moving it."
    return f"the difference between a signal and its image under the group, so {effects} leaves the answer as it is."


def _effects(domain: Any, group: Any) -> str:
    import numpy as np

    if isinstance(domain, Dna):
        return "which strand was sequenced: reading the other strand"
    if not isinstance(domain, Lattice):
        return "the action of the group"
    signs = [np.linalg.det(domain.matrix(g)) for g in group.elements if g != group.identity]
    turns, mirrors = max(signs) > 0, min(signs) < 0
    words = []
    if turns:
        words.append("orientation: turning the signal (a turned 6 is a 9)")
    if mirrors:
        words.append("handedness: reflecting it (a left hand is a right one)" if domain.dim > 1 else "direction: reading it backwards")
    return " and ".join(words)
