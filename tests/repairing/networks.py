"""Ordinary networks to be repaired: of every shape, and one that is symmetric already and does not look it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import erlangen as er
from erlangen.domains import Point
from erlangen.groups import Group
from erlangen.signal import Space
from erlangen.task import Task


class Residual(nn.Module):
    """A ResNet: a block with an identity, and one with a strided shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.first = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.down, self.second = nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.Conv2d(24, 24, 3, padding=1)
        self.shortcut, self.read = nn.Conv2d(16, 24, 1, stride=2), nn.Linear(24, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x), inplace=True)
        x = F.relu(x + self.norm(self.first(x)))
        x = torch.relu(self.second(F.relu(self.down(x))) + self.shortcut(x))
        return self.read(x.mean((2, 3)))


class U(nn.Module):
    """A U-Net: what is coarse comes back and stands before what is fine."""

    def __init__(self) -> None:
        super().__init__()
        self.fine, self.coarse = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear")
        self.joined, self.read = nn.Conv2d(24, 8, 3, padding=1), nn.Conv2d(8, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.fine(x).relu()
        coarse = torch.relu(self.coarse(F.max_pool2d(fine, 2)))
        return self.read(F.relu(self.joined(torch.cat([self.up(coarse), fine], dim=1))))


class Classic(nn.Module):
    """Convolutions that leave the border out, a flatten with a view, two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 6, 3), nn.Conv2d(6, 10, 3)
        self.hidden, self.read = nn.Linear(40, 17), nn.Linear(17, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.second(F.relu(self.first(x)))), 2)
        return self.read(F.relu(self.hidden(x.view(x.size(0), -1))))


class Branches(nn.Module):
    """Three branches that are concatenated, as in Inception."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.three, self.dilated = nn.Conv2d(1, 4, 1), nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(1, 4, 3)
        self.dilated = nn.Conv2d(1, 4, 3, padding=2, dilation=2)
        self.read = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat((self.one(x), self.three(x), self.dilated(x)), 1)
        return self.read(torch.flatten(F.adaptive_avg_pool2d(F.gelu(x), 1), 1))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 5))


def profile() -> nn.Module:
    """A model of DNA."""
    return nn.Sequential(
        *(nn.Conv1d(4, 16, 9, padding=4), nn.BatchNorm1d(16), nn.SiLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(16, 16, 5, padding="same", groups=2), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten()),
        nn.Linear(16, 2),
    )


def volume() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv3d(1, 8, 3, padding=1), nn.ELU(), nn.AvgPool3d(2), nn.Conv3d(8, 3, 1)),
        *(nn.AdaptiveAvgPool3d(1), nn.Flatten()),
    )


def few() -> nn.Module:
    """Fewer channels than the group has elements."""
    return nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.Tanh(), nn.Conv2d(3, 3, 3, padding=1))


def nucleotides(count: int) -> Tensor:
    codes = torch.randint(4, (count, 48), generator=torch.Generator().manual_seed(0))
    return F.one_hot(codes, 4).transpose(1, 2).double()


def pictures(count: int = 24, side: int = 8, dim: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 1, *(side,) * dim, generator=generator, dtype=torch.float64)


Case = tuple[Callable[[], nn.Module], Task, Callable[[], Tensor]]
PLANE, CLASSES = er.Grid(2), er.Invariant(5)
CASES: dict[str, Case] = {
    "residual, C4": (Residual, Task(PLANE, er.C(4), 1, CLASSES), pictures),
    "residual, D4": (Residual, Task(PLANE, er.D(4), 1, CLASSES), pictures),
    "U, C4": (U, Task(PLANE, er.C(4), 1, er.Equivariant(3)), pictures),
    "U, an odd side": (U, Task(PLANE, er.Mirror(), 1, er.Equivariant(3)), lambda: pictures(side=8)),
    "classic, C4": (Classic, Task(PLANE, er.C(4), 1, CLASSES), pictures),
    "branches, D4": (Branches, Task(PLANE, er.D(4), 1, CLASSES), pictures),
    "MLP, C4": (mlp, Task(PLANE, er.C(4), 1, CLASSES), pictures),
    "DNA": (profile, Task(er.Dna(), output=er.Invariant(2)), lambda: nucleotides(24)),
    "volume": (volume, Task(er.Grid(3), er.Octahedral(), 1, er.Invariant(3)), lambda: pictures(12, 6, 3)),
    "few channels, D4": (few, Task(PLANE, er.D(4), 1, er.Equivariant(3)), pictures),
    "an answer that turns": (
        lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1)),
        Task(PLANE, er.C(4), 1, er.Equivariant(er.C(4).regular)),
        pictures,
    ),
}


def trained(make: Callable[[], nn.Module], seed: int = 0) -> nn.Module:
    """With statistics, scales and shifts that training might have left."""
    torch.manual_seed(seed)
    net = make().double().eval()
    for part in net.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            for values in (part.running_var, part.weight.data):
                assert values is not None
                values.uniform_(0.5, 2)
            for values in (part.running_mean, part.bias.data):
                assert values is not None
                values.normal_()
    return net


def disguised(group: Group) -> nn.Module:
    """A network that keeps the group exactly, in torch's own layers with its channels in any order."""
    torch.manual_seed(0)
    grid, coarse = er.Grid(2), er.Grid(2).coarser()
    hidden = 2 * group.regular + 3 * group.trivial
    lift = er.layers.LatticeConv(Space(grid, group.trivial), Space(grid, hidden)).double()
    inner = er.layers.LatticeConv(Space(coarse, hidden), Space(coarse, hidden)).double()
    read = er.layers.Dense(Space(Point(), hidden), Space(Point(), 5 * group.trivial)).double()
    first, second = (torch.randperm(hidden.dim) for _ in range(2))
    c = hidden.dim
    net = nn.Sequential(
        *(nn.Conv2d(1, c, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(c, c, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 5)),
    ).double()
    weights = {
        "0.weight": lift.weight()[first],
        "3.weight": inner.weight()[second][:, first],
        "7.weight": read.weight()[:, second],
    }
    biases = {f"{i}.bias": torch.zeros(n, dtype=torch.float64) for i, n in ((0, c), (3, c), (7, 5))}
    net.load_state_dict({name: value.detach() for name, value in (weights | biases).items()})
    return net.eval()
