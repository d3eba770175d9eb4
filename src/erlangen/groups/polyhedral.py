"""The finite groups of turns of space that have no single axis: of the cube, and of the icosahedron."""

from __future__ import annotations

import math
from dataclasses import dataclass

from erlangen.groups.matrices import Closure, FiniteMatrices, close

_QUARTER_TURN = ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
_CYCLE = ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
_INVERSION = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))

_P, _Q = (math.sqrt(5) + 1) / 4, (math.sqrt(5) - 1) / 4  # φ/2 and 1/(2φ)
_FIFTH_TURN = ((_Q, -_P, 0.5), (_P, 0.5, _Q), (-0.5, _Q, _P))  # about (0, 1, φ)


@dataclass(frozen=True, repr=False)
class Octahedral(FiniteMatrices):
    """The 24 turns of the cube: the 3 × 3 signed permutation matrices of determinant 1.

    Generators: the quarter turn of the (i, j) plane, and i → j → k → i.

    >>> G = Octahedral()
    >>> G.order, [len(members) for members in G.conjugacy_classes]
    (24, [1, 6, 3, 8, 6])
    """

    def closure(self) -> Closure:
        """The 24 matrices, and the group they form."""
        return close((_QUARTER_TURN, _CYCLE))


@dataclass(frozen=True, repr=False)
class FullOctahedral(FiniteMatrices):
    """All 48 symmetries of the cube: the 3 × 3 signed permutation matrices.

    Generators: those of Octahedral, and the inversion. The turns come first, in the order of Octahedral.

    >>> FullOctahedral().order, FullOctahedral().elements[24]
    (48, inversion of FullOctahedral())
    """

    def closure(self) -> Closure:
        """The 48 matrices, and the group they form."""
        return close((_QUARTER_TURN, _CYCLE, _INVERSION))


@dataclass(frozen=True, repr=False)
class Icosahedral(FiniteMatrices):
    """The 60 turns of the icosahedron whose vertices are the cyclic permutations of (0, ±1, ±φ).

    Generators: the turn by 2π/5 about (0, 1, φ), and i → j → k → i. The half turns about the axes are in the group.

    >>> import numpy as np
    >>> Icosahedral().order, Icosahedral().contains(np.diag([-1, -1, 1]))
    (60, True)
    """

    def closure(self) -> Closure:
        """The 60 matrices, and the group they form."""
        return close((_FIFTH_TURN, _CYCLE))
