"""The plain networks on sets and graphs: ordinary layers on padded rows as they are stored, or on single points."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph
from erlangen.domains.packed import attribute
from erlangen.errors import InputError, TaskError
from erlangen.task import Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.widths import TOLERANCE, match_width

NEAR = 0.01  # of the parameters wanted, within which widths are as good as any


class PaddedNet(nn.Module):
    """MLP(x ⊕ A): features of the points, padded to `most` of them, beside the rows of the padded adjacency matrix.

    Shapes: a batch with x [points, channels], batch, ptr, and of graphs edge_index with edge_attr or edge_weight or
    neither; → [graphs, classes]. All rows of a graph are flattened; the matrix has a number for each of `edge_features`
    (at least one) at each pair of points. The order of the points is an input like any other: nothing here is
    symmetric. More than `most` points: InputError.

    >>> from erlangen.domains import Set
    >>> from erlangen.task import Invariant
    >>> net = PaddedNet(Task(Set(), None, 2, Invariant(3)), 5, (8, 4)).eval()
    >>> net({"x": torch.ones(4, 2)}).shape
    torch.Size([1, 3])
    """

    def __init__(self, task: Task, most: int, widths: tuple[int, ...], normalize: bool = True):
        super().__init__()
        self.most, self.domain = most, task.domain
        self.kinds = _kinds(task)
        self.layers = mlp(numbers_read(task, most), widths, task.target.channels, normalize)

    def forward(self, data: Any) -> Tensor:
        """The scores of a batch."""
        x = attribute(data, "x")
        batch, ptr = attribute(data, "batch"), attribute(data, "ptr")
        batch = torch.zeros(len(x), dtype=torch.int64, device=x.device) if batch is None else batch
        ptr = torch.tensor([0, len(x)], device=x.device) if ptr is None else ptr
        place = torch.arange(len(x), device=x.device) - ptr[batch]
        if len(x) and int(place.max()) >= self.most:
            given = f"{int(place.max()) + 1} points"
            raise InputError(given, f"at most {self.most}, as in the data", "The plain network has a fixed size.")
        rows = torch.cat([x, self._adjacency(data, x, place)], dim=1)
        held = rows.new_zeros(len(ptr) - 1, self.most, rows.shape[1])
        held[batch, place] = rows
        return self.layers(held.flatten(1))

    def _adjacency(self, data: Any, x: Tensor, place: Tensor) -> Tensor:
        """Of each point its row, [points, most · kinds]: what comes to it from each of the others."""
        held = x.new_zeros(len(x), self.most if self.kinds else 0, self.kinds)
        if self.kinds:
            source, target = attribute(data, "edge_index")
            held[target, place[source]] = self._numbers(data, x, len(source))
        return held.flatten(1)

    def _numbers(self, data: Any, x: Tensor, edges: int) -> Tensor:
        """What stands in the matrix for each edge."""
        attr, weight = attribute(data, "edge_attr"), attribute(data, "edge_weight")
        if attr is not None and isinstance(self.domain, Graph) and self.domain.edge_features:
            return attr.reshape(edges, -1).to(x.dtype)
        return x.new_ones(edges, 1) if weight is None else weight.reshape(edges, 1).to(x.dtype)


class PointwiseNet(nn.Module):
    """y_i = MLP(x_i): an answer at each point from its own features alone, without the others and without edges.

    It keeps relabelling, too: what it lacks is not the symmetry but the graph.

    >>> from erlangen.task import Equivariant
    >>> PointwiseNet(Task(Graph(), None, 2, Equivariant(3)), (8, 4)).eval()({"x": torch.ones(4, 2)}).shape
    torch.Size([4, 3])
    """

    def __init__(self, task: Task, widths: tuple[int, ...], normalize: bool = True):
        super().__init__()
        self.layers = mlp(task.source.channels, widths, task.target.channels, normalize)

    def forward(self, data: Any) -> Tensor:
        """The scores at all points of a batch."""
        return self.layers(attribute(data, "x"))


def mlp(inputs: int, widths: tuple[int, ...], outputs: int, normalize: bool) -> nn.Sequential:
    """Linear, batch normalisation and ReLU for each width, and a linear layer to the outputs.

    >>> mlp(4, (8,), 2, normalize=False)(torch.zeros(3, 4)).shape
    torch.Size([3, 2])
    """
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(inputs, width), *([nn.BatchNorm1d(width)] if normalize else []), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def numbers_read(task: Task, most: int) -> int:
    """How many numbers the plain network reads at once: those of one point, or of all and of what joins them.

    >>> from erlangen.task import Invariant
    >>> numbers_read(Task(Graph(), None, 7, Invariant(2)), 28)
    980
    """
    channels = task.source.channels
    return channels if has_dense_answer(task) else (channels + most * _kinds(task)) * most


def _kinds(task: Task) -> int:
    """How many numbers stand at each pair of points."""
    return max(1, task.domain.edge_features) if isinstance(task.domain, Graph) else 0


def twin_on_packed(wanted: int, task: Task, most: int | None, normalize: bool) -> nn.Module:
    """|params − wanted| ≤ 0.05 wanted: two hidden layers, the first as wide as goes, the second takes the rest.

    Raises TaskError where even the narrowest network on so many points is larger.
    """
    if not most and not has_dense_answer(task):
        given = f"a plain network on {task.domain!r}"
        raise TaskError(given, "points=…, the most points that one of them has", "It has a fixed size.")
    most = most or 1
    inputs, classes = numbers_read(task, most), task.target.channels

    def count(first: int, second: int) -> int:
        return (inputs + 1 + 2 * normalize) * first + (first + 1 + 2 * normalize) * second + (second + 1) * classes

    widest = match_width(lambda width: count(width, width), wanted)
    found = [(first, match_width(partial(count, first), wanted)) for first in range(widest, 0, -1)]
    near = [widths for widths in found if abs(count(*widths) - wanted) <= NEAR * wanted]
    best = near[0] if near else min(found, key=lambda widths: abs(count(*widths) - wanted))
    if abs(count(*best) - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one on {most} points has {count(*best):,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    if has_dense_answer(task):
        return PointwiseNet(task, best, normalize)
    return PaddedNet(task, most, best, normalize)
