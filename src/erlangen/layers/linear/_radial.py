"""What a kernel is told of a distance: smooth functions of it, and an envelope that ends at the radius."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from erlangen.layers.linear._perceptron import drawn, silu

FUNCTIONS = 8
SMOOTH = 6  # the power of the envelope: it and two derivatives vanish at the radius


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
        return OVER_BALL[dim] * _waves(n, (length / radius).clamp(max=1.0))
    far = torch.log((length / scale).square() + 1e-3)[:, None]
    bumps = torch.exp(-(far - (n - 4)).square() / 2)
    return bumps * FUNCTIONS**0.5 / (bumps.square().sum(1, keepdim=True) + 1e-6).sqrt()


def _waves(n: Tensor, u: Tensor) -> Tensor:
    """sin(nπu)/u, `[E, 8]`; guarded before and after the division: torch.sinc has no second derivative at 0."""
    apart = u[:, None] > 0
    there = torch.where(apart, u[:, None], 1.0)
    return torch.where(apart, torch.sin(torch.pi * n * there) / there, torch.pi * n)


def mean_over_ball(function: Callable[[Tensor], Tensor], dim: int) -> float:
    """The mean of f² g(u) over that of f², f the envelope, for points of a ball of radius 1 in so many dimensions.

    >>> round(mean_over_ball(torch.square, 3), 3)
    0.27
    """
    u = (torch.arange(20_000, dtype=torch.float64, device="cpu") + 0.5) / 20_000
    share = envelope(u, 1.0).square() * u ** (dim - 1)
    return float((share * function(u)).sum() / share.sum())


def _square_of_waves(u: Tensor) -> Tensor:
    """The mean over n of sin²(nπu)/u²."""
    n = torch.arange(1, FUNCTIONS + 1, dtype=u.dtype, device=u.device)
    return _waves(n, u).square().mean(1)


# c² (mean of f² sin²(nπu)/u² over n and a ball) = mean of f²; known before a compiler traces what uses it
OVER_BALL = {dim: mean_over_ball(_square_of_waves, dim) ** -0.5 for dim in (2, 3)}


class RadialFeatures(nn.Module):
    """t = silu(W φ(r) + E a + b) `[E, hidden]`: learnt functions of the distance r and of features a of the edge, if it
    has any; of second moment 1 to begin with."""

    def __init__(self, hidden: int, radius: float | None, scale: float, dim: int = 3, features: int = 0):
        super().__init__()
        self.known = (radius, scale, dim)
        share = 0.5**0.5 if features else 1.0
        self.weight = drawn(FUNCTIONS, hidden, share)
        self.edge = drawn(features, hidden, share) if features else None
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, length: Tensor, features: Tensor | None = None) -> Tensor:
        """What edges of these lengths and features are told."""
        told = nn.functional.linear(radial_functions(length, *self.known), self.weight, self.bias)
        return silu(told if self.edge is None or features is None else told + nn.functional.linear(features, self.edge))
