"""The networks on points beside the derived one: messages along raw vectors, or along distances as in EGNN."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.blueprint import Potential, derive
from erlangen.blueprint.point_plan import DEPTH
from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.domains.packed import attribute
from erlangen.errors import TaskError
from erlangen.groups import Trivial
from erlangen.layers.linear.rescale import field_places
from erlangen.task import Equivariant, Forces, Positions, Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.config import DISTANCES
from erlangen.train.widths import TOLERANCE, match_width, parameters

VECTORS = "vectors"
HIDDEN = (32, 24, 16, 8, 4, 2)  # widths of the functions of distance of plain convolutions, the first that fits


class MessageNet(nn.Module):
    """h_i ← h_i + φ(h_i, Σ_{j → i} ψ(h_i, h_j, e_ij)) along the neighbours of the domain, then an answer of an MLP.

    e_ij are the coordinates of r_ij = x_j − x_i and its length, with `reads="vectors"`: what is done to clouds by who
    does not think of symmetry; shifts and the order of points are kept, turns are not. With `reads="distances"` e_ij is
    |r_ij|² alone, and a vector is Σ_j r_ij χ(ψ): the layers of EGNN, which keep all isometries. Positions are where a
    point is and a vector. Within, messages have `inner` channels, as many as points where that is left out.

    Shapes: a batch with x, pos and perhaps batch, ptr, cell → [clouds, channels], or [points, channels].

    >>> from erlangen.task import Invariant
    >>> net = MessageNet(Task(Points(3), None, 2, Invariant(3)), width=8, depth=1).eval()
    >>> net({"x": torch.ones(4, 2), "pos": torch.randn(4, 3)}).shape
    torch.Size([1, 3])

    Gilmer, Schoenholz, Riley, Vinyals, Dahl 2017, arXiv:1704.01212; Satorras, Hoogeboom, Welling 2021,
    arXiv:2102.09844.
    """

    def __init__(
        self,
        task: Task,
        width: int,
        depth: int = DEPTH,
        reads: str = VECTORS,
        pool: str = "mean",
        inner: int | None = None,
    ):
        super().__init__()
        inner = inner or width
        domain = task.domain
        assert isinstance(domain, Points)
        self.domain, self.reads, self.pool = domain, reads, pool
        self.dense, self.moves = has_dense_answer(task), isinstance(task.output, Positions)
        self.fields = field_places(task.target.rho)
        along = domain.dim + 1 if reads == VECTORS else 1
        self.embed = nn.Linear(task.source.channels, width)
        self.says = nn.ModuleList(_mlp(2 * width + along, inner, inner, last=True) for _ in range(depth))
        self.hears = nn.ModuleList(_mlp(width + inner, inner, width) for _ in range(depth))
        vectors = sum(at.stop - at.start == domain.dim for at, is_scalar in self.fields if not is_scalar)
        asked = task.target.channels - domain.dim * vectors if reads == DISTANCES else task.target.channels
        if reads == DISTANCES and asked != sum(is_scalar for _, is_scalar in self.fields):
            given = f"a network of distances for {task.output!r}"
            raise TaskError(given, "scalars and vectors", "Leave this network out.")
        self.reach = nn.Linear(inner, vectors, bias=False) if reads == DISTANCES and vectors else None
        self.read = _mlp(width, inner, asked) if asked else None

    def forward(self, data: Any) -> Tensor:
        """The answers to a batch, at points in the order in which they were given."""
        x, cloud = self.domain.read(data)
        answers = self._answers(self.embed(x), cloud)
        answers = cloud.position + answers if self.moves else answers
        order = cloud.members.order
        if not self.dense or order is None:
            return answers
        return torch.empty_like(answers).index_copy(0, order, answers)

    def _answers(self, h: Tensor, cloud: Cloud) -> Tensor:
        """One row a cloud, or one a point."""
        along = cloud.length[:, None]
        along = torch.cat([cloud.vector, along], dim=1) if self.reads == VECTORS else along.square()
        said = h.new_zeros(len(along), 0)
        for say, hear in zip(self.says, self.hears, strict=True):
            said = say(torch.cat([h[cloud.target], h[cloud.source], along], dim=1))
            h = h + hear(torch.cat([h, _sums(said, cloud.target, len(h))], dim=1))
        scalars = None if self.read is None else self._scalars(self.read, h, cloud)
        if self.reach is None:
            assert scalars is not None
            return scalars
        arrows = self.reach(said)[:, :, None] * cloud.vector[:, None]
        vectors = _sums(arrows.flatten(1), cloud.target, len(h))
        return self._sorted(scalars, vectors if self.dense else self._pooled(vectors, cloud))

    def _scalars(self, read: nn.Module, h: Tensor, cloud: Cloud) -> Tensor:
        """Of sums each point says its own share; means are taken first, so that the answer may be any function."""
        if self.dense or self.pool == "sum":
            said = read(h)
            return said if self.dense else self._pooled(said, cloud)
        return read(self._pooled(h, cloud))

    def _sorted(self, scalars: Tensor | None, vectors: Tensor) -> Tensor:
        """Scalars and vectors as the fields of the answer stand."""
        kinds = {True: scalars, False: vectors}
        next_at, parts = {True: 0, False: 0}, []
        for at, is_scalar in self.fields:
            size, held = at.stop - at.start, kinds[is_scalar]
            assert held is not None
            parts.append(held[:, next_at[is_scalar] : next_at[is_scalar] + size])
            next_at[is_scalar] += size
        return torch.cat(parts, dim=1)

    def _pooled(self, values: Tensor, cloud: Cloud) -> Tensor:
        return self.domain.pool(values, cloud, self.pool)


class SlopeNet(nn.Module):
    """(E/n, −∂E/∂x) at each point, of a plain network `energies` whose answers at the points are added up to E.

    Shapes: as of `er.layers.Conservative`, which it stands beside.
    """

    def __init__(self, energies: nn.Module):
        super().__init__()
        self.energies = energies

    def forward(self, data: Any) -> Tensor:
        """Shares of the energy and forces, at points in the order in which they were given."""
        energy, forces, _ = Potential(self.energies)(data, create_graph=torch.is_grad_enabled())
        batch = attribute(data, "batch")
        at = torch.zeros(len(forces), dtype=torch.int64, device=forces.device) if batch is None else batch
        share = energy / torch.bincount(at, minlength=len(energy)).to(energy)
        return torch.cat([share[at][:, None], forces], dim=1)


def twin_on_points(
    wanted: int, task: Task, depth: int, reads: str = VECTORS, pool: str = "mean"
) -> "MessageNet | SlopeNet":
    """|params − wanted| ≤ 0.05 wanted, as deep as the derived network. TaskError where no width comes so near.

    Slopes need smooth functions of distances, which messages of raw vectors lack: forces are those of the derived
    network's own convolutions, free of turns and mirrors.
    """
    if isinstance(task.output, Forces):
        energies = Task(task.domain, Trivial(), task.source.channels, Equivariant(1))
        if reads == VECTORS:
            return SlopeNet(_convolutions(wanted, energies, depth))
        return SlopeNet(twin_on_points(wanted, energies, depth, reads))

    def count(width: int, inner: int) -> int:
        with torch.device("meta"):
            return parameters(MessageNet(task, width, depth, reads, pool, inner))

    even = match_width(lambda width: count(width, width), wanted)
    found = [(n, match_width(partial(count, n), wanted)) for n in range(max(1, even - 2), even + 3)]
    width, inner = min(found, key=lambda widths: abs(count(*widths) - wanted))
    if abs(count(width, inner) - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one has {count(width, inner):,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    return MessageNet(task, width, depth, reads, pool, inner)


def _convolutions(wanted: int, task: Task, depth: int) -> nn.Module:
    """The convolutions that only shifts and relabelling bind, of so many parameters."""

    def count(width: int, hidden: int) -> int:
        with torch.random.fork_rng(devices=[]):  # the search must not change which weights are drawn in the end
            return parameters(derive(task, width, depth, hidden=hidden))

    found = []
    for hidden in HIDDEN:
        width = match_width(lambda width, hidden=hidden: count(width, hidden), wanted)
        found.append(count(width, hidden))
        if abs(found[-1] - wanted) <= TOLERANCE * wanted:
            return derive(task, width, depth, hidden=hidden)
    nearest = min(found, key=lambda n: abs(n - wanted))
    given = f"a network of {wanted:,} parameters, where the nearest plain one has {nearest:,}"
    raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")


def _mlp(inputs: int, width: int, outputs: int, last: bool = False) -> nn.Sequential:
    """Two linear layers with SiLU between them, and after the second where it is not the last word."""
    layers = [nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, outputs)]
    return nn.Sequential(*layers, nn.SiLU()) if last else nn.Sequential(*layers)


def _sums(values: Tensor, at: Tensor, count: int) -> Tensor:
    """Σ of the rows that go to each place."""
    return values.new_zeros(count, values.shape[1]).index_add(0, at, values)
