"""Models of sets and graphs in plain PyTorch: those that read the order in which something is stored, and those not."""

import torch
from torch import Tensor, nn

from erlangen.domains._segments import segment_max, segment_mean, segment_sum

POINTS, CHANNELS, NEIGHBOURS = 8, 3, 3


def graphs(count: int = 24, n: int = POINTS) -> list[dict[str, Tensor]]:
    """Every node has as many neighbours, so that nothing has to be padded; edges come in any order."""
    found = []
    for i in range(count):
        generator = torch.Generator().manual_seed(i)
        source = torch.cat([torch.randperm(n, generator=generator)[:NEIGHBOURS] for _ in range(n)])
        target = torch.arange(n).repeat_interleave(NEIGHBOURS)
        order = torch.randperm(len(source), generator=generator)
        x = torch.randn(n, CHANNELS, generator=generator)
        found.append({"x": x, "edge_index": torch.stack([source, target])[:, order]})
    return found


def sets(count: int = 24, n: int = POINTS) -> list[Tensor]:
    return [graph["x"] for graph in graphs(count, n)]


class Rows(nn.Module):
    """Rows in the order in which they are stored, a block `[segments, size, c]` for `read`, which takes it to rows."""

    def __init__(self, read: nn.Module, size: int):
        super().__init__()
        self.read, self.size = read, size

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        order = torch.argsort(index, stable=True)
        return self.read(x[order].reshape(-1, self.size, x.shape[1]))


class Last(nn.Module):
    """A recurrent network, read where it ends."""

    def __init__(self, cell: type[nn.Module]):
        super().__init__()
        self.cell = cell(CHANNELS, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x)[0][:, -1]


class Attending(nn.Module):
    """Attention among rows, each with a feature of its place added where `places` is set."""

    def __init__(self, places: bool):
        super().__init__()
        self.attend = nn.MultiheadAttention(CHANNELS, 1, batch_first=True)
        self.places = nn.Parameter(torch.randn(POINTS, CHANNELS), requires_grad=False) if places else None

    def forward(self, x: Tensor) -> Tensor:
        x = x if self.places is None else x + self.places
        return self.attend(x, x, x, need_weights=False)[0].mean(1)


class First(nn.Module):
    """Of those rows that come first when sorted by one channel, what the others hold."""

    def forward(self, x: Tensor) -> Tensor:
        return x[torch.arange(len(x)), x[:, :, 0].argmax(1)]


class Middle(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)


def flat(size: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(size * CHANNELS, 4))


class Heard(nn.Module):
    """A graph network with one layer that hears its neighbours by `rows`, then a mean over the points."""

    def __init__(self, rows: nn.Module, width: int = 4):
        super().__init__()
        self.embed, self.hear, self.answer = nn.Linear(CHANNELS, CHANNELS), rows, nn.Linear(width, 2)

    def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        heard = self.hear(self.embed(x)[edge_index[0]], index=edge_index[1])
        return self.answer(segment_sum(torch.tanh(heard), batch, int(batch.max()) + 1))


class OfSets(nn.Module):
    """A layer at each point, then one over the points."""

    def __init__(self, rows: nn.Module):
        super().__init__()
        self.embed, self.pool = nn.Linear(CHANNELS, CHANNELS), rows

    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        return self.pool(self.embed(x), batch)


class Pool(nn.Module):
    def __init__(self, method: str):
        super().__init__()
        self.method = method

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        count = int(index.max()) + 1
        if self.method == "mean":
            return segment_mean(x, index, torch.cat([torch.zeros(1).long(), torch.bincount(index).cumsum(0)]))
        return (segment_max if self.method == "max" else segment_sum)(x, index, count)
