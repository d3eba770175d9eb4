"""What a kernel is told of a distance: smooth functions of it, and an envelope that ends at the radius."""

from functools import lru_cache

import torch
from torch import Tensor, nn

FUNCTIONS = 8
SMOOTH = 6  # the power of the envelope: it and two derivatives vanish at the radius
SILU = 1.6765  # 1 / √E[silu(z)²] for z ~ N(0, 1)


def envelope(length: Tensor, radius: float | None) -> Tensor:
    """1 − 28 u⁶ + 48 u⁷ − 21 u⁸, u = r/radius, and 0 beyond: with two derivatives that vanish at u = 1.

    >>> envelope(torch.tensor([0.0, 1.0, 2.0]), 1.0).tolist()
    [1.0, 0.0, 0.0]

    Gasteiger, Groß, Günnemann 2020, arXiv:2003.03123.
    """
    if radius is None:
        return torch.ones_like(length)
    u, p = (length / radius).clamp(max=1.0), SMOOTH
    inner = (p + 1) * (p + 2) / 2 - p * (p + 2) * u + p * (p + 1) / 2 * u.square()
    return 1 - u**p * inner


def radial_functions(length: Tensor, radius: float | None, scale: float, dim: int = 3) -> Tensor:
    """`[E]` → `[E, 8]`: c sin(nπu)/u, n = 1 … 8, u = r/radius; without a radius bumps in log r about `scale`.

    Smooth in r², at 0 too. Bumps are of second moment 1 at every distance, the sines over the points of a ball that
    the envelope lets through.
    """
    n = torch.arange(1, FUNCTIONS + 1, dtype=length.dtype, device=length.device)
    if radius is not None:
        return over_ball(dim) * _waves(n, (length / radius).clamp(max=1.0))
    far = torch.log((length / scale).square() + 1e-3)[:, None]
    bumps = torch.exp(-(far - (n - 4)).square() / 2)
    return bumps * FUNCTIONS**0.5 / (bumps.square().sum(1, keepdim=True) + 1e-6).sqrt()


def _waves(n: Tensor, u: Tensor) -> Tensor:
    """sin(nπu)/u, `[E, 8]`; guarded before and after the division: torch.sinc has no second derivative at 0."""
    apart = u[:, None] > 0
    there = torch.where(apart, u[:, None], 1.0)
    return torch.where(apart, torch.sin(torch.pi * n * there) / there, torch.pi * n)


@lru_cache(maxsize=4)
def over_ball(dim: int) -> float:
    """c with the mean of f² c² sin²(nπu)/u² over all n and a ball of so many dimensions that of f², f the envelope.

    >>> round(over_ball(3), 3), round(over_ball(2), 3)
    (0.509, 0.336)
    """
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    share = envelope(u, 1.0).square() * u ** (dim - 1)
    n = torch.arange(1, FUNCTIONS + 1, dtype=torch.float64)
    return float((share.sum() / (share * _waves(n, u).square().mean(1)).sum()).sqrt())


class RadialFeatures(nn.Module):
    """r ↦ t(r) `[E, hidden]`, one layer of learnt functions of the distance; of second moment 1 to begin with."""

    def __init__(self, hidden: int, radius: float | None, scale: float, dim: int = 3):
        super().__init__()
        self.known = (radius, scale, dim)
        self.weight = nn.Parameter(torch.randn(hidden, FUNCTIONS) * FUNCTIONS**-0.5)
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, length: Tensor) -> Tensor:
        """What edges of these lengths are told."""
        told = nn.functional.linear(radial_functions(length, *self.known), self.weight, self.bias)
        return SILU * nn.functional.silu(told)
