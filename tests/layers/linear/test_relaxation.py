"""The relaxation in one operation: as its parts compute it, its gradient and that of its gradient."""

import pytest
import torch

from erlangen.layers.linear._relaxation import _composed, relaxed

SHAPES = {"one scale a channel": (3,), "a length for each step": (2, 7, 3), "one for all": ()}


@pytest.mark.parametrize("gate", ["rate", "cloglog"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_it_is_what_its_parts_compute_and_so_are_both_gradients(gate: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    told, towards = (torch.randn(2, 7, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    time = torch.rand(shape, dtype=torch.float64).requires_grad_()
    given = (told, towards, time)
    assert torch.allclose(relaxed(*given, gate), _composed(*given, gate), atol=1e-14)
    assert torch.autograd.gradcheck(lambda *x: relaxed(*x, gate), given)
    assert torch.autograd.gradgradcheck(lambda *x: relaxed(*x, gate), given)


@pytest.mark.parametrize("gate", ["rate", "cloglog"])
def test_nothing_that_was_given_is_written_over(gate: str) -> None:
    told, towards = (torch.randn(2, 5, 3, requires_grad=True) for _ in range(2))
    time, before = torch.rand(3, requires_grad=True), (told.detach().clone(), towards.detach().clone())
    h = relaxed(told, towards, time, gate)
    kept, g = h.detach().clone(), torch.ones(2, 5, 3)
    (once,) = torch.autograd.grad(h, told, g, retain_graph=True)
    (again,) = torch.autograd.grad(h, told, g)
    assert torch.equal(once, again) and torch.equal(h, kept) and g.eq(1).all()
    assert torch.equal(told.detach(), before[0]) and torch.equal(towards.detach(), before[1])


def test_what_is_frozen_needs_no_gradient() -> None:
    told, towards = torch.randn(1, 4, 2, requires_grad=True), torch.randn(1, 4, 2)
    relaxed(told, towards, torch.tensor(1.0), "rate").sum().backward()
    assert told.grad is not None and told.grad.abs().min() > 0


def test_second_derivatives_of_inputs_need_no_trained_weights() -> None:
    told, towards = torch.randn(1, 4, 2, dtype=torch.float64, requires_grad=True), torch.randn(1, 4, 2).double()
    (slope,) = torch.autograd.grad(relaxed(told, towards, torch.tensor(1.0), "rate").sum(), told, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), told)
    assert bend.abs().min() > 0
