"""Every reader of texts, with texts that it takes: a reader added here is fuzzed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import erlangen as er
from erlangen.domains.text import parse_domain as parse_audited
from erlangen.groups import parse_group, parse_symmetry
from erlangen.train.reading import parse_channels, parse_domain, parse_output, parse_task
from tests.fuzz.damage import Below

NAMES = """C D SO O S C(4) D(3) O(3) SO(2) Octahedral() Mirror() Trivial() Relabelling() TimeWarp Isometries() irrep
Grid Grid(2) HexGrid Dna Sequence Set Graph Points Points(3) Sphere Mesh Finite Product Nest Domain Invariant
Equivariant Positions Forces trivial regular standard sign quotient tangent pooled boundary spacing radius level dim
True False None nan inf inf-inf 0 1 2 -1 1.5 1e400 7 12 61 999999999999 0x10 (1,1,5) 'periodic' lambda:0
__import__('os') f'{x}' 1j b''
( ) [ ] { } , = * + - ** . : ; ' " \\ é ١ ² ... @ wr ~"""
WORDS = (*NAMES.split(), *"\n\0 ", "", "(" * 300, "-" * 300, "1+" * 300 + "1", "C(2)*" * 40 + "C(2)", "9" * 5000)


@dataclass(frozen=True)
class Text:
    """`read(text)` reads each of the `samples`."""

    read: Callable[[str], Any]
    samples: tuple[str, ...]


def another_text(text: str, below: Below) -> str:
    """One to three words or signs of it are others, gone, doubled, or have changed places."""
    parts = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(1 + below(3)):
        at = below(len(parts) + 1)
        match below(5):
            case 0:
                parts[at : at + 1] = []
            case 1:
                parts[at:at] = [WORDS[below(len(WORDS))]]
            case 2:
                parts[at : at + 1] = parts[at : at + 1] * 2
            case 3 if parts:
                parts[at : at + 1] = [parts[below(len(parts))]]
            case _:
                parts[at : at + 1] = [WORDS[below(len(WORDS))]]
    return "".join(parts)


def _whole_task(text: str) -> Any:
    domain, symmetry, channels, output = (text.split("|") + [""] * 3)[:4]
    return parse_task(domain, symmetry or None, channels or None, output)


DOMAINS = (
    *("Grid(2)", 'Grid(2, boundary="periodic")', "Grid(3, spacing=(1, 1, 5))", "HexGrid()", "Sequence()", "Dna()"),
    *("Points(3, radius=2.0)", "Mesh(eigenfunctions=3)", "Sphere()", "Graph() * Sequence()", "Set(Grid(2))"),
)
TEXTS: dict[str, Text] = {
    "domain": Text(parse_domain, (*DOMAINS, "grid2", "hex")),
    "audited domain": Text(parse_audited, DOMAINS),
    "symmetry": Text(parse_symmetry, ("C(4)", "D4", "C(4) * Mirror()", "S(3)", "O(3)", "Octahedral()", "Isometries()")),
    "group": Text(parse_group, ("C(4)", "Mirror * Icosahedral", "SO(2)", "C(4, axis=2)")),
    "output": Text(
        lambda text: parse_output(text, er.C(4)),
        ("Invariant(10)", "Equivariant(3, pooled=Grid(2))", "Equivariant(2 * regular + irrep(1))", "Positions()"),
    ),
    "channels": Text(
        lambda text: parse_channels(text, er.D(4)), ("3", "2 * regular + irrep(1, 1)", "sign", "quotient(C(2))")
    ),
    "channels in space": Text(
        lambda text: parse_channels(text, er.O(3)), ("16x0e + 8x1o", "irrep(1, -1)", "2 * trivial")
    ),
    "irreps": Text(er.irreps, ("16x0e + 8x1o", "1x2e", "0e+1o")),
    "task": Text(
        _whole_task,
        (
            *("Grid(2)|C(4)|1|Invariant(10)", "Points(3)|O(3)|8x0e|Forces()", "Graph()||3|Equivariant(2)"),
            *("Mesh()|||Invariant(3)", "Sphere()|SO(3)|1|Equivariant(tangent, pooled=True)", "Dna()|||Invariant(2)"),
        ),
    ),
}
