"""Convolution for groups that move space but not the lattice: every rotation of pictures and volumes."""

from collections.abc import Iterable
from dataclasses import astuple, replace
from functools import partial
from math import isfinite
from operator import index
from typing import Any

from erlangen.domains import Lattice
from erlangen.errors import InputError
from erlangen.groups import Group
from erlangen.layers._base import Reason
from erlangen.layers.linear._kernel import Solver
from erlangen.layers.linear.lattice import LatticeConv, stencil_action
from erlangen.signal import Space
from erlangen.solve.rings import Ring
from erlangen.solve.steerable import steer_kernel


class SteerableConv(LatticeConv):
    """(K ⋆ x)(p) = Σ_q K(q − p) x(q), K(v) = Σ g_r(|v|) W_rl Y_l(v) sampled at the sites.

    Filters given by their angular frequencies, for which a turn is a multiplication: W in Hom_H(ρ_in ⊗ Y_l, ρ_out).
    Exact for the elements that map the lattice to itself (90° of C(8) on squares), approximate for the others, the
    better the smoother the signal; with one site a kernel, exact for all. `LatticeConv` has more weights where the
    lattice keeps the whole group. `rings` are g_r as (radius, width, highest l), in units of the
    longest step between neighbours, by default those known to be good.

    Shapes: `[b, source.channels, n…]` → `[b, target.channels, n…]`.
    Raises DomainError if the group does not move this space by isometries, or what the lattice keeps of it does not map
    the kernel's sites to themselves; InputError for a kernel that does not reach its neighbours.

    >>> import torch, erlangen as er
    >>> G, grid = er.SO(2), er.Grid(2)
    >>> lift = er.layers.SteerableConv(er.Space(grid, G.trivial), er.Space(grid, G.irrep(1)), kernel_size=5)
    >>> lift(torch.randn(1, 1, 7, 9)).shape, lift.free_weights()
    (torch.Size([1, 2, 7, 9]), 4)

    Weiler and Cesa 2019, arXiv:1911.08251; Weiler et al. 2018, arXiv:1807.02547.
    """

    def __init__(
        self,
        source: Space,
        target: Space,
        kernel_size: int | tuple[int, ...] = 5,
        rings: Iterable[tuple[float, float, int]] | None = None,
        **choices: Any,
    ):
        self.rings = None if rings is None else _read(rings)
        super().__init__(source, target, kernel_size, **choices)

    def solver(self) -> Solver:
        return steered(self.domain, self.source.group, self.kernel_size, self.rings)

    def choices(self) -> dict[str, Any]:
        given = {} if self.rings is None else {"rings": [list(astuple(ring)) for ring in self.rings]}
        return {**super().choices(), **given}

    def reason(self) -> Reason:
        kept = self.domain.kept(self.source.group)
        exact = "every element" if max(self.kernel_size) == 1 else f"{kept!r}, approximate for the rest"
        return Reason(
            prior="symmetry: one filter, given by its angular frequencies, moved to every position and turned",
            law=f"K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹, exact for {exact}",
            solver=self.kernel.solver,
            reference="Weiler and Cesa 2019, arXiv:1911.08251",
            way=self.why_way,
        )


def steered(domain: Lattice, group: Group, size: tuple[int, ...], rings: tuple[Ring, ...] | None = None) -> Solver:
    """What gives the sampled kernels between two fields, at every level of the lattice alike."""
    domain.check_motion(group)
    stencil_action(domain, domain.kept(group), size)  # else nothing were exact
    return partial(steer_kernel, lattice=replace(domain, level=0, boundary="open"), size=size, rings=rings)


def _read(rings: Iterable[tuple[float, float, int]]) -> tuple[Ring, ...]:
    try:
        made = tuple(Ring(float(radius), float(width), index(highest)) for radius, width, highest in rings)
    except (TypeError, ValueError):
        made = ()
    finite = all(isfinite(ring.radius) and isfinite(ring.width) for ring in made)
    if not made or not finite or any(ring.radius < 0 or ring.width <= 0 or ring.highest < 0 for ring in made):
        raise InputError(
            f"rings={rings!r}",
            "(radius, width, highest frequency) of each, a width above 0",
            "Leave them out for the default.",
        )
    return made
