"""Infinitesimal rotations of the sphere: what small finite ones do, on scalars, winds and channels, and in an audit."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.auditing import lie_error
from erlangen.auditing.generators import generators
from tests.laws.signals import difference, noise

DOMAIN, SIZE = er.Sphere("equiangular"), (10, 22)
STEP = 1e-4


def turned(group: er.Group, axis: np.ndarray, t: float) -> er.groups.Element:
    x, y, z = axis * t
    skew = torch.tensor([[0.0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    return group.element(torch.matrix_exp(skew).numpy())


@pytest.mark.parametrize("group", [er.SO(3), er.O(3)], ids=str)
def test_they_are_the_derivatives_of_rotations(group: er.Group):
    """(x(t) − x(−t))/2t, about all three axes, of scalars, winds and tensors side by side."""
    rho = group.trivial + DOMAIN.vectors(group) + group.standard
    x = er.Sphere("equiangular", 5).band_limited(noise(er.Space(DOMAIN, rho), SIZE), rho)
    found = generators(DOMAIN, group, rho, SIZE)
    assert {g.label for g in found} == {f"rotation about {axis}" for axis in "xyz"}
    for generator in found:
        ahead, behind = (DOMAIN.move(turned(group, generator.axis, t), x, rho) for t in (STEP, -STEP))
        assert difference(generator.move(x), (ahead - behind) / (2 * STEP)) < 1e-6


def test_about_the_polar_axis_it_is_the_derivative_to_the_west():
    """−∂x/∂φ: Fourier's, along each circle of latitude."""
    (generator,) = generators(DOMAIN, er.SO(2), None, SIZE)
    x = DOMAIN.project(noise(er.Space(DOMAIN, er.SO(2).trivial), SIZE))
    waves = torch.fft.rfft(x)
    slopes = torch.fft.irfft(waves * 1j * torch.arange(waves.shape[-1]), n=SIZE[1])
    assert generator.label == "rotation about y" and difference(generator.move(x), -slopes) < 1e-12


def test_an_audit_says_about_which_axis_it_breaks_and_how_fast():
    height = torch.as_tensor(DOMAIN.points(SIZE)[..., 1])
    x = DOMAIN.project(noise(er.Space(DOMAIN, er.SO(3).trivial), SIZE, batch=24), 4)

    def model(x: torch.Tensor) -> torch.Tensor:
        return DOMAIN.mean(x**2 * height)

    rows = {row.generator: row for row in lie_error(model, DOMAIN, er.SO(3), x).rows}
    assert rows["rotation about y"].error < 1e-8 and not rows["rotation about y"].resolved
    for axis in ("x", "z"):
        row = rows[f"rotation about {axis}"]
        g = turned(er.SO(3), np.eye(3)["xyz".index(axis)], STEP)
        a, b = model(DOMAIN.act(g, x)), model(x)
        true = float((a - b).square().mean() / (2 * b.var(0).sum())) ** 0.5 / STEP
        assert row.resolved and row.error == pytest.approx(true, rel=1e-3)
    report = er.audit(model, DOMAIN, er.SO(3), x, infinitesimal=True, max_elements=2, proof=False)
    assert "Infinitesimal: rotation about y" in str(report)


def test_what_the_grid_does_not_hold_is_the_floor():
    x = torch.randn(24, 1, *SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    (row,) = lie_error(lambda x: DOMAIN.mean(x**3), DOMAIN, er.SO(2), x).rows
    assert row.floor > 0.1


def test_a_finite_group_has_none():
    x = noise(er.Space(DOMAIN, er.C(4).trivial), SIZE, batch=24)
    with pytest.raises(er.SymmetryError, match=r"such as er.SO\(2\)\. A finite"):
        lie_error(lambda x: DOMAIN.mean(x), DOMAIN, er.C(4), x)
    with pytest.warns(UserWarning, match="left out"):
        report = er.audit(lambda x: DOMAIN.mean(x), DOMAIN, er.C(2), x, infinitesimal=True)
    assert report.infinitesimal is None
