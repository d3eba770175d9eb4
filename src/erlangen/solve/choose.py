"""The chooser: Hom_G(ρ_in, ρ_out) by orbits, closed form or null space, and the reason for the choice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product

import torch

from erlangen.representations import Representation
from erlangen.representations.base import same_group
from erlangen.representations.intertwiners import CLOSED_FORM, NULL_SPACE, ORBITS, intertwiner_basis, method

WHY = {
    ORBITS: "both permute their channels, so a map has one free weight for each orbit of pairs of channels",
    CLOSED_FORM: "by Schur's lemma between irreps, and by where the unit goes from or to the regular representation",
    NULL_SPACE: "no closed form is known, so the constraints of the generators are solved as linear equations",
}


@dataclass(frozen=True)
class SolverChoice:
    """Which way finds the maps: `name` is "orbits", "closed form" or "null space", `reason` says why.

    >>> import erlangen as er
    >>> print(er.choose_solver(er.C(4).regular, er.C(4).regular))
    orbits: both permute their channels, so a map has one free weight for each orbit of pairs of channels
    """

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def choose_solver(rho_in: Representation, rho_out: Representation) -> SolverChoice:
    """The way that `intertwiners` takes for these two, and why.

    >>> import erlangen as er
    >>> er.choose_solver(er.C(4).regular, er.C(4).trivial).name
    'orbits'
    >>> er.choose_solver(er.SO(2).irrep(1), er.SO(2).irrep(1) + er.SO(2).trivial).name
    'closed form'"""
    same_group(rho_in, rho_out, "the maps between")
    if rho_in.is_permutation and rho_out.is_permutation:
        return SolverChoice(ORBITS, WHY[ORBITS])
    pairs = product({part for part, _ in rho_in.fields}, {part for part, _ in rho_out.fields})
    ways = Counter(method(sigma, tau) for sigma, tau in pairs)
    name = NULL_SPACE if NULL_SPACE in ways else CLOSED_FORM
    if len(ways) == 1:
        return SolverChoice(name, WHY[name])
    counts = ", ".join(f"{ways[way]} by {way}" for way in (ORBITS, CLOSED_FORM, NULL_SPACE) if ways[way])
    return SolverChoice(name, f"one pair of summands at a time, {counts}; {WHY[name]}")


def intertwiners(rho_in: Representation, rho_out: Representation) -> torch.Tensor:
    """An orthonormal basis of Hom_G(ρ_in, ρ_out) = {W : ρ_out(g) W = W ρ_in(g)}, ⟨W, W′⟩ = trace WᵀW′.

    Shapes: float64 [k, dim_out, dim_in]. Errors: RepresentationError for representations of two groups, and where a
    dense basis would fill the memory (`er.pair_orbits` needs none).

    >>> import erlangen as er
    >>> er.intertwiners(er.S(5).standard, er.S(5).standard).shape
    torch.Size([2, 5, 5])

    Finzi, Welling, Wilson 2021, arXiv:2104.09459."""
    return torch.from_numpy(intertwiner_basis(rho_in, rho_out))
