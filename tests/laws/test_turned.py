"""What holds of steerable convolutions beyond the turns of the lattice: nearly equivariant where signals are smooth.

A sum of Gaussian blobs is turned by its formula, Σ_k G(u − A_g u_k) ρ(g) v_k, so that nothing is interpolated; and the
answers are compared at the centre, which every turn leaves in its place: f(g·x)(0) = ρ_out(g) f(x)(0).
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.domains import HexGrid, Lattice
from erlangen.groups import Element
from erlangen.layers import LatticeConv, Layer, SteerableConv
from tests.effort import covering
from tests.laws.built import STEERED, functions
from tests.laws.catalogue import MOVED
from tests.laws.signals import fits

FREE = [m for m in STEERED if not any(word in str(m.id) for word in ("1 × 1", "stride", "rings", "dilated"))]


def blobs(space: er.Space, g: Element, batch: int = 6, side: int = 13, width: float = 2.0) -> Tensor:
    """g·x for smooth random x: where the domain has sites, and in the units of its shortest step."""
    domain, rng = space.domain, np.random.default_rng(0)
    assert isinstance(domain, Lattice)
    steps = np.linalg.norm(domain.basis, axis=0)
    axes = np.meshgrid(*(np.arange(side) - side // 2,) * domain.dim, indexing="ij")
    sites = np.stack([axis.ravel() for axis in axes], axis=1) @ domain.basis.T / steps.min()
    centres = rng.normal(size=(batch, 8, domain.dim)) * 2.5 @ domain.cartesian(g).T
    vectors = rng.normal(size=(batch, 8, space.channels)) @ space.rho(g).T
    heights = np.exp(-((sites[None, None] - centres[:, :, None]) ** 2).sum(axis=-1) / (2 * width**2))
    values = np.einsum("bks,bkc->bcs", heights, vectors)
    return domain.clear(torch.as_tensor(values.reshape(batch, -1, *(side,) * domain.dim)))


def centre(y: Tensor) -> Tensor:
    return y[(..., *[n // 2 for n in y.shape[2:]])]


def turned_error(layer: Layer, g: Element) -> float:
    """√(mean |f(g·x)(0) − ρ_out(g) f(x)(0)|² / mean |f(x)(0)|²)."""
    with torch.no_grad():
        here = centre(layer(blobs(layer.source, layer.source.group.identity)))
        there = centre(layer(blobs(layer.source, g)))
    expected = here @ torch.as_tensor(layer.target.rho(g)).T
    return float((there - expected).norm() / here.norm())


def others(layer: Layer) -> list[Element]:
    """Elements that the lattice does not keep: for some layers none are to be had from few draws."""
    group = layer.source.group
    drawn = group.elements[1:] if group.order is not None else group.sample(6, 0)
    return [g for g in drawn if not fits(layer.source.domain, g)][:6]


@pytest.mark.parametrize("make", covering(FREE, FREE[::2]))
def test_smooth_signals_are_turned_nearly(make: Callable[[], SteerableConv]):
    """In the plane within 2 %, in space and on unequal steps within 6 %; and no better than the samples allow."""
    torch.manual_seed(0)
    layer = make().double()
    errors = [turned_error(layer, g) for g in others(layer)]
    assert errors
    even = layer.source.domain.axes == 2 and layer.source.domain.spacing is None
    assert 1e-5 < max(errors) < (0.02 if even else 0.06)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_it_is_far_better_than_filters_without_the_constraint(size: int):
    torch.manual_seed(0)
    group = er.C(8)
    scalars, regular = er.Space(er.Grid(2), group.trivial), er.Space(er.Grid(2), group.regular)
    layer = SteerableConv(scalars, regular, size).double()
    quarter = er.C(4)
    exact = LatticeConv(er.Space(er.Grid(2), quarter.trivial), er.Space(er.Grid(2), 2 * quarter.regular), size).double()
    eighth = group.generators[0]
    with torch.no_grad():
        here = centre(exact(blobs(scalars, group.identity)))
        there = centre(exact(blobs(scalars, eighth)))
    lost = float((here.norm(dim=1) - there.norm(dim=1)).norm() / here.norm())
    assert turned_error(layer, eighth) < 0.3 * lost


@pytest.mark.parametrize(("domain", "group", "size"), MOVED)
def test_one_site_is_exact_for_every_element(domain: Lattice, group: er.Group, size: int):
    """W ρ_in(g) = ρ_out(g) W: a 1 × 1 convolution moves no points."""
    rho = group.trivial + functions(group)
    layer = SteerableConv(er.Space(domain, rho), er.Space(domain, rho), kernel_size=1).double()
    (weight,) = [layer.weight().detach().reshape(rho.dim, rho.dim)]
    assert weight.abs().max() > 0
    for g in (*group.generators, *group.sample(4, 0)):
        matrix = torch.as_tensor(rho(g))
        assert torch.allclose(weight @ matrix, matrix @ weight, atol=1e-12)


@pytest.mark.parametrize(("domain", "group", "size"), MOVED)
def test_what_is_kept_is_all_that_is_exact(domain: Lattice, group: er.Group, size: int):
    """The elements of the group that map the lattice to itself are those of `kept`, which is a group."""
    part = domain.kept(group)
    assert domain.preserves(part) and not domain.preserves(group)
    assert domain.check_motion(group) is None
    if group.order is not None:
        assert sum(fits(domain, g) for g in group.elements) == part.order
    assert isinstance(domain, HexGrid) or not fits(domain, others(SteerableConv(*spaces(domain, group), size))[0])


def spaces(domain: Lattice, group: er.Group) -> tuple[er.Space, er.Space]:
    return er.Space(domain, group.trivial), er.Space(domain, group.trivial)
