"""Steerable kernels, for groups that move space but not the lattice: K(v) = Σ g_r(|v|) W_rl Y_l(v), filters given by
their angular frequencies.

Since Y_l(A_h v) = Y_l(h) Y_l(v), the constraint K(A_h v) = ρ_out(h) K(v) ρ_in(h)⁻¹ asks of W only that it be in
Hom_H(ρ_in ⊗ Y_l, ρ_out). Where A_h maps sites to sites the sampled kernel obeys it to rounding; elsewhere as well as
the samples stand for the function.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np

from erlangen.domains import Lattice
from erlangen.errors import InputError
from erlangen.groups import Group
from erlangen.representations import Representation, intertwiner_basis
from erlangen.representations.base import Matrix
from erlangen.representations.named import Regular
from erlangen.solve.choose import SolverChoice
from erlangen.solve.harmonics import Harmonic, kept_axis
from erlangen.solve.kernels import BasisKernel, LiftedKernel, TiedKernel, solve_at_one_site
from erlangen.solve.rings import Ring, good_rings

HARMONICS = "harmonics"
WHY_HARMONICS = "filters by angular frequency × rings, sampled; the angular part is Hom(ρ_in ⊗ Y_l, ρ_out)"
WHY_LIFTED = "a map to the regular representation is free where it goes to e, and its other rows are that one turned"
NOTHING = 1e-9  # a sampled element shorter than this is zero but for rounding
WHOLE = 4  # matrix products of whole fours are measured to be twice as fast


@dataclass(frozen=True, eq=False)
class Profile:
    """v ↦ g(|v|) Y_l(v) at the sites of a stencil, `[sites, dim Y_l]`."""

    harmonic: Harmonic
    values: Matrix


@lru_cache(maxsize=1024)
def steer_kernel(
    rho_in: Representation,
    rho_out: Representation,
    lattice: Lattice,
    size: tuple[int, ...],
    rings: tuple[Ring, ...] | None = None,
) -> TiedKernel | BasisKernel | LiftedKernel:
    """The sampled K with K(A_h v) = ρ_out(h) K(v) ρ_in(h)⁻¹ on a stencil of this size; one site is solved exactly.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C, SO
    >>> C8 = C(8).regular
    >>> [steer_kernel(C8, C8, Grid(2), (k, k)).free for k in (1, 3, 5, 7)]
    [8, 48, 88, 144]
    >>> steer_kernel(SO(3).irrep(1), SO(3).irrep(1), Grid(3), (3, 3, 3)).free
    4

    Weiler and Cesa 2019, arXiv:1911.08251; Weiler et al. 2018, arXiv:1807.02547.
    """
    inside = lattice.inside(size)
    if inside.sum() == 1:
        return solve_at_one_site(rho_in, rho_out)
    made = profiles(lattice, rho_in.group, size, rings)
    if not made:
        raise InputError(
            f"rings={[astuple(ring) for ring in rings or ()]} on a kernel of {' × '.join(map(str, size))} sites",
            "a ring that meets some of the sites",
            "Radii and widths count in distances of neighbours; leave rings out for the default.",
        )
    if isinstance(rho_out, Regular) and rho_in.is_permutation:
        return _lifted(rho_in, rho_out, made)
    return _basis(rho_in, rho_out, made)


@lru_cache(maxsize=256)
def profiles(
    lattice: Lattice, group: Group, size: tuple[int, ...], rings: tuple[Ring, ...] | None = None
) -> tuple[Profile, ...]:
    """The radial and angular functions that the stencil carries, in space, around an axis where the group keeps one."""
    sites = (lattice.stencil(size) @ lattice.basis.T)[lattice.inside(size)]
    steps = np.linalg.norm(lattice.basis, axis=0)
    axis = kept_axis(lattice, group)
    if axis is None:
        rings = rings or good_rings(_reach(size, steps), lattice.dim)
        made = _in_balls(lattice, group, sites, steps, rings)
    else:
        rings = rings or good_rings(_reach(size, steps, axis), 2)
        made = _around(axis, lattice, group, sites, steps, rings)
    return tuple(profile for profile in made if np.abs(profile.values).max(initial=0.0) > NOTHING)


def _in_balls(
    lattice: Lattice, group: Group, sites: Matrix, steps: Matrix, rings: tuple[Ring, ...]
) -> Iterator[Profile]:
    lengths = np.linalg.norm(sites, axis=1) / steps.max()
    for ring in rings:
        for degree in range(ring.highest + 1):
            harmonic = Harmonic(group, lattice, degree)
            yield Profile(harmonic, _sampled(harmonic, sites, lengths, ring.at(lengths)))


def _around(
    axis: int, lattice: Lattice, group: Group, sites: Matrix, steps: Matrix, rings: tuple[Ring, ...]
) -> Iterator[Profile]:
    """Circular harmonics on the rings of the plane, free along the axis: even and odd at each height."""
    lengths = np.linalg.norm(np.delete(sites, axis, 1), axis=1) / np.delete(steps, axis).max()
    levels = np.rint(np.abs(sites[:, axis]) / steps[axis]).astype(int)
    for level in range(levels.max() + 1):
        for ring in rings:
            weight = ring.at(lengths) * (levels == level)
            for degree in range(ring.highest + 1):
                for odd in (False, True) if level else (False,):
                    harmonic = Harmonic(group, lattice, degree, axis, odd)
                    yield Profile(harmonic, _sampled(harmonic, sites, lengths, weight))


def _sampled(harmonic: Harmonic, sites: Matrix, lengths: Matrix, weight: Matrix) -> Matrix:
    """g Y at the sites; where there is no direction, only degree 0 may live."""
    values = harmonic.at(sites) * weight[:, None]
    return values if harmonic.degree == 0 else np.where(lengths[:, None] > NOTHING, values, 0.0)


def _reach(size: tuple[int, ...], steps: Matrix, kept: int | None = None) -> int:
    """How many of the longest steps the largest ball inside the stencil reaches, or the disc across an axis `kept`.

    Shorter steps than its unit sample a ring the better; between longer ones it would fall through, along one axis.
    """
    across = [a for a in range(len(size)) if a != kept]
    unit = steps[across].max()
    reach = int(min(size[a] // 2 * steps[a] for a in across) / unit + NOTHING)
    if reach == 0 and max(size[a] for a in across) > 1:
        fit = tuple(n if a == kept else int(2 * np.ceil(unit / steps[a] - NOTHING) + 1) for a, n in enumerate(size))
        raise InputError(
            f"a steerable kernel of {' × '.join(map(str, size))} sites that are {tuple(steps.tolist())} apart",
            "a ball that reaches a neighbour along every axis that is turned",
            f"Take kernel_size={fit}, resample to equal voxels, or declare a group that keeps the long axis.",
        )
    return reach


def _basis(rho_in: Representation, rho_out: Representation, made: tuple[Profile, ...]) -> BasisKernel:
    """One Hom_H(ρ_in ⊗ Y_l, ρ_out) a profile, as coefficients of the components of all profiles."""
    functions, parts, at = _functions(made), [], 0
    for profile in made:
        angular = _angular(rho_in, rho_out, profile.harmonic)
        lengths = np.sqrt(((angular @ profile.values.T) ** 2).sum(axis=(1, 2, 3)))
        there = lengths > NOTHING
        part = np.zeros((there.sum(), rho_out.dim, rho_in.dim, len(functions)))
        part[..., at : at + profile.harmonic.dim] = angular[there] / lengths[there, None, None, None]
        at += profile.harmonic.dim
        parts.append(part)
    return BasisKernel(np.concatenate(parts), SolverChoice(HARMONICS, WHY_HARMONICS), functions)


@lru_cache(maxsize=256)
def _functions(made: tuple[Profile, ...]) -> Matrix:
    """The components of all profiles one below the other, `[component, site]`, and zeros up to whole fours."""
    found = np.concatenate([profile.values.T for profile in made])
    return np.pad(found, ((0, -len(found) % WHOLE), (0, 0)))


@lru_cache(maxsize=4096)
def _angular(rho_in: Representation, rho_out: Representation, harmonic: Harmonic) -> Matrix:
    """Hom_H(ρ_in ⊗ Y_l, ρ_out), `[k, out, in, dim Y_l]`."""
    free = intertwiner_basis(rho_in.tensor(harmonic), rho_out)
    return free.reshape(len(free), rho_out.dim, rho_in.dim, harmonic.dim)


def _lifted(rho_in: Representation, rho_out: Representation, made: tuple[Profile, ...]) -> LiftedKernel:
    """K(v)[h, i] = K(A_h⁻¹ v)[e, h⁻¹ i], where the row of e is free."""
    elements = rho_out.group.elements
    turned = [np.stack([p.harmonic(~h) @ p.values.T for h in elements]) for p in made]
    filters = np.concatenate(turned, axis=1)
    lengths = np.sqrt((filters**2).sum(axis=(0, 2)))
    there = lengths > NOTHING
    rows = np.stack([rho_in.permutation(~h) for h in elements])
    return LiftedKernel(
        rows, filters[:, there] / lengths[there, None], SolverChoice(HARMONICS, f"{WHY_HARMONICS}; {WHY_LIFTED}")
    )
