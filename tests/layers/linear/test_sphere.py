"""Spectral convolution on the sphere: it commutes with rotations, is all that does, and keeps the power of signals."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from erlangen.domains.spherical_transform import harmonics, wigner
from erlangen.errors import InputError, RepresentationError, SpaceError
from erlangen.layers import SphereConv
from tests.laws.signals import SEEDS, difference, noise

few = settings(max_examples=15)
G = er.SO(3)


def scalars(channels: int, domain: er.Sphere | None = None) -> er.Space:
    return er.Space(domain or er.Sphere(), channels * G.trivial)


@given(
    sampling=st.sampled_from(SAMPLINGS),
    rows=st.integers(3, 14),
    columns=st.integers(5, 27),
    band=st.integers(0, 16),
    seed=SEEDS,
)
@few
def test_it_commutes_with_every_rotation(sampling: str, rows: int, columns: int, band: int, seed: int):
    """To 1e-10 in float64 for every band and grid, also where the grid holds fewer degrees than the filter has."""
    torch.manual_seed(seed)
    domain = er.Sphere(sampling)
    layer = SphereConv(scalars(2, domain), scalars(3, domain), band=band).double()
    torch.nn.init.normal_(layer.bias)
    x = noise(layer.source, (rows, columns), seed)
    with torch.no_grad():
        y = layer(x)
        assert y.std() > 1e-3
        for g in G.sample(3, seed):
            assert difference(layer(layer.source.act(g, x)), layer.target.act(g, y)) < 1e-10


@pytest.mark.parametrize("band", [0, 1, 4])
def test_it_is_every_map_that_commutes(band: int):
    """On coefficients the commuting matrices are a number a degree, as many as a null space finds; all are free."""
    layer = SphereConv(scalars(2), scalars(3), band=band, bias=False)
    assert layer.free_weights() == (band + 1) * 2 * 3
    size = (band + 1) ** 2
    constraints = []
    for g in G.sample(2, 0):
        turn = np.zeros((size, size))
        for l, matrix in enumerate(wigner(band, g.matrix)):
            turn[l * l : (l + 1) ** 2, l * l : (l + 1) ** 2] = matrix
        constraints.append(np.kron(turn, np.eye(size)) - np.kron(np.eye(size), turn.T))
    singular = np.linalg.svd(np.concatenate(constraints), compute_uv=False)
    assert (singular < 1e-9).sum() == band + 1
    assert layer.unconstrained_weights() == 6 * size**2


def test_it_is_the_integral_over_the_sphere():
    """y(u) = mean over v of K(u·v) x(v), with K a sum of Legendre polynomials, integrated on another grid."""
    layer = SphereConv(scalars(1), scalars(1), band=4, bias=False).double()
    x = noise(layer.source, (9, 18), batch=1)
    domain, fine = er.Sphere(), (20, 41)
    u, v = domain.points((9, 18)).reshape(-1, 3), domain.points(fine).reshape(-1, 3)
    degrees = np.arange(5) * 2 + 1
    kernel = np.polynomial.legendre.legval(u @ v.T, layer.weight.detach().flatten().numpy() * degrees)
    at = domain.evaluate(x, v)[0, 0].unflatten(0, fine)
    integral = domain.mean(torch.as_tensor(kernel).unflatten(1, fine) * at)
    assert difference(layer(x).flatten(), integral) < 1e-12


@given(band=st.integers(1, 12), gain=st.floats(0.5, 2.0), seed=SEEDS)
@settings(max_examples=5)
def test_the_power_of_a_signal_is_kept_whatever_its_spectrum(band: int, gain: float, seed: int):
    """E[mean of y²] = gain² · mean of x² over channels, over draws of the weights."""
    domain = er.Sphere(band=band)
    torch.manual_seed(seed)
    falling = torch.exp(-torch.arange((band + 1) ** 2, dtype=torch.float32).sqrt() / 2)
    x = domain.synthesis(torch.randn(1, 8, (band + 1) ** 2) * falling)
    power = torch.stack(
        [
            domain.mean(SphereConv(scalars(8, domain), scalars(64, domain), gain=gain)(x).square()).mean().detach()
            for _ in range(30)
        ]
    )
    expected = gain**2 * domain.mean(x.square()).mean()
    spread = float(power.std()) / 30**0.5
    assert abs(float(power.mean() - expected)) < 5 * spread + 1e-4


def test_its_bias_is_a_constant_alone():
    layer = SphereConv(scalars(1), scalars(2), band=3).double()
    torch.nn.init.constant_(layer.bias, 0.5)
    assert difference(layer(torch.zeros(1, 1, 5, 9, dtype=torch.float64)), torch.full((1, 2, 5, 9), 0.5).double()) == 0
    assert layer.free_weights() == 4 * 2 + 2


def test_one_layer_reads_every_resolution_alike():
    """The same signal on a coarse and a fine grid, and on another sampling, is answered alike at every point."""
    layer = SphereConv(scalars(1), scalars(1), band=20).double()
    domain, c = er.Sphere(), torch.randn(1, 1, 36, dtype=torch.float64)
    points = np.random.default_rng(0).standard_normal((40, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    answers = [domain.evaluate(layer(domain.synthesis(c, size)), points) for size in ((6, 11), (9, 30), (30, 60))]
    assert difference(answers[0], answers[2]) < 1e-12 and difference(answers[1], answers[2]) < 1e-12
    each = layer.weight.detach()[:6].repeat_interleave(2 * torch.arange(6) + 1)
    expected = torch.as_tensor(harmonics(5, points)) @ (c[0, 0] * each)
    assert difference(answers[0].flatten(), expected) < 1e-12


def test_degrees_beyond_the_band_are_left_out():
    layer = SphereConv(scalars(1), scalars(1), band=3).double()
    c = er.Sphere().coefficients(layer(torch.randn(1, 1, 8, 16, dtype=torch.float64)))
    assert c[..., 16:].abs().max() < 1e-12 and c[..., :16].abs().min() > 0


def test_its_band_is_the_domains_unless_it_is_said():
    assert SphereConv(scalars(1), scalars(1)).band == 16
    five = scalars(1, er.Sphere(band=5))
    assert SphereConv(five, five).band == 5 and er.layers.linear(five, five, band=2).band == 2


def test_it_exports():
    layer = SphereConv(scalars(2), scalars(2), band=4)
    x = torch.randn(2, 2, 6, 12)
    assert torch.equal(torch.export.export(layer, (x,)).module()(x), layer(x))
    assert torch.equal(layer.export()(x), layer(x))
    assert torch.allclose(torch.func.vmap(layer)(x[None])[0], layer(x), atol=1e-6)


VECTORS = er.Space(er.Sphere(), G.irrep(1))


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: SphereConv(scalars(1), VECTORS), RepresentationError),
        (lambda: SphereConv(VECTORS, scalars(1)), RepresentationError),
        (lambda: SphereConv(scalars(1), scalars(1, er.Sphere(band=3))), SpaceError),
        (lambda: SphereConv(scalars(1), er.Space(er.Sphere(), er.O(3).trivial)), SpaceError),
        (lambda: SphereConv(er.Space(er.Grid(2), G.trivial), er.Space(er.Grid(2), G.trivial)), SpaceError),
        (lambda: SphereConv(er.Sphere(), scalars(1)), SpaceError),  # type: ignore[arg-type]
        (lambda: SphereConv(scalars(1), scalars(1), band=-1), InputError),
        (lambda: SphereConv(scalars(1), scalars(1), band=2.0), InputError),  # type: ignore[arg-type]
        (lambda: SphereConv(scalars(1), scalars(1), bias="no"), InputError),  # type: ignore[arg-type]
        (lambda: SphereConv(scalars(1), scalars(1), gain=float("nan")), InputError),
        (lambda: SphereConv(scalars(1), scalars(1))(torch.zeros(1, 2, 4, 8)), InputError),
        (lambda: SphereConv(scalars(1), scalars(1))(torch.zeros(1, 1, 8)), InputError),
    ],
)
def test_what_does_not_fit_is_refused(make: object, error: type[Exception]):
    with pytest.raises(error):
        make()  # type: ignore[operator]
