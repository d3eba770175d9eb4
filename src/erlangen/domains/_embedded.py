"""How the elements of a group move Rᵈ: by their defining matrices, which smaller ones do on some of the axes."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from erlangen.groups import Element


def in_space(g: "Element", dim: int) -> np.ndarray | None:
    """The matrix `[dim, dim]` of g; None where its defining matrix does not fit.

    Mirror flips the last axis, the groups of the plane turn the first two axes of space, the trivial group moves
    nothing.

    >>> from erlangen.groups import C, Mirror
    >>> in_space(Mirror().generators[0], 2).tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    >>> in_space(C(4).generators[0], 3).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if g.group.order == 1:
        return np.eye(dim)
    small = g.group.dimension
    if small > dim or (small < dim and (small, dim) not in ((1, 2), (1, 3), (2, 3))):
        return None
    matrix = np.eye(dim)
    start = dim - 1 if small == 1 else 0
    matrix[start : start + small, start : start + small] = g.group.matrix(g)
    return matrix
