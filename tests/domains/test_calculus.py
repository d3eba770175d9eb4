"""Fractional shifts and derivatives against the formula, on band-limited pictures."""

import math

import pytest
import torch

from erlangen.domains.calculus import drifted, slope

N = 64


def picture(cycles, moved=0.0, seed=0):
    """Twelve plane waves of up to so many cycles a picture, moved along the first axis, and their slope along it."""
    drawn = torch.Generator().manual_seed(seed)
    k = torch.randint(-cycles, cycles + 1, (12, 2), generator=drawn).double()
    k[0, 0] = cycles
    phase = 2 * math.pi * torch.rand(12, 1, 1, generator=drawn, dtype=torch.float64)
    u = torch.arange(N, dtype=torch.float64)
    turn = 2 * math.pi / N * (k[:, 0, None, None] * (u[:, None] - moved) + k[:, 1, None, None] * u) + phase
    return turn.cos().sum(0), (-2 * math.pi / N * k[:, 0, None, None] * turn.sin()).sum(0)


def relative(a, b, margin=0):
    inner = slice(margin, len(a) - margin)
    return float((a - b)[inner].norm() / b[inner].norm())


@pytest.mark.parametrize("cycles", [2, 4, 8, 16, 31])
def test_fourier_s_slope_of_a_band_limited_picture_is_exact(cycles):
    x, analytic = picture(cycles)
    assert relative(slope(x, 0, "spectral"), analytic) < 1e-13
    assert relative(slope(x.float(), 0, "spectral"), analytic) < 1e-5


@pytest.mark.parametrize(
    ("cycles", "quintic", "cubic"), [(2, 1e-7, 1e-5), (4, 1e-6, 3e-4), (8, 1e-4, 3e-3), (16, 6e-3, 0.06)]
)
def test_spline_slopes_miss_little_away_from_the_border(cycles, quintic, cubic):
    x, analytic = picture(cycles)
    assert relative(slope(x, 0, "ring spline"), analytic) < quintic
    assert relative(slope(x, 0, "spline"), analytic, margin=20) < quintic
    missed = relative(slope(x, 0, "cubic spline"), analytic, margin=20)
    assert quintic < missed < cubic


@pytest.mark.parametrize("way", ["spectral", "ring spline", "spline", "cubic spline"])
def test_long_lines_have_the_slopes_of_short_ones(way, monkeypatch):
    x = torch.randn(2, 33, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    dense = slope(x, 1, way)
    monkeypatch.setattr("erlangen.domains.calculus.DENSE", 10)
    assert torch.allclose(slope(x, 1, way), dense, atol=1e-12)


def test_an_open_line_that_is_linear_keeps_its_slope_up_to_the_border():
    for n in (2, 3, 4, 7, 50):
        x = 3 * torch.arange(n, dtype=torch.float64)[None] - 5
        for way in ("spline", "cubic spline"):
            assert torch.allclose(slope(x, -1, way), torch.full_like(x, 3.0))
    assert slope(torch.ones(4, 1), 1, "spline").tolist() == [[0.0]] * 4


@pytest.mark.parametrize("by", [0.5, -3.25, 7.0])
def test_a_fraction_of_a_site_moves_a_band_limited_picture_as_its_formula_does(by):
    there, _ = picture(16, moved=by)
    x, _ = picture(16)
    assert torch.allclose(drifted(x, (by, 0)), there, atol=1e-12)
    assert torch.allclose(drifted(drifted(x, (by, 1.5)), (-by, -1.5)), x, atol=1e-12)


def test_whole_sites_are_rolled_and_the_nyquist_wave_is_all_that_is_lost():
    x = torch.randn(2, 3, 8, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(drifted(x, (3, -2)), x.roll((3, -2), (2, 3)))
    back = drifted(drifted(x, (0.5, 0.5)), (-0.5, -0.5))
    signs = torch.tensor([1.0, -1.0] * 4, dtype=torch.float64)
    nyquist = torch.einsum("i,bcij,k->bckj", signs, x, signs) / 8
    assert torch.allclose(back, x - nyquist, atol=1e-12)
