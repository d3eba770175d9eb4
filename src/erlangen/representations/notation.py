"""Sums of irreps of space as they are written in the field: 16x0e + 8x1o, sixteen scalars and eight vectors."""

from __future__ import annotations

import re
from typing import NoReturn

from erlangen.errors import RepresentationError
from erlangen.groups import SO, Group, O
from erlangen.groups.arguments import shorten
from erlangen.representations.base import Representation
from erlangen.representations.irreps import irrep, is_spatial
from erlangen.representations.named import Sign, Standard, Trivial
from erlangen.representations.spatial import SpatialIrrep
from erlangen.representations.sums import direct_sum

PARITY = {"e": 1, "o": -1}
TERM = re.compile(r"(?:(\d{1,9})\s*[x×]\s*)?(\d{1,9})([eo]?)", re.ASCII)
MEND = {
    O: "Write 16x0e + 8x1o: a multiplicity, a degree, and the parity e (even) or o (odd) under inversion.",
    SO: "Write 16x0 + 8x1: a multiplicity and a degree; e and o are for O(3), which has the inversion.",
}


def irreps(text: str, group: Group | None = None) -> Representation:
    """ "16x0e + 8x1o" ↦ 16 · irrep(0, 1) + 8 · irrep(1, −1) of O(3): multiplicity x degree and parity, in this order.

    The parity is e, even, or o, odd under inversion; of SO(3), which has none, "16x0 + 8x1". A missing multiplicity is
    one, and spaces do not matter. Without `group`, it is SO(3) where no parity is written, else O(3).
    Errors: RepresentationError for what cannot be read so, and for other groups.

    >>> import erlangen as er
    >>> er.irreps("16x0e + 8x1o + 2e")
    16 × trivial + 8 × irrep(1, -1) + irrep(2, 1) of O(3)
    >>> er.irreps("2x0+1", er.SO(3)).dim
    5

    The notation of e3nn: Geiger, Smidt 2022, arXiv:2207.09453."""
    if not isinstance(text, str):
        raise RepresentationError(f"{shorten(text)}", "irreps as a text", MEND[O])
    group = (O(3) if re.search("[eo]", text) else SO(3)) if group is None else group
    if not isinstance(group, Group) or not is_spatial(group):
        raise RepresentationError(
            f"irreps({text!r}) of {shorten(group)}", "O(3) or SO(3)", "Of other groups sum up G.irrep(…) and the like."
        )
    return direct_sum(*(_term(term, text, group) for term in text.split("+")))


def written(rho: Representation) -> str:
    """16 · irrep(0, 1) + 8 · irrep(1, −1) of O(3) ↦ "16x0e+8x1o": the text that `irreps` reads as ρ.

    `sign` and `standard` are written as the irreps they are, and read as these. Multiplicities are always written.
    Errors: RepresentationError for what is no sum of irreps of O(3) or SO(3).

    >>> written(2 * SO(3).trivial + SO(3).irrep(1)), written(O(3).irrep(2, -1))
    ('2x0+1x1', '1x2o')"""
    if not isinstance(rho, Representation) or not is_spatial(rho.group):
        _refuse(rho)
    letters = {1: "e", -1: "o"} if isinstance(rho.group, O) else {1: ""}
    degrees = ((*_degree_and_parity(part, rho), times) for part, times in rho.fields)
    return "+".join(f"{times}x{degree}{letters[parity]}" for degree, parity, times in degrees)


def is_notation(text: str, group: Group) -> bool:
    """Whether `text` is irreps of O(3) or SO(3) written so; a bare number is none, for it may count channels.

    >>> is_notation("8x1o", O(3)), is_notation("8 * irrep(1, -1)", O(3)), is_notation("8", SO(3))
    (True, False, False)"""
    terms = [TERM.fullmatch(term.strip()) for term in text.split("+")]
    return is_spatial(group) and all(terms) and re.search("[x×eo]", text) is not None


def _term(term: str, text: str, group: Group) -> tuple[Representation, int]:
    found = TERM.fullmatch(term.strip())
    if not found or bool(found[3]) != isinstance(group, O):
        raise RepresentationError(
            f"{shorten(term.strip())} in the irreps {shorten(text)} of {group}",
            "a multiplicity, a degree and a parity" if isinstance(group, O) else "a multiplicity and a degree",
            MEND[type(group)],
        )
    parity = (PARITY[found[3]],) if found[3] else ()
    return irrep(group, int(found[2]), *parity), int(found[1] or 1)


def _degree_and_parity(part: Representation, rho: Representation) -> tuple[int, int]:
    match part:
        case Trivial():
            return 0, 1
        case Sign():
            return 0, -1
        case Standard():
            return 1, -1 if isinstance(part.group, O) else 1
        case SpatialIrrep():
            return (part.labels[0], part.labels[1]) if isinstance(part.group, O) else (part.labels[0], 1)
    _refuse(rho)


def _refuse(rho: object) -> NoReturn:
    raise RepresentationError(
        f"{shorten(rho)}", "a sum of irreps of O(3) or SO(3)", "Ask `.decompose()` for the irreps of what is another."
    )
