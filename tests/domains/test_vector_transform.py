"""Vector harmonics: round trips, gradients and curls in closed form, and winds moved as vectors of space."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from erlangen.domains.spherical_transform import by_orders
from erlangen.domains.vector_transform import VectorTransform
from tests.laws.signals import SEEDS, difference, noise

few = settings(max_examples=10)


def frame(domain: er.Sphere, size: tuple[int, int]) -> torch.Tensor:
    """East and north of every grid point as vectors of space, `[2, latitude, longitude, xyz]`."""
    theta, phi = domain.colatitudes(size[0])[:, None], 2 * np.pi * np.arange(size[1]) / size[1]
    nought = 0 * theta * phi
    east = np.stack([np.cos(phi) + nought, nought, -np.sin(phi) + nought], -1)
    north = np.stack([-np.cos(theta) * np.sin(phi), np.sin(theta) + nought, -np.cos(theta) * np.cos(phi)], -1)
    return torch.as_tensor(np.stack([east, north]))


def grid(domain: er.Sphere, band: int) -> VectorTransform:
    return VectorTransform(domain.sampling, *domain.smallest(band), band)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("band", [1, 2, 7, 128])
def test_there_and_back(sampling: str, band: int):
    c = torch.randn(2, (band + 1) ** 2, dtype=torch.float64)
    c[:, 0] = 0
    for dtype, most in ((torch.float64, 1e-11), (torch.float32, 2e-5)):
        spectrum, made = by_orders(c.to(dtype)), grid(er.Sphere(sampling), band)
        assert (made.spectrum(made.values(spectrum)) - spectrum).abs().max() < most


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_mean_of_a_square_is_the_sum_of_squares(sampling: str):
    domain, made = er.Sphere(sampling), grid(er.Sphere(sampling), 9)
    rho = domain.vectors(er.SO(3))
    v = noise(er.Space(er.Sphere(sampling, 4), rho), domain.smallest(9), batch=1)
    assert float(domain.mean(v.square()).sum()) == pytest.approx(float(made.spectrum(v).square().sum()), rel=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_gradients_and_curls_of_linear_functions(sampling: str):
    """∇(a·u) is a without its radial part, and u × a is a globe that turns: of degree 1, of one kind alone."""
    domain, size = er.Sphere(sampling), (6, 9)
    u, (east, north) = torch.as_tensor(domain.points(size)), frame(domain, size)
    made = VectorTransform(sampling, *size, 3)
    for axis in range(3):
        a = torch.eye(3, dtype=torch.float64)[axis].expand_as(u)
        gradient = torch.stack([(a * east).sum(-1), (a * north).sum(-1)])
        turning = torch.linalg.cross(a, u)  # the velocity of u under turns about a
        solid = torch.stack([(turning * east).sum(-1), (turning * north).sum(-1)])
        expected = domain.coefficients((a * u).sum(-1), 3) * 2**0.5  # √(l(l + 1)) at l = 1
        for field, kind, sign in ((gradient, 0, 1), (solid, 1, -1)):
            found = made.spectrum(field)
            assert difference(found[kind], sign * by_orders(expected)) < 1e-12
            assert found[1 - kind].abs().max() < 1e-12


def test_the_gradient_is_what_differences_say():
    """∂f/∂φ / sin θ to the east and −∂f/∂θ to the north, on a fine grid away from the poles."""
    domain, size, step = er.Sphere("equiangular"), (600, 1200), 2 * np.pi / 1200
    c = torch.randn(25, dtype=torch.float64)
    f = domain.synthesis(c, size)
    root = torch.tensor([(l * (l + 1)) ** 0.5 for l in range(5) for _ in range(2 * l + 1)], dtype=torch.float64)
    made = VectorTransform("equiangular", *size, 4)
    east, north = made.values(torch.stack([by_orders(c * root), 0 * by_orders(c)]))
    sine = torch.as_tensor(np.sin(domain.colatitudes(size[0])))[:, None]
    within = slice(120, -120)
    along = (f.roll(-1, -1) - f.roll(1, -1)) / (2 * step) / sine
    assert (along - east)[within].abs().max() < 1e-3 * east.abs().max()
    up = -(f[2:] - f[:-2]) / (2 * np.pi / 600)
    assert (up - north[1:-1])[within].abs().max() < 1e-3 * north.abs().max()


@pytest.mark.parametrize(
    "group", [er.SO(3), er.O(3), er.SO(2), er.O(2), er.C(6), er.Octahedral(), er.Mirror()], ids=str
)
@given(sampling=st.sampled_from(SAMPLINGS), rows=st.integers(4, 9), columns=st.integers(6, 16), seed=SEEDS)
@few
def test_winds_move_as_vectors_of_space(group: er.Group, sampling: str, rows: int, columns: int, seed: int):
    """(g·v)(u) = R v(R⁻¹u) read off three Cartesian components, and (gh)·v = g·(h·v)."""
    domain, size = er.Sphere(sampling), (rows, columns)
    fits = min(domain.band_limit(size) - 1, 4)  # Cartesian components have one degree more
    space = er.Space(domain, domain.vectors(group))
    v = noise(er.Space(er.Sphere(sampling, fits), space.rho), size, seed)
    g, h = group.sample(2, seed)
    moved, axes = space.act(g, v), frame(domain, size)
    assert difference(space.act(g, space.act(h, v)), space.act(g @ h, v)) < 1e-11
    cartesian = torch.einsum("bctp,ctpx->bxtp", v, axes)
    matrix = torch.as_tensor(domain.cartesian(g))
    expected = torch.einsum("xy,bytp->bxtp", matrix, domain.act(g, cartesian))
    assert difference(torch.einsum("bctp,ctpx->bxtp", moved, axes), expected) < 1e-11


def test_what_only_moves_values_rounds_nothing():
    domain, v = er.Sphere(), torch.randn(1, 2, 5, 12)
    space = er.Space(domain, domain.vectors(er.O(2)))
    east_and_west = space.act(er.O(2).element(np.diag([1.0, -1.0])), v)
    assert torch.equal(east_and_west, v.flip(-1).roll(1, -1) * torch.tensor([-1.0, 1.0])[:, None, None])
    assert torch.equal(er.Space(domain, domain.vectors(er.C(12))).act(er.C(12).generators[0], v), v.roll(1, -1))
    over = er.SO(3).element(np.diag([-1.0, -1.0, 1.0]))  # half a turn about z: both directions are turned round
    assert torch.equal(er.Space(domain, domain.vectors(er.SO(3))).act(over, v), -v.flip(-1).roll(1, -1).flip(-2))


def test_fields_keep_their_channels_in_any_order():
    """Scalars, vectors and scalars again are moved as each by itself."""
    group, domain = er.SO(3), er.Sphere()
    rho = group.trivial + 2 * domain.vectors(group) + group.trivial
    x = noise(er.Space(domain, rho), (6, 12))
    g = group.sample(1, 0)[0]
    moved = er.Space(domain, rho).act(g, x)
    for first, field in (
        (0, group.trivial),
        (1, domain.vectors(group)),
        (3, domain.vectors(group)),
        (5, group.trivial),
    ):
        channels = slice(first, first + field.dim)
        assert difference(moved[:, channels], er.Space(domain, field).act(g, x[:, channels])) < 1e-12
