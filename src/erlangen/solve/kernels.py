"""Kernels K on a stencil with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for all h in H: the constraint of every linear layer.

Two ways. Between permutation representations K is constant on the orbits of H on triples (out, in, site): one free
weight an orbit, found with whole numbers only. Otherwise K is free at one site of every orbit of sites, up to what the
stabiliser of that site demands, which is Hom of the stabiliser, and the group carries it to the rest of the orbit.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from erlangen.representations import Representation, intertwiner_basis, pair_orbits
from erlangen.solve.choose import SolverChoice, choose_solver
from erlangen.solve.sites import Permutations, site_orbits

STABILISERS = "stabilisers"
WHY_STABILISERS = "K is free at one site of every orbit, up to Hom of its stabiliser, and the group carries it on"


@dataclass(frozen=True, eq=False)
class TiedKernel:
    """One weight an orbit: `labels[out, in, site]` says which weight stands where."""

    labels: np.ndarray
    choice: SolverChoice

    @property
    def free(self) -> int:
        """The number of free weights, the dimension of the space of kernels."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True, eq=False)
class BasisKernel:
    """K = Σ_b w_b B_b, every element of Frobenius norm 1, with B_b(v) = Σ_y A_b[y] f_y(v) for a few functions f_y.

    Shapes: `coefficients[b, out, in, y]`, `functions[y, site]`; without functions, each y is a site and A_b is B_b.
    """

    coefficients: np.ndarray
    choice: SolverChoice
    functions: np.ndarray | None = None

    @property
    def free(self) -> int:
        """The number of free weights, the dimension of the space of kernels."""
        return len(self.coefficients)

    @property
    def basis(self) -> np.ndarray:
        """All B_b at all sites, `[b, out, in, site]`."""
        return self.coefficients if self.functions is None else self.coefficients @ self.functions


@dataclass(frozen=True, eq=False)
class LiftedKernel:
    """K[h, i] = Σ_b w[rows[h, i], b] filters[h, b]: one row is free, and the group turns it to the others.

    Shapes: `rows[out, in]`, `filters[out, b, site]`, every element of Frobenius norm 1.
    """

    rows: np.ndarray
    filters: np.ndarray
    choice: SolverChoice

    @property
    def free(self) -> int:
        """The number of free weights, the dimension of the space of kernels."""
        return self.rows.shape[1] * self.filters.shape[1]


Solution = TiedKernel | BasisKernel | LiftedKernel


@lru_cache(maxsize=1024)
def solve_kernel(
    rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int
) -> TiedKernel | BasisKernel:
    """All K with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, the `sites` moved by `site_action`, one image tuple a generator.

    A continuous group may act too, where it leaves every site in its place. The `choice` says which way was taken.

    >>> from erlangen.groups import C, SO
    >>> solve_kernel(SO(2).irrep(1), SO(2).irrep(1), ((0,), (0,)), 1).free
    2
    >>> print(solve_kernel(C(4).trivial, C(4).trivial, ((2, 1, 0),), 3).choice.name)
    orbits

    Cohen and Welling 2016, arXiv:1602.07576; Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020.
    """
    if rho_in.is_permutation and rho_out.is_permutation:
        return _tied(rho_in, rho_out, site_action, sites)
    return _spread(rho_in, rho_out, site_action, sites)


def _tied(rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int) -> TiedKernel:
    """Orbits of H on out × (in × site): K(h v)[h i, h j] = K(v)[i, j]."""
    shape, choice = (rho_out.dim, rho_in.dim, sites), choose_solver(rho_in, rho_out)
    if not site_action:
        return TiedKernel(np.arange(np.prod(shape)).reshape(shape), choice)
    action_out, action_in = [], []
    for g, moved in zip(rho_in.group.generators, site_action, strict=True):
        action_out.append(rho_out.permutation(g))
        action_in.append((rho_in.permutation(g)[:, None] * sites + np.asarray(moved)[None, :]).ravel())
    return TiedKernel(pair_orbits(action_in, action_out).reshape(shape), choice)


def _spread(rho_in: Representation, rho_out: Representation, site_action: Permutations, sites: int) -> BasisKernel:
    """For one site of each orbit: Hom of its stabiliser; then K(h v) = ρ_out(h) K(v) ρ_in(h)⁻¹ over the orbit."""
    blocks, choices = [], []
    for orbit in site_orbits(rho_in.group, site_action, sites):
        here_in, here_out = rho_in.restrict(orbit.stabiliser), rho_out.restrict(orbit.stabiliser)
        free = intertwiner_basis(here_in, here_out)
        choices.append(choose_solver(here_in, here_out))
        block = np.zeros((len(free), rho_out.dim, rho_in.dim, sites))
        for site, h in orbit.carriers:
            block[..., site] = rho_out(h) @ free @ rho_in(~h)
        blocks.append(block / np.sqrt((block**2).sum(axis=(1, 2, 3), keepdims=True)))
    return BasisKernel(np.concatenate(blocks), _joint(choices))


def _joint(choices: list[SolverChoice]) -> SolverChoice:
    """What is said of all orbits of sites: where there is one, its own choice."""
    if len(choices) == 1:
        return choices[0]
    ways = Counter(choice.name for choice in choices)
    counts = ", ".join(f"{name} at {count}" for name, count in ways.items())
    return SolverChoice(STABILISERS, f"{WHY_STABILISERS} ({counts} of {len(choices)} orbits of sites)")


def solve_at_one_site(rho_in: Representation, rho_out: Representation) -> TiedKernel | BasisKernel:
    """Hom_H(ρ_in, ρ_out) as kernels at one site, which every element leaves in its place; exact for every group."""
    return solve_kernel(rho_in, rho_out, tuple((0,) for _ in rho_in.group.generators), 1)


def invariant_vectors(rho: Representation) -> TiedKernel | BasisKernel:
    """All b with ρ(h) b = b, where a bias may live: the kernels from the trivial representation at one site."""
    return solve_at_one_site(rho.group.trivial, rho)
