"""Kernels K on a stencil with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for all h in H: the constraint of every linear layer.

Two ways. Between permutation representations K is constant on the orbits of H on triples (out, in, site): one free
weight an orbit, found with whole numbers only. Otherwise K is free at one site of every orbit of sites, up to what the
stabiliser of that site demands, and the group carries it to the rest of the orbit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.groups import Group
from erlangen.representations import Representation, pair_orbits

Permutations = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class TiedKernel:
    """One weight an orbit: `labels[out, in, site]` says which weight stands where."""

    labels: np.ndarray

    @property
    def free(self) -> int:
        """The number of free weights, the dimension of the space of kernels."""
        return int(self.labels.max()) + 1

    solver = "orbits"


@dataclass(frozen=True, eq=False)
class BasisKernel:
    """K = Σ_b w_b B_b: `basis[b, out, in, site]`, every element of Frobenius norm 1."""

    basis: np.ndarray

    @property
    def free(self) -> int:
        """The number of free weights, the dimension of the space of kernels."""
        return len(self.basis)

    solver = "stabilisers"


@lru_cache(maxsize=1024)
def solve_kernel(
    rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int
) -> TiedKernel | BasisKernel:
    """All K with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, the `sites` moved by `site_action`, one image tuple a generator.

    Cohen and Welling 2016, arXiv:1602.07576; Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020.
    """
    if rho_in.is_permutation and rho_out.is_permutation:
        return _tied(rho_in, rho_out, site_action, sites)
    return _spread(rho_in, rho_out, site_action, sites)


def _tied(rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int) -> TiedKernel:
    """Orbits of H on out × (in × site): K(h v)[h i, h j] = K(v)[i, j]."""
    action_out, action_in = [], []
    for g, moved in zip(rho_in.group.generators, site_action, strict=True):
        action_out.append(rho_out.permutation(g))
        action_in.append((rho_in.permutation(g)[:, None] * sites + np.asarray(moved)[None, :]).ravel())
    if not site_action:
        return TiedKernel(np.arange(rho_out.dim * rho_in.dim * sites).reshape(rho_out.dim, rho_in.dim, sites))
    return TiedKernel(pair_orbits(action_in, action_out).reshape(rho_out.dim, rho_in.dim, sites))


def _spread(rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int) -> BasisKernel:
    """For one site of each orbit: Hom of its stabiliser; then K(h v) = ρ_out(h) K(v) ρ_in(h)⁻¹ over the orbit."""
    group = rho_in.group
    moves = _site_moves(group, site_action, sites)
    matrices_in = np.stack([rho_in(g) for g in group.elements])
    inverse_in = matrices_in[group.inverses]
    matrices_out = np.stack([rho_out(g) for g in group.elements])
    blocks, seen = [], np.zeros(sites, dtype=bool)
    for site in range(sites):
        if seen[site]:
            continue
        seen[moves[:, site]] = True
        fixed = moves[:, site] == site
        free = _homomorphisms(inverse_in[fixed], matrices_out[fixed])
        block = np.zeros((len(free), rho_out.dim, rho_in.dim, sites))
        for target in np.unique(moves[:, site]):
            h = int(np.argmax(moves[:, site] == target))
            block[..., target] = matrices_out[h] @ free @ inverse_in[h]
        blocks.append(block / np.sqrt((block**2).sum(axis=(1, 2, 3), keepdims=True)))
    return BasisKernel(np.concatenate(blocks))


def _site_moves(group: Group, site_action: Permutations, sites: int) -> np.ndarray:
    """The action of every element on the sites, `[order, sites]`, multiplied up from the generators'."""
    moves = np.full((len(group.elements), sites), -1)
    start = group.index(group.identity)
    moves[start] = np.arange(sites)
    steps = [(group.table[group.index(s)], np.asarray(a)) for s, a in zip(group.generators, site_action, strict=True)]
    todo = [start]
    for g in todo:
        for left, moved in steps:
            if moves[left[g], 0] < 0:
                moves[left[g]] = moved[moves[g]]
                todo.append(int(left[g]))
    return moves


def _homomorphisms(inverse_in: np.ndarray, matrices_out: np.ndarray) -> np.ndarray:
    """A basis `[k, out, in]` of the K with ρ_out(s) K ρ_in(s)⁻¹ = K for the given s: the image of their mean."""
    out, inner = matrices_out.shape[1], inverse_in.shape[1]
    projector = np.einsum("sij,slk->ikjl", matrices_out, inverse_in).reshape(out * inner, out * inner) / len(inverse_in)
    return independent_columns(projector).T.reshape(-1, out, inner)


def independent_columns(matrix: np.ndarray, tolerance: float = 1e-6) -> np.ndarray:
    """An orthonormal basis of the column space, by Gram–Schmidt over the columns in their order.

    Unlike a singular value decomposition it is the same on every machine up to rounding, which saved weights rely on.
    """
    kept = np.zeros((len(matrix), 0))
    for column in matrix.T:
        rest = column - kept @ (kept.T @ column)
        rest = rest - kept @ (kept.T @ rest)
        if (norm := np.linalg.norm(rest)) > tolerance:
            kept = np.column_stack([kept, rest / norm])
    return kept


def invariant_vectors(rho: Representation) -> TiedKernel | BasisKernel:
    """All b with ρ(h) b = b, where a bias may live: the kernels from the trivial representation at one site."""
    return solve_kernel(rho.group.trivial, rho, tuple((0,) for _ in rho.group.generators), 1)
