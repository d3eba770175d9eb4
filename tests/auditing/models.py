"""Plain torch models with known answers."""

from functools import partial

import torch
from torch import nn

from erlangen.auditing import audit
from erlangen.domains import Grid, HexGrid
from erlangen.groups import D

measured = partial(audit, proof=False)  # what is measured alone


def noise(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def turned_mean(convolution, group=None, domain=None):
    """The convolution with every filter averaged over the group: it keeps the group on channels that stay in place."""
    domain, group = domain or Grid(2), group or D(4)
    weight = convolution.weight.detach().double()  # so that the mean is symmetric bitwise once it is float32 again
    mean = torch.stack([domain.act(g, weight) for g in group.elements]).mean(0)
    convolution.weight = nn.Parameter(mean.to(convolution.weight.dtype))
    return convolution


def isotropic_classifier(seed=0, padding_mode="zeros"):
    """Keeps D(4): isotropic filters, ReLU, global pooling."""
    torch.manual_seed(seed)
    return nn.Sequential(
        turned_mean(nn.Conv2d(1, 8, 3, padding=1, padding_mode=padding_mode)),
        nn.ReLU(),
        turned_mean(nn.Conv2d(8, 8, 3, padding=1, padding_mode=padding_mode)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    ).eval()


def plain_classifier(seed=0):
    """Keeps nothing: free filters, stride 2, flatten."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 6 * 6, 10),
    ).eval()


def isotropic_field(dim=2, seed=0, group=None, domain=None, padding_mode="zeros"):
    """A dense answer that moves along: two isotropic convolutions."""
    torch.manual_seed(seed)
    domain = domain or Grid(dim)
    convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[domain.dim - 1]
    layers = [convolution(1, 4, 3, padding=1, padding_mode=padding_mode), nn.ReLU()]
    layers += [convolution(4, 2, 3, padding=1, padding_mode=padding_mode)]
    for layer in (layers[0], layers[2]):
        turned_mean(layer, group, domain)
    return nn.Sequential(*layers).eval()


class Hexagonal(nn.Module):
    """Convolutions on a hexagon, the corners of the array emptied after each."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.first = turned_mean(nn.Conv2d(1, 4, 3, padding=1, bias=False), D(6), HexGrid())
        self.second = turned_mean(nn.Conv2d(4, 2, 3, padding=1, bias=False), D(6), HexGrid())

    def forward(self, x):
        mask = HexGrid().mask(x)
        return self.second(self.first(x * mask).relu() * mask) * mask
