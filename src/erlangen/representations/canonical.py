"""The one basis of a space of maps: that of Gram–Schmidt over the projections of E_00, E_01, …, row by row.

E_ij is 1 at (i, j) and 0 elsewhere. A singular value decomposition gives a space of maps in another basis on every
machine; its projection is the same everywhere, and so is what Gram–Schmidt makes of it. Saved weights rely on that.
"""

import numpy as np

from erlangen.representations.base import Matrix

INDEPENDENT = 1e-6  # a projection shorter than this beside those before it adds no direction


def canonical(maps: Matrix) -> Matrix:
    """The canonical orthonormal basis of the span of orthonormal maps B_a, in whatever basis they come.

    P E_ij = Σ_a (B_a)_ij B_a: its coefficients are the entries of the B_a at (i, j), so Gram–Schmidt works on these.
    Shapes: float64 [k, dim_out, dim_in] → the same.

    >>> canonical(np.array([[[1.0, -1.0], [1.0, 1.0]], [[1.0, 1.0], [-1.0, 1.0]]]) / 2).round(4).tolist()
    [[[0.7071, 0.0], [0.0, 0.7071]], [[0.0, 0.7071], [-0.7071, 0.0]]]"""
    flat = maps.reshape(len(maps), maps.shape[1] * maps.shape[2])
    return (independent_columns(flat).T @ flat).reshape(maps.shape) + 0.0  # -0.0 + 0.0 is 0.0


def independent_columns(matrix: Matrix) -> Matrix:
    """An orthonormal basis of the column space, by Gram–Schmidt over the columns in their order.

    Shapes: float64 [n, columns] → [n, rank].

    >>> independent_columns(np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 3.0]])).tolist()
    [[1.0, 0.0], [0.0, 1.0]]"""
    kept, rank = np.zeros((len(matrix), len(matrix))), 0
    for column in matrix.T:
        if rank == len(matrix):
            break
        known = kept[:, :rank]
        rest = column - known @ (known.T @ column)
        rest = rest - known @ (known.T @ rest)  # twice is enough
        if (norm := np.linalg.norm(rest)) > INDEPENDENT:
            kept[:, rank] = rest / norm
            rank += 1
    return kept[:, :rank]
