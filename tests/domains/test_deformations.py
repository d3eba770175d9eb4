"""Smooth displacement fields and the splines that deform by them."""

from itertools import product

import numpy as np
import pytest
import torch

from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError

PLACES = [
    (Grid(1), (20,)),
    (Grid(2), (9, 14)),
    (Grid(2, spacing=(1.0, 2.5)), (11, 12)),
    (Grid(2, boundary="periodic"), (16, 12)),
    (HexGrid(), (11, 11)),
    (Grid(3, spacing=(1.0, 1.0, 3.0)), (6, 7, 8)),
    (Grid(3, boundary="periodic"), (6, 5, 6)),
    (Sequence(), (17,)),
]
named = pytest.mark.parametrize(("domain", "size"), PLACES, ids=lambda value: str(value))


def cartesian_jacobian(domain, tau):
    """∂τ/∂u at every site by differences of the array, as a witness: `[count, …, d, d]`."""
    along_axes = [np.gradient(tau, axis=2 + axis, edge_order=2) for axis in range(domain.dim)]
    by_axes = np.moveaxis(np.stack(along_axes, -1), 1, -2)
    return domain.basis @ by_axes @ np.linalg.inv(domain.basis)


@named
def test_every_field_has_size_one_and_is_smooth(domain, size):
    fields = domain.deformations(size, 6, seed=3)
    assert np.allclose(fields.slope(), 1, atol=1e-8)
    fine = tuple(8 * (n - 1) + 1 if domain.boundary == "open" else 16 * n for n in size)
    if domain.dim == 3 or domain.masked:
        return  # read finer only where that is cheap, and where the array is no larger than the domain
    finer = type(fields)(domain, fine, fields.weights)  # the same waves on a finer array, of a larger extent
    norms = np.linalg.norm(cartesian_jacobian(domain, finer.on(fine)), ord=2, axis=(-2, -1))
    inner = norms[(slice(None), *(slice(2, -2) for _ in size))] * (fine[0] - 1) / (size[0] - 1)
    if len({(m - 1) / (n - 1) for m, n in zip(fine, size, strict=True)}) == 1:
        assert np.all(inner.reshape(6, -1).max(1) < 1.15)  # between the sites it is hardly steeper than at them


@named
def test_the_border_stays_where_it_is(domain, size):
    tau = domain.deformations(size, 4).on(size)
    assert abs(tau).max() > 0.1
    if domain.boundary == "open":
        edge = np.ones(size, dtype=bool)
        edge[(slice(1, -1),) * len(size)] = False
        assert abs(tau[..., edge]).max() < 1e-12
    mask = domain.mask(torch.zeros(size))
    if mask is not None:
        radius = size[0] // 2
        q, r = np.meshgrid(*(np.arange(n) - radius for n in size), indexing="ij")
        assert abs(tau[..., np.maximum.reduce([abs(q), abs(r), abs(q + r)]) >= radius]).max() < 1e-12


def test_a_periodic_field_runs_across_the_seam():
    tau = Grid(2, boundary="periodic").deformations((12, 12), 3).on((12, 12))
    across = abs(tau[:, :, 0] - tau[:, :, -1]).max()
    assert across <= abs(np.diff(tau, axis=2)).max() * 1.05
    assert abs(tau.mean(axis=(2, 3))).max() < 1e-12  # no translation in it


@named
def test_a_coarser_array_is_deformed_alike(domain, size):
    if domain.causal:
        return
    fields = domain.deformations(size, 3)
    coarse = domain.halved_size(size)
    tau, halved = fields.on(size), fields.on(coarse)
    assert halved.shape == (3, domain.dim, *coarse)
    if all(n % 2 for n in size) and (not domain.masked or size[0] // 2 % 2 == 0):  # every second site is a coarse one
        assert np.allclose(2 * halved, tau[(..., *(slice(None, None, 2) for _ in size))], atol=1e-12)


def test_equal_seeds_draw_equal_fields():
    fields = [Grid(2).deformations((8, 8), 4, seed).on((8, 8)) for seed in (1, 1, 2)]
    assert np.array_equal(fields[0], fields[1])
    assert not np.allclose(fields[0], fields[2])
    assert not np.allclose(fields[0][0], fields[0][1])  # one for each input


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_cosine_is_deformed_as_its_formula_says(dim, periodic):
    """The cosines that are symmetric about the border, or fit the ring, are known between the sites, too."""
    n = 24 if dim < 3 else 14
    domain = Grid(dim, boundary="periodic" if periodic else "open")
    k = 2 * np.pi / n if periodic else np.pi / (n - 1)
    tau = 0.3 * domain.deformations((n,) * dim, 2, seed=5).on((n,) * dim)

    def x(places):
        return np.cos(2 * k * places[:, 0]) + np.cos(k * places).prod(1) * 2

    sites = np.indices((n,) * dim)[None]
    values = torch.from_numpy(x(np.broadcast_to(sites, tau.shape)))[:, None]
    wanted = x(sites - tau)[:, None]
    moved = domain.deform(values, tau).numpy()
    assert np.abs(wanted - values.numpy()).max() > 0.2
    assert np.abs(moved - wanted).max() < 2e-4
    cubic = domain.deform(values, tau, order=3).numpy()
    assert np.abs(cubic - wanted).max() < 5e-3
    assert np.abs(moved - wanted).max() < np.abs(cubic - wanted).max()


@named
def test_no_displacement_changes_nothing_and_a_constant_stays_one(domain, size):
    tau = domain.deformations(size, 3).on(size)
    x = domain.clear(torch.randn(3, 2, *size, generator=torch.Generator().manual_seed(0)))
    assert torch.allclose(domain.deform(x, 0 * tau), x, atol=1e-6)
    if not domain.masked:
        assert torch.allclose(domain.deform(torch.ones_like(x), 0.4 * tau), torch.ones_like(x), atol=1e-6)
    assert domain.deform(x, 0.4 * tau).dtype == x.dtype
    assert domain.deform(x, 0.4 * tau[:1]).shape == x.shape  # one field for all


def test_whole_steps_on_a_ring_are_rolls():
    domain = Grid(2, boundary="periodic")
    x = torch.randn(2, 1, 7, 9, generator=torch.Generator().manual_seed(0))
    for shifts in product((0, 3), (0, -2)):
        tau = np.broadcast_to(np.reshape(shifts, (1, 2, 1, 1)), (1, 2, 7, 9))
        assert torch.allclose(domain.deform(x, tau), domain.roll(x, shifts), atol=1e-5)


def test_hexagons_stay_hexagons():
    domain = HexGrid()
    x = domain.clear(torch.randn(4, 1, 11, 11, generator=torch.Generator().manual_seed(0)))
    moved = domain.deform(x, 0.5 * domain.deformations((11, 11), 4).on((11, 11)))
    assert torch.equal(moved, domain.clear(moved))
    assert (moved - x).abs().max() > 0.1


def test_refusals():
    with pytest.raises(DomainError, match="er.Grid\\(1\\)"):
        Dna().deformations((12,), 2)
    with pytest.raises(InputError, match="at least 3 sites"):
        Grid(2).deformations((2, 9), 2)
    with pytest.raises(InputError, match="2 sizes"):
        Grid(2).deformations((9,), 2)
    with pytest.raises(InputError, match="count"):
        Grid(2).deformations((9, 9), 0)
    x, tau = torch.zeros(2, 1, 8, 8), np.zeros((2, 2, 8, 8))
    with pytest.raises(InputError, match="displacement of shape"):
        Grid(2).deform(x, tau[:, :1])
    with pytest.raises(InputError, match="displacement of shape"):
        Grid(2).deform(x, np.zeros((3, 2, 8, 8)))
    with pytest.raises(InputError, match="finite"):
        Grid(2).deform(x, tau * np.nan)
    with pytest.raises(InputError, match="order=6"):
        Grid(2).deform(x, tau, order=6)
    with pytest.raises(InputError, match="batch"):
        Grid(2).deform(x[0], tau)
