"""Kernels of finite radius: what they multiply degrees by, beside sums over very many points."""

import numpy as np
import pytest

import erlangen as er
from erlangen.domains.spherical_transform import harmonics
from erlangen.domains.vector_transform import vector_harmonics
from erlangen.solve.in_tangent_planes import Frames, Kind, routes
from erlangen.solve.rings_on_sphere import multipliers, rings

BAND, RADIUS, COUNT = 6, 0.8, 3
SCALAR, VECTOR = Kind(0, False), Kind(1, False)


def test_rings_sum_to_one_between_the_first_and_the_last():
    r = np.linspace(0, 1.2, 200)
    found = rings(r, RADIUS, COUNT)
    inside = (r >= RADIUS / 4) & (r <= 3 * RADIUS / 4)
    np.testing.assert_allclose(found.sum(0)[inside], 1, atol=1e-12)
    assert not found[:, r >= RADIUS].any() and not found[:, 0].any()


def test_a_scalar_kernel_multiplies_by_its_legendre_coefficients():
    """Funk and Hecke, by a sum over a fine grid: the kernel around one point, read in harmonics there."""
    grid, size = er.Sphere(), (160, 320)
    points, weights = grid.points(size).reshape(-1, 3), grid.grid.weights(size).ravel()
    here = np.array([0.3, 0.5, -0.8]) / np.linalg.norm([0.3, 0.5, -0.8])
    kernel = rings(np.arccos(np.clip(points @ here, -1, 1)), RADIUS, COUNT) * weights
    (route,) = routes(SCALAR, SCALAR, Frames(None, True))
    found = multipliers(SCALAR, SCALAR, route, RADIUS, COUNT, BAND)
    degrees = np.repeat(np.arange(BAND + 1), 2 * np.arange(BAND + 1) + 1)
    expected = kernel @ harmonics(BAND, points)
    np.testing.assert_allclose(expected, found[:, degrees, 0] * harmonics(BAND, here[None])[0], atol=2e-4)


@pytest.mark.parametrize(("source", "target"), [(SCALAR, VECTOR), (VECTOR, SCALAR), (VECTOR, VECTOR)])
def test_kernels_of_vectors_are_those_of_directions_and_transport(source: Kind, target: Kind):
    """Summed at the north pole, whose frame is that of longitude 0, from a grid around it."""
    n, m = 400, 64
    r, phi = (np.arange(n) + 0.5) * RADIUS / n, 2 * np.pi * np.arange(m) / m
    there, longitude = np.repeat(r, m), np.tile(phi, n)
    sine = np.sin(there)
    points = np.stack([sine * np.sin(longitude), np.cos(there), sine * np.cos(longitude)], 1)
    shares = rings(there, RADIUS, COUNT) * sine * (RADIUS / n) * (2 * np.pi / m) / (4 * np.pi)
    # at the pole north is −z and east is x, so that longitude 0 lies south; meridians carry north to it
    theta, carried = longitude - np.pi / 2, longitude
    waves = harmonics(BAND, points)[:, None] if source == SCALAR else vector_harmonics(BAND, points)
    waves = waves[..., 1:] if source == VECTOR else waves
    pole = np.array([[0.0, 1.0, 0.0]])
    answers = harmonics(BAND, pole)[:, None] if target == SCALAR else vector_harmonics(BAND, pole)
    degrees = np.repeat(np.arange(BAND + 1), 2 * np.arange(BAND + 1) + 1)
    for route in routes(source, target, Frames(None, True)):
        z = np.exp(1j * (route.turns * theta + route.carried * carried))
        field = waves[:, 0] + 1j * waves[:, 1] if source == VECTOR else waves[:, 0]
        made = np.einsum("kn,n,nl->kl", shares, z, field.conj() if route.conjugate else field)
        factors = multipliers(source, target, route, RADIUS, COUNT, BAND)[:, degrees, 0]
        expected = factors * (answers[0, 0] + 1j * answers[0, 1] if target == VECTOR else answers[0, 0])
        expected = expected[:, 1:] if source == VECTOR else expected
        made = made.real if target == SCALAR else made
        np.testing.assert_allclose(made, expected, atol=1e-4)
