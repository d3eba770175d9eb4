"""Harmonics of many vectors: the values of the float64 ones, rounding, and gradients everywhere."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from erlangen.errors import InputError
from erlangen.representations import clebsch_gordan, spherical_harmonics
from erlangen.solve.spherical import harmonics, raising, solid_harmonics

POLES = [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [1e-9, 1.0, 0.0], [0.0, -1.0, 1e-12], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]


def vectors(n: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Generic vectors, and the poles and those next to them."""
    return torch.cat([torch.randn(n, 3, dtype=dtype), torch.tensor(POLES, dtype=dtype)])


def directions(n: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """The same, of length 1."""
    v = vectors(n, dtype)
    return v / v.norm(dim=1, keepdim=True)


def in_float64(highest: int, points: Tensor) -> Tensor:
    """The same by the other recurrence, of representations."""
    degrees = [spherical_harmonics(l, points.double().numpy()) for l in range(highest + 1)]
    return torch.from_numpy(np.concatenate(degrees, axis=1))


def lengths(highest: int) -> Tensor:
    """√(2l + 1) for every component."""
    return torch.cat([torch.full((2 * l + 1,), math.sqrt(2 * l + 1), dtype=torch.float64) for l in range(highest + 1)])


@pytest.mark.parametrize("highest", [0, 1, 2, 3, 8, 20])
def test_values_are_those_of_the_float64_ones(highest: int):
    u = directions(500)
    torch.testing.assert_close(harmonics(highest, 3 * u), in_float64(highest, u), rtol=0, atol=1e-13)
    torch.testing.assert_close(solid_harmonics(highest, u), in_float64(highest, u), rtol=0, atol=1e-13)
    v = vectors(100)
    torch.testing.assert_close(solid_harmonics(highest, v), in_float64(highest, v), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("highest", [2, 6, 10, 14])
def test_rounding_of_float32(highest: int):
    """In units of the length √(2l + 1): under 1e-6 up to degree 14, that of the direction included."""
    u, v = directions(2000, torch.float32), vectors(2000, torch.float32)
    unit = v.double() / v.double().norm(dim=1, keepdim=True)
    for values, exact in ((solid_harmonics(highest, u), u), (harmonics(highest, v), unit)):
        assert values.dtype == torch.float32
        assert ((values - in_float64(highest, exact)) / lengths(highest)).abs().max() < 1e-6


def test_the_same_as_e3nn():
    o3 = pytest.importorskip("e3nn.o3")
    v = vectors(50)
    for normalize, ours in ((True, harmonics), (False, solid_harmonics)):
        theirs = o3.spherical_harmonics(list(range(12)), v, normalize=normalize, normalization="component")
        torch.testing.assert_close(ours(11, v), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("degree", [1, 2, 3, 7, 12, 20])
def test_a_degree_is_raised_by_clebsch_gordan(degree: int):
    rows = np.array(raising(degree)).reshape(2 * degree + 1, 2 * degree - 1, 3).transpose(1, 2, 0)
    expected = clebsch_gordan(degree - 1, 1, degree) * math.sqrt(2 * degree + 1)
    np.testing.assert_allclose(rows, expected, atol=1e-14)


@given(st.integers(0, 8), st.floats(0.1, 10), st.integers(0, 1000))
def test_they_are_homogeneous_of_length_and_parity(highest: int, scale: float, seed: int):
    v = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    solid = solid_harmonics(highest, v)
    for l in range(highest + 1):
        part = slice(l * l, (l + 1) ** 2)
        squares = solid[:, part].square().sum(1)
        torch.testing.assert_close(squares, (2 * l + 1) * v.square().sum(1) ** l, rtol=1e-12, atol=0)
        torch.testing.assert_close(solid_harmonics(highest, -scale * v)[:, part], (-scale) ** l * solid[:, part])
    torch.testing.assert_close(harmonics(highest, scale * v), harmonics(highest, v), rtol=1e-12, atol=1e-12)


def test_they_are_harmonic():
    """The Laplacian of a solid harmonic is zero."""

    def laplacian(v: Tensor) -> Tensor:
        second = torch.func.jacfwd(torch.func.jacrev(lambda v: solid_harmonics(5, v)))(v)
        return second.diagonal(dim1=-2, dim2=-1).sum(-1)

    assert torch.vmap(laplacian)(vectors(10)).abs().max() < 1e-10


def test_zero_has_no_direction():
    v = torch.zeros(2, 3, requires_grad=True)
    values = harmonics(4, v)
    assert torch.equal(values, torch.eye(25)[0].expand(2, -1))
    (gradient,) = torch.autograd.grad(values.sum(), v, create_graph=True)
    assert torch.equal(gradient, torch.zeros(2, 3))
    solid = solid_harmonics(4, v)
    assert torch.equal(solid, values)
    (gradient,) = torch.autograd.grad(solid.sum(), v)
    torch.testing.assert_close(gradient, torch.full((2, 3), math.sqrt(3)))


@pytest.mark.parametrize("scale", [1e-30, 1e-42, 1e30])
def test_no_length_is_too_small_or_too_large(scale: float):
    u = torch.tensor([[0.6, 0.0, -0.8]])
    torch.testing.assert_close(harmonics(3, u * scale), harmonics(3, u), rtol=0, atol=2e-3 if scale < 1e-40 else 1e-6)


@pytest.mark.parametrize("function", [solid_harmonics, harmonics])
def test_gradients_and_their_gradients(function):
    v = vectors(2).requires_grad_()
    assert torch.autograd.gradcheck(lambda v: function(4, v), v)
    assert torch.autograd.gradgradcheck(lambda v: function(3, v), v)
    if function is solid_harmonics:
        zero = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda v: function(4, v), zero)
        assert torch.autograd.gradgradcheck(lambda v: function(3, v), zero)


@pytest.mark.parametrize("shape", [(3,), (0, 3), (1, 3), (2, 5, 3), (2, 0, 3)])
def test_any_shape_of_vectors(shape: tuple[int, ...]):
    v = torch.randn(shape)
    for function in (solid_harmonics, harmonics):
        values = function(3, v)
        assert values.shape == (*shape[:-1], 16) and values.is_contiguous()
        torch.testing.assert_close(values.reshape(-1, 16), function(3, v.reshape(-1, 3)))
        torch.testing.assert_close(function(3, v.movedim(-1, 0).contiguous().movedim(0, -1)), values)


@pytest.mark.parametrize("function", [solid_harmonics, harmonics])
def test_it_lives_in_torch(function):
    """vmap, functional gradients, compilation for any number of vectors, inference mode before training, bfloat16."""
    v = torch.randn(4, 6, 3, dtype=torch.float64)
    torch.testing.assert_close(torch.vmap(lambda v: function(4, v))(v), function(4, v))
    torch.testing.assert_close(torch.vmap(lambda v: function(4, v), in_dims=1, out_dims=1)(v), function(4, v))
    torch._dynamo.reset()
    compiled = torch.compile(lambda v: function(4, v), fullgraph=True, dynamic=True, backend="aot_eager")
    for n in (5, 7):
        points = torch.randn(n, 3, dtype=torch.float64, requires_grad=True)
        torch.testing.assert_close(compiled(points), function(4, points))
        ours, theirs = (torch.autograd.grad(f.sum(), points)[0] for f in (compiled(points), function(4, points)))
        torch.testing.assert_close(ours, theirs)
    with torch.inference_mode():
        function(5, v)
    assert function(5, v.requires_grad_()).sum().backward() is None
    exact = function(4, points.float())
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(function(4, points.float()), exact)
    assert function(2, points.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("function", [solid_harmonics, harmonics])
@pytest.mark.parametrize(
    ("highest", "wrong"),
    [(2, torch.ones(4, 2)), (2, torch.tensor(1.0)), (2, torch.ones(4, 3, dtype=torch.long)), (-1, torch.ones(4, 3))],
)
def test_what_is_no_vector_in_space_is_refused(function, highest: int, wrong: Tensor):
    with pytest.raises(InputError, match="Given .*; expected"):
        function(highest, wrong)
