"""Convolution on the sphere under every kind of group: it commutes, is all that does, and does what winds need."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains.spherical_transform import wigner
from erlangen.domains.vector_transform import VectorTransform
from erlangen.errors import RepresentationError
from erlangen.layers import SphereConv
from tests.laws.signals import difference, noise

BAND = 4
GROUPS = [
    *(er.SO(3), er.O(3), er.SO(2), er.O(2), er.Trivial(), er.Mirror(), er.C(2), er.C(5), er.C(8), er.D(3), er.D(4)),
    *(er.Octahedral(), er.Icosahedral(), er.FullOctahedral(), er.C(3, axis=0), er.D(3, axis=1), er.D(2, axis=2)),
]


def spaces(group: er.Group, domain: er.Sphere | None = None) -> tuple[er.Space, er.Space]:
    domain = domain or er.Sphere("equiangular", BAND)
    winds, odd = domain.vectors(group), [group.sign] if isinstance(group, er.O) else []
    return er.Space(domain, sum([2 * group.trivial, winds, *odd])), er.Space(domain, 2 * winds + group.trivial)


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_it_commutes_with_the_group(group: er.Group):
    torch.manual_seed(0)
    source, target = spaces(group)
    layer = SphereConv(source, target).double()
    torch.nn.init.normal_(layer.bias)
    x = noise(source, (7, 15))
    y = layer(x)
    for g in group.sample(4, 0):
        assert difference(layer(source.act(g, x)), target.act(g, y)) < 1e-11


def moved(space: er.Space, matrix: np.ndarray) -> np.ndarray:
    """How the coefficients of a space move, `[numbers, numbers]`, block by block."""
    handed, blocks = np.sign(np.linalg.det(matrix)), []
    for field, times in space.rho.fields:
        kinds = [(1, 1), (handed, 1)] if field.dim == 2 else [(1 if field.is_trivial else handed, 0)]
        for sign, least in kinds * times:
            blocks += [sign * d for d in wigner(BAND, matrix)[least:]]
    size = sum(len(b) for b in blocks)
    whole, at = np.zeros((size, size)), 0
    for block in blocks:
        whole[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return whole


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_it_is_every_map_that_commutes(group: er.Group):
    """As many free weights as the mean of χ(g) χ′(g) over the group; about the axis by a finite subgroup as good."""
    source, target = spaces(group)
    layer = SphereConv(source, target)
    finite = {er.SO(2): er.C(2 * BAND + 3), er.O(2): er.D(2 * BAND + 3)}.get(group, group)
    if finite.order is None:
        assert layer.free_weights() - layer.bias.numel() == _by_degrees(source, target)
        return
    matrices = [er.Sphere().cartesian(g) for g in finite.elements]
    traces = [(np.trace(moved(source, m)), np.trace(moved(target, m))) for m in matrices]
    assert layer.free_weights() - layer.bias.numel() == round(np.mean([a * b for a, b in traces]))
    assert layer.bias.numel() == round(np.mean([b for _, b in traces]))
    assert layer.unconstrained_weights() == len(moved(source, matrices[0])) * len(moved(target, matrices[0])) + len(
        moved(target, matrices[0])
    )


def _by_degrees(source: er.Space, target: er.Space) -> int:
    """Σ over irreps (l, parity) of the copies in the one times those in the other."""
    total = 0
    for l in range(BAND + 1):
        for twisted in (False, True):
            copies = []
            for space in (source, target):
                mirrors = isinstance(space.group, er.O)
                count = 0
                for field, times in space.rho.fields:
                    kinds = [(False, 1), (mirrors, 1)] if field.dim == 2 else [(not field.is_trivial, 0)]
                    count += times * sum(kind == twisted and l >= least for kind, least in kinds)
                copies.append(count)
            total += copies[0] * copies[1]
    return total


def test_under_every_rotation_it_is_gradient_and_divergence():
    """∇ and −∇· as layers: √(l(l + 1)) from a degree to the same of gradients, and back."""
    group, domain = er.O(3), er.Sphere("poles", 6)
    scalars, winds = er.Space(domain, group.trivial), er.Space(domain, domain.vectors(group))
    there, back = (SphereConv(*pair, bias=False).double() for pair in ((scalars, winds), (winds, scalars)))
    root = torch.tensor([(l * (l + 1)) ** 0.5 for l in range(1, 7)], dtype=torch.float64)
    with torch.no_grad():
        there.weight.copy_(root)
        back.weight.copy_(root)
    f = noise(scalars, (9, 15), batch=1)
    expected = VectorTransform("poles", 9, 15, 6)
    all_roots = torch.cat([torch.zeros(1, dtype=torch.float64), root])[:, None, None]
    spectrum = domain.spectrum(f) * all_roots
    assert difference(there(f), expected.values(torch.cat([spectrum, 0 * spectrum], 1))) < 1e-12
    laplacian = domain.from_spectrum(spectrum * all_roots, (9, 15))
    assert difference(back(there(f)), laplacian) < 1e-12


def test_about_the_axis_it_is_what_a_turning_planet_does():
    """Multiplication by the sine of the latitude, as of Coriolis's force, and the derivative to the east, to rounding.

    Both are found among the layer's maps by least squares on signals that it has not been fitted to before.
    """
    group, domain = er.SO(2), er.Sphere("gauss", 3)
    space = er.Space(domain, group.trivial)
    layer = SphereConv(space, space, reach=1, bias=False).double()
    size = (6, 12)
    sine = torch.as_tensor(np.cos(domain.colatitudes(6)))[:, None]

    def coriolis(x: torch.Tensor) -> torch.Tensor:
        return domain.project(x * sine, 3)

    def eastward(x: torch.Tensor) -> torch.Tensor:
        waves = torch.fft.rfft(x)
        return torch.fft.irfft(waves * 1j * torch.arange(waves.shape[-1]), n=size[1])

    for wanted in (coriolis, eastward):
        x, fresh = noise(space, size, 1, batch=40), noise(space, size, 2)
        columns = []
        for i in range(layer.weight.numel()):
            with torch.no_grad():
                layer.weight.copy_(torch.eye(layer.weight.numel(), dtype=torch.float64)[i])
                columns.append(layer(x).flatten())
        found = torch.linalg.lstsq(torch.stack(columns, 1), wanted(x).flatten()[:, None]).solution
        with torch.no_grad():
            layer.weight.copy_(found[:, 0])
        assert difference(layer(fresh), wanted(fresh)) < 1e-10


def test_reach_leaves_out_degrees_that_lie_apart():
    group, domain = er.SO(2), er.Sphere(band=5)
    space = er.Space(domain, group.trivial)
    for reach, joined in ((0, {2}), (1, {1, 2, 3}), (None, {0, 1, 2, 3, 4, 5})):
        layer = SphereConv(space, space, bias=False, reach=reach).double()
        c = torch.zeros(1, 1, 36, dtype=torch.float64)
        c[..., 6] = 1  # l = 2, m = 0
        out = domain.coefficients(layer(domain.synthesis(c)))[0, 0]
        assert {l for l in range(6) if out[l * l : (l + 1) ** 2].abs().max() > 1e-9} == joined


def test_its_bias_is_what_the_group_leaves():
    """A wind along the latitudes and a function of latitude about the axis; without it nothing but a constant."""
    domain = er.Sphere(band=3)
    for group, count in ((er.SO(2), 4 + 6), (er.O(2), 4 + 3), (er.SO(3), 1), (er.C(2), 8 + 14)):
        space = er.Space(domain, group.trivial + domain.vectors(group))
        assert SphereConv(space, space).bias.numel() == count


@pytest.mark.parametrize("group", [er.SO(3), er.O(3), er.SO(2), er.O(2), er.Octahedral()], ids=str)
def test_the_power_of_signals_is_kept(group: er.Group):
    """E of the mean of y² over the sphere and channels is about that of x²."""
    domain = er.Sphere(band=6)
    source = er.Space(domain, 8 * group.trivial + 4 * domain.vectors(group))
    x = domain.from_spectrum(domain.spectrum(torch.randn(4, 16, 12, 24), rho=source.rho), (12, 24), source.rho)
    found = []
    for seed in range(8):
        torch.manual_seed(seed)
        found.append(domain.mean(SphereConv(source, source)(x).square()).mean().detach())
    ratio = float(torch.stack(found).mean() / domain.mean(x.square()).mean())
    assert 0.75 < ratio < 1.35


def test_it_says_whether_these_are_all_maps():
    some = er.SO(2) * er.Mirror()
    for group, said in ((er.SO(3), "each degree"), (er.SO(2), "each order m"), (er.Octahedral(), "found by numbers")):
        assert said in SphereConv(*spaces(group)).reason().solver
    assert "not all maps" in SphereConv(*spaces(some)).reason().solver


def test_fields_that_it_does_not_know_are_refused():
    space = er.Space(er.Sphere(), er.SO(3).irrep(2))
    with pytest.raises(RepresentationError, match="tangent vectors"):
        SphereConv(space, space)
    with pytest.raises(er.SymmetryError, match="Map to scalars first"):
        er.layers.DomainPool(er.Space(er.Sphere(), er.Sphere().vectors(er.SO(3))))
