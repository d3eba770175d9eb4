"""The error of each element against its angle: rotations, and what reflects, apart."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from erlangen.auditing.verdict import BROKEN_ABOVE, ROUND_TRIPS
from erlangen.domains import Domain
from erlangen.groups import Element
from erlangen.pages import Dot, Html, Shape, dot_mark, scatter

if TYPE_CHECKING:
    from erlangen.auditing.report import AuditReport, Row

FEWEST = 2  # elements that make a picture


def angle(g: Element, domain: Domain) -> tuple[float | None, bool]:
    """(degrees, whether it reflects): of a rotation its angle, of a mirror of the plane that of the line it keeps.

    In space what reflects is −R, by the angle of the rotation R. None for what is no turn of the plane or of space.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import D
    >>> [angle(g, Grid(2)) for g in D(4).generators]
    [(90.0, False), (0.0, True)]
    """
    matrix = domain.cartesian(g)
    if (
        matrix is None
        or len(matrix) not in (2, 3)
        or not np.allclose(matrix @ matrix.T, np.eye(len(matrix)), atol=1e-6)
    ):
        return None, False
    reflects = bool(np.linalg.det(matrix) < 0)
    if len(matrix) == 3:
        cosine = (float(np.trace(-matrix if reflects else matrix)) - 1) / 2
        return round(math.degrees(math.acos(min(max(cosine, -1.0), 1.0))), 4), reflects
    degrees = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    return round(degrees / 2 % 180 if reflects else degrees % 360, 4) + 0.0, reflects


def by_angle(report: "AuditReport") -> dict[str, Any] | None:
    """The pictures, one for rotations and one for what reflects, with their legend; None where nothing turns."""
    rows = [r for r in report.elements if r.judged and r.degrees is not None and not math.isnan(r.error)]
    if len(rows) < FEWEST:
        return None
    parts = [(reflects, [r for r in rows if r.reflects == reflects]) for reflects in (False, True)]
    shown = [(reflects, found) for reflects, found in parts if found]
    return {
        "pictures": [_picture(reflects, found, report.domain) for reflects, found in shown],
        "legend": _legend([reflects for reflects, _ in shown], rows, report.domain),
        "shaded": any(r.round_trip > 0 for r in rows),
    }


def _picture(reflects: bool, rows: list["Row"], domain: Domain) -> tuple[Html, str, str]:
    dim = domain.space
    whole = dim == 2 and not reflects
    most, ticks = (360.0, range(0, 361, 90)) if whole else (180.0, range(0, 181, 45 if dim == 2 else 30))
    dots = [
        Dot(r.element, r.degrees or 0.0, r.low, r.error, r.high, ROUND_TRIPS * r.round_trip, hollow=not r.exact)
        for r in rows
    ]
    shape, series = _mark(reflects)
    drawn = scatter(dots, most, list(ticks), BROKEN_ABOVE, shape, series, up="error", unit="°")
    return drawn, *_titles(reflects, dim)


def _mark(reflects: bool) -> tuple[Shape, int]:
    return ("diamond", 2) if reflects else ("circle", 1)


def _titles(reflects: bool, dim: int) -> tuple[str, str]:
    if not reflects:
        return "Rotations", "by their angle" + "; those of one angle stand side by side" * (dim == 3)
    return (
        ("Mirrors", "by the angle of the line that they keep")
        if dim == 2
        else (
            "Reflections",
            "x ↦ −Rx, by the angle of the rotation R: 0° is the inversion, 180° a mirror",
        )
    )


def _legend(kinds: list[bool], rows: list["Row"], domain: Domain) -> list[tuple[Html, str]]:
    names = {False: "rotation", True: "mirror" if domain.space == 2 else "reflection"}
    found = []
    for reflects in kinds:
        for exact in (True, False):
            if any(r.reflects == reflects and r.exact == exact for r in rows):
                where = "" if all(r.exact for r in rows) else f", {domain.places[0 if exact else 1]}"
                found.append((dot_mark(*_mark(reflects), not exact), names[reflects] + where))
    return found
