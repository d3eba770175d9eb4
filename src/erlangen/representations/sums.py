"""Direct sums: (ρ ⊕ σ)(g) = diag(ρ(g), σ(g)), kept as runs of equal summands in the order of the channels."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import SupportsIndex

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.groups import Element
from erlangen.groups.arguments import shorten
from erlangen.representations.base import Images, Matrix, Representation, Runs, as_representation, same_group


@dataclass(frozen=True, repr=False)
class Sum(Representation):
    """⊕_i m_i ρ_i, at least two summands, none of them a sum. Channel order: [run, copy, fibre]."""

    runs: Runs

    @property
    def dim(self) -> int:
        return sum(times * rho.dim for rho, times in self.runs)

    @property
    def name(self) -> str:
        length = period(self.runs)
        once = " + ".join(rho.name if times == 1 else f"{times} × {rho.name}" for rho, times in self.runs[:length])
        return once if length == len(self.runs) else f"{len(self.runs) // length} × ({once})"

    @property
    def fields(self) -> Runs:
        return self.runs

    def _matrix(self, g: Element) -> Matrix:
        matrix, at = np.zeros((self.dim, self.dim)), 0
        for rho, times in self.runs:
            block, end = rho._matrix(g), at + times * rho.dim
            copies = matrix[at:end, at:end].reshape(times, rho.dim, times, rho.dim)
            copies[np.arange(times), :, np.arange(times)] = block
            at = end
        return matrix

    def _images(self, g: Element) -> Images | None:
        parts, at = [], 0
        for rho, times in self.runs:
            images = rho._images(g)
            if images is None:
                return None
            parts.append((images + at + rho.dim * np.arange(times)[:, None]).ravel())
            at += times * rho.dim
        return np.concatenate(parts)


def direct_sum(*runs: tuple[Representation, int]) -> Representation:
    """The direct sum of runs (ρ, times), neighbours of equal value merged; a single summand is itself.

    >>> from erlangen.groups import C
    >>> direct_sum((C(4).regular, 2), (C(4).regular, 1), (C(4).trivial, 1))
    3 × regular + trivial of C4"""
    if not runs:
        raise RepresentationError("a sum of no representations", "at least one summand", "Leave the sum out instead.")
    merged: list[tuple[Representation, int]] = []
    for rho, count in runs:
        times = _copies(as_representation(rho, "a summand"), count)
        if merged and merged[-1][0] == rho:
            merged[-1] = (rho, merged[-1][1] + times)
            continue
        if merged:
            same_group(merged[0][0], rho, "the sum of")
        merged.append((rho, times))
    if len(merged) == 1 and merged[0][1] == 1:
        return merged[0][0]
    return Sum(merged[0][0].group, tuple(merged))


def multiple(rho: Representation, times: SupportsIndex) -> Iterable[tuple[Representation, int]]:
    """The runs of `times` copies of ρ."""
    copies = _copies(rho, times)
    if len(rho.fields) == 1:
        return [(summand, count * copies) for summand, count in rho.fields]
    return chain.from_iterable(rho.fields for _ in range(copies))


def period(runs: Runs) -> int:
    """The length of the shortest list of which the runs are a whole number of repetitions."""
    n = len(runs)
    return next(p for p in range(1, n + 1) if n % p == 0 and runs == runs[:p] * (n // p))


def _copies(rho: Representation, times: SupportsIndex) -> int:
    """The number of copies as a whole number ≥ 1, else RepresentationError."""
    try:
        copies = operator.index(times)
    except TypeError:
        raise RepresentationError(
            f"{shorten(times)} copies of {rho}", "a whole number of copies", "Write 3 * rho; products are rho.tensor."
        ) from None
    if copies < 1:
        raise RepresentationError(f"{copies} copies of {rho}", "at least one copy", "Leave the summand out instead.")
    return copies
