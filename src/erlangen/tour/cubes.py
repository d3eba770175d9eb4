"""Cubes drawn as one sees them from above a corner."""

from collections.abc import Iterable

from erlangen.pages import Html

ACROSS, DOWN = 0.866, 0.5
FACES = {  # the three that are seen, by their corners in units of (i, j, k), with how light they are
    0.92: ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)),
    0.62: ((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)),
    0.38: ((0, 1, 0), (1, 1, 0), (1, 1, 1), (0, 1, 1)),
}


def cubes(places: Iterable[tuple[int, int, int]], series: int = 1) -> Html:
    """Unit cubes at these places, i towards the left, j towards the right, k upwards.

    >>> cubes([(0, 0, 0), (0, 0, 1)]).count("<path")
    6
    """
    ordered = sorted(places, key=sum)  # what is nearer is drawn later
    flat = [_flat(i + a, j + b, k + c) for i, j, k in ordered for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    left, top = (min(point[axis] for point in flat) - 0.1 for axis in (0, 1))
    right, bottom = (max(point[axis] for point in flat) + 0.1 for axis in (0, 1))
    size = max(right - left, bottom - top, 3.6)
    box = f"{(left + right - size) / 2:.2f} {(top + bottom - size) / 2:.2f} {size:.2f} {size:.2f}"
    drawn = "".join(_face(place, corners, light, series) for place in ordered for light, corners in FACES.items())
    return Html(f'<svg viewBox="{box}" role="img" aria-label="cubes">{drawn}</svg>')


def _face(place: tuple[int, int, int], corners: Iterable[tuple[int, int, int]], light: float, series: int) -> str:
    points = (_flat(*(a + b for a, b in zip(place, corner, strict=True))) for corner in corners)
    way = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    fill = f"color-mix(in srgb, var(--series-{series}) {100 * (1 - light):.0f}%, var(--card))"
    return f'<path d="M{way}Z" style="fill: {fill}; stroke: var(--series-{series}); stroke-width: .04"/>'


def _flat(i: float, j: float, k: float) -> tuple[float, float]:
    return ACROSS * (j - i), DOWN * (i + j) - k
