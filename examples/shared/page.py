"""How an example becomes a page: sections of a claim, its numbers, pictures and what they say; markdown and web."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

import erlangen as er
from erlangen.pages import Html, picture, render

DIFFERENCE = "difference ‖a − b‖ / √(‖a‖² + ‖b‖²)"


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


def difference(a: Tensor, b: Tensor) -> float:
    """‖a − b‖ / √(‖a‖² + ‖b‖²): 0 where they are equal, 1 where they have nothing in common."""
    return float((a - b).norm() / (a.square().sum() + b.square().sum()).sqrt())


def shown(value: float) -> str:
    """Counts and zero as they are, rounding as what it is, all else to two figures."""
    if isinstance(value, int) or value == 0:
        return str(int(value))
    return "rounding, ≤ 1e-5" if abs(value) <= 1e-5 else f"{value:.2g}"


def shot(x: Tensor, colours: str = "gray") -> str:
    """The first signal's first channel as a picture; "signed" colours zero as paper."""
    values = x[0, 0].detach().numpy()
    bound = abs(values).max() if colours == "signed" else None
    return picture(values, None if bound is None else -bound, bound, colours)


def sites(values: Tensor, domain: er.Grid | er.HexGrid) -> Html:
    """A filter `[1, n, n]` as discs where its sites lie, their area the weight, their colour its sign."""
    mask = domain.mask(values)
    weights = (values[0] / values.abs().max()).numpy()
    kept = np.argwhere(np.ones_like(weights) if mask is None else mask.numpy())
    discs = []
    for i, j in kept:
        row, column = domain.basis @ (i - len(weights) // 2, j - len(weights) // 2)
        radius, series = 0.46 * math.sqrt(abs(weights[i, j])), 1 if weights[i, j] > 0 else 2
        discs.append(f'<circle cx="{column:.2f}" cy="{row:.2f}" r="{radius:.3f}" fill="var(--series-{series})"/>')
    half = len(weights) // 2 + 0.6
    box = f"{-half} {-half} {2 * half} {2 * half}"
    return Html(f'<svg viewBox="{box}" role="img" aria-label="filter">{"".join(discs)}</svg>')


def markdown(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The page without its pictures."""
    parts = [f"# {title}\n\n{lead}\n"]
    for section in sections:
        table = [f"| {name} | {value} |" for name, value in (section.columns, ("---", "---:"), *section.rows)]
        parts += [f"## {section.title}", f"> {section.claim}\n", *table, f"\n{section.finding}\n"]
    return "\n".join(parts)


def html(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The page with its pictures, one file."""
    footer = f"erlangen {er.__version__}"
    return render("article.html", {"title": title, "lead": lead, "sections": sections, "footer": footer})
