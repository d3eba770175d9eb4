"""Steerable kernels against their closed forms: notes of Weiler and Cesa 2019 in the plane, Clebsch–Gordan in space."""

import re
from itertools import product

import numpy as np
import pytest

from erlangen.domains import Grid, HexGrid, Lattice
from erlangen.errors import InputError
from erlangen.groups import SO, C, D, Group, Icosahedral, Mirror, O, Octahedral
from erlangen.representations import Representation
from erlangen.signal import Space
from erlangen.solve.kernels import BasisKernel, LiftedKernel, TiedKernel
from erlangen.solve.rings import Ring, good_rings
from erlangen.solve.steerable import profiles, steer_kernel
from tests.laws.built import functions
from tests.laws.catalogue import MOVED
from tests.laws.signals import some_of

PLANE, SPACE = Grid(2), Grid(3)
ONE_RING = (Ring(2.0, 0.5, 6),)


def dense(kernel: TiedKernel | BasisKernel | LiftedKernel) -> np.ndarray:
    """All basis kernels, `[free, out, in, site]`."""
    if isinstance(kernel, BasisKernel):
        return kernel.basis
    if isinstance(kernel, TiedKernel):
        return (kernel.labels == np.arange(kernel.free)[:, None, None, None]).astype(float)
    d_out, d_in = kernel.rows.shape
    _, n_b, sites = kernel.filters.shape
    basis = np.zeros((d_in, n_b, d_out, d_in, sites))
    for out, inner in product(range(d_out), range(d_in)):
        basis[kernel.rows[out, inner], :, out, inner] = kernel.filters[out]
    return basis.reshape(-1, d_out, d_in, sites)


def plane_polar(size: int) -> tuple[np.ndarray, np.ndarray]:
    sites = PLANE.stencil(size)
    return np.linalg.norm(sites, axis=1), np.arctan2(sites[:, 1], sites[:, 0])


def closed_forms(m: int, n: int, phi: np.ndarray, highest: int) -> list[np.ndarray]:
    """The angular kernels of SO(2) from frequency m to n, `[out, in, site]`; those of O(2) are every other one."""

    def c(mu: int) -> np.ndarray:
        return np.cos(mu * phi)

    def s(mu: int) -> np.ndarray:
        return np.sin(mu * phi)

    if m == n == 0:
        return [np.array([[c(0)]])]
    if m == 0:
        return [np.array([[c(n)], [s(n)]]), np.array([[-s(n)], [c(n)]])] if n <= highest else []
    if n == 0:
        return [np.array([[c(m), s(m)]]), np.array([[-s(m), c(m)]])] if m <= highest else []
    found, less, more = [], n - m, n + m
    if abs(less) <= highest:
        found += [
            np.array([[c(less), -s(less)], [s(less), c(less)]]),
            np.array([[-s(less), -c(less)], [c(less), -s(less)]]),
        ]
    if more <= highest:
        found += [
            np.array([[c(more), s(more)], [s(more), -c(more)]]),
            np.array([[-s(more), c(more)], [c(more), s(more)]]),
        ]
    return found


def same_span(ours: np.ndarray, theirs: np.ndarray) -> None:
    ours, theirs = ours.reshape(len(ours), -1), theirs.reshape(len(theirs), -1)
    assert len(ours) == len(theirs) == np.linalg.matrix_rank(theirs, tol=1e-9)
    stacked = np.concatenate([ours / np.linalg.norm(ours, axis=1, keepdims=True), theirs])
    assert np.linalg.matrix_rank(stacked, tol=1e-8) == len(theirs)


FREQUENCIES = list(product(range(4), range(4)))


@pytest.mark.parametrize(("m", "n"), FREQUENCIES)
def test_in_the_plane_they_are_the_closed_forms_ring_by_ring(m: int, n: int):
    length, phi = plane_polar(7)
    weight = ONE_RING[0].at(length)
    theirs = [np.where((length > 0) | (m == n), k * weight, 0.0) for k in closed_forms(m, n, phi, 6)]
    if m == n and m > 0:  # of equal frequencies only μ = 0 lives at the centre
        theirs = [k if i < 2 else np.where(length > 0, k, 0.0) for i, k in enumerate(theirs)]
    ours = steer_kernel(SO(2).irrep(m), SO(2).irrep(n), PLANE, (7, 7), ONE_RING)
    same_span(dense(ours), np.stack(theirs))


@pytest.mark.parametrize(("m", "n"), FREQUENCIES)
def test_mirrors_leave_the_first_of_each_pair_and_twist_the_second(m: int, n: int):
    """O(2) = SO(2) and φ → −φ by diag(1, −1): from 0⁺ the first of each pair, from 0⁻ the second."""
    length, phi = plane_polar(7)
    weight = ONE_RING[0].at(length)
    both = [
        np.where((length > 0) | (m == n and i < 2), k * weight, 0.0) for i, k in enumerate(closed_forms(m, n, phi, 6))
    ]

    def irrep(k: int, sign: int = 0) -> Representation:
        return O(2).irrep(1, k) if k else O(2).irrep(sign, 0)

    same_span(dense(steer_kernel(irrep(m), irrep(n), PLANE, (7, 7), ONE_RING)), np.stack(both[::2]))
    if (m == 0) != (n == 0):
        twisted = steer_kernel(irrep(m, 1), irrep(n, 1), PLANE, (7, 7), ONE_RING)
        same_span(dense(twisted), np.stack(both[1::2]))
    if m == n == 0:
        assert steer_kernel(irrep(0), irrep(0, 1), PLANE, (7, 7), ONE_RING).free == 0


@pytest.mark.parametrize(("size", "free"), [(1, 8), (3, 48), (5, 88), (7, 144), (9, 248)])
def test_free_weights_of_regular_fields(size: int, free: int):
    assert steer_kernel(C(8).regular, C(8).regular, PLANE, (size, size)).free == free
    assert steer_kernel(C(8).trivial, C(8).regular, PLANE, (size, size)).free == free // 8
    assert steer_kernel(D(8).regular, D(8).regular, PLANE, (size, size)).free == 2 * free


@pytest.mark.parametrize("group", [C(5), C(8), D(3), D(8)], ids=str)
def test_between_regular_fields_the_lifted_kernels_are_those_of_the_harmonics(group: Group):
    """The gather is a faster way to write Hom(ρ_in ⊗ Y, ρ_out): the same through a change of basis."""
    regular = group.regular
    changed = regular.decompose()
    straight = steer_kernel(changed.representation, changed.representation, PLANE, (5, 5))
    q = changed.basis
    lifted = np.einsum("oi,bijs,jk->boks", q.T, dense(steer_kernel(regular, regular, PLANE, (5, 5))), q)
    same_span(lifted, dense(straight))


def coupled(l_in: int, l_out: int, highest: int) -> range:
    return range(abs(l_in - l_out), min(l_in + l_out, highest) + 1)


@pytest.mark.parametrize(("l_in", "l_out"), list(product(range(3), range(3))))
@pytest.mark.parametrize("size", [3, 5])
def test_in_space_there_is_one_for_each_degree_that_couples(l_in: int, l_out: int, size: int):
    """Σ_r #{J : |l_in − l_out| ≤ J ≤ l_in + l_out, J ≤ f_max(r)}; with parity, those with p_in p_out = (−1)^J."""
    rings = good_rings(size // 2, 3)
    degrees = [j for ring in rings for j in coupled(l_in, l_out, ring.highest)]
    assert steer_kernel(SO(3).irrep(l_in), SO(3).irrep(l_out), SPACE, (size,) * 3).free == len(degrees)
    for p_in, p_out in product((1, -1), repeat=2):
        kernel = steer_kernel(O(3).irrep(l_in, p_in), O(3).irrep(l_out, p_out), SPACE, (size,) * 3)
        assert kernel.free == sum(p_in * p_out == (-1) ** j for j in degrees)


@pytest.mark.parametrize(("l_in", "l_out"), [(0, 1), (1, 0), (1, 1), (1, 2), (2, 2)])
def test_in_space_they_are_the_clebsch_gordan_kernels(l_in: int, l_out: int):
    """Σ_M C^{l_in J l_out}_{i M o} Y_JM(v/|v|) g(|v|), with e3nn's coefficients and harmonics."""
    o3, torch = pytest.importorskip("e3nn.o3"), pytest.importorskip("torch")
    ring = Ring(1.5, 0.6, 4)
    sites = SPACE.stencil(5)
    length = np.linalg.norm(sites, axis=1)
    theirs = []
    for j in coupled(l_in, l_out, 4):
        harmonics = o3.spherical_harmonics(j, torch.as_tensor(sites, dtype=torch.float64), normalize=True).numpy()
        values = harmonics * (ring.at(length) * ((length > 0) | (j == 0)))[:, None]
        symbols = o3.wigner_3j(l_in, j, l_out, dtype=torch.float64).numpy()
        theirs.append(np.einsum("imo,sm->ois", symbols, values))
    kernel = steer_kernel(SO(3).irrep(l_in), SO(3).irrep(l_out), SPACE, (5, 5, 5), (ring,))
    same_span(dense(kernel), np.stack(theirs))


SIZES = {2: (3, 5, 7, 9), 3: (3, 5)}
FAMILIES = [
    *[(PLANE, group) for group in (C(3), C(8), C(12), D(8), SO(2), O(2))],
    *[(HexGrid(), group) for group in (C(4), C(12), SO(2), O(2))],
    *[(SPACE, group) for group in (C(8), SO(2), C(8) * Mirror(), D(5, axis=0), SO(3), O(3))],
]


@pytest.mark.parametrize(("lattice", "group"), FAMILIES, ids=str)
def test_no_weight_is_redundant(lattice: Lattice, group: Group):
    """The sampled basis has full rank at every size, well away from losing it: each free weight does something."""
    fields = [field for field, _ in functions(group).fields]
    pairs = product(fields, fields) if group.order is None else [(group.trivial, group.regular)]
    for (rho_in, rho_out), size in product(pairs, SIZES[lattice.dim]):
        kernel = steer_kernel(rho_in, rho_out, lattice, (size,) * lattice.dim)
        if kernel.free:
            singular = np.linalg.svd(dense(kernel).reshape(kernel.free, -1), compute_uv=False)
            assert singular[-1] > 0.02 * singular[0], (size, rho_in, rho_out, singular[-1] / singular[0])


@pytest.mark.parametrize(("lattice", "group", "size"), MOVED)
def test_the_constraint_holds_where_the_lattice_is_kept(lattice: Lattice, group: Group, size: int | tuple[int, ...]):
    """K(A_h v) = ρ_out(h) K(v) ρ_in(h)⁻¹ at the sites, for all that map sites to sites."""
    sizes = size if isinstance(size, tuple) else (size,) * lattice.dim
    rho = functions(group)
    rho_in = group.trivial if group.order == 60 else rho.fields[-1][0]
    rho_out = rho.fields[-1][0]
    basis = dense(steer_kernel(rho_in, rho_out, lattice, sizes))
    sites = lattice.stencil(sizes)[lattice.inside(sizes)]
    position = {tuple(site): i for i, site in enumerate(sites.tolist())}
    for g in some_of(Space(lattice, rho), 0):
        moved = [position[tuple(site)] for site in (sites @ lattice.matrix(g).T).tolist()]
        turned = np.einsum("oi,bijs,jk->boks", rho_out(g), basis, rho_in(~g), optimize=True)
        np.testing.assert_allclose(basis[..., moved], turned, atol=1e-10)


def test_where_the_lattice_keeps_all_the_sampled_kernels_are_some_of_all():
    """Octahedral and C(4): what is sampled lies in the whole space, and the gather has no fewer weights."""
    from erlangen.layers.linear.lattice import stencil_action
    from erlangen.solve.kernels import solve_kernel

    for lattice, group, size in ((PLANE, C(4), (5, 5)), (SPACE, Octahedral(), (3, 3, 3))):
        rho = group.regular
        sites = int(lattice.inside(size).sum())
        exact = dense(solve_kernel(group.trivial, rho, stencil_action(lattice, group, size), sites))
        sampled = dense(steer_kernel(group.trivial, rho, lattice, size))
        assert len(sampled) < len(exact)
        both = np.concatenate([sampled, exact]).reshape(len(sampled) + len(exact), -1)
        assert np.linalg.matrix_rank(both, tol=1e-8) == len(exact)


def test_at_the_centre_only_degree_zero_lives():
    for lattice, group, size in ((PLANE, SO(2), (5, 5)), (SPACE, SO(3), (3, 3, 3)), (SPACE, Icosahedral(), (3, 3, 3))):
        middle = len(lattice.stencil(size)) // 2
        for profile in profiles(lattice, group, size):
            assert profile.harmonic.degree == 0 or not profile.values[middle].any()


def test_one_site_is_hom_of_the_group():
    assert steer_kernel(SO(2).irrep(1), SO(2).irrep(1), PLANE, (1, 1)).free == 2
    assert steer_kernel(O(2).irrep(1, 1), O(2).irrep(1, 1), PLANE, (1, 1)).free == 1
    assert steer_kernel(SO(3).irrep(1), SO(3).irrep(2), SPACE, (1, 1, 1)).free == 0


@pytest.mark.parametrize(
    ("spacing", "size", "fits"),
    [
        ((1, 1, 1.5), (3, 3, 3), (5, 5, 3)),
        ((1, 1, 5), (3, 3, 3), (11, 11, 3)),
        ((2, 1, 1), (5, 3, 3), (3, 5, 5)),
        ((0.5, 0.5, 0.5), (3, 3, 1), (3, 3, 3)),
    ],
)
def test_a_kernel_too_short_is_refused_with_one_that_is_taken(spacing, size, fits):
    rho, lattice = SO(3).irrep(1), Grid(3, spacing=spacing)
    with pytest.raises(InputError, match=f"kernel_size={re.escape(str(fits))}"):
        steer_kernel(rho, rho, lattice, size)
    assert steer_kernel(rho, rho, lattice, fits).free > 0


def test_around_an_axis_only_the_steps_across_it_count():
    turns = (SO(2) * Mirror()).irreps(1)[-1]
    kernel = steer_kernel(turns, turns, Grid(3, spacing=(1, 1, 9)), (3, 3, 3))
    assert kernel.free == steer_kernel(turns, turns, Grid(3), (3, 3, 3)).free
    with pytest.raises(InputError, match=r"kernel_size=\(5, 3, 7\)"):
        steer_kernel(C(8).regular, C(8).regular, Grid(3, spacing=(1, 2, 1)), (3, 3, 7))


def test_the_unit_of_length_changes_nothing():
    """Rings are counted in steps: voxels of 2 mm have the kernels of voxels of 1."""
    for spacing in ((1, 1, 1.5), (1, 1, 1)):
        one, two = (Grid(3, spacing=tuple(s * k for s in spacing)) for k in (1, 2))
        kernels = [dense(steer_kernel(SO(3).irrep(1), SO(3).irrep(2), g, (5, 5, 3))) for g in (one, two)]
        np.testing.assert_allclose(*kernels, atol=1e-12)


def test_rings_that_meet_no_site_are_refused():
    for rho in (C(8).regular, C(8).irrep(1)):
        with pytest.raises(InputError, match="meets some of the sites"):
            steer_kernel(rho, rho, PLANE, (5, 5), (Ring(50.0, 0.1, 0),))
