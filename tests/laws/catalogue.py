"""The one list of things that every law is tested on: a new group, domain or layer joins it and inherits the laws."""

import math
from typing import Any

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Dna, Finite, Grid, HexGrid, Points, Sequence
from erlangen.groups import (
    SO,
    C,
    D,
    FullOctahedral,
    Group,
    Icosahedral,
    Mirror,
    O,
    Octahedral,
    S,
    Trivial,
    semidirect,
    wreath,
)
from erlangen.representations import Representation


def _images(cycles: list[list[int]], points: int) -> tuple[int, ...]:
    """A permutation of 0 … points−1 from cycles that count from 1, as they are printed."""
    images = list(range(points))
    for cycle in cycles:
        for here, there in zip(cycle, cycle[1:] + cycle[:1], strict=True):
            images[here - 1] = there - 1
    return tuple(images)


# The six quarter turns of Rubik's cube as permutations of its 48 moving facelets.
RUBIK = Group.from_permutations(
    [
        _images(cycles, 48)
        for cycles in (
            [[1, 3, 8, 6], [2, 5, 7, 4], [9, 33, 25, 17], [10, 34, 26, 18], [11, 35, 27, 19]],
            [[9, 11, 16, 14], [10, 13, 15, 12], [1, 17, 41, 40], [4, 20, 44, 37], [6, 22, 46, 35]],
            [[17, 19, 24, 22], [18, 21, 23, 20], [6, 25, 43, 16], [7, 28, 42, 13], [8, 30, 41, 11]],
            [[25, 27, 32, 30], [26, 29, 31, 28], [3, 38, 43, 19], [5, 36, 45, 21], [8, 33, 48, 24]],
            [[33, 35, 40, 38], [34, 37, 39, 36], [3, 9, 46, 32], [2, 12, 47, 29], [1, 14, 48, 27]],
            [[41, 43, 48, 46], [42, 45, 47, 44], [14, 22, 30, 38], [15, 23, 31, 39], [16, 24, 32, 40]],
        )
    ]
)

QUATERNIONS = Group.from_matrices(  # Q8 as real 4 × 4 matrices: left multiplication by i and by j
    [
        [[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, -1], [0, 0, 1, 0]],
        [[0, 0, -1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, -1, 0, 0]],
    ]
)

SWAP = S(3).element((1, 0, 2))


def _params(groups: dict[str, Group]) -> list[Any]:
    return [pytest.param(group, id=name) for name, group in groups.items()]


# Finite groups that can be listed.
GROUPS = _params(
    {
        "Trivial": Trivial(),
        "Mirror": Mirror(),
        **{f"C{n}": C(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 12, 36)},
        **{f"D{n}": D(n) for n in (1, 2, 3, 4, 5, 6, 8, 9)},
        "C4 about axis 2": C(4, axis=2),
        "D4 about axis 2": D(4, axis=2),
        "C3 about axis 0": C(3, axis=0),
        **{f"S{n}": S(n) for n in (1, 2, 3, 4, 5)},
        "Octahedral": Octahedral(),
        "FullOctahedral": FullOctahedral(),
        "Icosahedral": Icosahedral(),
        "A5": Group.from_permutations([(1, 2, 3, 4, 0), (1, 2, 0, 3, 4)]),
        "F20": Group.from_permutations([(1, 2, 3, 4, 0), (0, 2, 4, 1, 3)]),
        "hexagonal lattice": Group.from_matrices([[[0, -1], [1, 1]], [[1, 1], [0, -1]]]),
        "Q8": QUATERNIONS,
        "seven digits": Group.from_matrices([[[-0.5, -0.8660254], [0.8660254, -0.5]]]),
        "C4 × Mirror": C(4) * Mirror(),
        "C3 × C4": C(3) * C(4),
        "D3 × S3 × C2": D(3) * S(3) * C(2),
        "Icosahedral × Mirror": Icosahedral() * Mirror(),
        "C7 ⋊ C3": semidirect(C(7), C(3), lambda h: lambda n: n**2),
        "C4 ⋊ C4": semidirect(C(4), C(4), lambda h: lambda n: ~n),
        "S3 ⋊ Mirror": semidirect(S(3), Mirror(), lambda h: lambda n: SWAP @ n @ SWAP),
        "C2 ≀ S3": wreath(C(2), 3),
        "S3 ≀ S2": wreath(S(3), 2),
        "C3 ≀ S1": wreath(C(3), 1),
        "C4 × Trivial": C(4) * Trivial(),
        "Q8 × C3": QUATERNIONS * C(3),
        "the unit of D4": D(4).subgroup(),
        "half turns of the rotations of D6": D(6).subgroup(D(6).generators[0]).subgroup(math.pi),
        "rotations of D6": D(6).subgroup(D(6).generators[0]),
        "turns of the cube about a corner": FullOctahedral().subgroup(FullOctahedral().generators[1]),
        "C6 in SO(2)": SO(2).subgroup(math.pi / 3),
        "C4 in O(3)": O(3).subgroup(C(4, axis=2).generators[0], -np.eye(3)),
    }
)

# Finite groups too large to be listed.
LARGE_GROUPS = _params(
    {
        "S50": S(50),
        "Rubik's cube": RUBIK,
        "C2 ≀ S8": wreath(C(2), 8),
        "C100000": C(100_000),
        "S9 × D4": S(9) * D(4),
        "two faces of Rubik's cube": RUBIK.subgroup(*RUBIK.generators[:2]),
    }
)

# Compact groups with infinitely many elements.
LIE_GROUPS = _params(
    {
        "SO(2)": SO(2),
        "O(2)": O(2),
        "SO(3)": SO(3),
        "O(3)": O(3),
        "SO(2) × Mirror": SO(2) * Mirror(),
        "SO(3) × S4": SO(3) * S(4),
    }
)


def _representations(group: Group) -> dict[str, Representation]:
    """Every way of making a representation, on one finite group."""
    last = group.irreps()[-1]
    found = {
        "trivial": group.trivial,
        "standard": group.standard,
        "last irrep": last,
        "sum": 2 * group.trivial + group.standard + 3 * last,
        "tensor": (group.standard + group.trivial).tensor(last),
        "dual": (group.standard + group.trivial).dual,
        "orthogonalized": group.standard.orthogonalized(),
        "middle irrep": group.irreps()[len(group.irreps()) // 2],
    }
    if len(group.elements) <= 24:
        found["regular"] = group.regular
    if np.linalg.det(group.matrices).min() < 0:
        found["sign"] = group.sign
    if len(group.generators) > 1:
        part = group.subgroup(group.generators[0])
        found["quotient"] = group.quotient(part)
        found["restricted"] = last.restrict(part)
        found["induced"] = part.irreps()[-1].induce(group)
    return found


def _lie_representations() -> dict[str, Representation]:
    """The same on the groups that have closed forms."""
    found: dict[str, Representation] = {}
    for group in (SO(2), O(2), SO(3), O(3)):
        found |= {f"{rho}": rho for rho in group.irreps(3)}
        found[f"standard of {group}"] = group.standard
        found[f"sum of {group}"] = 2 * group.standard + group.trivial
        found[f"tensor of {group}"] = group.standard.tensor(group.irreps(2)[-1])
    for n, labels in ((2, (2,)), (3, (1,))):
        found[f"sign of O({n})"] = O(n).sign
        found[f"quotient of O({n})"] = O(n).quotient(SO(n))
        found[f"induced to O({n})"] = SO(n).irrep(*labels).induce(O(n))
        found[f"restricted to SO({n})"] = O(n).standard.restrict(SO(n))
    return found


# Of groups that teach representations nothing new: their irreps alone are tested.
_MORE_OF_THE_SAME = {
    *("C5", "C6", "C7", "C12", "C36", "D5", "D6", "D8", "D9", "C4 about axis 2", "C3 about axis 0", "S1", "S5", "A5"),
    *("seven digits", "D3 × S3 × C2", "Icosahedral × Mirror", "S3 ⋊ Mirror", "S3 ≀ S2"),
    "turns of the cube about a corner",
}

FINITE_REPRESENTATIONS = [
    pytest.param(rho, id=f"{name} of {param.id}")
    for param in GROUPS
    if param.id not in _MORE_OF_THE_SAME
    for name, rho in _representations(param.values[0]).items()
]
LIE_REPRESENTATIONS = [pytest.param(rho, id=name) for name, rho in _lie_representations().items()]
OUTER_REPRESENTATIONS = [
    pytest.param(rho, id=f"{rho}") for group in (SO(2) * Mirror(), SO(3) * C(3)) for rho in group.irreps(1)
]
REPRESENTATIONS = [*FINITE_REPRESENTATIONS, *LIE_REPRESENTATIONS, *OUTER_REPRESENTATIONS]

# ---- lattices ------------------------------------------------------------------------------------------------------
MIRRORS = Mirror() * Mirror()
CORNER = Group.from_matrices([[[0, 0, 1], [1, 0, 0], [0, 1, 0]]])  # the cube turned about its corner (1, 1, 1)
AXIAL = Group.from_matrices([[[0, -1], [1, 1]], [[1, 1], [0, -1]]])  # the hexagon's twelve elements, as arrays see them
DIAGONAL = D(4).subgroup([[0, 1], [1, 0]])
CLOCKWISE = er.Task(Grid(2), C(4), 1, er.Invariant(1), action={C(4).generators[0]: [[0, 1], [-1, 0]]}).domain

_LINE = (Trivial(), Mirror())
_SQUARE = (Trivial(), C(1), C(2), C(4), D(1), D(2), D(4), Mirror(), MIRRORS, S(2), C(4).subgroup(), DIAGONAL)
_HEXAGON = (Trivial(), Mirror(), MIRRORS, C(2), C(3), C(6), D(1), D(2), D(3), D(6), AXIAL)
_CUBE = (
    *(Trivial(), Mirror(), MIRRORS * Mirror(), C(4), D(4), C(4, axis=2), C(4, axis=0), D(2, axis=1)),
    *(C(4) * Mirror(), D(4) * Mirror(), S(3), CORNER, Octahedral(), FullOctahedral()),
)

# Every lattice with every group that maps it to itself.
DOMAINS = [
    pytest.param(domain, group, id=f"{domain!r} {group!r}")
    for domain, groups in (
        (Grid(1), _LINE),
        (Grid(1, "periodic"), _LINE),
        (Grid(2), _SQUARE),
        (Grid(2, "periodic"), (C(4), D(4), MIRRORS)),
        (Grid(2, spacing=(1, 2)), (C(2), D(2))),
        (CLOCKWISE, (C(4),)),
        (HexGrid(), _HEXAGON),
        (Grid(3), _CUBE),
        (Grid(3, "periodic"), (Octahedral(),)),
        (Grid(3, spacing=(1, 1, 5)), (D(4) * Mirror(),)),
        (Dna(), _LINE),
        (Sequence(), (Trivial(),)),
    )
    for group in groups
]


# ---- finite domains ------------------------------------------------------------------------------------------------
def moved_squares(side: int) -> list[tuple[int, ...]]:
    """How the generators of D4 move the squares of a board."""
    squares, images = torch.arange(side**2, dtype=torch.float64).reshape(1, 1, side, side), []
    for g in D(4).generators:
        came = Grid(2).act(g, squares).flatten().long().numpy()  # at each square, the one that came there
        images.append(tuple(np.argsort(came).tolist()))
    return images


def _pairs(images: tuple[int, ...]) -> tuple[int, ...]:
    """How ordered pairs move, where points move so."""
    n = len(images)
    return tuple(images[i] * n + images[j] for i in range(n) for j in range(n))


RING = Finite(C(6), [(1, 2, 3, 4, 5, 0)])
BOARD = Finite(D(4), moved_squares(3))
CUBE = Finite(RUBIK, RUBIK.standard)
_S4, _S8 = S(4), S(8)

# Finite domains of all kinds, each with its group, and with a subgroup.
FINITE = [
    pytest.param(domain, group, id=f"finite {name}")
    for name, domain, group in (
        ("cycle", RING, C(6)),
        ("cycle, half turns", RING, C(6).subgroup(C(6).generators[0] ** 3)),
        ("board", BOARD, D(4)),
        ("board, unmoved", BOARD, Trivial()),
        ("cosets", Finite(Octahedral(), Octahedral().quotient(C(4, axis=2))), Octahedral()),
        ("pairs", Finite(_S4, [_pairs(g.key) for g in _S4.generators]), _S4),
        ("without motion", Finite(Trivial(), [], points=3), Trivial()),
        ("vector", Finite(C(4), [[[0, -1], [1, 0]]]), C(4)),
        ("swapped and turned", Finite(C(2), [((0, 2, 1, 3), (1, 1, 1, -1))]), C(2)),
        ("permuted channels", Finite(C(3), [np.eye(3)[[2, 0, 1]]]), C(3)),
        ("quaternions", Finite(QUATERNIONS, QUATERNIONS.standard), QUATERNIONS),
    )
]
LARGE_FINITE = [
    pytest.param(domain, group, id=f"finite {name}")
    for name, domain, group in (
        ("Rubik's cube", CUBE, RUBIK),
        ("parity and points of S8", Finite(_S8, [(*g.key, 9, 8) for g in _S8.generators]), _S8),
        ("signs of S8", Finite(_S8, [(g.key, (-1,) * 8) for g in _S8.generators]), _S8),
    )
]

FINITE_BY_NAME = {str(param.id).removeprefix("finite "): param.values[0] for param in [*FINITE, *LARGE_FINITE]}

AXIS = SO(2) * Mirror()

# Every lattice with groups that move its space but not the lattice, and the sides of a kernel on it.
MOVED = [
    pytest.param(domain, group, size, id=f"{domain!r} {group!r}")
    for domain, groups, size in (
        (Grid(2), (C(3), C(8), C(12), D(8), SO(2), O(2)), 5),
        (Grid(2, "periodic"), (C(8), O(2)), 5),
        (Grid(2, spacing=(1, 2)), (O(2),), (9, 5)),
        (HexGrid(), (C(4), C(12), SO(2), O(2)), 5),
        (Grid(3), (C(8), SO(2), O(2), C(8) * Mirror(), AXIS, D(5, axis=0), SO(3), O(3), Icosahedral()), 3),
        (Grid(3, spacing=(1, 1, 1.5)), (SO(3),), (5, 5, 3)),
        (Grid(3, spacing=(1, 1, 5)), (AXIS,), 3),
    )
    for group in groups
]

# Groups that do not map the lattice to itself, and the name of the largest subgroup that does.
REFUSED = [
    pytest.param(domain, group, largest, id=f"{domain!r} {group!r}")
    for domain, group, largest in (
        (Grid(1), C(2), "Trivial()"),
        (Grid(1), O(2), "Trivial()"),
        (Grid(2), C(3), "Trivial()"),
        (Grid(2), C(5), "Trivial()"),
        (Grid(2), C(6), "C(2)"),
        (Grid(2), C(8), "C(4)"),
        (Grid(2), D(3), "Mirror()"),
        (Grid(2), D(8), "D(4)"),
        (Grid(2), SO(2), "C(4)"),
        (Grid(2), O(2), "D(4)"),
        (Grid(2), C(3000), "C(4)"),
        (Grid(2), S(3), "Trivial()"),
        (Grid(2), Octahedral(), "Trivial()"),
        (Grid(2), C(2) * C(2), "Trivial()"),
        (Grid(2), AXIAL, "Group.from_matrices("),
        (Grid(2, spacing=(1, 2)), D(4), "D(2)"),
        (Grid(2, spacing=(1, 2)), S(2), "Trivial()"),
        (HexGrid(), C(4), "C(2)"),
        (HexGrid(), D(4), "D(2)"),
        (HexGrid(), C(12), "C(6)"),
        (HexGrid(), O(2), "D(6)"),
        (HexGrid(), S(3), "Trivial()"),
        (Grid(3), C(6), "C(2)"),
        (Grid(3), C(8, axis=0), "C(8, axis=0).subgroup(r^2)"),
        (Grid(3), C(8) * Mirror(), "C(4) * Mirror()"),
        (Grid(3), Icosahedral(), "Icosahedral().subgroup("),
        (Grid(3), SO(2), "C(4)"),
        (Grid(3), SO(3), "Octahedral()"),
        (Grid(3), O(3), "FullOctahedral()"),
        (Grid(3, spacing=(1, 1, 5)), O(3), "D(4) * Mirror()"),
        (Grid(3, spacing=(5, 1, 1)), O(3), "FullOctahedral().subgroup("),
        (Grid(3, spacing=(1, 2, 3)), FullOctahedral(), "D(2) * Mirror()"),
        (Dna(), C(2), "Trivial()"),
        (Sequence(), Mirror(), "Trivial()"),
    )
]

# ---- points --------------------------------------------------------------------------------------------------------
# Clouds in the plane and in space, with every kind of group that moves them: all of these exactly.
POINTS = [
    pytest.param(domain, group, id=f"{domain!r} {group!r}")
    for domain, groups in (
        (Points(2), (*_SQUARE, C(5), D(3), C(12))),
        (Points(2, radius=1.5), (SO(2), O(2))),
        (Points(3), (*_CUBE, MIRRORS, C(5, axis=1), Icosahedral())),
        (Points(3, radius=1.5), (SO(2), O(2), SO(3), O(3), C(7) * Mirror(), SO(2) * Mirror(), Trivial())),
        (Points(3, neighbours=3), (O(3),)),
    )
    for group in groups
]
