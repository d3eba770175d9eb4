"""What `net.explain()` gives: text for the terminal, one page for the browser, data for programs."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

from erlangen.blueprint.fibres import shortened
from erlangen.blueprint.relaxed import share_in_words
from erlangen.pages import several

_TONES = {"linear": "plain", "nonlinearity": "good", "pooling": "unsure", "invariant": "fair"}
RELAXED = "Finzi, Benton, Wilson 2021, arXiv:2112.01388"


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
    way: str = ""
    along: tuple[int | None, ...] = ()
    breaks: float | None = None  # of a relaxed layer the share of its square norm that breaks the symmetry

    @property
    def sees(self) -> str:
        """The receptive field in words; of a product that along each factor."""
        if self.along:
            return " × ".join("all" if field is None else str(field) for field in self.along)
        return "all" if self.receptive_field is None else str(self.receptive_field)

    @property
    def broken(self) -> str:
        """Which share of a relaxed layer's square norm breaks the symmetry, in words."""
        return "" if self.breaks is None else share_in_words(self.breaks)


@dataclass(frozen=True)
class Explanation:
    """Why a network is as it is: `str()`, `.to_html(path)`, `.to_dict()`.

    `exactly` is the part of the group that the domain keeps, where that is not all; `fibres` letters for long fibres.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(10)))
    >>> print(str(net.explain()).splitlines()[0])
    f(g·x) = f(x) for all g in C(4), on Grid(2): X(Grid(2), trivial of C4) → X(Point(), 10 × trivial of C4)
    """

    law: str
    group: str
    domain: str
    source: str
    target: str
    blind: str
    notes: tuple[str, ...]
    translations: str
    minimum_size: int
    rows: tuple[Row, ...]
    exactly: str = ""
    sides: tuple[int, ...] = ()
    fibres: tuple[tuple[str, str], ...] = ()
    relaxed: bool = False

    @property
    def promise(self) -> str:
        """The law, for which elements it holds, and whether exactly."""
        if self.relaxed:
            return f"{self.law} expected, not promised, for all g in {self.group}"
        if not self.exactly:
            return f"{self.law} for all g in {self.group}"
        return f"{self.law} exactly for g in {self.exactly}, approximately for the rest of {self.group}"

    @property
    def free(self) -> int:
        """The free weights of the whole network."""
        return sum(row.free for row in self.rows)

    @property
    def along(self) -> bool:
        """Whether it says of each factor of a product how far is seen."""
        return any(row.along for row in self.rows)

    @property
    def unconstrained(self) -> int:
        """Those of a network of the same layers without the symmetry."""
        return sum(row.unconstrained for row in self.rows)

    @property
    def references(self) -> tuple[str, ...]:
        """The papers that the layers stand on, each once."""
        found = [row.reference for row in self.rows if row.reference]
        return tuple(dict.fromkeys([*found, *([RELAXED] if self.relaxed else [])]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data (JSON)."""
        whole = {"free": self.free, "unconstrained": self.unconstrained, "references": list(self.references)}
        return {**asdict(self), "notes": list(self.notes), "rows": [asdict(row) for row in self.rows], **whole}

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page."""
        from erlangen.pages import render, write

        write(path, render("explain.html", self._page()))
        return Path(path)

    def _smallest(self, each: str) -> str:
        """The smallest input: so many sites along every axis, or where they differ, along each."""
        if len(set(self.sides)) > 1:
            return f"{' × '.join(map(str, self.sides))} sites"
        return f"{several(self.minimum_size, 'site')} {each}" if self.minimum_size else ""

    def __str__(self) -> str:
        lines = [f"{self.promise}, on {self.domain}: {self.source} → {self.target}", ""]
        lines += _hanging("Cannot see", self.blind) + _hanging("Translations", self.translations)
        lines += _hanging("Smallest", self._smallest("along an axis"))
        for letter, fibre in self.fibres:
            lines += _hanging(letter, fibre)
        lines += ["", *self._table(), "", "Why"]
        for name, row in self._each_once():
            lines += [f"  {name}", *_told("because", row.prior), *_told("law", row.law)]
            lines += [*_told("solved by", row.solver), *_told("computed", row.way), *_told("source", row.reference)]
        notes = [fill(note, 110, initial_indent="  ", subsequent_indent="    ") for note in self.notes]
        lines += ["", "Chosen", *notes] if notes else []
        return "\n".join([*lines, "", "References", *(f"  {reference}" for reference in self.references)])

    def _each_once(self) -> list[tuple[str, Row]]:
        """One row for each reason, named by its layer, and by how many of these where not all have the same one."""
        alike: dict[tuple[str, ...], list[Row]] = {}
        for row in self.rows:
            alike.setdefault((row.name, row.prior, row.law, row.solver, row.way), []).append(row)
        of_name = Counter(row.name for row in self.rows)
        return [
            (row.name if len(rows) == of_name[row.name] else f"{row.name}, {len(rows)} of {of_name[row.name]}", row)
            for rows in alike.values()
            for row in rows[:1]
        ]

    def short(self, space: str) -> str:
        """A space with the letters of `fibres` in place of the fibres."""
        return shortened(space, self.fibres)

    def _table(self) -> list[str]:
        head = ("layer", "gives", "sees", "free weights", "unconstrained")
        body = [
            ("  " * r.depth + r.name, self.short(r.target), r.sees, f"{r.free:,}", f"{r.unconstrained:,}")
            for r in self.rows
        ]
        cells = [head, *body, ("total", "", "", f"{self.free:,}", f"{self.unconstrained:,}")]
        if self.relaxed:
            breaks = ["breaks it", *(r.broken for r in self.rows), ""]
            cells = [(*cell, more) for cell, more in zip(cells, breaks, strict=True)]
        wide = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
        lines = [
            "  ".join(
                cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, wide, strict=True))
            )
            for line in cells
        ]
        rule = "─" * len(lines[0])
        return [lines[0], rule, *lines[1:-1], rule, lines[-1]]

    def _page(self) -> dict[str, Any]:
        share, kind = self.free / max(self.unconstrained, 1), "Equivariant" if "g·f" in self.law else "Invariant"
        return {
            "title": f"Why this network, for {self.group} on {self.domain}",
            "lead": "Derived from a domain, a symmetry and a task; each module with the prior that asks for it.",
            "law": f"Expected to be {kind.lower()}" if self.relaxed else kind,
            "along": self.along,
            "sentence": f"{self.promise}." if self.relaxed else f"{self.promise}, by construction.",
            "relaxed": self.relaxed,
            "spaces": f"{self.source} → {self.target}",
            "blind": self.blind,
            "facts": [
                ("free weights", f"{self.free:,}"),
                ("the same layers without symmetry", f"{self.unconstrained:,}"),
                ("share left free", f"{share:.0%}"),
                ("smallest input", self._smallest("an axis") or "any"),
            ],
            "tree": [self._line(row) for row in self.rows],
            "fibres": self.fibres,
            "kinds": [
                {**asdict(row), "name": name, "tone": _TONES.get(row.kind, "plain")} for name, row in self._each_once()
            ],
            "notes": [
                *(self.notes or ("Composed by hand.",)),
                *([f"Translations: {self.translations}."] if self.translations else []),
            ],
            "references": self.references,
        }

    def _line(self, row: Row) -> dict[str, Any]:
        share = row.free / row.unconstrained if row.unconstrained else None
        return {
            **asdict(row),
            "source": self.short(row.source),
            "target": self.short(row.target),
            "sees": row.sees,
            "broken": row.broken,
            "free": f"{row.free:,}",
            "unconstrained": f"{row.unconstrained:,}",
            "share": share,
            "percent": "" if share is None else f"{share:.0%}",
            "tone": _TONES.get(row.kind, "plain"),
        }


def _told(what: str, text: str) -> list[str]:
    return [fill(text, 110, initial_indent=f"    {what:<11}", subsequent_indent=" " * 15)] if text else []


def _hanging(name: str, text: str) -> list[str]:
    return [fill(text, 110, initial_indent=name.ljust(14), subsequent_indent=" " * 14)] if text else []
