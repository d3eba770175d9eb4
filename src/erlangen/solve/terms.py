"""Kernels of single terms: K = a ⊙ w[labels], where each entry of K takes one weight, and sums of fields where all do.

So it is for most irreps: between two of them one ring and one harmonic carry as many maps as commute with an irrep, and
the canonical basis keeps these apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from erlangen.solve.kernels import BasisKernel

ROUNDING = 1e-12  # of a basis element of norm 1, what is smaller is zero


@dataclass(frozen=True, eq=False)
class TermKernel:
    """K = a ⊙ w[labels]: `labels[out, in, y]` says which weight stands where, `factors[out, in, y]` times what."""

    labels: np.ndarray
    factors: np.ndarray
    free: int


def single_terms(basis: np.ndarray) -> TermKernel | None:
    """Σ_b w_b basis[b, out, in, y] as single terms; None where two weights meet in one entry, and where there are none.

    >>> found = single_terms(np.array([[[[1.0, 0.0]]], [[[0.0, -2.0]]]]))
    >>> found.labels.tolist(), found.factors.tolist()
    ([[[0, 1]]], [[[1.0, -2.0]]])
    """
    there = np.abs(basis) > ROUNDING
    if not len(basis) or there.sum(axis=0).max() > 1:
        return None
    labels = there.argmax(axis=0)
    factors = np.take_along_axis(basis, labels[None], axis=0)[0]
    return TermKernel(labels, np.where(there.any(axis=0), factors, 0.0), len(basis))


def single_terms_of_sums(table: Sequence[Sequence[BasisKernel]]) -> TermKernel | None:
    """The kernels between two sums of fields from those of each pair, `table[out][in]`, whose weights follow in turn."""
    rows, at = [], 0
    for row in table:
        made = []
        for solution in row:
            terms = single_terms(solution.coefficients) if solution.free else _nothing(solution)
            if terms is None:
                return None
            made.append((terms.labels + (at if terms.free else 0), terms.factors))
            at += terms.free
        rows.append([np.concatenate(parts, axis=1) for parts in zip(*made, strict=True)])
    labels, factors = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return TermKernel(labels, factors, at) if at else None


def _nothing(solution: BasisKernel) -> TermKernel:
    """Zeros; the label does not matter."""
    shape = solution.coefficients.shape[1:]
    return TermKernel(np.zeros(shape, dtype=np.int64), np.zeros(shape), 0)
