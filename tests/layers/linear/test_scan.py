"""The scan beside a loop over steps: values, first and second derivatives, real and complex."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from erlangen.layers.linear._scan import scan
from tests.laws.signals import SEEDS

DTYPES = st.sampled_from([torch.float64, torch.complex128])


def by_steps(a: Tensor, b: Tensor) -> Tensor:
    h, found = torch.zeros_like(b[..., 0, :]), []
    for t in range(b.shape[-2]):
        h = a[..., t, :] * h + b[..., t, :]
        found.append(h)
    return torch.stack(found, dim=-2)


@given(steps=st.integers(1, 40), dtype=DTYPES, seed=SEEDS)
def test_it_is_the_recurrence_and_so_is_its_gradient(steps: int, dtype: torch.dtype, seed: int):
    generator = torch.Generator().manual_seed(seed)
    a, b, g = (torch.randn(2, steps, 3, dtype=dtype, generator=generator) for _ in range(3))
    a, b = (0.7 * a).requires_grad_(), b.requires_grad_()
    ours, theirs = scan(a, b), by_steps(a, b)
    assert torch.allclose(ours, theirs, atol=1e-12)
    mine, wanted = (torch.autograd.grad(y, (a, b), g) for y in (ours, theirs))
    assert all(torch.allclose(p, q, atol=1e-10) for p, q in zip(mine, wanted, strict=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_its_derivatives_are_those_of_differences(dtype: torch.dtype):
    a, b = (torch.rand(5, 2, dtype=dtype, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(scan, (a, b)) and torch.autograd.gradgradcheck(scan, (a, b))


def test_nothing_overflows_where_states_last():
    a, b = torch.full((1, 4096, 1), 1.0), torch.ones(1, 4096, 1)
    assert torch.equal(scan(a, b)[0, :, 0], torch.arange(1.0, 4097.0))
    assert torch.equal(scan(torch.zeros(1, 9, 1), torch.ones(1, 9, 1)), torch.ones(1, 9, 1))
