"""Hom_G(ρ_in, ρ_out) = {W : ρ_out(g) W = W ρ_in(g) for all g}, by orbits, closed forms or null spaces.

Every way ends in the same basis, that of `canonical`: what is saved in it can be read wherever it was made.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.representations.averages import averaged_intertwiners
from erlangen.representations.base import (
    TOLERANCE,
    Irrep,
    Matrix,
    Representation,
    is_listed,
    refuse_too_large,
    same_group,
)
from erlangen.representations.canonical import canonical
from erlangen.representations.named import Regular, Trivial
from erlangen.representations.numbered import Numbered
from erlangen.representations.orbits import pair_orbits as pair_orbits
from erlangen.representations.outer import OuterIrrep
from erlangen.representations.planar import PlanarIrrep
from erlangen.representations.spatial import SpatialIrrep

ORBITS, CLOSED_FORM, NULL_SPACE = "orbits", "closed form", "null space"
LARGEST_DECOMPOSED = 600  # unknowns up to which a singular value decomposition takes tens of milliseconds
LARGEST_SQUARED = 4000
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])


def intertwiner_basis(rho_in: Representation, rho_out: Representation) -> Matrix:
    """An orthonormal basis of Hom_G(ρ_in, ρ_out): W with ρ_out(g) W = W ρ_in(g), ⟨W, W′⟩ = trace WᵀW′.

    Permutation representations are solved whole, by orbits; others one pair of distinct summands at a time.
    Shapes: float64 [k, dim_out, dim_in], free of zeros outside the block of a pair of summands.

    >>> from erlangen.groups import C
    >>> intertwiner_basis(C(4).irrep(1), 2 * C(4).irrep(1)).shape
    (4, 4, 2)"""
    same_group(rho_in, rho_out, "the maps between")
    if rho_in.is_permutation and rho_out.is_permutation:
        return orbit_intertwiners(rho_in, rho_out)
    blocks = {}
    for sigma in {part for part, _ in rho_in.fields}:
        for tau in {part for part, _ in rho_out.fields}:
            blocks[sigma, tau] = solve_pair(sigma, tau)
    return _spread(rho_in, rho_out, blocks)


def method(sigma: Representation, tau: Representation) -> str:
    """Which way solves one pair of summands."""
    if sigma.is_permutation and tau.is_permutation:
        return ORBITS
    are_irreps = isinstance(sigma, Irrep) and isinstance(tau, Irrep)
    return CLOSED_FORM if are_irreps or isinstance(sigma, Regular) or isinstance(tau, Regular) else NULL_SPACE


def solve_pair(sigma: Representation, tau: Representation) -> Matrix:
    """The canonical basis for one pair of summands, by its method; orbits in the order of `pair_orbits` are in it."""
    way = method(sigma, tau)
    if way == ORBITS:
        return orbit_intertwiners(sigma, tau)
    if way == NULL_SPACE:
        return null_space_intertwiners(sigma, tau)
    if isinstance(sigma, Irrep) and isinstance(tau, Irrep):
        return canonical(_between_irreps(sigma, tau))
    return canonical(_from_regular(tau) if isinstance(sigma, Regular) else _from_regular(sigma.dual).swapaxes(1, 2))


def orbit_intertwiners(rho_in: Representation, rho_out: Representation) -> Matrix:
    """B_c = 1[L = c] / √|c| for the pair orbits L of two permutation representations, [k, dim_out, dim_in]."""
    labels = pair_orbits(rho_in, rho_out)
    sizes = np.bincount(labels.ravel())
    refuse_too_large(len(sizes) * labels.size, f"the dense maps from {rho_in} to {rho_out}")
    basis = np.zeros((len(sizes), *labels.shape))
    rows, columns = np.indices(labels.shape)
    basis[labels, rows, columns] = 1 / np.sqrt(sizes[labels])
    return basis


def null_space_intertwiners(rho_in: Representation, rho_out: Representation) -> Matrix:
    """The null space of the constraints (ρ_out(s) ⊗ 1 − 1 ⊗ ρ_in(s)ᵀ) vec W = 0, one for each generator s.

    For continuous groups the generators are topological ones. Large systems of finite groups are solved by averaging.
    Shapes: float64 [k, dim_out, dim_in], the canonical basis. Errors: RepresentationError where it is too large.

    >>> from erlangen.groups import SO
    >>> null_space_intertwiners(SO(3).standard, SO(3).irrep(1)).shape
    (1, 3, 3)

    Finzi, Welling, Wilson 2021, arXiv:2104.09459."""
    same_group(rho_in, rho_out, "the maps between")
    unknowns = rho_in.dim * rho_out.dim
    if unknowns > LARGEST_DECOMPOSED and is_listed(rho_in.group):
        return canonical(averaged_intertwiners(rho_in, rho_out))
    if unknowns > LARGEST_SQUARED:
        raise RepresentationError(
            f"maps from {rho_in} to {rho_out} with {unknowns} entries",
            f"at most {LARGEST_SQUARED} for a null space",
            "Write both as sums of irreps, which are solved in closed form.",
        )
    return commuting(rho_in.generator_matrices, rho_out.generator_matrices, (rho_out.dim, rho_in.dim))


def commuting(before: Iterable[Matrix], after: Iterable[Matrix], shape: tuple[int, int]) -> Matrix:
    """The canonical basis of all W, `shape`, with A_s W = W B_s for each pair of matrices B_s before and A_s after it.

    >>> commuting([np.diag([1.0, -1.0])], [np.eye(1)], (1, 2)).tolist()
    [[[1.0, 0.0]]]"""
    rows, columns = shape
    pairs = zip(before, after, strict=True)
    constraints = [np.kron(a, np.eye(columns)) - np.kron(np.eye(rows), b.T) for b, a in pairs]
    return canonical(_null_space(constraints, rows * columns).reshape(-1, rows, columns))


def _null_space(constraints: list[Matrix], unknowns: int) -> Matrix:
    """Orthonormal rows that every constraint sends to zero."""
    if not constraints:
        return np.eye(unknowns)
    if unknowns <= LARGEST_DECOMPOSED:
        _, sizes, directions = np.linalg.svd(np.concatenate(constraints), full_matrices=False)
        return directions[sizes < TOLERANCE * max(1.0, sizes[0])]
    squares, directions = np.linalg.eigh(sum(constraint.T @ constraint for constraint in constraints))
    return directions[:, squares < TOLERANCE * max(1.0, squares[-1])].T


def _between_irreps(sigma: Irrep, tau: Irrep) -> Matrix:
    """Schur: nothing between different irreps; between equal ones the real, complex or quaternionic numbers."""
    if sigma == tau and sigma.type == "real":
        return np.eye(sigma.dim)[None] / np.sqrt(sigma.dim)
    if sigma == tau and isinstance(sigma, PlanarIrrep | OuterIrrep):
        return np.stack([np.eye(sigma.dim), np.kron(np.eye(sigma.dim // 2), TURN)]) / np.sqrt(sigma.dim)
    if _are_surely_different(sigma, tau):
        return np.zeros((0, tau.dim, sigma.dim))
    return null_space_intertwiners(sigma, tau)


def _are_surely_different(sigma: Irrep, tau: Irrep) -> bool:
    """Of other dimension or type, or of other labels in the one list of the group's irreps."""
    if sigma.dim != tau.dim or sigma.type != tau.type:
        return True
    if isinstance(sigma, Numbered) and isinstance(tau, Numbered):
        return sigma.index != tau.index
    return sigma != tau and all(isinstance(rho, Trivial | PlanarIrrep | SpatialIrrep) for rho in (sigma, tau))


def _from_regular(rho: Representation) -> Matrix:
    """A map from the regular representation is where it sends e: W_v e_g = ρ(g) v."""
    basis = rho.matrices().transpose(2, 1, 0)
    if rho.is_orthogonal:
        return basis / np.sqrt(basis.shape[2])
    return np.linalg.qr(basis.reshape(rho.dim, -1).T)[0].T.reshape(basis.shape)


def _spread(
    rho_in: Representation, rho_out: Representation, blocks: dict[tuple[Representation, Representation], Matrix]
) -> Matrix:
    """The basis of the whole from those of the pairs of summands, one copy of a block for each pair of copies."""
    copies_in, copies_out = _copies(rho_in), _copies(rho_out)
    count = sum(len(blocks[sigma, tau]) for sigma, _ in copies_in for tau, _ in copies_out)
    refuse_too_large(count * rho_in.dim * rho_out.dim, f"the dense maps from {rho_in} to {rho_out}")
    basis, at = np.zeros((count, rho_out.dim, rho_in.dim)), 0
    for tau, row in copies_out:
        for sigma, column in copies_in:
            block = blocks[sigma, tau]
            basis[at : at + len(block), row : row + tau.dim, column : column + sigma.dim] = block
            at += len(block)
    return basis


def _copies(rho: Representation) -> list[tuple[Representation, int]]:
    """Every single summand with its first channel."""
    copies, at = [], 0
    for part, times in rho.fields:
        copies += [(part, at + i * part.dim) for i in range(times)]
        at += times * part.dim
    return copies
