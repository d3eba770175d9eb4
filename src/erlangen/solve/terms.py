"""Kernels of single terms: K = a ⊙ w[labels], where each entry of K takes one weight at most.

So it is between most irreps: one ring and one harmonic carry as many maps as commute with an irrep, and the canonical
basis of intertwiners keeps these apart. Between sums of such fields it stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from erlangen.solve.kernels import BasisKernel

ROUNDING = 1e-12  # of basis elements of norm 1; what is smaller is zero


@dataclass(frozen=True, eq=False)
class TermKernel:
    """K = a ⊙ w[labels]: `labels[out, in, y]` says which weight stands where, `factors[out, in, y]` times what."""

    labels: np.ndarray
    factors: np.ndarray
    free: int


def single_terms(basis: np.ndarray) -> TermKernel | None:
    """Σ_b w_b basis[b, out, in, y] in single terms; None where two weights meet in one entry, or there are none.

    >>> found = single_terms(np.array([[[[1.0, 0.0]]], [[[0.0, -2.0]]]]))
    >>> found.labels.tolist(), found.factors.tolist()
    ([[[0, 1]]], [[[1.0, -2.0]]])
    """
    there = np.abs(basis) > ROUNDING
    if not len(basis) or there.sum(axis=0).max() > 1:
        return None
    labels = there.argmax(axis=0)
    factors = np.take_along_axis(basis, labels[None], axis=0)[0]
    return _terms(labels, np.where(there.any(axis=0), factors, 0.0), len(basis))


def single_terms_of_sums(table: Sequence[Sequence[BasisKernel]]) -> TermKernel | None:
    """The coefficients between two sums of fields from `table[out][in]`, whose weights follow one another; or None."""
    rows, at = [], 0
    for row in table:
        made = [single_terms(solution.coefficients) if solution.free else _nothing(solution) for solution in row]
        labels = []
        for terms in made:
            if terms is None:
                return None
            labels.append(terms.labels + at)
            at += terms.free
        factors = [terms.factors for terms in made if terms is not None]
        rows.append((np.concatenate(labels, axis=1), np.concatenate(factors, axis=1)))
    return _terms(np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows]), at)


def _nothing(solution: BasisKernel) -> TermKernel:
    shape = solution.coefficients.shape[1:]
    return TermKernel(np.zeros(shape, dtype=np.int64), np.zeros(shape), 0)


def _terms(labels: np.ndarray, factors: np.ndarray, free: int) -> TermKernel:
    """With any labels where nothing stands, spread out: to add up many gradients at one place takes longer."""
    anywhere = np.arange(labels.size).reshape(labels.shape) % free
    return TermKernel(np.where(factors == 0, anywhere, labels), factors, free)
