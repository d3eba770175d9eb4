"""Plain networks that keep nothing, for every lattice."""

import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.domains import Domain


class Plain(nn.Module):
    """Two free convolutions; dense answers, or one number a channel that depends on where things are."""

    def __init__(self, domain: Domain, channels: int, answers: int, dense: bool, seed: int = 0):
        super().__init__()
        torch.manual_seed(seed)
        convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[domain.axes - 1]
        self.first = convolution(channels, 6, 3, padding=1)
        self.second = convolution(6, answers, 3, padding=1)
        self.dense = dense
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(torch.tanh(self.first(x)))
        if self.dense:
            return y
        ramp = torch.linspace(0.2, 1.0, y.shape[2], dtype=y.dtype).reshape(-1, *(1,) * (y.dim() - 3))
        return (torch.relu(y) * ramp).flatten(2).mean(2)


def varies(y: Tensor) -> bool:
    """Whether answers to different inputs differ: a constant would be symmetric, too."""
    y = y.detach()
    return float((y - y.mean(0)).abs().max()) > 1e-3 * float(y.abs().max())


def vectors(group: er.Group) -> er.Representation:
    """A representation with scalars and something that moves."""
    return group.standard + group.trivial
