"""Models of the truth table: each is symmetric by construction, but for what its name says."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from erlangen.domains import Grid
from erlangen.groups import D, Mirror, Octahedral
from tests.auditing.models import turned_mean

SIZE = 12
GROUPS = {1: Mirror(), 2: D(4), 3: Octahedral()}


class Head(nn.Module):
    """The mean over positions of the rectified features, and a linear layer: it keeps what the features keep."""

    def __init__(self, channels=6):
        super().__init__()
        self.linear = nn.Linear(channels, 5)

    def forward(self, x):
        return self.linear(x.relu().square().flatten(2).mean(2))


class Then(nn.Module):
    """A function between two modules, or after them."""

    def __init__(self, function, *modules):
        super().__init__()
        self.function, self.inner = function, nn.Sequential(*modules)

    def forward(self, x):
        return self.function(self.inner(x))


class Affine(nn.Module):
    """A scale times a model's answers, and an offset."""

    def __init__(self, model, scale=1.0, offset=0.0):
        super().__init__()
        self.model, self.scale, self.offset = model, scale, offset

    def forward(self, x):
        return self.scale * self.model(x) + self.offset


class Added(nn.Module):
    """A learned value for each position, added."""

    def __init__(self, *shape):
        super().__init__()
        self.where = nn.Parameter(2 * torch.randn(shape))

    def forward(self, x):
        return x + self.where


class Coordinates(nn.Module):
    """Two channels that say where a position is, joined to the others."""

    def forward(self, x):
        along = torch.linspace(-2, 2, x.shape[-1])
        both = torch.stack(torch.meshgrid(along, along, indexing="ij"))
        return torch.cat([x, both.expand(len(x), 2, *both.shape[1:])], 1)


class Weighted(nn.Module):
    """Each position times a number of its own; their mean is zero."""

    def __init__(self):
        super().__init__()
        self.register_buffer("where", torch.linspace(-3, 3, SIZE * SIZE).reshape(SIZE, SIZE))

    def forward(self, x):
        return x * self.where


class Shuffled(nn.Module):
    """The values of a picture in another order: no change of the audit's takes that away."""

    def __init__(self):
        super().__init__()
        self.register_buffer("order", torch.randperm(SIZE * SIZE))

    def forward(self, x):
        return x.flatten(2)[..., self.order].reshape(x.shape)


class Last(nn.Module):
    """Features with their channels on the last axis, and an embedding of each position added there."""

    def __init__(self, features, size=SIZE):
        super().__init__()
        self.features, self.mix = features, nn.Linear(6, 6)
        self.where = nn.Parameter(2 * torch.randn(1, size, size, 6))

    def forward(self, x):
        y = F.layer_norm(self.features(x).permute(0, 2, 3, 1), (6,)) + self.where
        return self.mix(y.relu()).permute(0, 3, 1, 2)


class Sliced(nn.Module):
    """Every second value along rows and columns; `together`, those left out as further channels."""

    def __init__(self, together=False):
        super().__init__()
        self.starts = [(i, j) for i in range(2) for j in range(2)] if together else [(0, 0)]

    def forward(self, x):
        return torch.cat([x[..., i::2, j::2] for i, j in self.starts], 1)


class Tokens(nn.Module):
    """Patches of 4 × 4 as tokens, attention among them, their mean; with `positions` an embedding of each."""

    def __init__(self, positions):
        super().__init__()
        self.patch = nn.Conv2d(1, 8, 4, stride=4)
        self.where = nn.Parameter(2 * torch.randn(1, 9, 8)) if positions else None
        self.attention = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        tokens = tokens if self.where is None else tokens + self.where
        return self.head(self.attention(tokens).square().mean(1))


class Normed(nn.Module):
    """Patches of 4 × 4 as tokens, a batch norm whose channels are the tokens, and the mean of their squares."""

    def __init__(self, own):
        super().__init__()
        self.patch, self.norm = nn.Conv2d(1, 8, 4, stride=4), nn.BatchNorm1d(9, track_running_stats=not own)
        nn.init.normal_(self.norm.bias)
        if not own:
            nn.init.normal_(self.norm.running_mean)
            nn.init.uniform_(self.norm.running_var, 0.2, 2)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        tokens = self.norm(self.patch(x).flatten(2).transpose(1, 2))
        return self.head(tokens.relu().square().mean(1))


class Standard(nn.Module):
    """Each value less its mean over the batch, by its deviation over the batch: every position has its own."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(SIZE * SIZE, track_running_stats=False)

    def forward(self, x):
        return self.norm(x.flatten(1)).reshape(x.shape)


class Turned(nn.Module):
    """The picture read at places turned about its centre by 20°: it keeps turns, and no mirrors."""

    def forward(self, x):
        c, s = math.cos(math.pi / 9), math.sin(math.pi / 9)
        theta = x.new_tensor([[c, -s, 0.0], [s, c, 0.0]]).expand(len(x), 2, 3)
        return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


class Branches(nn.Module):
    """A long and a short way, both with a stride of 2, as in residual networks."""

    def __init__(self):
        super().__init__()
        self.long, self.short = convolution(isotropic=False, stride=2), convolution(kernel=1, isotropic=False, stride=2)

    def forward(self, x):
        return self.long(x).relu() + self.short(x)


class Written(nn.Module):
    """A convolution whose zeros are joined by a function of the forward."""

    def __init__(self):
        super().__init__()
        self.inner = convolution(made=2, mode="zeros", padding=0, isotropic=False)

    def forward(self, x):
        return self.inner(F.pad(x, (1, 1, 1, 1)))


class Gradient(nn.Module):
    """Central differences of a picture: a vector at each point."""

    def forward(self, x):
        padded = F.pad(x, (1, 1, 1, 1))
        rows = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
        return torch.cat([rows, padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]], 1) * x.square()


def convolution(dim=2, given=1, made=6, kernel=3, mode="circular", isotropic=True, stride=1, padding=None):
    """One convolution; isotropic, its filters are averaged over the cube's group, in the plane D(4)."""
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dim - 1]
    padding = kernel // 2 if padding is None else padding
    layer = kind(given, made, kernel, stride=stride, padding=padding, padding_mode=mode)
    return turned_mean(layer, GROUPS[dim], Grid(dim)) if isotropic else layer


def upsampler():
    """A transposed convolution to twice the size, by one more row and column at one end; isotropic filters."""
    return turned_mean(nn.ConvTranspose2d(6, 2, 3, stride=2, padding=1, output_padding=1), D(4), Grid(2))


def uneven(layer):
    """A layer norm with random weights: as it starts it has ones."""
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    return layer


def chain(*layers):
    """The layers one after the other."""
    return nn.Sequential(*layers)


def flattened(*features, positions=SIZE * SIZE, channels=6):
    """Features, then a linear layer on all positions at once."""
    return nn.Sequential(*features, nn.ReLU(), nn.Flatten(), nn.Linear(channels * positions, 5))
