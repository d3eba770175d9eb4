"""Prose with numbers: sections of a claim, what was measured of it, pictures and what they say; markdown and web."""

from collections.abc import Sequence
from dataclasses import dataclass

from erlangen.pages.render import render

ROUNDING = 1e-5


@dataclass(frozen=True)
class Section:
    """A claim, what was measured of it (`numbers`, by name), and what the numbers say."""

    title: str
    claim: str
    numbers: dict[str, float]
    finding: str
    measured: str = "error of the audit"
    pictures: Sequence[tuple[str, str, str]] = ()
    right = (1,)

    @property
    def columns(self) -> tuple[str, str]:
        """The head of its table."""
        return "what", self.measured

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The body of its table."""
        return [(name, shown(value)) for name, value in self.numbers.items()]


def shown(value: float) -> str:
    """Counts and zero as they are, rounding as what it is, all else to two figures.

    >>> shown(12345), shown(0.0), shown(3e-7), shown(0.4567)
    ('12,345', '0', 'rounding, ≤ 1e-5', '0.46')
    """
    if isinstance(value, int) or value == 0:
        return f"{int(value):,}"
    return "rounding, ≤ 1e-5" if abs(value) <= ROUNDING else f"{value:.2g}"


def markdown(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The page without its pictures."""
    parts = [f"# {title}\n\n{lead}\n"]
    for section in sections:
        table = [f"| {name} | {value} |" for name, value in (section.columns, ("---", "---:"), *section.rows)]
        parts += [f"## {section.title}", f"> {section.claim}\n", *table, f"\n{section.finding}\n"]
    return "\n".join(parts)


def article(title: str, lead: str, sections: Sequence[Section], footer: str = "") -> str:
    """The page with its pictures, one file.

    >>> article("Shifts", "Measured.", [Section("Rolled", "It stays.", {"by 1": 0.0}, "So it does.")]).count("<h2>")
    1
    """
    return render("article.html", {"title": title, "lead": lead, "sections": sections, "footer": footer})
