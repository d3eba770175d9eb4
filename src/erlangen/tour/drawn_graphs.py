"""Graphs as nodes and lines, nodes in the colour of their kind."""

import math
from collections.abc import Sequence

from erlangen.pages import Html

EDGES = Sequence[tuple[int, int]]
PLACES = Sequence[tuple[float, float]]


def drawn_graph(edges: EDGES, kinds: Sequence[int], places: PLACES, names: Sequence[str] = ()) -> Html:
    """Nodes at their places, from −1 to 1, with a name on each.

    >>> drawn_graph([(0, 1)], [0, 1], circle(2)).count("<circle")
    2
    """
    at = [(100 + 78 * x, 100 + 78 * y) for x, y in places]
    line = 'style="stroke: var(--soft); stroke-width: 2.5"'
    parts = [
        f'<line x1="{at[a][0]:.1f}" y1="{at[a][1]:.1f}" x2="{at[b][0]:.1f}" y2="{at[b][1]:.1f}" {line}/>'
        for a, b in edges
    ]
    for i, ((x, y), kind) in enumerate(zip(at, kinds, strict=True)):
        paint = f"fill: color-mix(in srgb, var(--series-{kind + 1}) 28%, var(--card)); stroke: var(--series-{kind + 1})"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="14" style="{paint}; stroke-width: 2"/>')
        if names:
            parts.append(f'<text class="strong" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{names[i]}</text>')
    return Html(f'<svg viewBox="0 0 200 200" role="img" aria-label="graph">{"".join(parts)}</svg>')


def circle(n: int, middle: tuple[float, float] = (0.0, 0.0), radius: float = 1.0) -> list[tuple[float, float]]:
    """n places around a circle, from its top."""
    turns = [2 * math.pi * i / n - math.pi / 2 for i in range(n)]
    return [(middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)) for turn in turns]
