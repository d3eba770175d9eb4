"""Pointwise functions, norms and gates: what they compute, where they apply, and which the door chooses."""

import pytest
import torch
from torch.nn import functional as F

from erlangen.domains import Grid, HexGrid
from erlangen.errors import RepresentationError, SpaceError
from erlangen.groups import C
from erlangen.layers import Gate, NormNonlinearity, Pointwise, nonlinearity
from erlangen.layers.nonlinearity.norm import unit_gain
from erlangen.layers.nonlinearity.pointwise import FUNCTIONS
from erlangen.representations import from_matrices
from erlangen.signal import Space

REGULAR = Space(Grid(2), 2 * C(4).regular)
VECTORS = Space(Grid(2), 2 * C(4).irrep(1))
STRETCHED = from_matrices(C(4), [[[0, -2], [0.5, 0]]])


def test_hexagons_stay_clear_where_a_function_of_zero_is_not_zero():
    for name in FUNCTIONS:
        space = Space(HexGrid(), C(6).regular)
        for layer in (Pointwise(space, name), nonlinearity(space, "norm", name), nonlinearity(space, "gate", name)):
            y = layer(torch.randn(1, layer.source.channels, 5, 5))
            assert torch.equal(space.domain.clear(y), y)
            assert torch.equal(layer.export()(space.domain.clear(torch.ones(1, 6, 5, 5)))[0, :, 0, 0], torch.zeros(6))


def test_a_norm_turns_the_length_only():
    layer = NormNonlinearity(VECTORS)
    with torch.no_grad():
        layer.scale["0"].copy_(torch.tensor([1.0, -2.0]))
        layer.shift["0"].copy_(torch.tensor([0.5, 0.0]))
    x = torch.randn(3, 4, 5, 5)
    y = layer(x).reshape(3, 2, 2, 5, 5)
    fields = x.reshape(3, 2, 2, 5, 5)
    length = fields.square().mean(dim=2, keepdim=True).sqrt()
    gate = torch.sigmoid(layer.scale["0"].reshape(1, 2, 1, 1, 1) * length + layer.shift["0"].reshape(1, 2, 1, 1, 1))
    assert torch.allclose(y, unit_gain(2) * fields * gate, atol=1e-5)


def test_a_norm_has_a_gradient_where_the_field_vanishes():
    x = torch.zeros(1, 4, 2, 2, requires_grad=True)
    NormNonlinearity(VECTORS)(x).sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("dim", [1, 2, 3, 8])
def test_the_norms_gain_keeps_the_second_moment(dim):
    x = torch.randn(400_000, dim, dtype=torch.float64)
    y = unit_gain(dim) * x * torch.sigmoid(x.square().mean(dim=1, keepdim=True).sqrt())
    assert y.square().mean().item() == pytest.approx(1, abs=0.02)


def test_a_gate_of_permuted_fields_alone_needs_no_scalars():
    layer = Gate(REGULAR)
    assert layer.source == layer.target == REGULAR
    x = torch.randn(1, 8, 3, 3)
    assert torch.equal(layer(x), F.relu(x))


# ---- the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (lambda: Pointwise(VECTORS), RepresentationError, "norm or a gate"),
        (lambda: nonlinearity(VECTORS, "pointwise"), RepresentationError, "norm or a gate"),
        (lambda: Pointwise(REGULAR, "reluu"), RepresentationError, "relu, gelu"),
        (lambda: nonlinearity(REGULAR, "spherical"), SpaceError, "pointwise, norm, gate, fourier"),
        (lambda: nonlinearity(Space(Grid(2), STRETCHED), "fourier"), RepresentationError, "orthogonalized"),
        (lambda: NormNonlinearity(Space(Grid(2), STRETCHED)), RepresentationError, "orthogonalized"),
        (lambda: Gate(Space(Grid(2), STRETCHED)), RepresentationError, "orthogonalized"),
    ],
)
def test_what_would_break_the_symmetry_is_refused(make, error, why):
    with pytest.raises(error, match=why):
        make()
