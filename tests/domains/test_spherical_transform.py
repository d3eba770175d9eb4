"""The spherical transform: exact up to the band, in the harmonics' own order, for every sampling; rotations."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS, gauss
from erlangen.domains.spherical_transform import (
    SphericalTransform,
    band_limit,
    by_orders,
    harmonics,
    in_order,
    rotate,
    row_weights,
    wigner,
)
from erlangen.representations.harmonics import spherical_harmonics, wigner_d
from tests.laws.signals import SEEDS

few = settings(max_examples=15)
samplings = st.sampled_from(SAMPLINGS)


def drawn(shape: tuple[int, ...], seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def grid(sampling: str, band: int, rows: int = 0, columns: int = 0) -> SphericalTransform:
    """The smallest grid of a band, and some rows and columns more."""
    latitudes = band + 1 + (sampling == "poles") + rows
    return SphericalTransform(sampling, latitudes, 2 * band + 1 + columns, band)


@given(sampling=samplings, band=st.integers(0, 24), rows=st.integers(0, 5), columns=st.integers(0, 5), seed=SEEDS)
@few
def test_what_a_grid_holds_comes_back(sampling: str, band: int, rows: int, columns: int, seed: int):
    made = grid(sampling, band, rows, columns)
    c = drawn((2, 3, (band + 1) ** 2), seed)
    values = made.inverse(c)
    assert values.shape == (2, 3, made.latitudes, made.longitudes)
    assert (made.forward(values) - c).abs().max() < 1e-12
    assert torch.equal(in_order(by_orders(c)), c)
    assert torch.equal(made.values(by_orders(c)), values)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("columns", [0, 1])
def test_round_trips_at_a_high_band(sampling: str, columns: int):
    """≤ 1e-12 in float64 at band 128, and what the docstring says of float32."""
    made, c = grid(sampling, 128, columns=columns), drawn((2, 129**2))
    assert (made.forward(made.inverse(c)) - c).abs().max() < 5e-13
    single = c.float()
    error = made.forward(made.inverse(single)) - single
    assert error.square().mean().sqrt() < 1e-6
    assert error.abs().max() < 5e-6


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_smallest_grid_holds_its_band_and_no_more(sampling: str):
    for band in range(6):
        made = grid(sampling, band)
        assert band_limit(sampling, made.latitudes, made.longitudes) == band
        assert band_limit(sampling, made.latitudes - 1, made.longitudes) == band - 1
        assert band_limit(sampling, made.latitudes, made.longitudes - 1) == band - 1


@given(sampling=samplings, band=st.integers(0, 9), columns=st.integers(0, 3), seed=SEEDS)
@few
def test_values_are_sums_of_harmonics(sampling: str, band: int, columns: int, seed: int):
    """The grid's values are Σ c_lm Y_lm at its points, of the harmonics that the representations have."""
    made, c = grid(sampling, band, 1, columns), drawn(((band + 1) ** 2,), seed)
    points = er.Sphere(sampling).points((made.latitudes, made.longitudes)).reshape(-1, 3)
    waves = np.concatenate([spherical_harmonics(l, points) for l in range(band + 1)], axis=1)
    np.testing.assert_allclose(made.inverse(c).flatten(), waves @ c.numpy(), atol=1e-12)
    np.testing.assert_allclose(harmonics(band, points), waves, atol=1e-12)


@given(band=st.integers(0, 20), seed=SEEDS)
@few
def test_the_mean_of_the_square_is_the_sum_of_squares(band: int, seed: int):
    """Parseval; Gauss's weights integrate the square too."""
    made, c = grid("gauss", band), drawn(((band + 1) ** 2,), seed)
    square = made.inverse(c).square().mean(-1).numpy() @ row_weights("gauss", made.latitudes)
    assert square == pytest.approx(float(c.square().sum()), rel=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("n", [2, 3, 8, 9])
def test_weights_integrate_powers_of_the_height(sampling: str, n: int):
    """½∫y^k dy = 1/(k + 1) for even k: exact up to n − 1, by Gauss's up to 2n − 1."""
    theta = er.Sphere(sampling).colatitudes(n)
    weights = row_weights(sampling, n)
    assert (np.diff(theta) > 0).all() and (weights > 0).all()
    assert (theta[0] == 0 and theta[-1] == pytest.approx(np.pi)) == (sampling == "poles")
    for k in range(2 * n if sampling == "gauss" else n):
        assert weights @ np.cos(theta) ** k == pytest.approx((k + 1) % 2 / (k + 1), abs=1e-14)


def test_gauss_nodes_are_those_of_numpy():
    for n in (1, 2, 7, 60):
        nodes, weights = np.polynomial.legendre.leggauss(n)
        np.testing.assert_allclose(gauss(n)[0].astype(float), nodes[::-1], atol=1e-14)
        np.testing.assert_allclose(2 * gauss(n)[1].astype(float), weights[::-1], atol=1e-14)


def test_gradients_are_those_of_a_linear_map():
    for sampling in SAMPLINGS:
        made, x = grid(sampling, 3), drawn((2, 4 + (sampling == "poles"), 7)).requires_grad_()
        assert torch.autograd.gradcheck(made.forward, (x,))
        assert torch.autograd.gradcheck(made.inverse, (drawn((1, 16)).requires_grad_(),))


def test_half_precision_comes_back_as_it_was():
    made = grid("gauss", 4)
    c = drawn((25,), dtype=torch.bfloat16)
    assert made.inverse(c).dtype == torch.bfloat16
    assert (made.forward(made.inverse(c)) - c).abs().max() < 0.05


# --- rotations


@given(band=st.integers(0, 12), seed=SEEDS, mirrored=st.booleans())
@few
def test_all_degrees_turn_as_one_does(band: int, seed: int, mirrored: bool):
    g = er.SO(3).sample(1, seed)[0].matrix * (-1 if mirrored else 1)
    for l, matrix in enumerate(wigner(band, g)):
        np.testing.assert_allclose(matrix, wigner_d(l, g), atol=1e-12)


def test_high_degrees_are_turned_by_orthogonal_matrices_that_multiply():
    g, h = (g.matrix for g in er.SO(3).sample(2, 0))
    (a,), (b,), (both,) = ([wigner(96, each)[96]] for each in (g, h, g @ h))
    assert np.abs(a @ a.T - np.eye(193)).max() < 1e-12
    assert np.abs(a @ b - both).max() < 1e-12


@given(band=st.integers(0, 10), seed=SEEDS)
@few
def test_rotating_coefficients_is_a_left_action(band: int, seed: int):
    g, h = (g.matrix for g in er.O(3).sample(2, seed))
    c = drawn((2, (band + 1) ** 2), seed)
    assert (rotate(rotate(c, h), g) - rotate(c, g @ h)).abs().max() < 1e-12
    assert (rotate(c, np.eye(3)) - c).abs().max() < 1e-12
