"""Small networks within layers: what they answer to white inputs has second moment 1 to begin with."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BOUND = 2.0
SILU = 1.6765  # 1 / √E[silu(z)²] for z ~ N(0, 1)


class Perceptron(nn.Module):
    """x ↦ B silu(A x + a) + b, `[n, inputs]` → `[n, outputs]`, of second moment `gain`² about `start`."""

    def __init__(
        self, inputs: int, hidden: int, outputs: int, gain: float = 1.0, start: float = 0.0, bias: bool = True
    ):
        super().__init__()
        self.first = nn.Parameter(torch.randn(hidden, inputs) * inputs**-0.5)
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.last = nn.Parameter(torch.randn(outputs, hidden) * gain * hidden**-0.5)
        self.bias = nn.Parameter(torch.full((outputs,), start)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """The answers to rows of inputs."""
        return F.linear(silu(F.linear(x, self.first, self.shift)), self.last, self.bias)


def bounded(z: Tensor) -> Tensor:
    """2 tanh(z/2): factors that cannot make what is large larger by more and more from layer to layer.

    >>> [round(value, 3) for value in bounded(torch.tensor([0.1, 2.0, 1e30])).tolist()]
    [0.1, 1.523, 2.0]
    """
    return BOUND * (z / BOUND).tanh()


def silu(z: Tensor) -> Tensor:
    """z σ(z), scaled to second moment 1 of white z."""
    return SILU * F.silu(z)


def matrix(inputs: int, outputs: int, gain: float = 1.0) -> nn.Parameter:
    """A matrix `[outputs, inputs]` that keeps second moments but for the gain: random, or a multiple of 1 if square.

    >>> matrix(2, 2, 0.5).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    return nn.Parameter(gain * torch.eye(inputs)) if inputs == outputs else drawn(inputs, outputs, gain)


def drawn(inputs: int, outputs: int, gain: float = 1.0) -> nn.Parameter:
    """A random matrix `[outputs, inputs]` that keeps second moments but for the gain."""
    return nn.Parameter(torch.randn(outputs, inputs) * gain * inputs**-0.5)
