"""Wigner D of many rotations: what it must do to harmonics, how it composes, rounding, and gradients everywhere."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from erlangen.errors import InputError
from erlangen.groups import SO, O
from erlangen.representations import wigner_d as one_wigner_d
from erlangen.solve.spherical import harmonics
from erlangen.solve.wigner import edge_frames, wigner_d, wigner_of_directions
from tests.solve.test_spherical import POLES, vectors

SEEDS = st.integers(0, 10_000)
EDGES = [*POLES, [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.7, 1e-12, -0.1], [0.7, -1e-12, -0.1], [3.0, 4.0, 0.0]]


def elements(n: int, seed: int = 0) -> Tensor:
    """Rotations of both handednesses, [n, 3, 3]."""
    return torch.from_numpy(np.stack([g.matrix for g in O(3).sample(n, seed)]))


def part(values: Tensor, degree: int) -> Tensor:
    """Y_l of all that stand behind one another."""
    return values[..., degree * degree : (degree + 1) ** 2]


def test_values_are_those_of_the_float64_ones():
    rotations = elements(6)
    for degree, values in enumerate(wigner_d(20, rotations)):
        expected = np.stack([one_wigner_d(degree, r) for r in rotations.numpy()])
        np.testing.assert_allclose(values.numpy(), expected, atol=2e-13)
    assert torch.equal(wigner_d(1, rotations)[1], rotations)
    assert torch.equal(wigner_d(0, rotations)[0], torch.ones(6, 1, 1, dtype=torch.float64))


def test_rounding_of_float32():
    rotations = elements(2000).float()
    for values, exact in zip(wigner_d(6, rotations), wigner_d(6, rotations.double()), strict=True):
        assert values.dtype == torch.float32
        assert (values - exact).abs().max() < 5e-7


def test_the_same_as_e3nn():
    o3 = pytest.importorskip("e3nn.o3")
    rotations = torch.from_numpy(np.stack([g.matrix for g in SO(3).sample(20, 0)]))
    for degree, values in enumerate(wigner_d(6, rotations)):
        theirs = o3.wigner_D(degree, *o3.matrix_to_angles(rotations))
        torch.testing.assert_close(values, theirs, rtol=0, atol=1e-5)  # theirs are rounded to float32 on the way


@given(SEEDS)
def test_it_moves_harmonics(seed: int):
    """Y(R u) = D(R) Y(u)."""
    rotations, u = elements(5, seed), torch.from_numpy(np.random.default_rng(seed).normal(size=(5, 3)))
    before, after = harmonics(8, u), harmonics(8, (rotations @ u.unsqueeze(-1)).squeeze(-1))
    for degree, values in enumerate(wigner_d(8, rotations)):
        moved = (values @ part(before, degree).unsqueeze(-1)).squeeze(-1)
        torch.testing.assert_close(moved, part(after, degree), rtol=0, atol=1e-12)


@given(SEEDS)
def test_it_is_an_orthogonal_homomorphism(seed: int):
    first, second = elements(4, seed), elements(4, seed + 1)
    both = zip(wigner_d(8, first), wigner_d(8, second), wigner_d(8, first @ second), strict=True)
    for degree, (a, b, product) in enumerate(both):
        torch.testing.assert_close(a @ b, product, rtol=0, atol=1e-12)
        torch.testing.assert_close(a @ a.mT, torch.eye(2 * degree + 1).double().expand_as(a), rtol=0, atol=1e-12)
        torch.testing.assert_close(wigner_d(degree, -first)[degree], (-1) ** degree * a, rtol=0, atol=1e-12)


def test_frames_turn_the_pole_to_the_edge():
    v = torch.cat([vectors(200), torch.tensor(EDGES, dtype=torch.float64)])
    u = v / v.norm(dim=1, keepdim=True)
    frames = edge_frames(v)
    torch.testing.assert_close(frames[:, :, 1], u, rtol=0, atol=1e-15)
    torch.testing.assert_close(frames @ frames.mT, torch.eye(3).double().expand_as(frames), rtol=0, atol=1e-14)
    torch.testing.assert_close(torch.linalg.det(frames), torch.ones(len(v)).double())
    poles = edge_frames(torch.tensor([[0.0, 2.0, 0.0], [0.0, -2.0, 0.0]]))
    assert torch.equal(poles, torch.stack([torch.diag(torch.tensor(d)) for d in ([-1.0, 1, -1], [-1.0, -1, 1])]))


def test_edges():
    """D Y(e_y) = Y(u), and column m = 0 is that."""
    v = torch.cat([vectors(200), torch.tensor(EDGES, dtype=torch.float64)])
    pole, values = harmonics(8, torch.tensor([0.0, 1.0, 0.0]).double()), harmonics(8, v)
    frames = wigner_d(8, edge_frames(v))
    for degree, matrices in enumerate(wigner_of_directions(8, v)):
        assert torch.equal(matrices, frames[degree])
        torch.testing.assert_close(matrices @ part(pole, degree), part(values, degree), rtol=0, atol=1e-13)
        middle = matrices[:, :, degree] * math.sqrt(2 * degree + 1)
        torch.testing.assert_close(middle, part(values, degree), rtol=0, atol=1e-13)


def test_rounding_of_float32_on_edges():
    v = vectors(2000, torch.float32)
    for values, exact in zip(wigner_of_directions(6, v), wigner_of_directions(6, v.double()), strict=True):
        assert (values - exact).abs().max() < 1.5e-6


def test_zero_gets_the_identity():
    zero = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.equal(edge_frames(zero), torch.eye(3).double().expand(2, 3, 3))
    matrices = wigner_of_directions(4, zero)
    for degree, values in enumerate(matrices):
        identity = torch.eye(2 * degree + 1).double().expand_as(values)
        torch.testing.assert_close(values, identity, rtol=0, atol=1e-15)
    (gradient,) = torch.autograd.grad(sum(d.square().sum() + d.sum() for d in matrices), zero)
    assert torch.equal(gradient, torch.zeros(2, 3).double())


def joined(matrices: list[Tensor]) -> Tensor:
    return torch.cat([d.flatten(-2) for d in matrices], -1)


def test_gradients_and_their_gradients():
    """At the poles too, where angles have none."""
    v = torch.tensor([*POLES[:4], [0.3, -0.4, 0.5], [0.3, 0.4, -2.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(edge_frames, v)
    assert torch.autograd.gradcheck(lambda v: joined(wigner_of_directions(3, v)), v)
    assert torch.autograd.gradgradcheck(lambda v: joined(wigner_of_directions(2, v)), v)
    rotations = torch.cat([elements(2), torch.eye(3).double()[None]]).requires_grad_()
    assert torch.autograd.gradcheck(lambda r: joined(wigner_d(3, r)), rotations)
    assert torch.autograd.gradgradcheck(lambda r: joined(wigner_d(2, r)), rotations)


@pytest.mark.parametrize("edge", [(1.0, 0.0, 0.0), (0.0, 0.0, -2.0), (0.6, 0.0, 0.8)])
def test_gradients_where_the_frames_jump(edge: tuple[float, ...]):
    """On both sides of y = 0 the frame is another; on it the slopes are those of one side: R stays a rotation."""
    v = torch.tensor(edge, dtype=torch.float64)
    frame, slopes = edge_frames(v), torch.autograd.functional.jacobian(edge_frames, v)
    above = edge_frames(v + torch.tensor([0.0, 1e-6, 0.0]).double())
    assert torch.allclose((above - frame) / 1e-6, slopes[:, :, 1], atol=1e-5)
    spin = torch.einsum("ij,ikx->xjk", frame, slopes)
    assert torch.allclose(spin, -spin.mT, atol=1e-12)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (2, 0)])
def test_any_shape(shape: tuple[int, ...]):
    for function, moved in ((wigner_d, torch.randn(*shape, 3, 3)), (wigner_of_directions, torch.randn(*shape, 3))):
        for degree, values in enumerate(function(3, moved)):
            assert values.shape == (*shape, 2 * degree + 1, 2 * degree + 1) and values.is_contiguous()
    assert edge_frames(torch.randn(*shape, 3)).shape == (*shape, 3, 3)


@pytest.mark.parametrize(("function", "shape"), [(wigner_d, (3, 3)), (wigner_of_directions, (3,))])
def test_it_lives_in_torch(function, shape: tuple[int, ...]):
    """vmap, compilation for any number of rotations, autocast."""
    many = torch.randn(4, 6, *shape)
    together = joined(function(4, many))
    torch.testing.assert_close(torch.vmap(lambda v: joined(function(4, v)))(many), together)
    torch._dynamo.reset()
    compiled = torch.compile(lambda v: joined(function(4, v)), fullgraph=True, dynamic=True, backend="aot_eager")
    for n in (5, 7):
        some = torch.randn(n, *shape, dtype=torch.float64, requires_grad=True)
        ours, theirs = compiled(some), joined(function(4, some))
        torch.testing.assert_close(ours, theirs)
        gradients = [torch.autograd.grad(values.square().sum(), some)[0] for values in (ours, theirs)]
        torch.testing.assert_close(*gradients)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(joined(function(4, many)), together)
    assert joined(function(4, many.to("meta"))).shape == together.shape


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        *((wigner_d, torch.ones(3)), (wigner_d, torch.ones(4, 3, 2)), (wigner_d, torch.ones(3, 3, dtype=torch.long))),
        *((wigner_of_directions, torch.ones(4, 2)), (wigner_of_directions, torch.tensor(1.0))),
    ],
)
def test_what_does_not_fit_is_refused(function, wrong: Tensor):
    with pytest.raises(InputError, match="Given .*; expected"):
        function(2, wrong)
    with pytest.raises(InputError, match="degree"):
        function(-1, torch.ones(4, 3, 3))
