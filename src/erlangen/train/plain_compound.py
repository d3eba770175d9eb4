"""The plain network on products with a packed factor and on sets of signals: what stands at each point by itself first,
by ordinary convolutions, then the points by the plain network on sets, graphs or clouds."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Domain, Nest, Product, Set
from erlangen.domains._segments import starts
from erlangen.domains.packed import attribute
from erlangen.errors import TaskError
from erlangen.groups import Trivial
from erlangen.task import Equivariant, Invariant, Task, places_over
from erlangen.train.widths import parameters

FEATURES = (32, 16, 8, 4, 2, 1)  # of each point, between the two; the most that leave room for the second
ROOM = 8  # units in each hidden layer of the second; where no number of features leaves so many, the most that one does
BESIDE = ("pos", "z", "edge_index", "edge_attr", "edge_weight", "cell", "pbc", "cell_offsets")

Most = int | tuple[int, int] | None
Twin = Callable[[int, Task], nn.Module]


class RowsThenPoints(nn.Module):
    """y = points(rows(x_1), …, rows(x_n)): `rows` an ordinary network on the signal at each point, `points` one on all
    of these, at every place of what is left of the signals.

    With `packed` rows are graphs, and points the graphs of a set. Shapes: a batch with x `[points, channels, …axes]`; →
    `[graphs or points, classes, …axes left]`.

    >>> from erlangen.domains import Sequence
    >>> from erlangen.train.padded import PaddedNet
    >>> padded = PaddedNet(Task(Set(), Trivial(), 4, Invariant(3)), 5, (8, 4)).eval()
    >>> RowsThenPoints(nn.Conv1d(2, 4, 1), padded)({"x": torch.ones(5, 2, 7)}).shape
    torch.Size([1, 3, 7])
    """

    def __init__(self, rows: nn.Module, points: nn.Module, packed: bool = False):
        super().__init__()
        self.rows, self.points, self.packed = rows, points, packed

    @property
    def most(self) -> "Most":
        """How many points there may be, where that is fixed; in sets of graphs in one graph, and graphs in a set."""
        outer: Any = getattr(self.points, "most", None)
        inner: Any = getattr(self.rows, "most", None)
        return (inner or 0, outer or 0) if self.packed else outer

    def forward(self, data: Any) -> Tensor:
        """The scores of a batch."""
        h = self.rows(data if self.packed else attribute(data, "x"))
        axes = h.shape[2:]
        copies = h.flatten(2).movedim(2, 0) if axes else h[None]
        said = self.points(_one_behind_the_other(data, copies))
        return said.unflatten(0, (len(copies), -1)).movedim(0, 2).unflatten(2, axes) if axes else said


def twin_on_compound(wanted: int, task: Task, on_rows: Twin, on_points: Twin) -> nn.Module:
    """|params − wanted| ≤ 0.05 wanted, shared between the signals at points and the points.

    `on_rows` and `on_points` make the plain networks of so many parameters for a task. TaskError where they do not.
    """
    found: list[tuple[int, RowsThenPoints]] = []
    refused: TaskError | None = None
    for features in FEATURES:
        of_rows, of_points = _two(task, features)
        try:
            rows = on_rows(round(wanted / 2), of_rows)
            points = on_points(wanted - parameters(rows), of_points)
        except TaskError as error:
            refused = error
            continue
        found.append((_narrowest(points), RowsThenPoints(rows, points, of_rows.domain.packed)))
        if found[-1][0] >= ROOM:
            break
    if not found:
        assert refused is not None
        raise refused
    return max(found, key=lambda pair: pair[0])[1]


def _narrowest(net: nn.Module) -> int:
    """The fewest units that one of the hidden layers has."""
    widths = [layer.out_features for layer in net.modules() if isinstance(layer, nn.Linear)]
    return min(widths[:-1], default=0)


def _two(task: Task, features: int) -> tuple[Task, Task]:
    """What is asked of the signal at each point, and then of the points."""
    inside, packed, kept = _inside(task)
    channels, at_points = task.target.channels, task.target.domain.packed
    answer = Invariant(features) if kept is None else Equivariant(features, pooled=kept)
    rows = Task(inside, Trivial(), task.source.channels, answer)
    return rows, Task(packed, Trivial(), features, Equivariant(channels) if at_points else Invariant(channels))


def _inside(task: Task) -> "tuple[Domain, Domain, bool | tuple[int, ...] | None]":
    """Where the signal at a point lives, where the points do, and over what of the first is pooled: None, all of it."""
    domain, target = task.domain, task.target.domain
    if isinstance(domain, Nest):
        at_points = target == domain if domain.of.packed else bool(target.axes)
        return domain.of, Set(), False if at_points else None
    assert isinstance(domain, Product)
    packed = next(factor for factor in domain.factors if factor.packed)
    places = [place for place, factor in enumerate(domain.factors) if not factor.packed]
    inside = [domain.factors[place] for place in places]
    pooled = [number for number, place in enumerate(places) if place in _pooled(task, domain)]
    whole = inside[0] if len(inside) == 1 else Product(tuple(inside))
    if len(pooled) == len(inside):
        return whole, packed, None
    return whole, packed, tuple(pooled) or False


def _pooled(task: Task, domain: Product) -> tuple[int, ...]:
    """Which factors are pooled over."""
    pooled = task.output.pooled if isinstance(task.output, Equivariant) else True
    if isinstance(pooled, bool):
        return tuple(range(len(domain.factors))) if pooled else ()
    return places_over(domain, pooled)


def _one_behind_the_other(data: Any, copies: Tensor) -> dict[str, Any]:
    """The same points and edges as often as there are copies of their values, `[copies, points, channel]`."""
    count, points = copies.shape[:2]
    batch, ptr = _gathered(data)
    batch = torch.zeros(points, dtype=torch.int64, device=copies.device) if batch is None else batch
    ptr = torch.tensor([0, points], device=copies.device) if ptr is None else ptr
    graphs, shift = len(ptr) - 1, torch.arange(count, device=copies.device)[:, None]
    made: dict[str, Any] = {
        "x": copies.flatten(0, 1),
        "batch": (batch + graphs * shift).flatten(),
        "ptr": torch.cat([ptr[:1], (ptr[1:] + points * shift).flatten()]),
        "num_graphs": graphs * count,
    }
    inside = attribute(data, "sets") is not None  # what is beside x is of the members then
    held = {} if inside else {name: value for name in BESIDE if (value := attribute(data, name)) is not None}
    if "edge_index" in held:
        index = held.pop("edge_index")
        made["edge_index"] = (index[:, None] + points * shift).flatten(1)
    return made | {name: value.repeat(count, *[1] * (value.dim() - 1)) for name, value in held.items()}


def _gathered(data: Any) -> tuple[Tensor | None, Tensor | None]:
    """Which set each graph is of, of sets of graphs, and where each begins; else the same of points."""
    sets = attribute(data, "sets")
    return (attribute(data, "batch"), attribute(data, "ptr")) if sets is None else (sets, starts(torch.bincount(sets)))
