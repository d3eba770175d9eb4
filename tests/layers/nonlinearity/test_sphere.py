"""Pointwise functions on the sphere: how nearly they are kept, by how much finer the grid; and what is refused."""

import pytest
import torch

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from erlangen.errors import InputError, SymmetryError
from erlangen.layers import SphereNonlinearity

G = er.SO(3)


def turned_error(domain: er.Sphere, oversample: float) -> float:
    """√(mean |f(g·x) − g·f(x)|² / mean |f(x)|²) of white signals under random rotations."""
    layer = SphereNonlinearity(er.Space(domain, G.trivial), "relu", oversample)
    band = domain.band or 0
    x = domain.synthesis(torch.randn(40, 1, (band + 1) ** 2, dtype=torch.float64))
    y, wrong, size = layer(x), 0.0, 0.0
    for g in G.sample(6, 0):
        expected = domain.act(g, y)
        wrong += float(domain.coefficients(layer(domain.act(g, x)) - expected).square().sum())
        size += float(domain.coefficients(expected).square().sum())
    return (wrong / size) ** 0.5


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_finer_grid_is_turned_more_nearly(sampling: str):
    """ReLU at band 8: what the docstring says, within a fifth or so of each."""
    errors = [turned_error(er.Sphere(sampling, 8), o) for o in (1, 1.5, 2, 3, 4)]
    for error, said in zip(errors, (0.26, 0.05, 0.024, 0.008, 0.004), strict=True):
        assert 0.8 * said < error < 1.2 * said
    assert errors == sorted(errors, reverse=True)


def test_what_the_function_leaves_as_it_is_comes_back():
    layer = SphereNonlinearity(er.Space(er.Sphere(), G.trivial))
    x = er.Sphere().project(torch.randn(2, 1, 9, 18, dtype=torch.float64))
    high = x - x.amin() + 1  # ReLU of what is positive is what it was
    assert (layer(high) - high).abs().max() < 1e-12


def test_it_is_the_function_but_for_what_the_grid_cannot_hold():
    domain = er.Sphere()
    layer = SphereNonlinearity(er.Space(domain, G.trivial), "tanh", 3)
    smooth = domain.synthesis(0.2 * torch.randn(1, 1, 9, dtype=torch.float64), (17, 34))
    assert (layer(smooth) - smooth.tanh()).abs().max() < 1e-4
    assert layer.reason().law and "approximate" in layer.reason().law
    assert er.layers.nonlinearity(layer.source, function="tanh").oversample == 2
    assert layer(torch.zeros(1, 1, 9, 18)).dtype == torch.float32


@pytest.mark.parametrize(
    "make",
    [
        lambda s, v: SphereNonlinearity(s, "foo"),
        lambda s, v: SphereNonlinearity(s, oversample=0.5),
        lambda s, v: SphereNonlinearity(s, oversample="2"),
        lambda s, v: SphereNonlinearity(v),
        lambda s, v: SphereNonlinearity(er.Space(er.Grid(2), G.trivial)),
        lambda s, v: er.layers.Pointwise(s),
        lambda s, v: er.layers.NormNonlinearity(v),
        lambda s, v: er.layers.Gate(v),
        lambda s, v: er.layers.nonlinearity(v),
        lambda s, v: er.layers.nonlinearity(v, "fourier"),
        lambda s, v: er.layers.FieldBatchNorm(s),
        lambda s, v: er.layers.normalize(s, kind="points"),
        lambda s, v: er.layers.normalize(s, functions=True),
        lambda s, v: er.layers.DomainPool(s, "max"),
        lambda s, v: er.layers.FibrePool(v),
    ],
)
def test_functions_of_values_at_the_points_are_refused(make):
    scalars, vectors = (er.Space(er.Sphere(), rho) for rho in (G.trivial, G.irrep(1)))
    with pytest.raises(SymmetryError):
        make(scalars, vectors)


def test_an_oversampling_that_is_no_number_names_the_default():
    with pytest.raises(InputError, match="2 is the default"):
        SphereNonlinearity(er.Space(er.Sphere(), G.trivial), oversample=float("nan"))
