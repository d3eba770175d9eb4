"""From the generators to every element: e_i = s e_p gives ρ(e_i) = ρ(s) ρ(e_p) along a tree that spans the group."""

from __future__ import annotations

import numpy as np

from erlangen.groups import Group
from erlangen.representations.base import TOLERANCE, Matrix


def along_words(group: Group, generator_matrices: Matrix) -> Matrix:
    """ρ(g) for all elements in their order, [order, …, d, d], from ρ of the generators, [generators, …, d, d]."""
    result = np.empty((len(group.elements), *generator_matrices.shape[1:]))
    result[0] = np.eye(generator_matrices.shape[-1])
    for child, generator, parent in group.enumeration.tree:
        np.matmul(generator_matrices[generator], result[parent], out=result[child])
    return result


def is_homomorphism(group: Group, generator_matrices: Matrix, matrices: Matrix) -> bool:
    """Whether ρ(s) ρ(g) = ρ(s g) for every generator s and element g, which is every relation of the group."""
    products = generator_matrices[:, None] @ matrices
    return bool(np.abs(products - matrices[group.enumeration.left]).max(initial=0.0) < TOLERANCE)
