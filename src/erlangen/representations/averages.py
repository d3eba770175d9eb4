"""What averages over a finite group give: dimensions by characters, and maps W = mean_g ρ_out(g) X ρ_in(g)⁻¹."""

from __future__ import annotations

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.representations.base import Images, Matrix, Representation

CHUNK = 20_000_000  # numbers held at once
RANK = 1e-8


def class_characters(rho: Representation) -> Matrix:
    """χ on one element of every conjugacy class of a finite group, float64 [classes]."""
    return np.array([rho.character(members[0]) for members in rho.group.conjugacy_classes])


def intertwiner_dimension(rho_in: Representation, rho_out: Representation) -> int:
    """dim Hom_G(ρ_in, ρ_out) = mean_g χ_in(g) χ_out(g), for real characters of a finite group."""
    sizes = np.array([len(members) for members in rho_in.group.conjugacy_classes])
    products = class_characters(rho_in) * class_characters(rho_out)
    return round(float(products @ sizes / sizes.sum()))


def averaged_intertwiners(rho_in: Representation, rho_out: Representation) -> Matrix:
    """A basis of Hom_G from averages of random X = y xᵀ: Σ_g (ρ_out(g) y)(ρ_in*(g) x)ᵀ, one matrix product for all g.

    Shapes: float64 [k, dim_out, dim_in], orthonormal; k is known from the characters before anything is drawn."""
    wanted = intertwiner_dimension(rho_in, rho_out)
    found = np.zeros((0, rho_out.dim * rho_in.dim))
    rng = np.random.default_rng(1905)
    at_once = max(1, CHUNK // (len(rho_in.group.elements) * (rho_in.dim + rho_out.dim)))
    for _ in range(10 + 2 * wanted):
        if len(found) == wanted:
            return found.reshape(wanted, rho_out.dim, rho_in.dim)
        draws = min(wanted - len(found) + 4, at_once)
        left = _orbit(rho_out, rng.standard_normal((rho_out.dim, draws)))
        right = _orbit(rho_in.dual, rng.standard_normal((rho_in.dim, draws)))
        maps = (left.transpose(2, 1, 0) @ right.transpose(2, 0, 1)).reshape(draws, -1)
        found = _extended(found, maps / np.linalg.norm(maps, axis=1, keepdims=True).clip(1e-300))[:wanted]
    raise RepresentationError(
        f"maps from {rho_in} to {rho_out}",
        f"{wanted} of them, by the characters",
        "Please report these representations.",
    )


def _extended(found: Matrix, maps: Matrix) -> Matrix:
    """Orthonormal rows: those found, and the directions that the new maps add to them."""
    for _ in range(2):  # twice is enough
        maps = maps - (maps @ found.T) @ found
    _, sizes, directions = np.linalg.svd(maps, full_matrices=False)
    return np.concatenate([found, directions[sizes > RANK * max(1.0, sizes[0])]])


def _orbit(rho: Representation, vectors: Matrix) -> Matrix:
    """ρ(g) v for all elements g and columns v, [order, dim, columns]."""
    moves: tuple[Images, ...] | Matrix = rho.generator_images or rho.generator_matrices
    result = np.empty((len(rho.group.elements), *vectors.shape))
    result[0] = vectors
    for child, generator, parent in rho.group.enumeration.tree:
        if rho.is_permutation:
            result[child][moves[generator]] = result[parent]
        else:
            np.matmul(moves[generator], result[parent], out=result[child])
    return result
